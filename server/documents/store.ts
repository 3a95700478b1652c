/**
 * Documents in SQL: a snapshot and the updates after it, by the id of the notebook (or dashboard) that they are. It writes a document's first content exactly once, whoever asks,
 * and replaces updates by a snapshot in one transaction. It never looks at a file.
 */
import { type EntityManager, LockMode } from '@mikro-orm/postgresql';
import * as Y from 'yjs';
import type { Database } from '../database/database.ts';
import { type Base, insertBase } from '../notebooks/base.ts';
import {
  DocumentAuthorRow,
  DocumentDeletionRow,
  DocumentReturnRow,
  DocumentRow,
  DocumentUpdateRow,
} from './entities.ts';
import type { Moves, Returned } from './moves.ts';
import { authorsFrom, MOST_TIMES, renewDocument } from './renewal.ts';
import type { WriterNotes } from './writers.ts';

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
  /** Which making of the document this is: what was written into another one does not fit it. */
  generation: number;
}

/** Who wrote what in a document. */
export interface Written {
  /** People's ids by Yjs client id. */
  people: Map<number, string>;
  /** Text that came back. */
  returned: Returned[];
  /** When people last only took something away, by their ids; in ms since the epoch. */
  deleted: Map<string, number>;
}

/** The document was renewed, or deleted, since it was loaded here: what was written into it does not fit any more. */
export class DocumentReplaced extends Error {
  constructor(notebook: string) {
    super(`the document ${notebook} was replaced by another server`);
  }
}

/** Told, within the transaction, that a document is made anew: whoever keeps Yjs ids of it must exchange them now. */
export type OnRenew = (tx: EntityManager, notebook: string, before: Y.Doc, after: Y.Doc) => Promise<void>;

/**
 * Told, within the transaction that stores it, that text of `doc` went from one cell to another or came back: places kept
 * in it must be exchanged now. The returned function is called once that is durable.
 */
export type OnMoved = (tx: EntityManager, notebook: string, moves: Moves, doc: Y.Doc) => Promise<() => void>;
/** The same for one document that is known. */
export type OnMovedHere = (tx: EntityManager, moves: Moves) => Promise<() => void>;

export interface DocumentStore {
  /** Null when the document was never filled. */
  load(notebook: string): Promise<StoredDocument | null>;
  /** Stores the first content and the base it came from, null for a document that stands for no file. False, and nothing changed, when there is content already. */
  seed(notebook: string, update: Uint8Array, base: Base | null): Promise<boolean>;
  /**
   * Stores an update of this generation, and what is noted of who wrote it. Durable when it resolves. `onMoved` is asked
   * where the notes say that text moved.
   * @throws DocumentReplaced when there is another generation, or none
   */
  append(
    notebook: string,
    update: Uint8Array,
    generation: number,
    notes?: WriterNotes,
    onMoved?: OnMovedHere,
  ): Promise<void>;
  /** All that was noted of who wrote what. */
  writers(notebook: string): Promise<Written>;
  /** Replaces all that is stored by one snapshot of it. */
  compact(notebook: string): Promise<StoredSize>;
  /**
   * Makes the document anew when it has outgrown what it says; see `renewal.ts`. Nobody should be in it.
   * @returns whether it was renewed
   */
  renew(notebook: string, onRenew: OnRenew): Promise<boolean>;
  /** Deletes all that is stored of it. */
  forget(em: EntityManager, notebook: string): Promise<void>;
}

