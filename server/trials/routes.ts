/** HTTP endpoints of trials that exist; launching one is `launches`. */
import { trials as endpoints } from '@trialroom/shared/api/endpoints';
import type { Router } from '../http/register.ts';
import { SNAPSHOT_WIDTH } from './merge.ts';
import type { Trials } from './trials.ts';

export function trialsRoutes(router: Router, trials: Trials): void {
  router.on(endpoints.list, async ({ query }) => ({ trials: await trials.list(query) }));
  router.on(endpoints.get, ({ params }) => trials.get(params.id));
  router.on(endpoints.series, async ({ params, query }) => {
    const { keys, from, to, width = SNAPSHOT_WIDTH } = query;
    const wanted = keys === undefined ? null : keys.split(',');
    const window = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }), width };
    return { series: await trials.series(params.id, wanted, window) };
  });
  router.on(endpoints.stop, ({ params, query, person }) => trials.requestStop(params.id, person, query.now === 'true'));
  router.on(endpoints.pause, ({ params, person }) => trials.requestPause(params.id, person));
  router.on(endpoints.resume, ({ params }) => trials.requestResume(params.id));
}
