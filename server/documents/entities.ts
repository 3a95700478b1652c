/** Tables of documents: one snapshot each, and the updates that came after it. */
import { defineEntity, p } from '@mikro-orm/core';

/** A document that has been filled from its file; its existence is the mark that the file is no longer the truth. */
export const DocumentRow = defineEntity({
  name: 'Document',
  tableName: 'documents',
  properties: {
    notebook: p.string().length(40).primary(),
    /** Yjs update (v1) holding everything up to the last compaction. */
    snapshot: p.uint8array(),
    /** ms since the epoch. */
    seededAt: p.double(),
  },
});

export const DocumentUpdateRow = defineEntity({
  name: 'DocumentUpdate',
  tableName: 'document_updates',
  properties: {
    id: p.bigint('number').primary().autoincrement(),
    notebook: p.string().length(40).index(),
    /** Yjs update (v1), merged from what arrived within one flush. */
    data: p.uint8array(),
  },
});

export const documentsEntities = [DocumentRow, DocumentUpdateRow];
