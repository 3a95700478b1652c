/** The trials of a room: one, or all of an experiment, each with its curves. Only trials that are drawn are read. */
import { metrics as metricsApi, rooms } from '@trialroom/shared/api/endpoints';
import type { TrialEvent } from '@trialroom/shared/trial/event';
import type { MetricKey } from '@trialroom/shared/trial/series';
import type { LogLine, Trial } from '@trialroom/shared/trial/trial';
import { isOver } from '@trialroom/shared/trial/trial';
import { createMemo, createResource, createRoot, createSignal, onCleanup } from 'solid-js';
import { call } from '../../data/api.ts';
import { listenTo, watchTopic } from '../../data/live.ts';
import { newerTrial } from '../../data/trial-news.ts';
import { LiveCurves, type TrialView } from '../../data/trial-view.ts';

/** A trial as panels see it. */
export interface RoomTrial {
  readonly id: string;
  /** Counts the trials of its experiment from 1; its colour follows from it, and is the same for all who look. */
  readonly number: number;
  readonly trial: Trial;
  readonly curves: LiveCurves;
  readonly log: readonly LogLine[];
  readonly events: readonly TrialEvent[];
  /** Every metric, with its newest value; null: nobody tells, and curves are read once, as panels need them. */
  readonly metrics: readonly MetricKey[] | null;
}

/** Trials of an experiment's room, whether drawn or not. */
export interface ListedTrial {
  number: number;
  trial: Trial;
}

/** Pen of a trial where several are drawn: ten there are, and past six a line is dashed. */
export const penOf = (number: number): number => ((number - 1) % 10) + 1;

/** Most trials that are followed point by point at once. */
const MOST_LIVE = 12;

/** The only trial of its own room. */
export const oneTrial = (view: TrialView): RoomTrial => ({
  id: view.trial.id,
  number: 1,
  get trial() {
    return view.trial;
  },
  curves: view.curves,
  get log() {
    return view.log;
  },
  get events() {
    return view.events;
  },
  get metrics() {
    return view.keys;
  },
});

export interface ExperimentTrials {
  experiment(): { id: string; name: string } | undefined;
  listed(): readonly ListedTrial[];
  /** All that exist; more than listed when there are very many. */
  total(): number;
  failure(): unknown;
  /** What is drawn of those shown. */
  drawn(): readonly RoomTrial[];
  /** Names of the metrics that any of them has. */
  names(): readonly string[];
}

/** Most trials that are drawn at once: of more, the newest that are not hidden. */
const MOST_DRAWN = 100;

/** Follows an experiment for as long as the calling component lives. `hidden` are numbers of trials that are not drawn. */
export function createExperimentTrials(id: string, hidden: () => ReadonlySet<number>): ExperimentTrials {
  const [read, { refetch }] = createResource(() => call(rooms.open, { params: { id } }));
  const [news, setNews] = createSignal<ReadonlyMap<string, Trial>>(new Map());
  // News of trials come with the home topic, whatever page is open.
  watchTopic('home');
  listenTo('trial', ({ trial }) => {
    if (trial.experimentId !== id) return;
    const known = news().get(trial.id) ?? read.latest?.trials.find((one) => one.trial.id === trial.id)?.trial;
    if (!known) return void refetch();
    setNews((before) => new Map(before).set(trial.id, newerTrial(known, trial)));
  });
  const listed = createMemo(() =>
    (read.latest?.trials ?? []).map(({ number, trial }) => {
      const newer = news().get(trial.id);
      return { number, trial: newer ? newerTrial(trial, newer) : trial };
    }),
  );
  const readers = new Map<string, Reader>();
  onCleanup(() => {
    for (const reader of readers.values()) reader.end();
  });

  const drawn = createMemo(() => {
    const gone = hidden();
    const wanted = listed()
      .filter(({ number }) => !gone.has(number))
      .slice(-MOST_DRAWN);
    const live = new Set(
      wanted
        .filter(({ trial }) => !isOver(trial.status))
        .slice(-MOST_LIVE)
        .map(({ trial }) => trial.id),
    );
    return wanted.map(({ number, trial }): RoomTrial => {
      let reader = readers.get(trial.id);
      if (!reader || (live.has(trial.id) && !reader.live)) {
        reader?.end();
        reader = live.has(trial.id) ? followed(trial.id) : stored();
        readers.set(trial.id, reader);
      }
      const { curves, metrics } = reader;
      return {
        ...{ id: trial.id, number, trial, curves, log: [], events: [] },
        get metrics() {
          return metrics();
        },
      };
    });
  });
  const ids = createMemo(() =>
    drawn()
      .map(({ id }) => id)
      .join(),
  );
  const [names] = createResource(ids, async (all) =>
    all === '' ? [] : (await call(metricsApi.names, { body: { trials: all.split(',') } })).keys,
  );
  return {
    experiment: () => read.latest?.experiment,
    listed,
    total: () => read.latest?.total ?? 0,
    failure: () => read.error ?? names.error,
    drawn,
    names: () => (names.error ? [] : (names.latest ?? [])),
  };
}

interface Reader {
  live: boolean;
  curves: LiveCurves;
  metrics: () => readonly MetricKey[] | null;
  end(): void;
}

/** A trial that goes on: it is watched. */
function followed(id: string): Reader {
  return createRoot((end) => {
    const watched = watchTopic(`trial:${id}`);
    const curves = new LiveCurves();
    const view = createMemo(() => watched.value);
    createMemo(() => {
      const now = view();
      if (!now) return;
      now.curves.version();
      curves.load(now.curves.byKey);
    });
    return { live: true, curves, metrics: () => watched.value?.keys ?? [], end };
  });
}

/** A trial that is over: of its curves, what panels need is read once, see `windows.ts`. */
const stored = (): Reader => ({ live: false, curves: new LiveCurves(), metrics: () => null, end: () => {} });