const NO_NOTES: WriterNotes = { authors: [], returned: [], deleted: [], moved: [], joined: [] };
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
          generation: Number(row.seededAt),
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
        if (base) await insertBase(tx, notebook, base);
        return true;
      });
    },
    async append(notebook, update, generation, notes = NO_NOTES, onMoved = async () => () => {}) {
      if (Object.values(notes).every(({ length }) => length === 0))
        return insertUpdate(database.em(), notebook, update, generation);
      const { authors, returned, deleted, moved, joined } = notes;
      const done = await database.em().transactional(async (tx) => {
        await insertUpdate(tx, notebook, update, generation);
        // Who was seen first with a client id stays its person.
        const kept = { onConflictAction: 'ignore' } as const;
        await tx.upsertMany(
          DocumentAuthorRow,
          authors.map((author) => ({ notebook, ...author })),
          kept,
        );
        await tx.upsertMany(
          DocumentReturnRow,
          returned.map((run) => ({ notebook, ...run })),
          kept,
        );
        await tx.upsertMany(
          DocumentDeletionRow,
          deleted.map((one) => ({ notebook, ...one })),
        );
        return moved.length + joined.length > 0 ? onMoved(tx, { moved, joined }) : () => {};
      });
      done();
    },
    writers: (notebook) => readWriters(database.em(), notebook),
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
    async renew(notebook, onRenew) {
      return database.em().transactional(async (tx) => {
        const row = await tx.findOne(DocumentRow, { notebook }, { lockMode: LockMode.PESSIMISTIC_WRITE });
        if (!row) return false;
        const rest = await tx.find(DocumentUpdateRow, { notebook }, { orderBy: { id: 'asc' } });
        const before = new Y.Doc();
        for (const update of [row.snapshot, ...rest.map(({ data }) => data)]) Y.applyUpdate(before, update);
        const { people, returned } = await readWriters(tx, notebook);
        const { doc: after, authors } = renewDocument(before, authorsFrom(people, returned));
        try {
          const snapshot = Y.encodeStateAsUpdate(after);
          if (Y.encodeStateAsUpdate(before).byteLength <= MOST_TIMES * snapshot.byteLength) return false;
          await onRenew(tx, notebook, before, after);
          const seededAt = Math.max(Date.now(), Number(row.seededAt) + 1);
          await tx.nativeUpdate(DocumentRow, { notebook }, { snapshot, seededAt });
          await tx.nativeDelete(DocumentUpdateRow, { notebook });
          await tx.nativeDelete(DocumentAuthorRow, { notebook });
          await tx.nativeDelete(DocumentReturnRow, { notebook });
          await tx.insertMany(
            DocumentAuthorRow,
            authors.map((author) => ({ notebook, ...author })),
          );
          return true;
        } finally {
          before.destroy();
          after.destroy();
        }
      });
    },
    async forget(em, notebook) {
      await em.nativeDelete(DocumentUpdateRow, { notebook });
      await em.nativeDelete(DocumentAuthorRow, { notebook });
      await em.nativeDelete(DocumentReturnRow, { notebook });
      await em.nativeDelete(DocumentDeletionRow, { notebook });
      await em.nativeDelete(DocumentRow, { notebook });
    },
  };
}

/** @throws DocumentReplaced when the document is not of this generation; a renewal under way is waited for */
async function insertUpdate(
  em: EntityManager,
  notebook: string,
  update: Uint8Array,
  generation: number,
): Promise<void> {
  const stored = await em.execute<unknown[]>(
    `insert into document_updates (notebook, data)
      select d.notebook, ?::bytea from documents d where d.notebook = ? and d.seeded_at = ? for share returning id`,
    [Buffer.from(update), notebook, generation],
  );
  if (stored.length === 0) throw new DocumentReplaced(notebook);
}

async function readWriters(em: EntityManager, notebook: string): Promise<Written> {
  const people = await em.find(DocumentAuthorRow, { notebook });
  const returned = await em.find(DocumentReturnRow, { notebook });
  const deleted = await em.find(DocumentDeletionRow, { notebook });
  return {
    deleted: new Map(deleted.map(({ person, at }) => [person, Number(at)])),
    people: new Map(people.map(({ client, person }) => [client, person])),
    returned: returned.map(({ client, clock, length, fromClient, fromClock }) => ({
      ...{ client, clock, length, fromClient, fromClock },
    })),
  };
}
