/** Tables of documents: one snapshot each, the updates that came after it, and who wrote what. */
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

/** Whose edits a Yjs client id stands for, in one document. */
export const DocumentAuthorRow = defineEntity({
  name: 'DocumentAuthor',
  tableName: 'document_authors',
  properties: {
    notebook: p.string().length(40).primary(),
    client: p.bigint('number').primary(),
    /** Id of a person. */
    person: p.string().length(40),
  },
});

/** Text that came back by undo: it stays with whoever wrote it first, not with who brought it back. */
export const DocumentReturnRow = defineEntity({
  name: 'DocumentReturn',
  tableName: 'document_returns',
  properties: {
    notebook: p.string().length(40).primary(),
    /** Yjs id of the first character that came back. */
    client: p.bigint('number').primary(),
    clock: p.bigint('number').primary(),
    /** In characters. */
    length: p.integer(),
    /** Yjs id of the character it was. */
    fromClient: p.bigint('number'),
    fromClock: p.bigint('number'),
  },
});

/** When someone last took something away and put nothing in: Yjs remembers no one for that. */
export const DocumentDeletionRow = defineEntity({
  name: 'DocumentDeletion',
  tableName: 'document_deletions',
  properties: {
    notebook: p.string().length(40).primary(),
    /** Id of a person. */
    person: p.string().length(40).primary(),
    /** ms since the epoch. */
    at: p.double(),
  },
});

export const documentsEntities = [
  DocumentRow,
  DocumentUpdateRow,
  DocumentAuthorRow,
  DocumentReturnRow,
  DocumentDeletionRow,
];
