/** Keeps the history able to tell who has written since its newest version when a document is made anew. */
import type { EntityManager } from '@mikro-orm/postgresql';
import * as Y from 'yjs';
import { VersionRow } from './entities.ts';

/** Nobody has written since the renewal: the newest version counts from the new document's state on. */
export async function keepVector(tx: EntityManager, notebook: string, _before: Y.Doc, after: Y.Doc): Promise<void> {
  const [newest] = await tx.find(VersionRow, { notebook }, { orderBy: { id: 'desc' }, limit: 1, fields: ['id'] });
  if (newest) await tx.nativeUpdate(VersionRow, { id: newest.id }, { vector: Y.encodeStateVector(after) });
}
