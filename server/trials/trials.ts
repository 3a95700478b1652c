/**
 * Trials of the workspace: what kernels say of them becomes durable here and is told to who watches. It knows nothing of
 * kernels but their names; what people want of a trial goes out on the trial's control channel, and whoever hosts the trial hears it.
 */

import type { Series } from '@trialroom/shared/live/events';
import type { TrialEvent } from '@trialroom/shared/trial/event';
import type { LogSearch } from '@trialroom/shared/trial/log';
import type { MetricGlance, Trial } from '@trialroom/shared/trial/trial';
import { ulid } from 'ulid';
import type { Blobs } from '../blobs/blobs.ts';
import type { Database } from '../database/database.ts';
import type { Hub } from '../live/hub.ts';
import type { Log as ServerLog } from '../log.ts';
import type { Ingest } from '../metrics/ingest.ts';
import { createMetrics, type Metrics } from '../metrics/metrics.ts';
import { CODE } from '../metrics/points.ts';
import type { Window } from '../metrics/read.ts';
import { type Alerts, createAlerts } from './alerts.ts';
import { createElsewhere, type Elsewhere } from './elsewhere.ts';
import { type EventQuery, listEvents, type NewEvent } from './events.ts';
import { recoverableText } from './happened.ts';
import { createHosting } from './hosting.ts';
import { createLabels, type TrialLabels } from './labels.ts';
import { holdLease, type LEASE } from './lease.ts';
import { createLog } from './log.ts';
import { type LogQuery, logText, searchLog } from './log-search.ts';
import { listMedia, type MediaQuery } from './media.ts';
import { type NewTrial, TrialRecords } from './records.ts';
import { type Continuation, createRequests, type TrialRequests } from './requests.ts';
import type { TrialSink } from './sink.ts';
import { createTelling, type OnOpen } from './telling.ts';
import { type TrialTimes, timesOf } from './times.ts';

export interface Trials extends TrialSink, TrialRequests, TrialLabels {
  /** @throws Refusal (404) */
  get(id: string): Promise<Trial>;
  /** When trials were made and began, by id; those that were deleted, or never were, are left out. */
  times(ids: readonly string[]): Promise<Map<string, TrialTimes>>;
  /** Newest first. */
  list(filter: { status?: Trial['status'] | undefined; limit?: number | undefined }): Promise<Trial[]>;
  /** Points of trials, without asking whether there are such trials. */
  readonly metrics: Metrics;
  /** Points of a window by key (null: the live ones), merged where there are too many for its width. @throws Refusal (404) */
  series(id: string, keys: readonly string[] | null, window: Window): Promise<Series[]>;
  /** Metrics at a glance: the objective first, at most {@link GLANCE_KEYS}. */
  glance(trial: Trial): Promise<MetricGlance[]>;
  /** What happened to a trial, oldest first. @throws Refusal (404) */
  eventsOf(id: string, query: EventQuery): Promise<TrialEvent[]>;
  /** Keeps events that the server itself, or a person, has to say of it. @throws Refusal (404) */
  note(id: string, events: readonly NewEvent[]): Promise<void>;
  /** Pictures and tables of a trial. @throws Refusal (404) */
  mediaOf(id: string, query: MediaQuery): ReturnType<typeof listMedia>;
  /** Lines of its log. @throws Refusal (404; 422 for a bad expression) */
  searchLog(id: string, query: LogQuery): Promise<LogSearch>;
  /** The whole log as text. @throws Refusal (404) */
  logText(id: string): Promise<AsyncGenerator<Uint8Array, void, undefined>>;
  /** Rules that watch trials. */
  readonly alerts: Alerts;
  /** Trials whose code runs in scripts elsewhere. */
  readonly elsewhere: Elsewhere;
  /** Says how trials are run again. */
  continuedBy(by: Continuation): void;
  /** Renews this process's lease and looks for lost trials, now; done by itself every moment. */
  lookAround(): Promise<void>;
  /** Makes a trial that waits to be run. */
  queue(trial: NewTrial): Promise<Trial>;
  /**
   * Takes a queued trial to run it here: it starts, and its lease with it. Null when it is no longer queued. Until a
   * notebook adopts it, `kernel` stands for its execution too: what is printed under that name goes to its log.
   */
  take(id: string, kernel: string): Promise<Trial | null>;
  /** Calls `handler` after every change of a trial made in this process, and with every progress. Returns how to end that. */
  onChange(handler: (trial: Trial) => void): () => void;
  /** Calls `handler` when points of a trial became durable in this process. */
  onPoints(handler: (trial: string) => void): () => void;
  /** Calls `handler` with events of a trial that became durable in this process. */
  onEvents(handler: (trial: string, events: readonly TrialEvent[]) => void): () => void;
  /** Calls `handler` when code that runs here opened a trial. */
  onOpen(handler: OnOpen): () => void;
  /** Ends what is still hosted here, makes everything durable and gives the lease back. */
  close(): Promise<void>;
}

