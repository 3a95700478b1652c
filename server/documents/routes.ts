/** Notebooks over HTTP: their files, and the documents that stand for them while people edit. */
import { notebooks as endpoints } from '@trialroom/shared/api/endpoints';
import { serialiseNotebook } from '@trialroom/shared/notebook/format';
import { parseJson } from '@trialroom/shared/notebook/json';
import { z } from 'zod';
import type { Router } from '../http/register.ts';
import type { Notebooks } from '../notebooks/notebooks.ts';
import type { OpenDocuments } from './open-documents.ts';

export function notebookRoutes(
  router: Router,
  { notebooks, documents }: { notebooks: Notebooks; documents: OpenDocuments },
): void {
  router.on(endpoints.list, async () => ({ notebooks: await notebooks.list() }));
  router.on(endpoints.create, ({ body }) => notebooks.create(body.path));
  router.on(endpoints.open, async ({ params }) => {
    const opened = await documents.open(params.id);
    opened.release();
    return { ...(await notebooks.listing(params.id)), document: `/yjs/notebook/${encodeURIComponent(params.id)}` };
  });
  router.on(endpoints.download, async ({ params }) =>
    // By way of the text, so that what is sent has the form of the file: lines as lists.
    z.record(z.string(), z.unknown()).parse(parseJson(serialiseNotebook(await documents.notebook(params.id)))),
  );
  router.on(endpoints.restoreFile, async ({ params }) => {
    await documents.restoreFile(params.id);
    return {};
  });
}
