/** HTTP endpoints of notebooks: their list, their documents, their files. */
import { z } from 'zod';
import { endpoint } from './endpoint.ts';

/** The path parameters of whatever belongs to one notebook. */
export const NotebookId = z.object({ id: z.string().min(1) });

/** A notebook in a list. */
export const Listing = z.object({
  id: z.string(),
  path: z.string(),
  title: z.string(),
  changedAt: z.number(),
  kernel: z.enum(['none', 'starting', 'idle', 'busy', 'dead']),
  /** Of a notebook that is not ours, e.g. `Python`; it can be read, not changed or run. */
  language: z.string().nullable(),
  problem: z.string().nullable(),
});

export const notebooks = {
  list: endpoint({
    method: 'get',
    path: '/api/notebooks',
    summary: 'All notebooks of the workspace',
    needs: 'read',
    reply: z.object({ notebooks: z.array(Listing) }),
  }),
  create: endpoint({
    method: 'post',
    path: '/api/notebooks',
    summary: 'Make a new notebook file',
    needs: 'edit',
    body: z.object({ path: z.string().min(1).max(400) }),
    reply: Listing,
  }),
  open: endpoint({
    method: 'post',
    path: '/api/notebooks/{id}/open',
    summary: 'Make sure the shared document exists, reading the file if it is the first time',
    needs: 'read',
    params: NotebookId,
    reply: Listing.extend({ document: z.string() }),
  }),
  download: endpoint({
    method: 'get',
    path: '/api/notebooks/{id}/ipynb',
    summary: 'The notebook as nbformat 4.5, outputs included; with `comments=true` the threads on it too, in metadata',
    needs: 'read',
    params: NotebookId,
    query: z.object({ comments: z.enum(['true', 'false']).optional() }),
    reply: z.record(z.string(), z.unknown()),
  }),
  restoreFile: endpoint({
    method: 'post',
    path: '/api/notebooks/{id}/file',
    summary: 'Write the document to its file again after the file was deleted or broken by another program',
    needs: 'edit',
    params: NotebookId,
  }),
};
