import fc from 'fast-check';
import { expect, test } from 'vitest';
import { movedTo } from './reordering.ts';

test('a column goes before the one that was meant, and the others keep their order', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(), { minLength: 1, maxLength: 9 }),
      fc.nat(8),
      fc.nat(9),
      (list, from, before) => {
        fc.pre(from < list.length && before <= list.length);
        const next = movedTo(list, from, before);
        const others = list.filter((_, at) => at !== from);
        expect(next.filter((one) => one !== list[from])).toEqual(others);
        const behind = list.slice(before).find((_, at) => at + before !== from);
        expect(next[next.indexOf(list[from] ?? 0) + 1]).toBe(behind);
      },
    ),
  );
});
