import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromFileOutput, toFileOutput } from './file-outputs.ts';
import { type FileCell, FileOutput, type NotebookFile, newNotebook, serialiseNotebook } from './format.ts';
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

  test('what another program wrote under a cell stays to the last key for as long as the page shows the same', () => {
    const extra = fc.dictionary(fc.constantFrom('id', 'vendor', 'x'), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 2 });
    const data = fc.dictionary(fc.constantFrom('text/plain', 'image/png', 'application/json'), fc.string());
    const kinds = fc.oneof(
      fc.record({
        output_type: fc.constant('stream'),
        name: fc.constantFrom('stdout', 'stderr', 'log'),
        text: fc.string(),
      }),
      fc.record({ output_type: fc.constant('display_data'), data, metadata: extra }),
      fc.record({
        output_type: fc.constant('execute_result'),
        data,
        metadata: extra,
        execution_count: fc.option(fc.nat(9)),
      }),
      fc.record({
        output_type: fc.constant('error'),
        ename: fc.constant('Error'),
        evalue: fc.string(),
        traceback: fc.array(fc.constantFrom('Error: ', '    at f (cell a:1:2)', 'other'), { maxLength: 3 }),
      }),
    );
    const outputs = fc.array(
      fc.tuple(extra, kinds).map(([more, known]) => FileOutput.parse({ ...more, ...known })),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(outputs, fc.option(fc.nat(9)), (written, count) => {
        const file = notebook({ ...cell('', count), outputs: written } as FileCell);
        const page = written.map((output) => toFileOutput(fromFileOutput(output, count)));
        const shown = notebook({ ...cell('', 12), outputs: page } as FileCell);
        expect(quiet(shown, settle(file))).toEqual(file);
        const more = notebook({ ...cell('', 12), outputs: [...page, ...page] } as FileCell);
        expect(quiet(more, settle(file))).toEqual(more);
      }),
    );
  });
});
