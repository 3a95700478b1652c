/** The history of notebooks over HTTP. */
import { history as endpoints } from '@trialroom/shared/api/endpoints';
import type { Router } from '../http/register.ts';
import type { History } from './history.ts';

export function historyRoutes(router: Router, history: History): void {
  router.on(endpoints.list, ({ params, query }) => history.list(params.id, query));
  router.on(endpoints.get, ({ params, query }) => history.get(params.id, params.version, query.besides));
  router.on(endpoints.name, ({ params, body }) => history.name(params.id, body.name));
  router.on(endpoints.rename, ({ params, body }) => history.rename(params.id, params.version, body.name));
  router.on(endpoints.restore, ({ params, body, person }) =>
    history.restore(params.id, params.version, person, body.cell),
  );
  router.on(endpoints.authors, async ({ params }) => ({ lines: await history.authors(params.id, params.cell) }));
}
