/** HTTP endpoints of trials that exist; launching one is `launches`. */
import { alerts, trials as endpoints, trialEvents } from '@trialroom/shared/api/endpoints';
import type { Router } from '../http/register.ts';
import { toWeb } from '../http/web-stream.ts';
import { SNAPSHOT_WIDTH } from '../metrics/metrics.ts';
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
  router.on(endpoints.pause, ({ params, query, person }) =>
    trials.requestPause(params.id, person, query.release === 'true'),
  );
  router.on(endpoints.resume, ({ params, person }) => trials.requestResume(params.id, person));
  router.on(trialEvents.list, async ({ params, query: { kind, ...query } }) => ({
    events: await trials.eventsOf(params.id, { ...query, kinds: kind }),
  }));
  router.on(alerts.list, async ({ params }) => ({ rules: await trials.alerts.rules(params.id) }));
  router.on(alerts.add, ({ params, body, person }) => trials.alerts.add(params.id, body, person));
  router.on(alerts.edit, ({ params, body }) => trials.alerts.edit(params.id, params.rule, body));
  router.on(alerts.remove, async ({ params }) => {
    await trials.alerts.remove(params.id, params.rule);
    return {};
  });
  router.on(trialEvents.media, ({ params, query: { spread, ...query } }) =>
    trials.mediaOf(params.id, { ...query, spread: spread === 'true' }),
  );
  router.on(trialEvents.log, ({ params, query: { regex, case: exact, ...query } }) =>
    trials.searchLog(params.id, { ...query, regex: regex === 'true', case: exact === 'true' }),
  );
  router.raw('/api/trials/{id}/log.txt', 'read', 'The whole log, a line each', async ({ params }) => {
    const { id = '' } = params;
    return new Response(toWeb(await trials.logText(id)), {
      headers: {
        'content-type': 'text/plain; charset=utf-8',
        'content-disposition': `attachment; filename="log-${id}.txt"`,
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      },
    });
  });
}
