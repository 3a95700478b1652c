/** The HTTP interface of every capability of a workspace. */
import { isOnNotebook } from '@trialroom/shared/annotation/annotation';
import { annotationsMarkdown, withAnnotations } from '@trialroom/shared/annotation/export';
import { annotationsRoutes } from './annotations/routes.ts';
import { blobsRoutes } from './blobs/routes.ts';
import { comparisonRoutes } from './comparison/routes.ts';
import { notebookRoutes } from './documents/routes.ts';
import { experimentsRoutes } from './experiments/routes.ts';
import { filesRoutes } from './files/routes.ts';
import { historyRoutes } from './history/routes.ts';
import type { Router } from './http/register.ts';
import { importsRoutes } from './imports/routes.ts';
import { languageRoutes } from './language/routes.ts';
import { launchesRoutes } from './launches/routes.ts';
import { metricsRoutes, PAUSES, pausesOf } from './metrics/routes.ts';
import { remoteRoutes } from './remote/routes.ts';
import { resultsRoutes } from './results/routes.ts';
import { roomsRoutes } from './rooms/routes.ts';
import { sessionsRoutes } from './sessions/routes.ts';
import { trialsRoutes } from './trials/routes.ts';
import type { Serving } from './workspace.ts';

/** Registers the HTTP interface of every capability. */
export function workspaceRoutes(
  router: Router,
  {
    annotations,
    blobs,
    capture,
    comparison,
    documents,
    experiments,
    history,
    language,
    launches,
    notebooks,
    remote,
    results,
    rooms,
    search,
    sessions,
    trash,
    trials,
  }: Serving,
): void {
  annotationsRoutes(router, annotations);
  blobsRoutes(router, blobs);
  comparisonRoutes(router, comparison);
  filesRoutes(router, {
    ...{ documents, notebooks, search, trash },
    comments: async (id, reader) => {
      const all = (await annotations.list({ kind: 'notebook', id }, reader)).filter(isOnNotebook);
      return ({ id: cell }) => annotationsMarkdown(all.filter(({ target }) => target.cell === cell));
    },
  });
  historyRoutes(router, history);
  notebookRoutes(router, {
    ...{ documents, notebooks },
    annotated: async (id, file, reader) =>
      withAnnotations(file, (await annotations.list({ kind: 'notebook', id }, reader)).filter(isOnNotebook)),
  });
  sessionsRoutes(router, sessions);
  languageRoutes(router, language);
  trialsRoutes(router, trials);
  metricsRoutes(router, {
    metrics: trials.metrics,
    trial: trials.get,
    times: trials.times,
    pauses: async (id) => pausesOf(await trials.eventsOf(id, { ...PAUSES, after: 0 }), Date.now()),
  });
  experimentsRoutes(router, experiments, trials);
  launchesRoutes(router, launches);
  remoteRoutes(router, remote);
  importsRoutes(router, remote);
  resultsRoutes(router, results, trials);
  roomsRoutes(router, rooms, { trials, capture, results });
}
