/** HTTP endpoints of metrics: what a trial has, windows of its series, and windows of many trials at once. */
import { z } from 'zod';
import { MetricKey, Series } from '../trial/series.ts';
import { Bytes, endpoint } from './endpoint.ts';

const id = z.object({ id: z.string().min(1) });

/** Names of metrics travel in bodies: they may hold any letter, and be longer than an address may. */
const keys = z.array(z.string()).min(1).max(1000);

/** Most metrics that one reading of many trials may name, and most series in its answer. */
export const MOST_PACKED_KEYS = 64;
export const MOST_SERIES = 2000;

const trials = z.array(z.string().min(1)).min(1).max(1000);

/** Which part of a series is wanted, and how wide it is drawn. */
const window = {
  /** First and last place on the horizontal axis, both included; steps where the axis is another metric. */
  from: z.number().optional(),
  to: z.number().optional(),
  /** In pixels: at most twice as many points are given. */
  width: z.number().int().min(1).max(10_000).default(600),
  /**
   * `step` · `wall`: ms since the epoch · `relative`: ms since the trial's start, without its pauses · `metric:KEY`: the
   * value of another metric at the same step.
   */
  x: z
    .string()
    .regex(/^(?:step|wall|relative|metric:.+)$/su, 'is one of step, wall, relative and metric:KEY')
    .default('step'),
};
export const SeriesWindow = z.object(window);
export type SeriesWindow = z.infer<typeof SeriesWindow>;

export const metrics = {
  keys: endpoint({
    method: 'get',
    path: '/api/trials/{id}/metrics',
    summary: 'Metrics of a trial with their newest values, in the order they appeared',
    needs: 'read',
    params: id,
    query: z.object({
      /** Only names that contain this, whatever the case. */
      match: z.string().optional(),
      offset: z.coerce.number().int().min(0).default(0),
      limit: z.coerce.number().int().min(1).max(20_000).default(1000),
    }),
    /** `total`: how many there are that match. */
    reply: z.object({ keys: z.array(MetricKey), total: z.number().int() }),
  }),
  windows: endpoint({
    method: 'post',
    path: '/api/trials/{id}/series',
    summary: 'Windows of series of a trial; more than twice `width` points are merged, extremes kept exactly',
    needs: 'read',
    params: id,
    body: z.object({ ...window, keys }),
    reply: z.object({ series: z.array(Series) }),
  }),
  packed: endpoint({
    method: 'post',
    path: '/api/series',
    summary: 'Windows of series of many trials at once, as bytes',
    needs: 'read',
    body: z.object({
      ...{ ...window, trials, keys: keys.max(MOST_PACKED_KEYS) },
      /** Whether the wall time of each point is wanted beside its place on the axis. */
      walls: z.boolean().default(false),
    }),
    /** As `trial/series-bytes.ts` reads them; in the order asked for, metrics that a trial does not have left out. */
    reply: Bytes,
  }),
  names: endpoint({
    method: 'post',
    path: '/api/series/keys',
    summary: 'Names of the metrics that any of the trials has, sorted',
    needs: 'read',
    body: z.object({ trials }),
    /** `total`: how many there are; more than given when there are very many. */
    reply: z.object({ keys: z.array(z.string()), total: z.number().int() }),
  }),
};

/** Where every point of a trial is read as text; CSV, or JSON lines. */
export const exportPath = (trial: string, format: 'csv' | 'jsonl'): string =>
  `/api/trials/${encodeURIComponent(trial)}/points.${format}`;
