/** Tables of notebooks: which files have an id, and what of each file the shared document last agreed with. */
import { defineEntity, p } from '@mikro-orm/core';

export const NotebookRow = defineEntity({
  name: 'Notebook',
  tableName: 'notebooks',
  properties: {
    id: p.string().length(40).primary(),
    /** Relative to the notebooks folder, with `/` between parts. */
    path: p.text().unique(),
    /** ms since the epoch. */
    createdAt: p.double(),
  },
});

/**
 * The base of the three-way merge. Before the file is written, what will be written is noted as `next`; so a crash
 * between the two cannot make our own writing look like somebody else's.
 */
export const NotebookBaseRow = defineEntity({
  name: 'NotebookBase',
  tableName: 'notebook_bases',
  properties: {
    notebook: p.string().length(40).primary(),
    /** SHA-256 of the file's bytes, in hex. */
    hash: p.string().length(64),
    /** The notebook as nbformat JSON, without outputs, with the ids that its cells have in the document. */
    content: p.text(),
    nextHash: p.string().length(64).nullable(),
    nextContent: p.text().nullable(),
  },
});

export const notebooksEntities = [NotebookRow, NotebookBaseRow];
