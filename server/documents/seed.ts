/**
 * The one time that a document is filled from its file: when it has never been open. It refuses files that cannot be
 * understood, and leaves a document that is stored already as it is.
 */
import { type NotebookFile, parseNotebook, serialiseNotebook, withoutOutputs } from '@trialroom/shared/notebook/format';
import { fillDocument } from '@trialroom/shared/notebook/transfer';
import * as Y from 'yjs';
import { Refusal } from '../http/refusal.ts';
import type { NotebookFolder } from '../notebooks/files.ts';
import type { Notebook } from '../notebooks/notebooks.ts';
import { problemOf } from '../notebooks/problem.ts';
import type { DocumentStore, StoredDocument } from './store.ts';

/**
 * Fills the document and gives what is then stored. When another server does so at the same time, its content counts.
 * @throws Refusal (422) when the file is broken, (404) when there is none
 */
export async function seedDocument(
  store: DocumentStore,
  folder: NotebookFolder,
  notebook: Notebook,
): Promise<StoredDocument> {
  const { file, hash } = await readFile(folder, notebook.path);
  const doc = new Y.Doc();
  fillDocument(doc, file);
  const update = Y.encodeStateAsUpdate(doc);
  doc.destroy();
  await store.seed(notebook.id, update, { hash, text: serialiseNotebook(withoutOutputs(file)) });
  const stored = await store.load(notebook.id);
  if (!stored) throw new Error(`document ${notebook.id} was stored but cannot be found`);
  return stored;
}

async function readFile(folder: NotebookFolder, path: string): Promise<{ file: NotebookFile; hash: string }> {
  try {
    const read = await folder.read(path);
    if (read) return { file: parseNotebook(read.text), hash: read.hash };
  } catch (error) {
    throw new Refusal(422, {
      error: 'notebook-broken',
      message: `${path}: ${problemOf(error)}`,
      where: path,
      fix: 'Repair the file; it is read again when you open it.',
    });
  }
  throw new Refusal(404, {
    error: 'notebook-missing',
    message: `${path} is not on disk and was never opened here`,
    where: path,
    fix: 'Put the file back, or choose another notebook.',
  });
}
