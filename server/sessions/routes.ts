/** Sessions over HTTP: run, interrupt, restart. What comes of it is told over the notebook's topic. */
import { sessions as endpoints } from '@trialroom/shared/api/endpoints';
import type { Router } from '../http/register.ts';
import type { Sessions } from './sessions.ts';

export function sessionsRoutes(router: Router, sessions: Sessions): void {
  router.on(endpoints.run, async ({ params, body, person: { id, name, colour } }) => ({
    executions: await sessions.run(params.id, body.cells, { id, name, colour }),
  }));
  router.on(endpoints.interrupt, async ({ params }) => {
    await sessions.interrupt(params.id);
    return {};
  });
  router.on(endpoints.restart, async ({ params }) => {
    await sessions.restart(params.id);
    return {};
  });
}
