/** HTTP endpoints of the history of a notebook. */
import { z } from 'zod';
import { Author } from '../annotation/annotation.ts';
import { LineAuthors, Version, VersionCell } from '../history/history.ts';
import { endpoint } from './endpoint.ts';
import { NotebookId } from './notebooks.ts';

const version = NotebookId.extend({ version: z.string().min(1) });

export const history = {
  list: endpoint({
    method: 'get',
    path: '/api/notebooks/{id}/versions',
    summary: 'Versions, newest first; `before` continues behind a version',
    needs: 'read',
    params: NotebookId,
    query: z.object({ before: z.string().optional(), limit: z.coerce.number().int().min(1).max(200).optional() }),
    reply: z.object({ versions: z.array(Version), more: z.boolean() }),
  }),
  get: endpoint({
    method: 'get',
    path: '/api/notebooks/{id}/versions/{version}',
    summary: 'The notebook as this version holds it; `now` in place of an id: as it is',
    needs: 'read',
    params: version,
    /** `besides`: another version; outputs that it has under the same cell, most of most versions, are left out. */
    query: z.object({ besides: z.string().min(1).optional() }),
    reply: z.object({
      version: Version.nullable(),
      metadata: z.record(z.string(), z.unknown()),
      cells: z.array(VersionCell),
      /** Where several people changed something since the version before: who did so in which cell, as far as it is known. */
      cellAuthors: z.record(z.string(), z.array(Author)),
    }),
  }),
  name: endpoint({
    method: 'post',
    path: '/api/notebooks/{id}/versions',
    summary: 'Keep the notebook as it is now under a name',
    needs: 'edit',
    params: NotebookId,
    body: z.object({ name: z.string().trim().min(1).max(200) }),
    reply: Version,
  }),
  rename: endpoint({
    method: 'patch',
    path: '/api/notebooks/{id}/versions/{version}',
    summary: 'Name a version, or take its name away',
    needs: 'edit',
    params: version,
    body: z.object({ name: z.string().trim().min(1).max(200).nullable() }),
    reply: Version,
  }),
  restore: endpoint({
    method: 'post',
    path: '/api/notebooks/{id}/versions/{version}/restore',
    summary: 'Bring a version back, or only one cell of it; what is there now stays in the history',
    needs: 'edit',
    params: version,
    body: z.object({ cell: z.string().min(1).optional() }),
    reply: Version,
  }),
  authors: endpoint({
    method: 'get',
    path: '/api/notebooks/{id}/cells/{cell}/authors',
    summary: 'Who wrote which line of a cell',
    needs: 'read',
    params: NotebookId.extend({ cell: z.string().min(1) }),
    reply: z.object({ lines: LineAuthors }),
  }),
};
