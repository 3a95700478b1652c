import { type CellState, freshCell } from '@trialroom/shared/notebook/session';
import { describe, expect, it } from 'vitest';
import { whyStale } from './stale.ts';

const ran = (change: Partial<CellState>): CellState => ({ ...freshCell(), hash: 'h', validity: 'stale', ...change });
const none = (): undefined => undefined;

describe('whyStale', () => {
  it('says that the kernel was restarted, whatever else happened', () => {
    expect(whyStale(ran({ hash: null, outdatedBy: ['a'] }), none)).toEqual({ kind: 'restarted' });
  });

  it('says that the text changed when nothing it read did', () => {
    expect(whyStale(ran({}), none)).toEqual({ kind: 'edited' });
  });

  it('names what this cell read and the other has bound anew', () => {
    const other = ran({ count: 4, names: { defines: ['x', 'unrelated'], uses: [] } });
    const state = ran({ outdatedBy: ['a'], names: { defines: ['total'], uses: ['x', 'width'] } });
    expect(whyStale(state, (cell) => (cell === 'a' ? other : undefined))).toEqual({
      kind: 'outdated',
      by: [{ cell: 'a', names: ['x'], count: 4 }],
    });
  });

  it('still points at a cell that is gone, and at one whose names are not known', () => {
    const state = ran({ outdatedBy: ['gone', 'b'], names: null });
    expect(whyStale(state, (cell) => (cell === 'b' ? ran({ count: 2 }) : undefined))).toEqual({
      kind: 'outdated',
      by: [
        { cell: 'gone', names: [], count: null },
        { cell: 'b', names: [], count: 2 },
      ],
    });
  });
});
