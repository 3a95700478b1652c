/**
 * Keeps one open document and its `.ipynb` file in step. The document goes to the file soon after an edit; another
 * program's change to the file is merged into the document. It never writes over what it has not read, never brings back
 * a file that someone deleted, and never loses an edit because a file cannot be written.
 */
import type { FileState } from '@trialroom/shared/live/events';
import { type NotebookFile, parseNotebook, serialiseNotebook, withoutOutputs } from '@trialroom/shared/notebook/format';
import { mergeNotebook } from '@trialroom/shared/notebook/merge';
import { quiet, type Settled, settle } from '@trialroom/shared/notebook/quiet';
import { rewriteNotebook, type Standing } from '@trialroom/shared/notebook/rewrite';
import { type OutputsByCell, readDocument } from '@trialroom/shared/notebook/transfer';
import type * as Y from 'yjs';
import { codeOf, type FileText, hashOf } from '../notebooks/files.ts';
import { inTrash } from '../notebooks/in-trash.ts';
import type { Notebooks } from '../notebooks/notebooks.ts';
import { problemOf } from '../notebooks/problem.ts';

/** Quiet time after an edit before the file is written, and the longest an edit waits, in ms. */
const SOON = 300;
const LATEST = 2_000;
/** A file is written at most a tenth of the time: a big one less often. */
const SHARE = 10;
/** Pauses before a failed write is tried again, in ms: doubled from the first to the last. */
const RETRY = { first: 1_000, last: 30_000 };
/** Origin of what comes from the file. */
export const FROM_FILE = Symbol('file');

type Presence = 'present' | 'missing' | 'broken' | 'trashed';

