/** HTTP endpoints of annotations, and threads as files. */
import { notesMarkdown, writeNotes } from '@trialroom/shared/annotation/export';
import type { Subject } from '@trialroom/shared/annotation/target';
import { annotations as endpoints } from '@trialroom/shared/api/endpoints';
import type { Router } from '../http/register.ts';
import type { Annotations } from './annotations.ts';

export function annotationsRoutes(router: Router, annotations: Annotations): void {
  const list = async (kind: Subject['kind'], id: string, person: Parameters<Annotations['list']>[1]) => ({
    annotations: await annotations.list({ kind, id }, person),
  });
  router.on(endpoints.list, ({ params, person }) => list('notebook', params.id, person));
  router.on(endpoints.listOnTrial, ({ params, person }) => list('trial', params.id, person));
  router.on(endpoints.listOnExperiment, ({ params, person }) => list('experiment', params.id, person));
  // Before those with an id in the same place of the path.
  router.on(endpoints.unread, ({ person }) => annotations.unread(person));
  router.on(endpoints.create, ({ params: { id }, body, person }) =>
    annotations.create({ kind: 'notebook', id }, person, body),
  );
  router.on(endpoints.createOnTrial, ({ params: { id }, body, person }) =>
    annotations.create({ kind: 'trial', id }, person, body),
  );
  router.on(endpoints.createOnExperiment, ({ params: { id }, body, person }) =>
    annotations.create({ kind: 'experiment', id }, person, body),
  );
  router.on(endpoints.reply, ({ params, body, person }) => annotations.reply(params.id, person, body));
  router.on(endpoints.edit, ({ params, body, person }) =>
    annotations.edit(params.id, params.message, person, body.text),
  );
  router.on(endpoints.remove, async ({ params, person }) => {
    await annotations.remove(params.id, params.message, person);
    return {};
  });
  router.on(endpoints.resolve, ({ params, body, person }) => annotations.resolve(params.id, person, body.resolved));
  router.on(endpoints.read, async ({ params, body, person }) => {
    await annotations.read(params.id, person, body.to);
    return {};
  });

  for (const kind of ['trial', 'experiment'] as const) {
    const subject = (id: string | undefined): Subject => ({ kind, id: id ?? '' });
    router.raw(
      `/api/${kind}s/{id}/annotations.md`,
      'read',
      `All threads of the ${kind} as Markdown`,
      async ({ params }) => {
        const { name, annotations: all } = await annotations.annotationsOf(subject(params.id));
        return file(notesMarkdown(name, all), 'text/markdown', 'annotations.md');
      },
    );
    router.raw(`/api/${kind}s/{id}/annotations.json`, 'read', `All threads of the ${kind}`, async ({ params }) => {
      const { name, annotations: all } = await annotations.annotationsOf(subject(params.id));
      const written = { [kind]: { id: params.id, name }, annotations: writeNotes(all) };
      return file(`${JSON.stringify(written, null, 2)}\n`, 'application/json', 'annotations.json');
    });
  }
}

const file = (text: string, type: string, name: string): Response =>
  new Response(text, {
    headers: {
      'content-type': `${type}; charset=utf-8`,
      'content-disposition': `attachment; filename="${name}"`,
      'cache-control': 'no-store',
    },
  });
