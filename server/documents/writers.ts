/**
 * Notes who wrote what in one document: which person each Yjs client id stands for, and which text only came back by an
 * undo and so stays with whoever wrote it first. It notes, it does not store: notes go into the store with the update
 * that they are about.
 */
import { cellsOf, sourceOf } from '@trialroom/shared/notebook/document';
import type { Person } from '@trialroom/shared/policy/policy';
import * as Y from 'yjs';

/** Text that came back: `length` characters from (`client`, `clock`) on are those that were at (`fromClient`, `fromClock`). */
export interface Returned {
  client: number;
  clock: number;
  length: number;
  fromClient: number;
  fromClock: number;
}

/** What is to be stored beside an update. */
export interface WriterNotes {
  /** Client ids that nobody was seen with before, and whose they are. */
  authors: { client: number; person: string }[];
  returned: Returned[];
  /** People's ids, and when each only took something away; in ms since the epoch. */
  deleted: { person: string; at: number }[];
}

/** Origin of a change that the server makes because a person asked for it: it is that person's. */
export class OnBehalf {
  readonly person: Pick<Person, 'id'>;

  constructor(person: Pick<Person, 'id'>) {
    this.person = person;
  }
}

/** Deleted text as it was: characters from (`client`, `clock`) on. */
interface Run {
  client: number;
  clock: number;
  text: string;
}

/** Most stretches of deleted text, and most deleted cells, that are remembered to be known again. */
const MOST_RUNS = 2_000;
const MOST_CELLS = 100;

export class Writers {
  readonly #known = new Set<number>();
  #returned: Returned[] = [];
  #runs: Run[] = [];
  /** Deleted cells by id. */
  readonly #cells = new Map<string, Run[]>();

  constructor(doc: Y.Doc) {
    cellsOf(doc).observeDeep((events) => {
      for (const event of events) {
        if (event instanceof Y.YTextEvent) this.#text(event);
        else if (event instanceof Y.YMapEvent && event.target === cellsOf(doc)) this.#entries(event);
      }
    });
  }

  /** What is to be noted of an update that has just been applied; `person` wrote it, null: no person did. */
  take(update: Uint8Array, person: string | null): WriterNotes {
    const authors: WriterNotes['authors'] = [];
    const deleted: WriterNotes['deleted'] = [];
    if (person !== null) {
      const clients = [...Y.parseUpdateMeta(update).to.keys()];
      if (clients.length === 0) deleted.push({ person, at: Date.now() });
      for (const client of clients) {
        if (this.#known.has(client)) continue;
        this.#known.add(client);
        authors.push({ client, person });
      }
    }
    const returned = this.#returned;
    this.#returned = [];
    return { authors, returned, deleted };
  }

  #text(event: Y.YTextEvent): void {
    const { added, deleted } = piecesOf(event.transaction, event.target);
    this.#remember(
      deleted.flatMap(({ id, content }) =>
        content instanceof Y.ContentString ? [{ client: id.client, clock: id.clock, text: content.str }] : [],
      ),
    );
    for (const item of added) {
      if (item.deleted || !(item.content instanceof Y.ContentString)) continue;
      // An undo puts text just before the place where it was.
      this.#match(item.id, item.content.str, (at) => {
        for (let gone = item.right; gone?.deleted; gone = gone.right) {
          if (at < gone.length) return this.#find(gone.id.client, gone.id.clock + at);
          at -= gone.length;
        }
        return undefined;
      });
    }
  }

  /** Cells that went, and cells that came back under the id they had. */
  #entries(event: Y.YMapEvent<unknown>): void {
    for (const [id, { action, oldValue }] of event.changes.keys) {
      if (action !== 'add' && oldValue instanceof Y.Map) {
        this.#cells.delete(id);
        this.#cells.set(id, deletedRuns(oldValue.get('source') ?? lastSource(oldValue), event.transaction));
        const [oldest] = this.#cells.keys();
        if (this.#cells.size > MOST_CELLS && oldest !== undefined) this.#cells.delete(oldest);
      }
      const runs = action === 'delete' ? undefined : this.#cells.get(id);
      const cell = cellsOf(event.transaction.doc).get(id);
      if (action !== 'add' || !runs || !(cell instanceof Y.Map)) continue;
      let passed = 0;
      for (let item = sourceOf(cell)._start; item; item = item.right) {
        if (item.deleted || !(item.content instanceof Y.ContentString)) continue;
        const start = passed;
        passed += item.length;
        this.#match(item.id, item.content.str, (at) => runAt(runs, start + at));
      }
    }
  }

  /** Notes new text as returned if `origin`, asked for each of its places, gives the very same characters. */
  #match(id: Y.ID, text: string, origin: (at: number) => Run | undefined): void {
    const found: Returned[] = [];
    for (let at = 0; at < text.length; ) {
      const run = origin(at);
      const length = Math.min(run?.text.length ?? 0, text.length - at);
      if (!run || length === 0 || !text.startsWith(run.text.slice(0, length), at)) return;
      found.push({ client: id.client, clock: id.clock + at, length, fromClient: run.client, fromClock: run.clock });
      at += length;
    }
    this.#returned.push(...found);
  }

  #remember(runs: Run[]): void {
    this.#runs.push(...runs);
    if (this.#runs.length > MOST_RUNS) this.#runs = this.#runs.slice(-MOST_RUNS);
  }

  #find(client: number, clock: number): Run | undefined {
    const run = this.#runs.findLast(
      (one) => one.client === client && one.clock <= clock && clock < one.clock + one.text.length,
    );
    return run && { client, clock, text: run.text.slice(clock - run.clock) };
  }
}

