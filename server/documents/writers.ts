/**
 * Notes who wrote what in one document: which person each Yjs client id stands for, and which text only came back by an
 * undo and so stays with whoever wrote it first. It notes, it does not store: notes go into the store with the update
 * that they are about.
 */
import { cellsOf, sourceOf } from '@trialroom/shared/notebook/document';
import type { Person } from '@trialroom/shared/policy/policy';
import * as Y from 'yjs';
import { type Moved, type Moves, movesIn, type Returned } from './moves.ts';
import { deletedRuns, lastSource, piecesOf, type Run, runAt } from './pieces.ts';

/** What is to be stored beside an update. */
export interface WriterNotes extends Moves {
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

/** Most stretches of deleted text, and most deleted cells, that are remembered to be known again. */
const MOST_RUNS = 2_000;
const MOST_CELLS = 100;

export class Writers {
  readonly #known = new Set<number>();
  #returned: Returned[] = [];
  #moves: Moves = { moved: [], joined: [] };
  #runs: Run[] = [];
  /** Deleted cells by id. */
  readonly #cells = new Map<string, Run[]>();

  constructor(doc: Y.Doc) {
    cellsOf(doc).observeDeep((events) => {
      for (const event of events) {
        if (event instanceof Y.YTextEvent) this.#text(event);
        else if (event instanceof Y.YMapEvent && event.target === cellsOf(doc)) this.#entries(event);
      }
      const { moved, joined } = movesIn(events);
      this.#moves.moved.push(...moved);
      this.#moves.joined.push(...joined);
      this.#returned.push(...moved.filter((run) => !this.#returned.some((one) => overlap(one, run))).map(plain));
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
    const { moved, joined } = this.#moves;
    this.#returned = [];
    this.#moves = { moved: [], joined: [] };
    return { authors, returned, deleted, moved, joined };
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
      this.#match(String(event.path[0]), item.id, item.content.str, (at) => {
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
        this.#match(id, item.id, item.content.str, (at) => runAt(runs, start + at));
      }
    }
  }

  /** Notes new text of a cell as returned if `origin`, asked for each of its places, gives the very same characters. */
  #match(cell: string, id: Y.ID, text: string, origin: (at: number) => Run | undefined): void {
    const found: Returned[] = [];
    for (let at = 0; at < text.length; ) {
      const run = origin(at);
      const length = Math.min(run?.text.length ?? 0, text.length - at);
      if (!run || length === 0 || !text.startsWith(run.text.slice(0, length), at)) return;
      found.push({ client: id.client, clock: id.clock + at, length, fromClient: run.client, fromClock: run.clock });
      at += length;
    }
    this.#returned.push(...found);
    this.#moves.moved.push(...found.map((run) => ({ ...run, cell })));
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

const overlap = (one: Returned, other: Returned): boolean =>
  one.client === other.client && one.clock < other.clock + other.length && other.clock < one.clock + one.length;

const plain = ({ cell: _, ...run }: Moved): Returned => run;
