/**
 * Follows one open document and keeps its versions. `grouping.ts` decides when; this listens, waits and stores, one
 * version after another. An edit that no version holds is not lost when the process is killed: it is in the document, and
 * becomes a version when that is next opened.
 */
import type { OutputsByCell } from '@trialroom/shared/notebook/transfer';
import * as Y from 'yjs';
import { FROM_FILE } from '../documents/projection.ts';
import { RELAYED, writerOf } from '../documents/room.ts';
import type { Written } from '../documents/store.ts';
import { authorsSince, type Writings, writingsIn } from './cell-authors.ts';
import { type Snapshot, split } from './contents.ts';
import { type Decision, decide, type Pace, type Step, type Stretch } from './grouping.ts';
import { readSources, withOutputs } from './snapshot.ts';
import type { Keeping, StoredVersion, VersionStore } from './store.ts';

/** Time as this hears of it; tests give their own. */
export interface Clock {
  now(): number;
  /** Calls back at that time; the returned function takes it back. */
  at(time: number, call: () => void): () => void;
}

export interface ChronicleOptions {
  notebook: string;
  doc: Y.Doc;
  store: VersionStore;
  pace: Pace;
  clock: Clock;
  outputs(): Promise<OutputsByCell>;
  /** Who wrote in the document, as it is stored. */
  writers(): Promise<Pick<Written, 'people' | 'deleted'>>;
  /** A version was stored. */
  onKept(version: StoredVersion): void;
  onError(error: unknown): void;
}

/** What a version is to be kept as; the rest is read from the document. */
type Wanted = Pick<Keeping, 'kind' | 'at' | 'authors' | 'when'> & Partial<Pick<Keeping, 'name' | 'from'>>;

export class Chronicle {
  readonly #options: ChronicleOptions;
  #stretch: Stretch = null;
  #unplan: (() => void) | null = null;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: ChronicleOptions) {
    this.#options = options;
    const { doc, clock } = options;
    doc.on('beforeTransaction', ({ origin }: Y.Transaction) => {
      if (origin === FROM_FILE) this.#step({ type: 'interrupted' });
    });
    doc.on('update', (_: Uint8Array, origin: unknown) => {
      // The server on which someone edits keeps the version.
      if (origin !== RELAYED) this.#step({ type: 'edited', at: clock.now(), by: writerOf(origin) });
      if (origin === FROM_FILE) this.#step({ type: 'ended' });
    });
    doc.on('destroy', () => this.#unplan?.());
    this.#begin();
  }

  /** Keeps what no version holds yet, and resolves when all versions are stored. @throws when the store does not take them */
  async settle(): Promise<void> {
    this.#step({ type: 'ended' });
    await this.#queue;
    if (this.#stretch?.failed)
      throw new Error('the database does not take versions; the edits are kept in the document');
  }

  /** Resolves when all versions that were begun are stored, or were refused. */
  async idle(): Promise<void> {
    await this.#queue;
  }

  /** Keeps the document as it is now under a name. */
  async name(name: string): Promise<StoredVersion> {
    const { clock } = this.#options;
    const authors = this.#stretch?.authors ?? [];
    this.#take({ stretch: null, keep: null, look: null });
    return this.#enqueue(this.#task({ kind: 'named', at: clock.now(), authors, when: 'always', name }));
  }

  /**
   * Makes a change that is a version of its own; what was there before is one first. `make` changes the document at once
   * and resolves when that is stored.
   */
  async change(make: () => Promise<void>, wanted: Omit<Wanted, 'at' | 'when'>): Promise<StoredVersion> {
    await this.settle();
    // What was typed while that was stored.
    this.#step({ type: 'ended' });
    const stored = make();
    this.#take({ stretch: null, keep: null, look: null });
    const keep = this.#task({ ...wanted, at: this.#options.clock.now(), when: 'always' });
    return this.#enqueue(async () => {
      await stored;
      return keep();
    });
  }

  /** The first version is what the file held; later, what was edited while no one followed (a server died) is one. */
  #begin(): void {
    const { doc, clock, store, notebook, writers, onError } = this.#options;
    const state = stateOf(doc);
    const at = clock.now();
    this.#enqueue(async () => {
      const newest = await store.newest(notebook);
      const authors = newest?.vector ? writersSince(newest.vector, newest.at, state.vector, await writers()) : [];
      const first: Wanted = { kind: 'outside', at, authors: [], when: 'first' };
      await this.#store(newest ? { kind: 'auto', at, authors, when: 'changed' } : first, state);
    }).catch(onError);
  }

  #step(step: Step): void {
    this.#take(decide(this.#stretch, step, this.#options.pace));
  }

  #take({ stretch, keep, look }: Decision): void {
    const { clock, onError } = this.#options;
    this.#stretch = stretch;
    this.#unplan?.();
    this.#unplan = look === null ? null : clock.at(look, () => this.#step({ type: 'looked', at: clock.now() }));
    if (!keep) return;
    this.#enqueue(this.#task({ ...keep, when: 'changed' })).catch((error: unknown) => {
      onError(error);
      // Nothing is lost: it waits for the next pause with all that comes until then.
      this.#take(decide(this.#stretch, { type: 'failed', at: clock.now(), authors: keep.authors }, this.#options.pace));
    });
  }

  /** The work of keeping the document as it is at this moment. */
  #task(wanted: Wanted): () => Promise<StoredVersion> {
    const { doc } = this.#options;
    const state = stateOf(doc);
    return () => this.#store(wanted, state);
  }

  #enqueue<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => {});
    return done;
  }

  async #store(wanted: Wanted, { sources, vector, writings }: State): Promise<StoredVersion> {
    const { store, notebook, outputs, onKept, onError } = this.#options;
    const shown = await outputs().catch((error: unknown) => {
      onError(error);
      return {};
    });
    const content = split(withOutputs(sources, shown));
    const cellAuthors = wanted.authors.length > 1 ? await this.#cellAuthors(writings) : null;
    const keeping = { name: null, from: null, ...wanted, cellAuthors, content, vector };
    const { version, made } = await store.keep(notebook, keeping);
    if (made) onKept(version);
    return version;
  }

  /** Which of several people changed which cell since the newest version; null when that cannot be known. */
  async #cellAuthors(writings: Writings): Promise<Record<string, string[]> | null> {
    const { store, notebook, writers } = this.#options;
    const newest = await store.newest(notebook);
    return newest?.vector ? authorsSince(newest.vector, writings, (await writers()).people) : null;
  }
}

/** A document at one moment, as a version needs it. */
interface State {
  sources: Snapshot;
  vector: Uint8Array;
  writings: Writings;
}

const stateOf = (doc: Y.Doc): State => ({
  sources: readSources(doc),
  vector: Y.encodeStateVector(doc),
  writings: writingsIn(doc),
});

/** Who has written after a document was in the state `before`, at this time, until it was in the state `after`. */
function writersSince(
  before: Uint8Array,
  at: number,
  after: Uint8Array,
  { people, deleted }: Pick<Written, 'people' | 'deleted'>,
): string[] {
  const known = Y.decodeStateVector(before);
  const grown = [...Y.decodeStateVector(after)].filter(([client, clock]) => clock > (known.get(client) ?? 0));
  const took = [...deleted].filter(([, last]) => last > at);
  return [...new Set([...grown.flatMap(([client]) => people.get(client) ?? []), ...took.map(([person]) => person)])];
}
