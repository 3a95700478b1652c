/** HTTP endpoints of experiments, of the table of trials, and of what people write on both. */
import { experiments as endpoints } from '@trialroom/shared/api/endpoints';
import { writeSeries } from '@trialroom/shared/trial/series-bytes';
import type { Router } from '../http/register.ts';
import type { BulkResult, TrialLabels } from '../trials/labels.ts';
import type { Experiments } from './experiments.ts';

/** Trials that are changed in one transaction. */
const AT_ONCE = 500;

export function experimentsRoutes(router: Router, experiments: Experiments, labels: TrialLabels): void {
  const { saved } = experiments;
  router.on(endpoints.list, async ({ query }) => ({ experiments: await experiments.list(query.archived === 'true') }));
  router.on(endpoints.get, ({ params }) => experiments.get(params.id));
  router.on(endpoints.change, ({ params, body }) => experiments.change(params.id, body));
  router.on(endpoints.query, ({ body, person }) => experiments.query(body, person));
  router.on(endpoints.columns, ({ body, person }) => experiments.catalogue(body.filter, person));
  router.on(endpoints.sparks, async ({ body }) =>
    writeSeries(await experiments.sparks(body.trials, body.key, body.width)),
  );
  router.on(endpoints.export, ({ body, person }) => experiments.export(body, person));
  router.on(endpoints.changeTrial, ({ params, body, person }) => labels.label(params.id, body, person));
  router.on(endpoints.changeMany, async ({ body, person }) => {
    const ids = body.fits ? await experiments.fitting(body.fits, person) : (body.trials ?? []);
    const all: BulkResult = { changed: [], altered: [], refused: [], undoUntil: null };
    // A few at a time: who else changes trials comes in between.
    for (let from = 0; from < ids.length; from += AT_ONCE) {
      const some = await labels.labelMany(ids.slice(from, from + AT_ONCE), body.change, person);
      for (const list of ['changed', 'altered'] as const) all[list].push(...some[list]);
      all.refused.push(...some.refused);
      all.undoUntil ??= some.undoUntil;
    }
    return all;
  });
  router.on(endpoints.filters, async ({ person }) => ({ filters: await saved.list(person) }));
  router.on(endpoints.saveFilter, ({ body, person }) => saved.save(body, person));
  router.on(endpoints.changeFilter, ({ params, body, person }) => saved.change(params.id, body, person));
  router.on(endpoints.removeFilter, async ({ params, person }) => {
    await saved.remove(params.id, person);
    return {};
  });
}
