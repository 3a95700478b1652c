import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FileCell, type NotebookFile, newNotebook, serialiseNotebook } from './format.ts';
import { quiet, type Settled, settle } from './quiet.ts';

const cell = (text: string, count: number | null): FileCell => ({
  ...{ id: 'a', cell_type: 'code', source: 'f()', metadata: {}, execution_count: count },
  outputs:
    text === ''
      ? []
      : [{ output_type: 'execute_result', data: { 'text/plain': text }, metadata: {}, execution_count: count }],
});
const notebook = (one: FileCell, metadata = newNotebook().metadata): NotebookFile => ({
  ...newNotebook(),
  metadata,
  cells: [one],
});

describe('what of a run goes into the file', () => {
  test('however often a cell runs, and is written while it does, the same result leaves the same file', () => {
    const result = fc.constantFrom('', 'one', 'two');
    fc.assert(
      fc.property(result, fc.array(fc.array(result)), (text, runs) => {
        let count = 1;
        const first = quiet(notebook(cell(text, count)), new Map());
        let settled: Settled = settle(first);
        for (const partial of runs) {
          count++;
          for (const shown of partial) {
            const written = quiet(notebook(cell(shown, count)), settled);
            settled = settle(written, settled, new Set(['a']));
          }
          const written = quiet(notebook(cell(text, count)), settled);
          expect(serialiseNotebook(written)).toBe(serialiseNotebook(first));
          settled = settle(written, settled);
        }
      }),
    );
  });

  test('a new result comes with its count, and counts that others wrote stay theirs', () => {
    const theirs = notebook({ ...cell('one', 7), execution_count: 5 });
    const settled = settle(theirs);
    expect(quiet(notebook(cell('one', 9)), settled)).toEqual(theirs);
    expect(quiet(notebook(cell('two', 9)), settled)).toEqual(notebook(cell('two', 9)));
  });

  test('a notebook may keep its outputs to itself', () => {
    const kept = notebook(cell('one', 3), { trialroom: { outputs: false } });
    expect(quiet(kept, new Map()).cells).toEqual([cell('', null)]);
  });
});
