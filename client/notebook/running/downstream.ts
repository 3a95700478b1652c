/**
 * What reads from cells that are no longer true. The server marks the readers of what was bound anew; whoever reads from
 * *those* still shows values that are about to change, and people should not have to run a notebook level by level to be
 * told so. Pure: names and states in, ids out.
 */
import { type CellState, isConsoleCell } from '@trialroom/shared/notebook/session';

type Cells = Readonly<Record<string, CellState>>;

const NONE: ReadonlyMap<string, string> = new Map();

/** For each name, the cells whose latest run in this kernel read it. */
function readersByName(cells: Cells): ReadonlyMap<string, readonly string[]> {
  const readers = new Map<string, string[]>();
  for (const [id, { names, hash }] of Object.entries(cells)) {
    if (hash === null || isConsoleCell(id)) continue;
    for (const name of names?.uses ?? []) {
      const known = readers.get(name);
      if (known) known.push(id);
      else readers.set(name, [id]);
    }
  }
  return readers;
}

const readsFrom = (cells: Cells, reader: string, provider: string): boolean =>
  cells[reader]?.names?.uses.some((name) => cells[provider]?.names?.defines.includes(name)) ?? false;

/** Whether what a cell defines may change when it runs next. One whose text is merely being written is none: typing marks nothing. */
function isDoubtful(id: string, { validity, hash, outdatedBy, status }: CellState): boolean {
  if (hash === null || isConsoleCell(id)) return false;
  if (validity === 'failed' || validity === 'aborted') return true;
  return validity === 'stale' && (outdatedBy.length > 0 || status === 'evaluating');
}

/**
 * Cells that look true but read, directly or through others, from one that is stale, failed or was stopped: each with the
 * cell that it reads from. Of two that read each other neither makes the other doubtful, or one of them always would be.
 */
export function downstreamOf(cells: Cells): ReadonlyMap<string, string> {
  const doubtful = Object.entries(cells).flatMap(([id, state]) => (isDoubtful(id, state) ? [id] : []));
  if (doubtful.length === 0) return NONE;
  const readers = readersByName(cells);
  const seen = new Set(doubtful);
  const found = new Map<string, string>();
  const ahead = [...doubtful];
  for (let at = 0; at < ahead.length; at++) {
    const provider = ahead[at] ?? '';
    for (const name of cells[provider]?.names?.defines ?? []) {
      for (const reader of readers.get(name) ?? []) {
        if (seen.has(reader) || readsFrom(cells, provider, reader)) continue;
        seen.add(reader);
        ahead.push(reader);
        if (cells[reader]?.validity === 'evaluated') found.set(reader, provider);
      }
    }
  }
  return found.size > 0 ? found : NONE;
}

/** These cells and all that read from them, directly or through others. */
export function withReaders(cells: Cells, from: readonly string[]): ReadonlySet<string> {
  const readers = readersByName(cells);
  const reached = new Set(from);
  // A set that grows while it is walked is walked to its new end.
  for (const id of reached) {
    for (const name of cells[id]?.names?.defines ?? [])
      for (const reader of readers.get(name) ?? []) reached.add(reader);
  }
  return reached;
}

/** Whether two cells read from each other, directly or through others: then one of them is always stale. */
export const inCircle = (cells: Cells, a: string, b: string): boolean =>
  withReaders(cells, [a]).has(b) && withReaders(cells, [b]).has(a);
