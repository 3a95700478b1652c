/** HTTP endpoints of comparison. */

import type { Analysis } from '@trialroom/shared/api/comparison';
import { comparison as endpoints } from '@trialroom/shared/api/endpoints';
import type { Router } from '../http/register.ts';
import type { Comparisons } from './comparison.ts';
import type { Importances } from './importance.ts';

export interface ComparisonServices {
  comparisons: Comparisons;
  importances: Importances;
  /** @throws Refusal (404) */
  analysisOf(experiment: string): Promise<Analysis>;
}

export function comparisonRoutes(router: Router, { comparisons, importances, analysisOf }: ComparisonServices): void {
  router.on(endpoints.compare, ({ query }) =>
    comparisons.compare({ ...query, trials: query.trials.split(',').filter((id) => id !== '') }),
  );
  router.on(endpoints.regression, async ({ params }) => ({ regression: await comparisons.regressionOf(params.id) }));
  router.on(endpoints.regressions, async ({ body }) => ({ worse: await comparisons.regressionsOf(body.trials) }));
  router.on(endpoints.analysis, ({ params }) => analysisOf(params.id));
  router.on(endpoints.startImportance, async ({ params, body }) =>
    importances.start(await analysisOf(params.id), body.metric, body.by),
  );
  router.on(endpoints.importance, async ({ params }) => importances.get(params.id));
  router.on(endpoints.cancelImportance, ({ params }) => importances.cancel(params.id));
}
