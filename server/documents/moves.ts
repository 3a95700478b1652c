/**
 * Text that goes from one cell to another in one step: where a cell was split, where cells were joined, and where either
 * was undone. To Yjs it is deleted here and written anew there; whoever keeps places in a text must know that it is the
 * same. It only finds such text; `annotations` moves its threads by it, and the history its authors.
 */
import { cellsOf, sourceOf } from '@trialroom/shared/notebook/document';
import * as Y from 'yjs';
import { addedRuns, deletedRuns, lastSource, type Run, runAt } from './pieces.ts';

/** Text that came back: `length` characters from (`client`, `clock`) on are those that were at (`fromClient`, `fromClock`). */
export interface Returned {
  client: number;
  clock: number;
  length: number;
  fromClient: number;
  fromClock: number;
}

/** The same of text that stands in this cell now, whichever it stood in before. */
export interface Moved extends Returned {
  cell: string;
}

/** A cell that is gone, and the one that took over all of its text. */
export interface Joined {
  cell: string;
  into: string;
}

/** All that changed its place, in the order in which it did. */
export interface Moves {
  moved: Moved[];
  joined: Joined[];
}

/** Most texts that went or came in one step and are compared: a step that is larger is no split. */
const MOST = 200;

interface Stretch {
  cell: string;
  runs: Run[];
  text: string;
}

const stretch = (cell: string, runs: Run[]): Stretch[] =>
  runs.length === 0 ? [] : [{ cell, runs, text: runs.map(({ text }) => text).join('') }];

/** Text that the transaction of these events (of the map of cells, deep) took from one cell and put into another. */
export function movesIn(events: readonly Y.YEvent<Y.AbstractType<unknown>>[]): Moves {
  const none: Moves = { moved: [], joined: [] };
  const [first] = events;
  // A keystroke changes one text; nothing can have gone from one to another.
  if (!first || events.length < 2) return none;
  const { transaction } = first;
  const cells = cellsOf(transaction.doc);
  const [came, went, written, cut]: Stretch[][] = [[], [], [], []];
  for (const event of events) {
    if (event instanceof Y.YMapEvent && event.target === cells) {
      for (const [id, { action, oldValue }] of event.changes.keys) {
        const cell = cells.get(id);
        if (action === 'add' && cell instanceof Y.Map)
          came?.push(...stretch(id, addedRuns(sourceOf(cell), transaction)));
        if (action === 'delete' && oldValue instanceof Y.Map) {
          went?.push(...stretch(id, deletedRuns(oldValue.get('source') ?? lastSource(oldValue), transaction)));
        }
      }
    }
  }
  if (!came || !went || !written || !cut || came.length + went.length === 0) return none;
  for (const event of events) {
    if (!(event instanceof Y.YTextEvent)) continue;
    const id = String(event.path[0]);
    written.push(...stretch(id, addedRuns(event.target, transaction)));
    cut.push(...stretch(id, deletedRuns(event.target, transaction)));
  }
  if (came.length + went.length + written.length + cut.length > MOST) return none;
  return { moved: [...partsOf(cut, came), ...wholesOf(went, written)], joined: joinedOf(went, written) };
}

/** Cells that are new, each with text that was cut out of another. */
function partsOf(cut: readonly Stretch[], came: readonly Stretch[]): Moved[] {
  return came.flatMap((part) => {
    if (part.text.trim() === '') return [];
    const from = cut.find(({ text }) => text.includes(part.text));
    return from ? aligned(from, from.text.indexOf(part.text), part, 0, part.text.length) : [];
  });
}

/** Cells that are gone, each with all of its text written into another. */
function wholesOf(went: readonly Stretch[], written: readonly Stretch[]): Moved[] {
  return went.flatMap((whole) => {
    const into = holderOf(whole, written);
    return into ? aligned(whole, 0, into, into.text.indexOf(whole.text), whole.text.length) : [];
  });
}

const joinedOf = (went: readonly Stretch[], written: readonly Stretch[]): Joined[] =>
  went.flatMap((whole) => {
    const into = holderOf(whole, written);
    return into ? [{ cell: whole.cell, into: into.cell }] : [];
  });

const holderOf = (whole: Stretch, written: readonly Stretch[]): Stretch | undefined =>
  whole.text.trim() === '' ? undefined : written.find(({ text }) => text.includes(whole.text));

/** Pieces of `length` characters, from a place of one stretch to a place of another. */
function aligned(from: Stretch, fromAt: number, to: Stretch, toAt: number, length: number): Moved[] {
  const moved: Moved[] = [];
  for (let done = 0; done < length; ) {
    const source = runAt(from.runs, fromAt + done);
    const target = runAt(to.runs, toAt + done);
    if (!source || !target) break;
    const part = Math.min(source.text.length, target.text.length, length - done);
    const { client, clock } = target;
    moved.push({ cell: to.cell, client, clock, length: part, fromClient: source.client, fromClock: source.clock });
    done += part;
  }
  return moved;
}
