import { newNotebook, serialiseNotebook } from '@trialroom/shared/notebook/format';
import { describe, expect, it } from 'vitest';
import { marked, unmarked } from './markers.ts';

const code = (id: string, source: string, count: number | null = null) => ({
  ...{ id, cell_type: 'code' as const, source, metadata: {}, outputs: [], execution_count: count },
});
const notebook = { ...newNotebook(), cells: [code('a', '1', 1), code('b', 'throw 1', 2), code('c', '3')] };
const error = (message: string) => ({ name: 'RangeError', message, frames: [] });

describe('marks of a failed run', () => {
  it('say at the top what failed, and stand before the cell', () => {
    const { cells } = marked(notebook, 'b', error('too `far`\nreally'));
    expect(cells.map(({ cell_type: type }) => type)).toEqual(['markdown', 'code', 'markdown', 'code', 'code']);
    expect(cells[0]?.source).toBe("**The run failed at [In [2]](#papermill-error-cell):** `RangeError: too 'far'`");
    expect(cells[3]?.id).toBe('b');
  });
  it('go before the next run, whoever made them', () => {
    const again = unmarked(marked(notebook, 'b', error('x'.repeat(10_000))));
    expect(serialiseNotebook(again)).toBe(serialiseNotebook(notebook));
    expect(marked(notebook, 'b', error('x'.repeat(10_000))).cells[0]?.source.length).toBeLessThan(400);
  });
  it('are not made for a cell that is not there', () => {
    expect(marked(notebook, 'gone', error('x'))).toBe(notebook);
  });
});
