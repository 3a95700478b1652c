/**
 * Documents in SQL: a snapshot and the updates after it. It writes a document's first content exactly once, whoever asks,
 * and replaces updates by a snapshot in one transaction. It never looks at a file.
 */
import { LockMode } from '@mikro-orm/postgresql';
import * as Y from 'yjs';
import type { Database } from '../database/database.ts';
import { type Base, insertBase } from '../notebooks/base.ts';
import { DocumentRow, DocumentUpdateRow } from './entities.ts';

/** How much is stored of a document, in bytes; `updates` counts rows. */
export interface StoredSize {
  snapshot: number;
  pending: number;
  updates: number;
}

/** Everything stored of a document, to be applied in order. */
export interface StoredDocument {
  updates: Uint8Array[];
  size: StoredSize;
}

export interface DocumentStore {
  /** Null when the document was never filled. */
  load(notebook: string): Promise<StoredDocument | null>;
  /** Stores the first content and the base it came from. False, and nothing changed, when there is content already. */
  seed(notebook: string, update: Uint8Array, base: Base): Promise<boolean>;
  /** Durable when it resolves. */
  append(notebook: string, update: Uint8Array): Promise<void>;
  /** Replaces all that is stored by one snapshot of it. */
  compact(notebook: string): Promise<StoredSize>;
}

const sum = (parts: readonly Uint8Array[]): number => parts.reduce((total, part) => total + part.byteLength, 0);

export function createDocumentStore(database: Database): DocumentStore {
  return {
    async load(notebook) {
      const em = database.em();
      return em.transactional(async (tx) => {
        const row = await tx.findOne(DocumentRow, { notebook }, { lockMode: LockMode.PESSIMISTIC_READ });
        if (!row) return null;
        const rest = await tx.find(DocumentUpdateRow, { notebook }, { orderBy: { id: 'asc' } });
        const updates = rest.map(({ data }) => data);
        return {
          updates: [row.snapshot, ...updates],
          size: { snapshot: row.snapshot.byteLength, pending: sum(updates), updates: updates.length },
        };
      });
    },
    async seed(notebook, update, base) {
      return database.em().transactional(async (tx) => {
        // The primary key decides between two servers that fill one document at once: the second waits, then finds it.
        const found = await tx.execute<{ notebook: string }[]>(
          'insert into documents (notebook, snapshot, seeded_at) values (?, ?, ?) on conflict (notebook) do nothing returning notebook',
          [notebook, Buffer.from(update), Date.now()],
        );
        if (found.length === 0) return false;
        await insertBase(tx, notebook, base);
        return true;
      });
    },
    async append(notebook, update) {
      await database.em().insert(DocumentUpdateRow, { notebook, data: update });
    },
    async compact(notebook) {
      return database.em().transactional(async (tx) => {
        const row = await tx.findOneOrFail(DocumentRow, { notebook }, { lockMode: LockMode.PESSIMISTIC_WRITE });
        const rest = await tx.find(DocumentUpdateRow, { notebook }, { orderBy: { id: 'asc' } });
        const doc = new Y.Doc();
        for (const update of [row.snapshot, ...rest.map(({ data }) => data)]) Y.applyUpdate(doc, update);
        const snapshot = Y.encodeStateAsUpdate(doc);
        doc.destroy();
        await tx.nativeUpdate(DocumentRow, { notebook }, { snapshot });
        await tx.nativeDelete(DocumentUpdateRow, { id: { $in: rest.map(({ id }) => id) } });
        return { snapshot: snapshot.byteLength, pending: 0, updates: 0 };
      });
    },
  };
}
