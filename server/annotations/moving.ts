/**
 * Keeps threads with what they are about when a cell is split or cells are joined, and when that is undone: the places of
 * ranges are exchanged for those of the same letters where they stand now, in the transaction that stores the change.
 * A thread on a cell stays with the first part of it, and goes into the cell that took over all of its text.
 */
import type { EntityManager } from '@mikro-orm/postgresql';
import { AnnotationTarget } from '@trialroom/shared/annotation/target';
import * as Y from 'yjs';
import type { Moved, Moves } from '../documents/moves.ts';
import { AnnotationRow } from './entities.ts';

type TextTarget = Extract<AnnotationTarget, { kind: 'text' }>;
type CellTarget = Extract<AnnotationTarget, { kind: 'cell' }>;

/** Moves the threads of a notebook. @returns ids of those that are elsewhere now */
export async function followMoves(tx: EntityManager, notebook: string, moves: Moves, doc: Y.Doc): Promise<string[]> {
  const changed: string[] = [];
  for (const row of await tx.find(AnnotationRow, { kind: 'notebook', subject: notebook })) {
    const parsed = AnnotationTarget.safeParse(JSON.parse(row.target));
    if (!parsed.success) continue;
    const target = moveTarget(parsed.data, moves, doc);
    if (!target) continue;
    await tx.execute('update annotations set target = ?, revision = revision + 1 where id = ?', [
      JSON.stringify(target),
      row.id,
    ]);
    changed.push(row.id);
  }
  return changed;
}

/** What the thread is pinned to after these moves in the document; null: what it was pinned to before. */
export function moveTarget(target: AnnotationTarget, moves: Moves, doc: Y.Doc): AnnotationTarget | null {
  if (target.kind === 'text') return moveRange(target, moves.moved, doc);
  return target.kind === 'cell' ? moveCellThread(target, moves) : null;
}

function moveCellThread(target: CellTarget, { moved, joined }: Moves): CellTarget | null {
  let { cell, home } = target;
  // The cell that it was begun on is back, with its text.
  if (home !== undefined && moved.some((run) => run.cell === home)) {
    cell = home;
    home = undefined;
  }
  for (const one of joined) {
    if (one.cell !== cell) continue;
    home ??= cell;
    cell = one.into;
    if (cell === home) home = undefined;
  }
  if (cell === target.cell) return null;
  return { kind: 'cell', cell, ...(home === undefined ? {} : { home }) };
}

/** A character, and the last move that brought it where it is; null: none did. */
interface Place {
  client: number;
  clock: number;
  by: Moved | null;
}

function moveRange(target: TextTarget, moved: readonly Moved[], doc: Y.Doc): TextTarget | null {
  const [start, end] = [decode(target.start), decode(target.end)];
  if (!start || !end) return null;
  const first = follow(start, moved);
  const last = follow(end, moved);
  const by = first.by ?? last.by;
  if (!by) return null;
  // Half of it stands where it stood: there it stays, and ends where the other half was cut off.
  const halved = (first.by === null && stands(doc, start)) || (last.by === null && stands(doc, end));
  if (halved && by.cell !== target.cell) return null;
  if (halved) return { ...target, start: encode(first, 0), end: encode(last, -1) };
  const { cell } = by;
  // Without its first letter it begins as long before its last as it was when it was begun, and the other way round.
  const length = Math.max(1, target.quote.length) - 1;
  const from = first.by?.cell === cell ? first : { ...last, clock: Math.max(by.clock, last.clock - length) };
  const to =
    last.by?.cell === cell ? last : { ...from, clock: Math.min(by.clock + by.length - 1, from.clock + length) };
  return { ...target, cell, start: encode(from, 0), end: encode(to, -1) };
}

/** Whether this character is still in the document. */
function stands(doc: Y.Doc, { client, clock }: Y.ID): boolean {
  return clock < Y.getState(doc.store, client) && !Y.getItem(doc.store, Y.createID(client, clock)).deleted;
}

function follow({ client, clock }: Y.ID, moved: readonly Moved[]): Place {
  let place: Place = { client, clock, by: null };
  for (const run of moved) {
    const into = place.clock - run.fromClock;
    if (run.fromClient !== place.client || into < 0 || into >= run.length) continue;
    place = { client: run.client, clock: run.clock + into, by: run };
  }
  return place;
}

function decode(position: string): Y.ID | null {
  try {
    return Y.decodeRelativePosition(Buffer.from(position, 'base64')).item;
  } catch {
    // Anyone may have sent anything; what is no position stays where it is.
    return null;
  }
}

const encode = ({ client, clock }: Place, side: number): string =>
  Buffer.from(Y.encodeRelativePosition(new Y.RelativePosition(null, null, Y.createID(client, clock), side))).toString(
    'base64',
  );
