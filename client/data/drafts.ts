/**
 * Edits that no server has yet, kept on this computer, so that they outlive a closed page or a crashed browser. A draft
 * belongs to one page, one notebook and one person; whoever opens the notebook here as that person takes over what is
 * left of others' pages. It holds what was written and what it was written into, and is deleted once it is durable.
 */
import { mergeNotebook } from '@trialroom/shared/notebook/merge';
import { readDocument } from '@trialroom/shared/notebook/transfer';
import * as Y from 'yjs';

/** What one page has written that is not known to be durable. */
export interface Draft {
  /** Names the page. */
  id: string;
  /** The notebook's address and the person's id. The database is the browser's, one for each server. */
  key: string;
  /** Yjs update: the document when all that was written here was durable, or before. */
  base: Uint8Array;
  /** Yjs update: what has come since. */
  edits: Uint8Array;
  /** How many edits that is, as a person counts. */
  count: number;
}

const NAME = 'trialroom-drafts';
const STORE = 'drafts';

let opening: Promise<IDBDatabase> | undefined;

function open(): Promise<IDBDatabase> {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(STORE, { keyPath: 'id' }).createIndex('key', 'key');
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opening;
}

async function work<Result>(
  mode: IDBTransactionMode,
  ask: (store: IDBObjectStore) => IDBRequest<Result>,
): Promise<Result> {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(STORE, mode, { durability: 'strict' });
    const request = ask(transaction.objectStore(STORE));
    // A request that succeeded is not on the disk yet; a transaction that is complete is.
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error ?? request.error);
  });
}

/** Keeps a draft in place of the page's earlier one; it is on the disk when this resolves. Rejects when this browser keeps nothing. */
export const keepDraft = async (draft: Draft): Promise<void> =>
  void (await work('readwrite', (store) => store.put(draft)));

/** All drafts of this key, from any page. Rejects when this browser keeps nothing. */
export const draftsOf = (key: string): Promise<Draft[]> => work('readonly', (store) => store.index('key').getAll(key));

/** Deletes a draft; nothing happens when there is none. */
export const dropDraft = async (id: string): Promise<void> =>
  void (await work('readwrite', (store) => store.delete(id)));

/**
 * Puts what a draft holds into the document, which was read from the server. Written into the same document, it merges as
 * if it came late; when the server's document was made anew since, the difference is merged as text. Twice is as once.
 */
export function adoptDraft(doc: Y.Doc, draft: Pick<Draft, 'base' | 'edits'>, origin: unknown): void {
  const base = new Y.Doc();
  Y.applyUpdate(base, draft.base);
  const theirs = Y.decodeStateVector(Y.encodeStateVector(base));
  const ours = Y.decodeStateVector(Y.encodeStateVector(doc));
  if ([...theirs.keys()].some((client) => ours.has(client))) {
    doc.transact(() => {
      Y.applyUpdate(doc, draft.base, origin);
      Y.applyUpdate(doc, draft.edits, origin);
    }, origin);
  } else {
    const before = readDocument(base);
    Y.applyUpdate(base, draft.edits);
    mergeNotebook(doc, before, readDocument(base), origin);
  }
  base.destroy();
}
