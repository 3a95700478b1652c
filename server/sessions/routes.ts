/** Sessions over HTTP: run, interrupt, restart, answer what cells ask. What comes of it is told over the notebook's topic. */
import { sessions as endpoints } from '@trialroom/shared/api/endpoints';
import type { Router } from '../http/register.ts';
import type { Sessions } from './offer.ts';

/** Adds the routes of sessions. Who may use which is declared with the endpoints. */
export function sessionsRoutes(router: Router, sessions: Sessions): void {
  router.on(endpoints.run, async ({ params, body, person: { id, name, colour } }) => ({
    executions: await sessions.run(params.id, body.cells, { id, name, colour }),
  }));
  router.on(endpoints.interrupt, async ({ params }) => {
    await sessions.interrupt(params.id);
    return {};
  });
  router.on(endpoints.withdraw, async ({ params, body }) => {
    await sessions.withdraw(params.id, body.executions);
    return {};
  });
  router.on(endpoints.reorder, async ({ params, body }) => {
    await sessions.reorder(params.id, body.execution, body.before);
    return {};
  });
  router.on(endpoints.variables, async ({ params }) => ({ variables: await sessions.variables(params.id) }));
  router.on(endpoints.widget, async ({ params, body, person: { id, name } }) => {
    const content = body.content === undefined ? undefined : Buffer.from(body.content, 'base64');
    await sessions.setWidget(params.id, params.widget, body.value, { id, name }, content);
    return {};
  });
  router.on(endpoints.input, async ({ params, body, person: { id, name } }) => {
    await sessions.answerInput(params.id, params.request, body.value, { id, name });
    return {};
  });
  router.on(endpoints.restart, async ({ params }) => {
    await sessions.restart(params.id);
    return {};
  });
}
