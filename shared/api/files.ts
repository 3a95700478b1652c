/** HTTP endpoints of the files of the workspace: the tree of notebooks, its folders and its trash. */
import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { Listing, NotebookId } from './notebooks.ts';

/** Relative to the notebooks folder, with `/` between parts. */
const Path = z.string().min(1).max(400);

/** What was thrown away and can be brought back. */
export const Trashed = z.object({
  id: z.string(),
  /** Where it was. */
  path: z.string(),
  /** `file`: some other file; only other programs, by way of Jupyter's interface, throw those away. */
  kind: z.enum(['notebook', 'folder', 'file']),
  /** ms since the epoch. */
  at: z.number(),
  /** Who threw it away; null when that is not known. */
  by: z.string().nullable(),
});
export type Trashed = z.infer<typeof Trashed>;

/** A notebook in which something was found; `lines` are the first few, with the found part as `[from, to)`. */
export const Found = z.object({
  id: z.string(),
  path: z.string(),
  title: z.string(),
  /** How often it was found here. */
  total: z.number().int(),
  lines: z.array(
    z.object({
      cell: z.string(),
      line: z.number().int(),
      text: z.string(),
      from: z.number().int(),
      to: z.number().int(),
    }),
  ),
});
export type Found = z.infer<typeof Found>;

export const files = {
  folders: endpoint({
    method: 'get',
    path: '/api/folders',
    summary: 'All folders, empty ones too',
    needs: 'read',
    reply: z.object({ folders: z.array(z.string()) }),
  }),
  makeFolder: endpoint({
    method: 'post',
    path: '/api/folders',
    summary: 'Make a folder, and those above it',
    needs: 'edit',
    body: z.object({ path: Path }),
  }),
  moveFolder: endpoint({
    method: 'post',
    path: '/api/folders/move',
    summary: 'Rename or move a folder; the notebooks in it keep their ids, open ones stay open',
    needs: 'edit',
    body: z.object({ from: Path, to: Path }),
  }),
  trashFolder: endpoint({
    method: 'post',
    path: '/api/folders/trash',
    summary: 'Throw a folder and all that is in it into the trash',
    needs: 'edit',
    body: z.object({ path: Path }),
    reply: Trashed,
  }),
  move: endpoint({
    method: 'post',
    path: '/api/notebooks/{id}/move',
    summary: 'Rename or move a notebook; its id, history and session stay',
    needs: 'edit',
    params: NotebookId,
    body: z.object({ path: Path }),
    reply: Listing,
  }),
  duplicate: endpoint({
    method: 'post',
    path: '/api/notebooks/{id}/duplicate',
    summary: 'Copy a notebook to another path, or beside itself under a free name',
    needs: 'edit',
    params: NotebookId,
    /** `as: 'typescript'`: the copy of another language's notebook is ours to change and run. */
    body: z.object({ path: Path.optional(), as: z.literal('typescript').optional() }),
    reply: Listing,
  }),
  trash: endpoint({
    method: 'delete',
    path: '/api/notebooks/{id}',
    summary: 'Throw a notebook into the trash; its kernel ends, its history stays',
    needs: 'edit',
    params: NotebookId,
    reply: Trashed,
  }),
  trashed: endpoint({
    method: 'get',
    path: '/api/trash',
    summary: 'What is in the trash, latest first',
    needs: 'read',
    /** After so many days in the trash, things are erased. */
    reply: z.object({ trashed: z.array(Trashed), days: z.number() }),
  }),
  restore: endpoint({
    method: 'post',
    path: '/api/trash/{id}/restore',
    summary: 'Bring something back to where it was, or beside what stands there now',
    needs: 'edit',
    params: z.object({ id: z.string().min(1) }),
    reply: z.object({ path: z.string() }),
  }),
  restoreNotebook: endpoint({
    method: 'post',
    path: '/api/notebooks/{id}/restore',
    summary: 'Bring one notebook back from the trash, out of the folder it was thrown away with if need be',
    needs: 'edit',
    params: NotebookId,
    reply: z.object({ path: z.string() }),
  }),
  erase: endpoint({
    method: 'delete',
    path: '/api/trash/{id}',
    summary: 'Delete something in the trash for good',
    needs: 'edit',
    params: z.object({ id: z.string().min(1) }),
  }),
  upload: endpoint({
    method: 'post',
    path: '/api/notebooks/upload',
    summary:
      'Make a notebook from the text of an .ipynb, a .ts in percent format, or a .md; under a free name if need be',
    needs: 'edit',
    body: z.object({ path: Path, content: z.string() }),
    reply: Listing,
  }),
  search: endpoint({
    method: 'get',
    path: '/api/search',
    summary: 'Where something stands in the sources of all notebooks, open documents as they are now',
    needs: 'read',
    query: z.object({
      text: z.string().min(1).max(400),
      regex: z.enum(['true', 'false']).optional(),
      case: z.enum(['true', 'false']).optional(),
      limit: z.coerce.number().int().min(1).max(500).optional(),
    }),
    /** `more`: there is more than is told; the totals of notebooks hold what was counted before the limit. */
    reply: z.object({ found: z.array(Found), more: z.boolean() }),
  }),
};
