import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareCells, countChanges, nameOf } from './compare.ts';
import type { VersionCell } from './history.ts';
import { keptInPlace } from './order.ts';

const cell = (id: string, source = id): VersionCell => ({
  ...{ id, source, type: 'code', metadata: {}, extra: {}, outputs: [], count: null },
});
const ids = fc.uniqueArray(
  fc.integer({ min: 0, max: 12 }).map((number) => `c${number}`),
  { maxLength: 12 },
);
const cells = ids.chain((all) =>
  fc.tuple(...all.map((id) => fc.constantFrom('x', 'y').map((source) => cell(id, source)))),
);

test('what a comparison says of two versions, applied to the one, gives the other', () => {
  fc.assert(
    fc.property(cells, cells, (before, after) => {
      const rows = compareCells(before, after);
      expect(rows.flatMap((row) => row.after ?? [])).toEqual(after);
      expect(new Set(rows.flatMap((row) => row.before ?? []))).toEqual(new Set(before));
      // Step by step: take away, put in, change; then only what is said to be moved stands elsewhere.
      const gone = new Set(rows.filter((row) => nameOf(row) === 'removed').map(({ id }) => id));
      const moved = new Set(rows.filter((row) => row.moved).map(({ id }) => id));
      const stayed = before.map(({ id }) => id).filter((id) => !gone.has(id) && !moved.has(id));
      const kept = rows.filter((row) => row.before && row.after && !row.moved).map(({ id }) => id);
      expect(stayed).toEqual(kept);
      for (const row of rows) {
        if (row.before && row.after) expect(row.source).toBe(row.before.source !== row.after.source);
        if (nameOf(row) === 'same') expect(row.before).toEqual(row.after);
      }
      const counted = countChanges(
        before.map(({ id, source }) => ({ id, mark: source })),
        after.map(({ id, source }) => ({ id, mark: source })),
      );
      expect(counted).toEqual({
        added: rows.filter((row) => !row.before).length,
        removed: gone.size,
        changed: rows.filter((row) => row.source).length,
        moved: moved.size,
      });
    }),
  );
});

test('a cell that went stands where it was', () => {
  const rows = compareCells([cell('a'), cell('b'), cell('c')], [cell('c'), cell('a')]);
  expect(rows.map((row) => [row.id, nameOf(row)])).toEqual([
    ['c', 'moved'],
    ['a', 'same'],
    ['b', 'removed'],
  ]);
});

test('as few as possible are said to have moved', () => {
  expect(keptInPlace(['a', 'b', 'c', 'd'], ['d', 'a', 'b', 'c']).size).toBe(3);
  fc.assert(
    fc.property(ids, fc.nat(), (all, seed) => {
      const shuffled = all.toSorted(
        (a, b) => Math.sin(seed + Number(a.slice(1))) - Math.sin(seed + Number(b.slice(1))),
      );
      const kept = keptInPlace(all, shuffled);
      expect(all.filter((id) => kept.has(id))).toEqual(shuffled.filter((id) => kept.has(id)));
      // Against the plain way, one subset after another.
      const best = longest(shuffled.map((id) => all.indexOf(id)));
      expect(kept.size).toBe(best);
    }),
  );
});

function longest(sequence: readonly number[]): number {
  const lengths = sequence.map(() => 1);
  sequence.forEach((value, index) => {
    for (let earlier = 0; earlier < index; earlier++)
      if ((sequence[earlier] ?? value) < value)
        lengths[index] = Math.max(lengths[index] ?? 1, (lengths[earlier] ?? 0) + 1);
  });
  return Math.max(0, ...lengths);
}
