/**
 * The metrics of trials: points go in through `ingest`, and are read as windows, figures and text. Whether a trial exists
 * is the business of others: here, one without points has no metrics.
 */
import { isSystemMetric } from '@trialroom/shared/trial/metric-names';
import { toWirePoints } from '@trialroom/shared/trial/points';
import type { MetricKey, Series } from '@trialroom/shared/trial/series';
import type { TrialSeries } from '@trialroom/shared/trial/series-bytes';
import type { MetricGlance, Trial } from '@trialroom/shared/trial/trial';
import type { Database } from '../database/database.ts';
import type { Hub } from '../live/hub.ts';
import type { Axis } from './axis.ts';
import { type Captured, capture } from './capture.ts';
import { type ExportFormat, exportText } from './export.ts';
import { createIngest, type Ingest, type IngestOptions } from './ingest.ts';
import { createTeller, livePlaces } from './live.ts';
import { type Raw, rawPoints } from './raw.ts';
import { type Read, readWindows, valuesAt, type Window } from './read.ts';
import { plotted } from './reduce.ts';
import { shared } from './shared-read.ts';
import type { MetricsState } from './state.ts';

/** Width of a snapshot's series, in pixels. */
export const SNAPSHOT_WIDTH = 600;

/** Width of a glance's spark: at most 120 points. */
const SPARK_WIDTH = 60;

/** A trial whose metrics are read, and what its axes need. */
export interface Plot {
  trial: string;
  /** Null: the live ones. */
  keys: readonly string[] | null;
  objective?: string | null;
  axis?: Axis;
}

/** What a trial's topic begins with. `seq` is the number of the last part in it. */
export interface MetricsSnapshot {
  series: Series[];
  keys: MetricKey[];
  seq: number;
}

export interface Metrics {
  readonly ingest: Ingest;
  /** Those who ask while an answer is on its way that was begun before, share the next one. */
  snapshot(trial: Pick<Trial, 'id' | 'objective'>): Promise<MetricsSnapshot>;
  /** Windows of a trial's series, in the order of `keys`; metrics that it does not have are left out. */
  series(plot: Plot, window: Window): Promise<Series[]>;
  /** The same of many trials at once, in columns. */
  columns(plots: readonly Plot[], window: Window & { walls?: boolean }): Promise<TrialSeries[]>;
  /** Newest value and shape of the first live metrics. */
  glance(trial: Pick<Trial, 'id' | 'objective'>, most: number): Promise<MetricGlance[]>;
  /** All metrics, in the order they appeared. */
  keys(trial: string): Promise<MetricKey[]>;
  /** Names of the metrics that any of these trials has, each once. */
  names(trials: readonly string[]): Promise<string[]>;
  /** Every point of one metric in the order in which it was logged, and which batches that is. */
  raw(trial: string, key: string): Promise<Raw>;
  /** Every point, as text. */
  text(trial: string, format: ExportFormat): AsyncGenerator<string>;
  /** Waits for all that was added. */
  close(): Promise<void>;
}

export interface MetricsOptions extends Omit<IngestOptions, 'onCommitted'> {
  hub: Pick<Hub, 'emit'>;
  /** Points of a trial became durable in this process. */
  onPoints(trial: string): void;
}

