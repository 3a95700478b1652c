/**
 * Tables of the history: versions, and the contents they share. A version lists its cells by content hash, so that keeping
 * one costs what changed.
 */
import { defineEntity, p } from '@mikro-orm/core';

export const VersionRow = defineEntity({
  name: 'Version',
  tableName: 'versions',
  properties: {
    id: p.string().length(40).primary(),
    notebook: p.string().length(40).index(),
    at: p.double(),
    kind: p.string().length(16),
    name: p.text().nullable(),
    /** Ids of people, as JSON text. */
    authors: p.text(),
    /** Where several wrote: ids of people by cell, as JSON text; null where that is not known. */
    cellAuthors: p.text().nullable(),
    /** Id of the version that was brought back. */
    source: p.string().length(40).nullable(),
    /** Number of cells. */
    cells: p.integer(),
    /** `VersionChanges` as JSON text. */
    changes: p.text(),
    /** Hash of the content that lists metadata and cells; see `contents.ts`. */
    content: p.string().length(64),
    /** Yjs state vector of the document then; who has written since is read from it after a server died. */
    vector: p.uint8array().nullable(),
  },
});

/** A piece of content, kept once a notebook however many versions hold it. */
export const VersionContentRow = defineEntity({
  name: 'VersionContent',
  tableName: 'version_contents',
  properties: {
    notebook: p.string().length(40).primary(),
    /** SHA-256 of the uncompressed bytes, in hex. */
    hash: p.string().length(64).primary(),
    /** Compressed. */
    data: p.uint8array(),
  },
});

export const historyEntities = [VersionRow, VersionContentRow];