export class Projection {
  readonly #notebook: { id: string; path(): string };
  readonly #notebooks: Notebooks;
  readonly #doc: Y.Doc;
  readonly #outputs: () => Promise<OutputsByCell>;
  readonly #durable: () => Promise<void>;
  readonly #onState: (state: FileState) => void;
  readonly #onError: (error: unknown) => void;
  #state: FileState;
  /** The file as last seen: its hash and stamp, and the hash of what it says written our way. */
  #known: { hash: string; stamp: string; meaning: string } | null = null;
  /** The file as it stands, when it is not written as Jupyter would: its manner is kept. */
  #standing: Standing | null = null;
  /** What the file holds of runs that are over. */
  #settled: Settled = new Map();
  #dirty = false;
  #due: NodeJS.Timeout | null = null;
  #latest = 0;
  #cost = 0;
  #failures = 0;
  #queue: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: {
    notebook: { id: string; path(): string };
    notebooks: Notebooks;
    doc: Y.Doc;
    outputs: () => Promise<OutputsByCell>;
    /** Resolves when all that the document holds is stored. */
    durable: () => Promise<void>;
    onState: (state: FileState) => void;
    onError: (error: unknown) => void;
  }) {
    this.#notebook = options.notebook;
    this.#notebooks = options.notebooks;
    this.#doc = options.doc;
    this.#outputs = options.outputs;
    this.#durable = options.durable;
    this.#onState = options.onState;
    this.#onError = options.onError;
    this.#state = { path: options.notebook.path(), state: 'synced', message: null, savedAt: null };
  }

  get state(): FileState {
    return this.#state;
  }

  /** The document or its outputs changed: write the file soon. */
  touch(): void {
    if (this.#closed) return;
    this.#dirty = true;
    if (this.#state.state === 'synced') this.#tell('pending', null);
    if (this.#failures > 0) return;
    const now = Date.now();
    if (!this.#due) this.#latest = now + Math.max(LATEST, this.#cost * SHARE);
    const pause = Math.min(Math.max(SOON, this.#cost * SHARE), this.#latest - now);
    this.#schedule(Math.max(0, pause));
  }

  /**
   * The document was loaded: edits may have been stored but not written when the server last died. Nobody is told, since
   * in nearly every case the file is as it should be and is left alone.
   */
  catchUp(): void {
    this.#dirty = true;
    this.#latest = Date.now() + LATEST;
    this.#schedule(SOON);
  }

  /** Someone touched the file: take over what is new in it. */
  look(): Promise<void> {
    return this.#enqueue(async () => {
      if ((await this.#check()) !== 'present') return;
      if (this.#dirty) this.#schedule(SOON);
      else this.#tell('synced', null);
    });
  }

  /** Writes what waits to be written, now. Trouble with the file shows in the state, it is not thrown. */
  flush(): Promise<void> {
    return this.#enqueue(async () => {
      if (this.#dirty) await this.#write(false);
    });
  }

  /** Writes the document to the file whatever is, or is not, there. */
  restore(): Promise<void> {
    return this.#enqueue(() => this.#write(true));
  }

  /**
   * Has the file moved, between two writings of it; what is not written yet goes to the new place.
   * @throws what `move` throws
   */
  async moved(move: () => Promise<unknown>): Promise<void> {
    const done = this.#queue.then(move);
    this.#queue = done.catch(() => {});
    await done;
    const path = this.#notebook.path();
    this.#state = { ...this.#state, path: inTrash(path)?.path ?? path };
    this.#onState(this.#state);
    await this.look();
  }

  /** Writes what waits, then stops. */
  async close(): Promise<void> {
    await this.flush();
    this.#closed = true;
    if (this.#due) clearTimeout(this.#due);
    this.#due = null;
  }

  #schedule(pause: number): void {
    if (this.#closed) return;
    if (this.#due) clearTimeout(this.#due);
    this.#due = setTimeout(() => {
      this.#due = null;
      void this.flush();
    }, pause);
  }

  #enqueue(task: () => Promise<void>): Promise<void> {
    const done = this.#queue.then(task).catch((error: unknown) => this.#failed(error));
    this.#queue = done;
    return done;
  }

  /** The store, or the outputs' source, did not answer: the file is as it was, so it is tried again. */
  #failed(error: unknown): void {
    this.#onError(error);
    this.#retry();
  }

  #retry(): void {
    this.#failures++;
    this.#schedule(Math.min(RETRY.last, RETRY.first * 2 ** (this.#failures - 1)));
  }

  /** Looks at the file and merges what is new. */
  async #check(): Promise<Presence> {
    const path = this.#notebook.path();
    if (inTrash(path)) {
      this.#known = null;
      this.#tell('trashed', 'This notebook was thrown into the trash. Edits are still kept, and come back with it.');
      return 'trashed';
    }
    const now = await this.#notebooks.folder.stamp(path);
    if (now && this.#known?.stamp === now.stamp) return 'present';
    let file: FileText | null;
    try {
      file = now ? await this.#notebooks.folder.read(path) : null;
    } catch (error) {
      this.#known = null;
      if (codeOf(error) !== null) {
        this.#unwritable(error);
        return 'broken';
      }
      this.#tell('broken', `${path}: ${problemOf(error)} Until then it is not written over.`);
      return 'broken';
    }
    if (!file) {
      this.#known = null;
      this.#tell(
        'missing',
        `${path} was deleted or moved by another program. The notebook is kept here; restore the file to have it on disk again.`,
      );
      return 'missing';
    }
    if (file.hash === this.#known?.hash) {
      this.#known = { ...this.#known, stamp: file.stamp };
      return 'present';
    }
    return this.#takeOver(file);
  }

  async #takeOver(file: FileText): Promise<Presence> {
    const { id } = this.#notebook;
    const path = this.#notebook.path();
    let theirs: NotebookFile;
    try {
      theirs = parseNotebook(file.text);
    } catch (error) {
      this.#known = null;
      this.#tell('broken', `${path}: ${problemOf(error)} Until then it is not written over.`);
      return 'broken';
    }
    const base = await this.#notebooks.bases.find(id, file.hash);
    const merged =
      base?.hash === file.hash
        ? theirs
        : mergeNotebook(this.#doc, base ? parseNotebook(base.text) : readDocument(this.#doc), theirs, FROM_FILE);
    if (base?.hash !== file.hash) {
      // The base may move only when the change that it stands for is stored.
      await this.#durable();
      await this.#notebooks.bases.confirm(id, { hash: file.hash, text: serialiseNotebook(withoutOutputs(merged)) });
    }
    this.#settled = settle(merged);
    const meaning = serialiseNotebook(merged);
    this.#standing = meaning === file.text ? null : { text: file.text, notebook: merged };
    this.#known = { hash: file.hash, stamp: file.stamp, meaning: hashOf(meaning) };
    return 'present';
  }

  async #write(force: boolean): Promise<void> {
    if (this.#closed) return;
    const presence = await this.#check();
    if (presence === 'trashed') return;
    if (presence !== 'present' && !force) {
      if (this.#state.state === 'unwritable') this.#retry();
      return;
    }
    const began = performance.now();
    const outputs = await this.#outputs();
    this.#dirty = false;
    try {
      const notebook = quiet(readDocument(this.#doc, outputs), this.#settled);
      const running = Object.keys(outputs).filter((cell) => outputs[cell]?.running);
      this.#settled = settle(notebook, this.#settled, new Set(running));
      const meaning = serialiseNotebook(notebook);
      if (force || hashOf(meaning) !== this.#known?.meaning) {
        await this.#save(notebook, this.#standing ? rewriteNotebook(this.#standing, notebook) : meaning, meaning);
      } else this.#succeeded(this.#state.savedAt);
    } catch (error) {
      this.#dirty = true;
      throw error;
    }
    this.#cost = performance.now() - began;
  }

  async #save(notebook: NotebookFile, text: string, meaning: string): Promise<void> {
    const { id } = this.#notebook;
    const base = { hash: hashOf(text), text: serialiseNotebook(withoutOutputs(notebook)) };
    await this.#durable();
    await this.#notebooks.bases.plan(id, base);
    let stamp: string;
    try {
      stamp = await this.#notebooks.folder.write(this.#notebook.path(), text);
    } catch (error) {
      this.#dirty = true;
      this.#unwritable(error);
      this.#retry();
      return;
    }
    if (this.#standing) this.#standing = { text, notebook };
    this.#known = { hash: base.hash, stamp, meaning: hashOf(meaning) };
    this.#succeeded(Date.now());
    await this.#notebooks.bases.confirm(id, base);
  }

  #succeeded(savedAt: number | null): void {
    this.#failures = 0;
    if (this.#dirty) {
      this.#state = { ...this.#state, savedAt };
      this.#tell('pending', null);
      this.touch();
    } else this.#tell('synced', null, savedAt);
  }

  #unwritable(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#tell(
      'unwritable',
      `${this.#notebook.path()} cannot be written: ${reason}. Edits are kept on the server and written as soon as the file can be; check its folder's permissions and room.`,
    );
  }

  #tell(state: FileState['state'], message: string | null, savedAt = this.#state.savedAt): void {
    const path = inTrash(this.#notebook.path())?.path ?? this.#notebook.path();
    const next: FileState = { path, state, message, savedAt };
    const same = state === this.#state.state && message === this.#state.message && savedAt === this.#state.savedAt;
    this.#state = next;
    if (!same) this.#onState(next);
  }
}
