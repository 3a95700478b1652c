/** The tree of notebooks over HTTP: folders, moves, copies, the trash, what is brought and taken away, and search. */
import { files as endpoints } from '@trialroom/shared/api/endpoints';
import type { FileCell } from '@trialroom/shared/notebook/format';
import type { Person } from '@trialroom/shared/policy/policy';
import type { OpenDocuments } from '../documents/open-documents.ts';
import { Refusal } from '../http/refusal.ts';
import type { Router } from '../http/register.ts';
import { type Notebooks, unwritable } from '../notebooks/notebooks.ts';
import { newPlace, regularFolder, regularPath } from '../notebooks/paths.ts';
import { duplicate } from './duplicate.ts';
import { FORMS, readForm, uploadedPath, writeForm } from './forms.ts';
import { freeName } from './free-name.ts';
import type { Search } from './search.ts';
import type { Trash } from './trash.ts';

/** Lines that a search gives when nobody said how many. */
const LINES = 200;

/** What the comments on each cell of a notebook say, as Markdown; '' where there are none. */
export type Comments = (notebook: string, reader: Person) => Promise<(cell: FileCell) => string>;

export function filesRoutes(
  router: Router,
  {
    notebooks,
    documents,
    trash,
    search,
    comments,
  }: {
    notebooks: Notebooks;
    documents: OpenDocuments;
    trash: Trash;
    search: Search;
    comments: Comments;
  },
): void {
  router.on(endpoints.folders, async () => ({ folders: await notebooks.folder.folders() }));
  router.on(endpoints.makeFolder, async ({ body }) => {
    const place = newPlace(regularFolder(body.path));
    await notebooks.folder.refuseTwins(place, null);
    await notebooks.folder.makeFolder(place).catch(unwritable(place));
    notebooks.changed();
    return {};
  });
  router.on(endpoints.moveFolder, async ({ body: { from, to } }) => {
    await documents.between(from, () => notebooks.moveFolder(from, to));
    return {};
  });
  router.on(endpoints.trashFolder, ({ body, person }) => trash.throwFolder(body.path, person.name));
  router.on(endpoints.move, async ({ params: { id }, body }) => {
    const { path } = await notebooks.get(id);
    // A notebook that cannot be read, and so has no document, has another name all the same.
    if (documents.peek(id)) await documents.move(id, body.path);
    else await documents.between(path, () => notebooks.move(id, body.path));
    return notebooks.listing(id);
  });
  router.on(endpoints.duplicate, ({ params, body }) =>
    duplicate({ notebooks, documents }, params.id, body.path, body.as === 'typescript'),
  );
  router.on(endpoints.trash, ({ params, person }) => trash.throwNotebook(params.id, person.name));
  router.on(endpoints.trashed, async () => ({ trashed: await trash.list(), days: trash.days }));
  router.on(endpoints.restore, async ({ params }) => ({ path: await trash.restore(params.id) }));
  router.on(endpoints.restoreNotebook, async ({ params }) => ({ path: await trash.restoreNotebook(params.id) }));
  router.on(endpoints.erase, async ({ params }) => {
    await trash.erase(params.id);
    return {};
  });
  router.on(endpoints.upload, async ({ body }) => {
    const content = readForm(body.path, body.content);
    const place = newPlace(regularPath(uploadedPath(body.path)));
    return notebooks.create(await freeName(notebooks.folder, place), content);
  });
  router.on(endpoints.search, ({ query }) =>
    search.find({
      text: query.text,
      regex: query.regex === 'true',
      caseSensitive: query.case === 'true',
      limit: query.limit ?? LINES,
    }),
  );
  router.raw(
    '/api/notebooks/{id}/as/{form}',
    'read',
    'The notebook as a file to take away',
    async ({ params, person, request }) => {
      const { id = '' } = params;
      const form = FORMS.find((one) => one === params.form);
      if (!form) {
        throw new Refusal(404, {
          error: 'unknown-form',
          message: `a notebook cannot be taken away as ${params.form}`,
          where: 'form',
          fix: `Ask for one of ${FORMS.join(', ')}.`,
        });
      }
      const notebook = await documents.notebook(id);
      const wanted = form === 'md' && new URL(request.url).searchParams.get('comments') === 'true';
      const below = wanted ? await comments(id, person) : null;
      return writeForm(form, notebook, (await notebooks.get(id)).path, below ?? undefined);
    },
  );
}
