/** HTTP endpoints of metrics. Whose trial it is, and when it waited, is asked of those who know trials. */
import { metrics as endpoints } from '@trialroom/shared/api/endpoints';
import { MOST_SERIES, type SeriesWindow } from '@trialroom/shared/api/metrics';
import type { TrialEventKind } from '@trialroom/shared/trial/event';
import { MOST_KEYS } from '@trialroom/shared/trial/series';
import { writeSeries } from '@trialroom/shared/trial/series-bytes';
import type { Trial } from '@trialroom/shared/trial/trial';
import { Refusal } from '../http/refusal.ts';
import type { Router } from '../http/register.ts';
import type { Axis, Pause } from './axis.ts';
import type { ExportFormat } from './export.ts';
import type { Metrics, Plot } from './metrics.ts';

export interface MetricsRoutes {
  metrics: Metrics;
  /** @throws Refusal (404) */
  trial(id: string): Promise<Pick<Trial, 'id' | 'name'>>;
  /** When trials were made and began, by id; those that are not there are left out. */
  times(ids: readonly string[]): Promise<ReadonlyMap<string, Pick<Trial, 'startedAt' | 'createdAt'>>>;
  /** When a trial waited, in order. */
  pauses(id: string): Promise<Pause[]>;
}

export function metricsRoutes(router: Router, { metrics, trial, times, pauses }: MetricsRoutes): void {
  const plotsOf = async (ids: readonly string[], keys: readonly string[], { x }: SeriesWindow): Promise<Plot[]> => {
    const known = await times(ids);
    return Promise.all(
      ids.map(async (id): Promise<Plot> => {
        const at = known.get(id);
        // Who is asked for one trial says best why it is not there.
        if (!at) throw await trial(id).then(() => new Error(`the trial ${id} has no times`));
        if (x === 'step' || x === 'wall') return { trial: id, keys, axis: { kind: x } };
        if (x !== 'relative') return { trial: id, keys, axis: { kind: 'metric', key: x.slice('metric:'.length) } };
        const axis: Axis = { kind: 'relative', start: at.startedAt ?? at.createdAt, pauses: await pauses(id) };
        return { trial: id, keys, axis };
      }),
    );
  };

  router.on(endpoints.keys, async ({ params, query: { match, offset, limit } }) => {
    const all = await metrics.keys((await trial(params.id)).id);
    const wanted = match?.toLowerCase();
    const found = wanted === undefined ? all : all.filter(({ key }) => key.toLowerCase().includes(wanted));
    return { keys: found.slice(offset, offset + limit), total: found.length };
  });
  router.on(endpoints.windows, async ({ params, body }) => {
    const [plot] = await plotsOf([params.id], body.keys, body);
    return { series: plot ? await metrics.series(plot, body) : [] };
  });
  router.on(endpoints.packed, async ({ body }) => {
    const trials = [...new Set(body.trials)];
    if (trials.length * body.keys.length > MOST_SERIES) {
      throw new Refusal(400, {
        error: 'too-many-series',
        message: `${trials.length} trials with ${body.keys.length} metrics each are more than ${MOST_SERIES} series`,
        where: 'body.trials',
        fix: 'ask for fewer trials or metrics at once',
      });
    }
    return writeSeries(await metrics.columns(await plotsOf(trials, body.keys, body), body));
  });
  router.on(endpoints.names, async ({ body }) => {
    // One that was deleted since has no names; that is no reason to be silent of the others'.
    const names = await metrics.names([...(await times(body.trials)).keys()]);
    return { keys: names.slice(0, MOST_KEYS), total: names.length };
  });
  for (const format of ['csv', 'jsonl'] as const) {
    router.raw(
      `/api/trials/{id}/points.${format}`,
      'read',
      `Every point of a trial (${format})`,
      async ({ params }) => {
        const { id, name } = await trial(params.id ?? '');
        return textOf(metrics, id, name, format);
      },
    );
  }
}

const TYPES: Readonly<Record<ExportFormat, string>> = { csv: 'text/csv', jsonl: 'application/jsonl' };

function textOf(metrics: Metrics, id: string, name: string, format: ExportFormat): Response {
  const text = metrics.text(id, format);
  const encoder = new TextEncoder();
  // Pulled: what the reader does not take is not read.
  const body = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const { done, value } = await text.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value));
      },
      cancel: async () => void (await text.return(undefined)),
    },
    { highWaterMark: 1 },
  );
  const file = encodeURIComponent(`${name}.${format}`.toWellFormed());
  return new Response(body, {
    headers: {
      'content-type': `${TYPES[format]}; charset=utf-8`,
      'content-disposition': `attachment; filename*=UTF-8''${file}`,
    },
  });
}

/** Which of a trial's events tell when it waited. */
export const PAUSES: { kinds: TrialEventKind[]; limit: number } = {
  kinds: ['started', 'paused', 'resumed', 'ended'],
  limit: 10_000,
};

/** When a trial waited, from what happened to it; one that waits still, waits until now. */
export function pausesOf(events: readonly { kind: string; at: number }[], now: number): Pause[] {
  const pauses: Pause[] = [];
  let from: number | null = null;
  for (const { kind, at } of events) {
    if (kind === 'paused') from ??= at;
    else if (from !== null && (kind === 'resumed' || kind === 'started' || kind === 'ended')) {
      pauses.push({ from, to: Math.max(from, at) });
      from = null;
    }
  }
  return from === null ? pauses : [...pauses, { from, to: Math.max(from, now) }];
}
