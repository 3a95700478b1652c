/**
 * Notebooks as contents: what is read is the live document with its outputs, what is saved is merged into the document,
 * three ways, so that nobody's typing is lost. The file follows by itself.
 */
import { createHash } from 'node:crypto';
import {
  type NotebookFile,
  NotebookFormatError,
  parseNotebook,
  serialiseNotebook,
  withoutOutputs,
} from '@trialroom/shared/notebook/format';
import { mergeNotebook } from '@trialroom/shared/notebook/merge';
import { readDocument } from '@trialroom/shared/notebook/transfer';
import { refuseForeign } from '../../documents/changeable.ts';
import type { OpenDocuments } from '../../documents/open-documents.ts';
import type { Trash } from '../../files/trash.ts';
import { Refusal } from '../../http/refusal.ts';
import type { Notebooks } from '../../notebooks/notebooks.ts';
import { Versions } from './versions.ts';

/** A notebook as it is now, outputs included. */
export interface LiveNotebook {
  id: string;
  content: NotebookFile;
  /** Of what people wrote: an output that comes in changes nothing that a client could have lost. */
  hash: string;
  /** When that last changed, in ms since the epoch, as far as it was looked at. */
  changedAt: number;
}

/** Reads and changes notebooks by their paths, through their shared documents. */
export class LiveNotebooks {
  readonly #notebooks: Notebooks;
  readonly #documents: OpenDocuments;
  readonly #trash: Pick<Trash, 'throwNotebook'>;
  readonly #versions = new Versions();
  readonly #seen = new Map<string, { hash: string; at: number }>();

  constructor(notebooks: Notebooks, documents: OpenDocuments, trash: Pick<Trash, 'throwNotebook'>) {
    this.#trash = trash;
    this.#notebooks = notebooks;
    this.#documents = documents;
  }

  /** @param changedAt of the file, for a notebook that was never looked at @throws Refusal */
  async read(path: string, changedAt: number): Promise<LiveNotebook> {
    const { id } = await this.#notebooks.at(path);
    const opened = await this.#documents.open(id);
    // A file that was replaced a moment ago may not have been noticed yet.
    const content = await opened
      .reread()
      .then(() => this.#documents.notebook(id))
      .finally(() => opened.release());
    const hash = createHash('sha256')
      .update(serialiseNotebook(withoutOutputs(content)))
      .digest('hex');
    const seen = this.#seen.get(id);
    const at = seen === undefined ? changedAt : seen.hash === hash ? seen.at : Date.now();
    this.#seen.set(id, { hash, at });
    return { id, content, hash, changedAt: at };
  }

  /** This person's client was given this. */
  given(person: string, { id, content }: LiveNotebook): void {
    this.#versions.remember(person, id, withoutOutputs(content));
  }

  /** Brings what a client saved into the document; resolves when it is stored. @throws Refusal */
  async save(path: string, sent: NotebookFile, person: string): Promise<void> {
    const { id } = await this.#notebooks.at(path);
    const opened = await this.#documents.open(id);
    try {
      refuseForeign(opened.doc);
      const base = this.#versions.baseOf(person, id, sent) ?? readDocument(opened.doc);
      let merged = sent;
      // It is an edit of theirs like any other: the history and the margin of authors know it by them.
      opened.edit({ id: person }, (doc) => {
        merged = mergeNotebook(doc, base, withoutOutputs(sent));
      });
      this.#versions.remember(person, id, merged);
      await opened.saved();
    } finally {
      opened.release();
    }
  }

  /** Makes the document say what an earlier version said; `person` did it. @throws Refusal */
  async restore(path: string, earlier: NotebookFile, person: string): Promise<void> {
    const { id } = await this.#notebooks.at(path);
    const opened = await this.#documents.open(id);
    try {
      refuseForeign(opened.doc);
      opened.edit({ id: person }, (doc) => void mergeNotebook(doc, readDocument(doc), withoutOutputs(earlier)));
      await opened.saved();
    } finally {
      opened.release();
    }
  }

  /** @throws Refusal (404) */
  async idOf(path: string): Promise<string> {
    return (await this.#notebooks.at(path)).id;
  }

  /** Throws it into the trash. @param by name of a person @throws Refusal (404, 503) */
  async remove(path: string, by: string): Promise<void> {
    await this.#trash.throwNotebook(await this.idOf(path), by);
  }

  /** Gives a notebook another path; its document, history and links stay. @throws Refusal (404, 409) */
  async move(from: string, to: string): Promise<void> {
    const { id } = await this.#notebooks.at(from);
    await this.#documents.move(id, to);
  }

  /** Renames a folder with the notebooks in it. */
  async moveFolder(from: string, to: string): Promise<void> {
    await this.#documents.between(from, () => this.#notebooks.moveFolder(from, to));
  }

  /** Makes a notebook where none is. @throws Refusal (409) */
  async create(path: string, content: NotebookFile): Promise<void> {
    await this.#notebooks.folder.create(path, serialiseNotebook(content));
    this.#notebooks.changed();
  }
}

/** A notebook as a client sends it. @throws Refusal (400) that says what is wrong with it */
export function notebookFrom(content: unknown): NotebookFile {
  try {
    const notebook = parseNotebook(typeof content === 'string' ? content : JSON.stringify(content));
    return { ...notebook, cells: notebook.cells.map(withoutTrust) };
  } catch (error) {
    if (!(error instanceof NotebookFormatError)) throw error;
    throw new Refusal(400, {
      error: 'not-a-notebook',
      message: error.message,
      where: `content${error.where === null ? '' : `: ${error.where}`}`,
      fix: error.fix,
    });
  }
}

/** JupyterLab's own note that it may show a cell's outputs, which is not for others to believe. */
function withoutTrust(cell: NotebookFile['cells'][number]): NotebookFile['cells'][number] {
  const { trusted: _, ...metadata } = cell.metadata;
  return { ...cell, metadata };
}
