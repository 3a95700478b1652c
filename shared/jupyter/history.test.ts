import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type HistoryLine, historyReply } from './history.ts';

const LINES: HistoryLine[] = [
  { count: 1, input: 'let a = 1', output: null },
  { count: 2, input: 'a + 1', output: '2' },
  { count: 3, input: 'let a = 1', output: null },
  { count: 4, input: '"😀"', output: "'😀'" },
];
const told = (request: Record<string, unknown>): unknown => historyReply(LINES, request).history;
const counts = (request: Record<string, unknown>): unknown[] => (told(request) as [number, number][]).map(([, n]) => n);

describe('what was run', () => {
  test('is told newest last, with outputs for those who want them', () => {
    expect(told({ hist_access_type: 'tail', n: 1 })).toEqual([[1, 4, '"😀"']]);
    expect(told({ hist_access_type: 'tail', n: 3, output: true })).toEqual([
      [1, 2, ['a + 1', '2']],
      [1, 3, ['let a = 1', null]],
      [1, 4, ['"😀"', "'😀'"]],
    ]);
    expect(counts({})).toEqual([1, 2, 3, 4]);
    expect(counts({ n: 0 })).toEqual([]);
  });

  test('is told by ranges of this session, and of no other', () => {
    const range = { hist_access_type: 'range', session: 0 };
    expect(counts({ ...range, start: 2, stop: 4 })).toEqual([2, 3]);
    expect(counts({ ...range, session: 1 })).toEqual([1, 2, 3, 4]);
    expect(counts({ ...range, session: -1 })).toEqual([]);
  });

  test.each([
    ['*', [1, 2, 3, 4]],
    ['let*', [1, 3]],
    ['*+*', [2]],
    ['? + 1', [2]],
    ['"?"', [4]],
    ['a', []],
    ['a + 1*', [2]],
    ['(.*', []],
  ])('is looked for by %s', (pattern, expected) => {
    expect(counts({ hist_access_type: 'search', pattern })).toEqual(expected);
  });

  test('takes every other sign of a pattern as it is', () => {
    const finds = (input: string, pattern: string): boolean => {
      const { history } = historyReply([{ count: 1, input, output: null }], { hist_access_type: 'search', pattern });
      return Array.isArray(history) && history.length === 1;
    };
    fc.assert(
      fc.property(fc.string(), (text) => {
        const plain = text.replace(/[*?]/g, '');
        expect(finds(plain, plain)).toBe(true);
        expect(finds(`x\ny${plain}z`, `*${plain}?`)).toBe(true);
      }),
    );
  });

  test('is told once where each text is wanted once: as it was run last', () => {
    expect(counts({ hist_access_type: 'search', pattern: 'let*', unique: true })).toEqual([3]);
    expect(counts({ hist_access_type: 'search', unique: true, n: 2 })).toEqual([3, 4]);
  });

  test('is looked through in no time, whatever is looked for', () => {
    const lines = [{ count: 1, input: 'a'.repeat(10_000), output: null }];
    const ask = (pattern: string): unknown => historyReply(lines, { hist_access_type: 'search', pattern }).history;
    expect(ask(`${'*a'.repeat(90)}b`)).toEqual([]);
    expect(ask('a'.repeat(300))).toEqual([]);
  });
});
