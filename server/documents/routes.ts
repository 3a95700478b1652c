/** Notebooks over HTTP: their files, and the documents that stand for them while people edit. */
import { notebooks as endpoints } from '@trialroom/shared/api/endpoints';
import { type NotebookFile, serialiseNotebook } from '@trialroom/shared/notebook/format';
import { parseJson } from '@trialroom/shared/notebook/json';
import type { Person } from '@trialroom/shared/policy/policy';
import { z } from 'zod';
import type { Router } from '../http/register.ts';
import type { Notebooks } from '../notebooks/notebooks.ts';
import type { OpenDocuments } from './open-documents.ts';

export function notebookRoutes(
  router: Router,
  {
    notebooks,
    documents,
    annotated,
  }: {
    notebooks: Notebooks;
    documents: OpenDocuments;
    /** The notebook with what people have said about it. */
    annotated: (notebook: string, file: NotebookFile, reader: Person) => Promise<NotebookFile>;
  },
): void {
  router.on(endpoints.list, async () => ({ notebooks: await notebooks.list() }));
  router.on(endpoints.create, ({ body }) => notebooks.create(body.path));
  router.on(endpoints.open, async ({ params }) => {
    const opened = await documents.open(params.id);
    opened.release();
    return { ...(await notebooks.listing(params.id)), document: `/yjs/notebook/${encodeURIComponent(params.id)}` };
  });
  router.on(endpoints.download, async ({ params, query, person }) => {
    const file = await documents.notebook(params.id);
    const sent = query.comments === 'true' ? await annotated(params.id, file, person) : file;
    // By way of the text, so that what is sent has the form of the file: lines as lists.
    return z.record(z.string(), z.unknown()).parse(parseJson(serialiseNotebook(sent)));
  });
  router.on(endpoints.restoreFile, async ({ params }) => {
    await documents.restoreFile(params.id);
    return {};
  });
}
