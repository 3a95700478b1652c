import { type CellState, freshCell } from '@trialroom/shared/notebook/session';
import { describe, expect, it } from 'vitest';
import { circleWith, whyDownstream, whyStale } from './stale.ts';

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

describe('whyDownstream', () => {
  const provider = (validity: CellState['validity']): CellState =>
    ran({ validity, count: 7, names: { defines: ['w', 'v'], uses: [] } });

  it.each([
    ['stale', 'is stale'],
    ['failed', 'failed'],
    ['aborted', 'was stopped'],
  ] as const)('names what comes from a cell that is %s', (validity, which) => {
    const state = ran({ validity: 'evaluated', names: { defines: [], uses: ['w'] } });
    expect(whyDownstream(state, 'a', provider(validity))).toEqual({
      kind: 'downstream',
      of: { cell: 'a', names: ['w'], count: 7 },
      which,
    });
  });

  it('finds the cell that reads this one too', () => {
    const cells = {
      a: ran({ names: { defines: ['p'], uses: ['q'] } }),
      b: ran({ names: { defines: ['q'], uses: ['p'] } }),
    };
    const cause = { cell: 'b', names: ['q'], count: 2 };
    expect(circleWith(cells, 'a', [cause])).toBe(cause);
    expect(circleWith({ ...cells, b: ran({ names: { defines: ['q'], uses: [] } }) }, 'a', [cause])).toBeUndefined();
  });
});