interface Pieces {
  added: Y.Item[];
  deleted: Y.Item[];
}

const pieces = new WeakMap<Y.Transaction, Map<unknown, Pieces>>();

/**
 * What a transaction added to and deleted from a text. It looks at what changed only, once a transaction: a walk through
 * the text for every keystroke would grow with all that was ever typed.
 */
function piecesOf(transaction: Y.Transaction, text: Y.Text): Pieces {
  let known = pieces.get(transaction);
  if (!known) {
    const made = new Map<unknown, Pieces>();
    const of = (item: Y.Item): Pieces => {
      const found = made.get(item.parent) ?? { added: [], deleted: [] };
      made.set(item.parent, found);
      return found;
    };
    for (const [client, clock] of transaction.afterState) {
      const before = transaction.beforeState.get(client) ?? 0;
      const structs = transaction.doc.store.clients.get(client);
      if (!structs || clock <= before) continue;
      for (let index = Y.findIndexSS(structs, before); index < structs.length; index++) {
        const struct = structs[index];
        if (struct instanceof Y.Item && struct.id.clock >= before) of(struct).added.push(struct);
      }
    }
    Y.iterateDeletedStructs(transaction, transaction.deleteSet, (struct) => {
      if (struct instanceof Y.Item) of(struct).deleted.push(struct);
    });
    pieces.set(transaction, made);
    known = made;
  }
  return known.get(text) ?? { added: [], deleted: [] };
}

/** The text that this transaction deleted in a text, in the order in which it stood. */
function deletedRuns(text: unknown, transaction: Y.Transaction): Run[] {
  const runs: Run[] = [];
  if (!(text instanceof Y.Text)) return runs;
  for (let item = text._start; item; item = item.right) {
    if (!item.deleted || !(item.content instanceof Y.ContentString)) continue;
    if (!Y.isDeleted(transaction.deleteSet, item.id)) continue;
    runs.push({ client: item.id.client, clock: item.id.clock, text: item.content.str });
  }
  return runs;
}

/** The text of a cell that has just been deleted: its entries do not answer any more. */
function lastSource(cell: Y.Map<unknown>): unknown {
  const content = cell._map.get('source')?.content;
  return content instanceof Y.ContentType ? content.type : undefined;
}

/** The rest of the run that holds the character at this place of all runs together. */
function runAt(runs: readonly Run[], at: number): Run | undefined {
  for (const run of runs) {
    if (at < run.text.length) return { client: run.client, clock: run.clock + at, text: run.text.slice(at) };
    at -= run.text.length;
  }
  return undefined;
}
