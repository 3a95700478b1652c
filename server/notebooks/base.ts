/**
 * The base of each notebook's three-way merge, in SQL: what file and document last agreed on. It is noted before the
 * file is written and confirmed after, so that a crash between cannot make our own writing look like someone else's.
 */
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Database } from '../database/database.ts';
import { NotebookBaseRow } from './entities.ts';

/** A version of the file: hash of its bytes, and what it says, without outputs, with the document's cell ids. */
export interface Base {
  hash: string;
  text: string;
}

export interface Bases {
  /** The base for a file of this hash: the planned one when that is what the file holds, else the confirmed one. */
  find(notebook: string, fileHash: string | null): Promise<Base | null>;
  /** Notes what is about to be written. */
  plan(notebook: string, next: Base): Promise<void>;
  /** File and document agree on this. */
  confirm(notebook: string, base: Base): Promise<void>;
  /** The notebook is gone for good. */
  erase(em: EntityManager, notebook: string): Promise<void>;
}

/** Stores the first base of a notebook, within the transaction that fills its document. */
export async function insertBase(em: EntityManager, notebook: string, base: Base): Promise<void> {
  await em.upsert(NotebookBaseRow, {
    notebook,
    hash: base.hash,
    content: base.text,
    nextHash: null,
    nextContent: null,
  });
}

export function createBases(database: Database): Bases {
  return {
    async find(notebook, fileHash) {
      const row = await database.em().findOne(NotebookBaseRow, { notebook });
      if (!row) return null;
      if (typeof row.nextContent === 'string' && row.nextHash === fileHash && fileHash !== null) {
        return { hash: fileHash, text: row.nextContent };
      }
      return { hash: row.hash, text: row.content };
    },
    async plan(notebook, { hash, text }) {
      await database.em().nativeUpdate(NotebookBaseRow, { notebook }, { nextHash: hash, nextContent: text });
    },
    async confirm(notebook, base) {
      await insertBase(database.em(), notebook, base);
    },
    async erase(em, notebook) {
      await em.nativeDelete(NotebookBaseRow, { notebook });
    },
  };
}
