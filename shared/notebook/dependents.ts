/**
 * Which cells depend on which, by the names that their latest runs bound and read. Pure: told of cells, it answers with
 * ids; whether they are marked or run again is decided elsewhere.
 */
import { type CellState, isConsoleCell } from './session.ts';

/** Cells by id, as far as dependence is concerned. */
export type CellNames = Readonly<Record<string, Pick<CellState, 'names' | 'hash'>>>;

/** Cells other than `cell` whose latest run in this kernel read one of the names. */
export function readersOf(cells: CellNames, cell: string, defines: readonly string[]): string[] {
  if (defines.length === 0) return [];
  const bound = new Set(defines);
  return Object.entries(cells).flatMap(([id, { names, hash }]) => {
    if (id === cell || hash === null || isConsoleCell(id)) return [];
    return names?.uses.some((name) => bound.has(name)) ? [id] : [];
  });
}

/**
 * The cells that must run again after `changed` has run: those that read what it binds, those that read what these bind,
 * and so on, in the order of the document. `passed` have had their turn: neither they nor `changed` are among them, and
 * nothing is followed through them.
 */
export function dependentsOf(
  cells: CellNames,
  changed: string,
  order: readonly string[],
  passed: ReadonlySet<string> = new Set(),
): string[] {
  const found = new Set<string>();
  const ahead = [changed];
  for (let id = ahead.pop(); id !== undefined; id = ahead.pop()) {
    for (const reader of readersOf(cells, id, cells[id]?.names?.defines ?? [])) {
      if (reader === changed || passed.has(reader) || found.has(reader)) continue;
      found.add(reader);
      ahead.push(reader);
    }
  }
  return order.filter((id) => found.has(id));
}
