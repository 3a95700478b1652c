/** The text of a session's notebook, read from the server's own document: what runs is what is there, and nothing else. */
import { cellsOf, sourceOf, typeOf } from '@trialroom/shared/notebook/document';
import type { ExecutionRequest } from '@trialroom/shared/notebook/session';
import { monotonicFactory } from 'ulid';
import type * as Y from 'yjs';
import type { OpenDocument } from '../documents/documents.ts';
import type { SessionPorts } from './ports.ts';
import { hashOf } from './session-view.ts';

/** Ids of executions: later ones sort after earlier ones. */
export const newId = monotonicFactory();

/** Least time between two requests to write the file while a cell runs, in ms. */
const TOUCH_MS = 5000;

/** The document of one session, opened when its text is first needed. */
export class NotebookText {
  readonly #notebook: string;
  readonly #documents: SessionPorts['documents'];
  #document: Promise<OpenDocument> | null = null;
  #doc: Y.Doc | null = null;
  #touched = 0;

  constructor(notebook: string, documents: SessionPorts['documents']) {
    this.#notebook = notebook;
    this.#documents = documents;
  }

  /** The document, once it has been opened. */
  get doc(): Y.Doc | null {
    return this.#doc;
  }

  /** @throws Refusal when the notebook cannot be read; the next call tries again */
  async open(): Promise<Y.Doc> {
    this.#document ??= this.#documents.open(this.#notebook);
    try {
      this.#doc = (await this.#document).doc;
      return this.#doc;
    } catch (error) {
      this.#document = null;
      throw error;
    }
  }

  /** Hash of the cell's text; undefined when that is not known. */
  hashOf(cell: string): string | undefined {
    const text = this.#doc ? cellsOf(this.#doc).get(cell) : undefined;
    return text && hashOf(sourceOf(text).toString());
  }

  /** Executions of these cells with the source they have now; what is no code is passed over. */
  executions(cells: readonly string[]): ExecutionRequest[] {
    const doc = this.#doc;
    return cells.flatMap((id) => {
      const cell = doc ? cellsOf(doc).get(id) : undefined;
      if (!cell || typeOf(cell) !== 'code') return [];
      const source = sourceOf(cell).toString();
      return [{ id: newId(), cell: id, source, hash: hashOf(source) }];
    });
  }

  /** Asks for the file to be written: at once when a run begins or ends, now and then in between. */
  touch(now: boolean): void {
    if (!now && performance.now() - this.#touched < TOUCH_MS) return;
    this.#touched = performance.now();
    this.#documents.touch(this.#notebook);
  }

  /** Lets go of the document; nothing is read from it afterwards. */
  async release(): Promise<void> {
    const document = await this.#document?.catch(() => null);
    document?.release();
  }
}