export interface TrialsOptions {
  db: Database;
  hub: Hub;
  log: ServerLog;
  /** Path of a notebook in the workspace; asked for trials that sessions open, not for those of launched runs. */
  pathOf: (notebook: string) => Promise<string>;
  /** Where pictures and tables that code logs go; absent: they are not kept. */
  blobs?: Pick<Blobs, 'put'>;
  /** Identity of this process, new at each start. */
  owner?: string;
  timing?: typeof LEASE;
  /** Days for which a deleted trial can be brought back; {@link KEPT_DAYS} when not given. */
  keptDays?: number;
  /** ms since the epoch, for alerts. */
  now?: () => number;
}

/** Days for which a deleted trial can be brought back, when nothing else is said. */
export const KEPT_DAYS = 30;

/** Most metrics in a glance. */
export const GLANCE_KEYS = 6;

export async function createTrials({
  db,
  hub,
  log,
  pathOf,
  blobs,
  owner = ulid(),
  timing,
  keptDays = KEPT_DAYS,
  now,
}: TrialsOptions): Promise<Trials> {
  const keptMs = keptDays * 86_400_000;
  const records = new TrialRecords(db, (trial, events) => telling.happened(trial, events), blobs, keptMs);
  const telling = createTelling(hub);
  const { tell, wish } = telling;
  let continuation: Continuation | null = null;
  const onFault = (error: unknown): void => log.error({ err: error }, 'trials: a background task failed');

  const metrics = createMetrics({
    ...{ db, hub, onFault },
    onPoints: (trial) => telling.pointed(trial),
    onLeftOut: (trial, why) => lines.print(trial, 'stderr', `${why}\n`),
  });
  const alerts = await createAlerts({
    ...{ db, hub, metrics, onFault },
    find: (id) => records.get(id),
    note: (id, events) => records.note(id, events),
    ...(now ? { now } : {}),
  });
  telling.onChange(alerts.changed);
  telling.onEvents(alerts.happened);
  const ingest = watchedBy(metrics.ingest, alerts);
  const lines = createLog({
    db,
    onStored: (trial, stored) => hub.emit(`trial:${trial}`, 'log', { trial, lines: stored }),
    onFault,
  });
  const { take, endAll, check, ...sink } = createHosting({
    db,
    records,
    ingest,
    lines,
    telling,
    owner,
    pathOf,
    onFault,
  });
  const elsewhere = createElsewhere({ records, ingest, lines, telling });

  const lease = await holdLease({
    db,
    owner,
    ...(timing ? { timing } : {}),
    onFault,
    lose: async (id, reason) => {
      const trial = await records.apply(
        id,
        { type: 'lose' },
        {
          change: (row) => ({ reason: `${reason}${recoverableText(row)}` }),
        },
      );
      if (trial) tell(trial);
    },
    renewed: check,
  });

  hub.provide('trial', async (id) => {
    const trial = await records.get(id ?? '');
    const [{ series, keys, seq }, log, events] = await Promise.all([
      metrics.snapshot(trial),
      lines.tail(trial.id),
      listEvents(db, trial.id, { without: 'media' }),
    ]);
    return { topic: 'trial', trial, series, keys, log, events, seq };
  });

  return {
    ...sink,
    ...createLabels(db, telling, keptMs),
    ...createRequests({ records, tell, wish, continuation: () => continuation }),
    continuedBy: (by) => {
      continuation = by;
    },
    lookAround: lease.turn,
    take,
    elsewhere,
    alerts,
    get: (id) => records.get(id),
    times: (ids) => timesOf(db, ids),
    list: (filter) => records.list(filter),
    metrics,
    series: async (id, keys, window) => {
      const { objective } = await records.get(id);
      return metrics.series({ trial: id, keys, objective: objective?.key ?? null }, window);
    },
    glance: (trial) => metrics.glance(trial, GLANCE_KEYS),
    eventsOf: async (id, query) => listEvents(db, (await records.get(id)).id, query),
    note: (id, events) => records.note(id, events),
    mediaOf: async (id, query) => listMedia(db, (await records.get(id)).id, query),
    searchLog: async (id, query) => {
      await lines.flush();
      return searchLog(db, (await records.get(id)).id, query);
    },
    logText: async (id) => {
      await lines.flush();
      return logText(db, (await records.get(id)).id);
    },
    queue: async (trial) => {
      const made = await records.create(trial);
      tell(made);
      return made;
    },
    onChange: telling.onChange,
    onPoints: telling.onPoints,
    onEvents: telling.onEvents,
    onOpen: telling.onOpen,
    close: async () => {
      await endAll('The server was shut down.');
      await Promise.all([metrics.close(), lines.flush()]);
      await alerts.close();
      await lease.close();
    },
  };
}

/** The same ingest; rules look at points when they are durable. */
const watchedBy = (ingest: Ingest, alerts: Alerts): Ingest => ({
  ...ingest,
  expect: (trial, objective) => {
    ingest.expect(trial, objective);
    alerts.begin(trial);
  },
  resume: async (trial, solid) => {
    await ingest.resume(trial, solid);
    if (!alerts.has(trial)) alerts.begin(trial);
  },
  add: async (batch) => {
    await ingest.add(batch);
    if (batch.source === CODE) alerts.seen(batch.trial, batch.seq, batch.columns);
    else alerts.heard(batch.trial);
  },
});