export function createMetrics({ db, hub, onPoints, ...options }: MetricsOptions): Metrics {
  const teller = createTeller(hub);
  const ingest = createIngest({
    ...options,
    db,
    onCommitted: (committed) => {
      teller.tell(committed);
      onPoints(committed.trial);
    },
  });
  const { state: hosted } = ingest;

  const read = async (plots: readonly Plot[], window: Window): Promise<(Captured & Read & { axis: Axis })[]> => {
    const captured = await captureOf(db, hosted, plots);
    const reads = await readWindows(db, captured, window);
    const all = captured.flatMap((one, i) => (reads[i] ? [{ ...one, ...reads[i] }] : []));
    return Promise.all(
      all.map(async (one) => (one.axis.kind === 'metric' ? onMetric(db, hosted, one, one.axis.key) : one)),
    );
  };

  return {
    ingest,
    snapshot: shared(async ({ id, objective }) => {
      let at = { keys: [] as MetricKey[], seq: 0 };
      const choose = (state: MetricsState) => {
        at = { keys: state.keys(), seq: state.part };
        return livePlaces(state, objective?.key ?? null);
      };
      const captured = await capture(db, hosted, [id], choose);
      const series = captured.map((one) => ({ ...one, axis: { kind: 'step' } as const }));
      const reads = await readWindows(db, series, { width: SNAPSHOT_WIDTH });
      return { series: reads.map((one, i) => wireSeries({ ...one, axis: STEP, key: captured[i]?.key ?? '' })), ...at };
    }),
    series: async (plot, window) => (await read([plot], window)).map(wireSeries),
    columns: async (plots, window) =>
      (await read(plots, window)).map(({ trial, key, total, points: { xs, steps, values, walls } }) => ({
        ...{ trial, key, total, steps, xs, values },
        ...(window.walls ? { walls } : {}),
      })),
    glance: async ({ id, objective }, most) => {
      const figures = new Map<string, MetricKey>();
      const captured = await capture(db, hosted, [id], (state) => {
        // What the machine does is beside the point of a training.
        const places = livePlaces(state, objective?.key ?? null)
          .filter((place) => !isSystemMetric(state.names[place] ?? ''))
          .slice(0, most);
        for (const place of places) figures.set(state.names[place] ?? '', state.key(place));
        return places;
      });
      const reads = await readWindows(
        db,
        captured.map((one) => ({ ...one, axis: STEP })),
        { width: SPARK_WIDTH },
      );
      return captured.flatMap(({ key }, i) => {
        const figure = figures.get(key);
        const points = reads[i]?.points;
        return figure && points ? [{ ...figure, spark: toWirePoints({ key, ...points }) }] : [];
      });
    },
    keys: async (trial) => {
      let keys: MetricKey[] = [];
      await capture(db, hosted, [trial], (state) => {
        keys = state.keys();
        return [];
      });
      return keys;
    },
    names: async (trials) => {
      const names = new Set<string>();
      await capture(db, hosted, trials, (state) => {
        for (const name of state.names) names.add(name);
        return [];
      });
      return [...names].sort();
    },
    raw: (trial, key) => rawPoints(db, hosted, trial, key),
    text: (trial, format) => exportText(db, hosted, trial, format),
    close: async () => {
      await ingest.close();
      teller.close();
    },
  };
}

const STEP: Axis = { kind: 'step' };

/** Metrics of each plot in its order, with its axis. */
async function captureOf(
  db: Database,
  hosted: Ingest['state'],
  plots: readonly Plot[],
): Promise<(Captured & { axis: Axis })[]> {
  const byTrial = new Map(plots.map((plot) => [plot.trial, plot]));
  const captured = await capture(db, hosted, [...byTrial.keys()], (state) => {
    const plot = byTrial.get(state.trial);
    if (!plot?.keys) return livePlaces(state, plot?.objective ?? null);
    return [...new Set(plot.keys)].flatMap((key) => state.places.get(key) ?? []);
  });
  const grouped = Map.groupBy(captured, ({ trial }) => trial);
  return [...byTrial].flatMap(([trial, { axis = STEP }]) =>
    (grouped.get(trial) ?? []).map((one) => ({ ...one, axis })),
  );
}

/** The points placed by another metric of the same step; those of steps that it was not logged at are left out. */
async function onMetric<T extends Captured & Read>(
  db: Database,
  hosted: Ingest['state'],
  one: T,
  key: string,
): Promise<T> {
  const [other] = await captureOf(db, hosted, [{ trial: one.trial, keys: [key] }]);
  const { steps } = one.points;
  const xs = other ? await valuesAt(db, other, steps) : steps.map(() => Number.NaN);
  return { ...one, points: plotted(one.points, xs) };
}

function wireSeries({ key, points, total, axis }: { key: string; axis: Axis } & Read): Series {
  const series = { points: toWirePoints({ key, ...points }), total };
  return axis.kind === 'step' || axis.kind === 'wall'
    ? series
    : { ...series, xs: toWirePoints({ key, ...points, steps: points.xs }).steps };
}
