/** HTTP endpoints of annotations. */
import { annotations as endpoints } from '@trialroom/shared/api/endpoints';
import type { Router } from '../http/register.ts';
import type { Annotations } from './annotations.ts';

export function annotationsRoutes(router: Router, annotations: Annotations): void {
  router.on(endpoints.list, async ({ params, person }) => ({ annotations: await annotations.list(params.id, person) }));
  // Before those with an id in the same place of the path.
  router.on(endpoints.unread, async ({ person }) => ({ notebooks: await annotations.unread(person) }));
  router.on(endpoints.create, ({ params, body, person }) => annotations.create(params.id, person, body));
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
}
