/** Why a cell is stale, from what its run read and what others bound since. Pure, so that it can be tested. */
import type { CellState } from '@trialroom/shared/notebook/session';
import { inCircle } from './downstream.ts';

/** Another cell that made this one stale. */
export interface Cause {
  cell: string;
  /** Names that this cell read and the other has bound anew, as far as is known. */
  names: readonly string[];
  /** Number of the other's latest run; null when it is not known any more. */
  count: number | null;
}

/** What made a cell stale. */
export type StaleWhy =
  | { kind: 'restarted' }
  | { kind: 'edited' }
  | { kind: 'outdated'; by: readonly Cause[] }
  /** What it reads is as it was, but comes from a cell that is no longer true. */
  | { kind: 'downstream'; of: Cause; which: string };

/** What is wrong with a cell that another reads from. */
const WRONG: Partial<Record<CellState['validity'], string>> = { failed: 'failed', aborted: 'was stopped' };

/** Why a cell is marked that reads from another: what that one gives it, and what is wrong with that one. */
export function whyDownstream(state: CellState, from: string, other: CellState | undefined): StaleWhy {
  const which = WRONG[other?.validity ?? 'stale'] ?? 'is stale';
  return { kind: 'downstream', of: causeOf(state, from, other), which };
}

/** The other cell, of these, with which a cell reads in a circle, if any. */
export const circleWith = (
  cells: Readonly<Record<string, CellState>>,
  cell: string,
  by: readonly Cause[],
): Cause | undefined => by.find((cause) => inCircle(cells, cell, cause.cell));

function causeOf(state: CellState, cell: string, other: CellState | undefined): Cause {
  const uses = new Set(state.names?.uses);
  return { cell, names: other?.names?.defines.filter((name) => uses.has(name)) ?? [], count: other?.count ?? null };
}

/** Why a stale cell is so. `find` gives the state of another cell, if it has one. */
export function whyStale(state: CellState, find: (cell: string) => CellState | undefined): StaleWhy {
  if (state.hash === null) return { kind: 'restarted' };
  if (state.outdatedBy.length === 0) return { kind: 'edited' };
  return { kind: 'outdated', by: state.outdatedBy.map((cell) => causeOf(state, cell, find(cell))) };
}
