/**
 * Keeps one document durable: gathers its updates for a moment, stores them merged, and only then says that they are
 * safe. When the store fails nothing is dropped and nothing is said: it tries again until it succeeds.
 */
import * as Y from 'yjs';
import { DocumentReplaced, type DocumentStore, type OnMovedHere, type StoredSize } from './store.ts';
import type { WriterNotes } from './writers.ts';

/** How long updates are gathered before they are stored, in ms. */
const GATHER = 50;
/** Pauses between attempts at a failing store, in ms: doubled from the first to the last. */
const RETRY = { first: 100, last: 5_000 };
/** So many stored updates are compacted, whatever their size. */
const MOST_UPDATES = 200;
/** When nothing was written for so long, in ms, what is stored is compared with what lives. */
const QUIET = 2_000;

export class Persistence {
  readonly #store: DocumentStore;
  readonly #notebook: string;
  readonly #doc: Y.Doc;
  readonly #onStored: (batch: Uint8Array | null) => void;
  readonly #onStarting: () => void;
  readonly #onError: (error: unknown) => void;
  readonly #onReplaced: () => void;
  readonly #onMoved: OnMovedHere;
  readonly #generation: number;
  #replaced = false;
  #size: StoredSize;
  #pending: Uint8Array[] = [];
  #notes: WriterNotes[] = [];
  #due: NodeJS.Timeout | null = null;
  #quiet: NodeJS.Timeout | null = null;
  #working: Promise<void> | null = null;
  #asked = false;
  #failures = 0;

  constructor(options: {
    store: DocumentStore;
    notebook: string;
    doc: Y.Doc;
    size: StoredSize;
    /** The generation that `doc` is of. */
    generation: number;
    /** The document was replaced: nothing more can be stored, and what is not stored yet stays unacknowledged. */
    onReplaced: () => void;
    onMoved: OnMovedHere;
    /** A batch is about to be stored: all that the document holds now will be durable at the next `onStored`. */
    onStarting: () => void;
    /** The batch is durable; null when there was nothing new to store. */
    onStored: (batch: Uint8Array | null) => void;
    onError: (error: unknown) => void;
  }) {
    this.#store = options.store;
    this.#notebook = options.notebook;
    this.#doc = options.doc;
    this.#size = options.size;
    this.#onStarting = options.onStarting;
    this.#onStored = options.onStored;
    this.#onError = options.onError;
    this.#onReplaced = options.onReplaced;
    this.#onMoved = options.onMoved;
    this.#generation = options.generation;
  }

  /** What is stored takes so many bytes. */
  get stored(): number {
    return this.#size.snapshot + this.#size.pending;
  }

  /** Takes an update that must become durable. */
  add(update: Uint8Array, notes: WriterNotes): void {
    this.#pending.push(update);
    if (Object.values(notes).some(({ length }) => length > 0)) this.#notes.push(notes);
    this.ask();
  }

  /** Asks for an answer (`onStored`) soon, even if nothing new has to be stored. */
  ask(): void {
    if (this.#replaced) return;
    this.#asked = true;
    this.#due ??= setTimeout(() => this.#run(), this.#pause());
  }

  /** Resolves when all that was added so far is durable. @throws the store's error after one attempt */
  async flush(): Promise<void> {
    while (this.#working) await this.#working;
    if (!this.#asked && this.#pending.length === 0) return;
    const failures = this.#failures;
    await this.#run();
    if (this.#failures > failures) throw new Error('the database does not take the edits; they are kept in memory');
  }

  /** Stores what is left and leaves the stored size small. @throws when the store fails */
  async close(): Promise<void> {
    await this.flush();
    if (this.#due) clearTimeout(this.#due);
    if (this.#quiet) clearTimeout(this.#quiet);
    await this.#tidy();
  }

  #pause(): number {
    return this.#failures === 0 ? GATHER : Math.min(RETRY.last, RETRY.first * 2 ** (this.#failures - 1));
  }

  #run(): Promise<void> {
    if (this.#due) clearTimeout(this.#due);
    this.#due = null;
    this.#working ??= this.#attempt().finally(() => {
      this.#working = null;
      if (this.#asked) this.#due ??= setTimeout(() => this.#run(), this.#pause());
    });
    return this.#working;
  }

  async #attempt(): Promise<void> {
    const [first, ...others] = this.#pending;
    const batch = first === undefined ? null : others.length === 0 ? first : Y.mergeUpdates([first, ...others]);
    const notes = this.#notes;
    this.#pending = [];
    this.#notes = [];
    this.#asked = false;
    this.#onStarting();
    try {
      if (batch) await this.#store.append(this.#notebook, batch, this.#generation, joined(notes), this.#onMoved);
    } catch (error) {
      if (error instanceof DocumentReplaced) return this.#giveUp();
      if (batch) this.#pending.unshift(batch);
      this.#notes.unshift(...notes);
      this.#asked = true;
      this.#failures++;
      this.#onError(error);
      return;
    }
    this.#failures = 0;
    this.#onStored(batch);
    if (!batch) return;
    this.#size.pending += batch.byteLength;
    this.#size.updates++;
    if (this.#size.pending > this.#size.snapshot || this.#size.updates >= MOST_UPDATES) await this.#compact();
    if (this.#quiet) clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => {
      this.#tidy().catch(this.#onError);
    }, QUIET);
    this.#quiet.unref();
  }

  /** Whoever wrote what is dropped here was not told that it is safe, and brings it into the new document. */
  #giveUp(): void {
    if (this.#replaced) return;
    this.#replaced = true;
    this.#pending = [];
    this.#notes = [];
    this.#onReplaced();
  }

  async #tidy(): Promise<void> {
    if (this.#replaced) return;
    const stored = this.#size.snapshot + this.#size.pending;
    if (this.#size.updates > 0 && stored > 2 * Y.encodeStateAsUpdate(this.#doc).byteLength) await this.#compact();
  }

  /** A compaction that fails costs room, not edits: it is tried again after a later batch. */
  async #compact(): Promise<void> {
    try {
      this.#size = await this.#store.compact(this.#notebook);
    } catch (error) {
      this.#onError(error);
    }
  }
}

const joined = (notes: readonly WriterNotes[]): WriterNotes => ({
  authors: notes.flatMap(({ authors }) => authors),
  returned: notes.flatMap(({ returned }) => returned),
  moved: notes.flatMap(({ moved }) => moved),
  joined: notes.flatMap(({ joined }) => joined),
  // The last of each person counts, and a row is named once a statement.
  deleted: [...new Map(notes.flatMap(({ deleted }) => deleted.map((one) => [one.person, one]))).values()],
});
