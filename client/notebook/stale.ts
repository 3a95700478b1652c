/** Why a cell is stale, from what its run read and what others bound since. Pure, so that it can be tested. */
import type { CellState } from '@trialroom/shared/notebook/session';

/** Another cell that made this one stale. */
export interface Cause {
  cell: string;
  /** Names that this cell read and the other has bound anew, as far as is known. */
  names: readonly string[];
  /** Number of the other's latest run; null when it is not known any more. */
  count: number | null;
}

export type StaleWhy = { kind: 'restarted' } | { kind: 'edited' } | { kind: 'outdated'; by: readonly Cause[] };

/** Why a stale cell is so. `find` gives the state of another cell, if it has one. */
export function whyStale(state: CellState, find: (cell: string) => CellState | undefined): StaleWhy {
  if (state.hash === null) return { kind: 'restarted' };
  if (state.outdatedBy.length === 0) return { kind: 'edited' };
  const uses = new Set(state.names?.uses);
  return {
    kind: 'outdated',
    by: state.outdatedBy.map((cell) => {
      const other = find(cell);
      return {
        cell,
        names: other?.names?.defines.filter((name) => uses.has(name)) ?? [],
        count: other?.count ?? null,
      };
    }),
  };
}
