/**
 * Trials of the workspace: what kernels say of them becomes durable here and is told to who watches. It knows nothing of
 * kernels but their names; what people want of a trial goes out on the trial's control channel, and whoever hosts the trial hears it.
 */

import type { Progress } from '@trialroom/shared/kernel/protocol';
import type { Series } from '@trialroom/shared/live/events';
import { toWirePoints } from '@trialroom/shared/trial/points';
import type { MetricGlance, Trial } from '@trialroom/shared/trial/trial';
import { ulid } from 'ulid';
import type { Database } from '../database/database.ts';
import type { Hub } from '../live/hub.ts';
import type { Log as ServerLog } from '../log.ts';
import type { TrialRow } from './entities.ts';
import { type Hosted, Hosts } from './hosts.ts';
import { createIngest } from './ingest.ts';
import { holdLease, type LEASE } from './lease.ts';
import { createLog } from './log.ts';
import { glanceAt, readWindow, SNAPSHOT_WIDTH, type Window } from './merge.ts';
import { byKey } from './points.ts';
import { type NewTrial, objectiveOf, type TrialChange, TrialRecords } from './records.ts';
import { createRequests, type TrialRequests } from './requests.ts';
import { SeriesCache } from './series.ts';
import { controlChannel, type TrialOrigin, type TrialSink, type Wish } from './sink.ts';
import { storableRecord, storableText } from './storable.ts';

export interface Trials extends TrialSink, TrialRequests {
  /** @throws Refusal (404) */
  get(id: string): Promise<Trial>;
  /** Newest first. */
  list(filter: { status?: Trial['status'] | undefined; limit?: number | undefined }): Promise<Trial[]>;
  /** Points of a window by key (null: all keys), merged where there are too many for its width. @throws Refusal (404) */
  series(id: string, keys: readonly string[] | null, window: Window): Promise<Series[]>;
  /** Metrics at a glance: the objective first, at most {@link GLANCE_KEYS}. */
  glance(trial: Trial): Promise<MetricGlance[]>;
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
  /** Ends what is still hosted here, makes everything durable and gives the lease back. */
  close(): Promise<void>;
}

export interface TrialsOptions {
  db: Database;
  hub: Hub;
  log: ServerLog;
  /** Path of a notebook in the workspace; asked for trials that sessions open, not for those of launched runs. */
  pathOf: (notebook: string) => Promise<string>;
  /** Identity of this process, new at each start. */
  owner?: string;
  timing?: typeof LEASE;
}

/** Most metrics in a glance. */
export const GLANCE_KEYS = 6;

/** Progress is stored and told at most this often, in ms. */
const PROGRESS_MS = 400;

export async function createTrials({ db, hub, log, pathOf, owner = ulid(), timing }: TrialsOptions): Promise<Trials> {
  const records = new TrialRecords(db);
  const cache = new SeriesCache(db);
  const hosts = new Hosts();
  const changed = new Set<(trial: Trial) => void>();
  const pointed = new Set<(trial: string) => void>();
  const onFault = (error: unknown): void => log.error({ err: error }, 'trials: a background task failed');

  const tell = (trial: Trial): void => {
    hub.emit(`trial:${trial.id}`, 'trial', { trial });
    hub.emit('home', 'trial', { trial });
    for (const handler of changed) handler(trial);
  };

  const wish = (id: string, action: Wish['action']): Promise<void> => hub.publish(controlChannel(id), { action });

  const ingest = createIngest({
    db,
    onCommitted: (committed) => {
      const { trial, part, batches } = committed;
      cache.append(committed);
      const series = byKey(batches.flatMap(({ columns }) => columns)).map(toWirePoints);
      hub.emit(`trial:${trial}`, 'points', { trial, after: part - 1, seq: part, series });
      for (const handler of pointed) handler(trial);
    },
  });
  const lines = createLog({
    db,
    onStored: (trial, stored) => hub.emit(`trial:${trial}`, 'log', { trial, lines: stored }),
    onFault,
  });

  /** Ends a trial, with all it said stored before. */
  const end = async (id: string, how: 'completed' | 'failed' | 'stopped', reason: string | null): Promise<void> => {
    const hosted = hosts.remove(id);
    clearTimeout(hosted?.timer);
    await Promise.all([ingest.flush(), lines.close(id)]);
    const trial = await records.apply(id, { type: 'finish', end: how }, (row) => ({
      ...(hosted?.progress ? { progress: hosted.progress } : {}),
      reason: endReason(row, how, reason),
    }));
    if (trial) tell(trial);
  };

  const host = (trial: Trial, kernel: string, cell: string | null): Hosted => {
    ingest.expect(trial.id);
    return hosts.add({
      id: trial.id,
      kernel,
      cell,
      executions: new Set(),
      adopted: false,
      progress: null,
      timer: undefined,
    });
  };

  const storeProgress = async (hosted: Hosted): Promise<void> => {
    const trial = await records.apply(hosted.id, null, { progress: hosted.progress });
    if (trial && hosts.get(hosted.id)) tell(trial);
  };

  const pace = (hosted: Hosted): void => {
    hosted.timer = setTimeout(() => {
      hosted.timer = undefined;
      if (!hosted.stale) return;
      hosted.stale = false;
      pace(hosted);
      storeProgress(hosted).catch(onFault);
    }, PROGRESS_MS);
  };

  const change = async (id: string, change: TrialChange | Parameters<TrialRecords['apply']>[2]): Promise<void> => {
    const trial = await records.apply(id, null, change);
    if (trial) tell(trial);
  };

  const notebookOf = async ({ notebook, launched }: TrialOrigin): Promise<Trial['notebook']> => {
    if (launched) return (await records.get(launched)).notebook;
    return notebook === null ? null : { id: notebook, path: await pathOf(notebook) };
  };

  const columnsOf = (id: string) => cache.read(id, hosts.get(id) !== undefined);

  const lease = await holdLease({
    db,
    owner,
    ...(timing ? { timing } : {}),
    onFault,
    lose: async (id, reason) => {
      const trial = await records.apply(id, { type: 'lose' }, { reason });
      if (trial) {
        tell(trial);
        // Its host may live after all, cut off from the database: it is to end what nobody counts on any more.
        await wish(id, 'stop');
      }
    },
  });

  hub.provide('trial', async (id) => {
    const trial = await records.get(id ?? '');
    const [points, log] = await Promise.all([columnsOf(trial.id), lines.tail(trial.id)]);
    const series = [...points.columns].map(([key, columns]) => readWindow(key, columns, { width: SNAPSHOT_WIDTH }));
    return { topic: 'trial', trial, series, log, seq: points.part };
  });

  return {
    get: (id) => records.get(id),
    list: (filter) => records.list(filter),
    series: async (id, keys, window) => {
      const { columns } = await columnsOf((await records.get(id)).id);
      const wanted = keys ? [...columns].filter(([key]) => keys.includes(key)) : [...columns];
      return wanted.map(([key, column]) => readWindow(key, column, window));
    },
    glance: async (trial) => {
      const { columns } = await columnsOf(trial.id);
      const keys = [...columns.keys()].sort(
        (a, b) => Number(b === trial.objective?.key) - Number(a === trial.objective?.key),
      );
      return keys.slice(0, GLANCE_KEYS).flatMap((key) => {
        const column = columns.get(key);
        return (column && glanceAt(key, column)) ?? [];
      });
    },
    ...createRequests(records, tell, wish),
    queue: async (trial) => {
      const made = await records.create(trial);
      tell(made);
      return made;
    },
    take: async (id, kernel) => {
      const trial = await records.apply(id, { type: 'start' }, { owner });
      if (!trial) return null;
      hosts.use(host(trial, kernel, null), kernel);
      tell(trial);
      return trial;
    },
    onChange: (handler) => {
      changed.add(handler);
      return () => void changed.delete(handler);
    },
    onPoints: (handler) => {
      pointed.add(handler);
      return () => void pointed.delete(handler);
    },

    open: async (open, origin) => {
      const { kernel, execution, cell, backend } = origin;
      const launched = origin.launched ? hosts.get(origin.launched) : undefined;
      const adopted = launched && !launched.adopted ? launched : undefined;
      for (const before of hosts.ofCell(kernel, cell)) {
        if (before !== adopted) await end(before.id, 'completed', 'Its cell opened a new trial.');
      }
      if (adopted) {
        hosts.adopt(adopted, kernel, cell);
        hosts.use(adopted, execution);
        await change(adopted.id, (row) => ({
          cell,
          backend,
          params: { ...row.params, ...storableRecord(open.params) },
          objective: objectiveOf(open),
        }));
        return { trial: adopted.id, room: `/trials/${adopted.id}` };
      }
      const notebook = await notebookOf(origin);
      const made = await records.create({ open, notebook, cell, backend, by: origin.by });
      const trial = (await records.apply(made.id, { type: 'start' }, { owner })) ?? made;
      hosts.use(host(trial, kernel, cell), execution);
      tell(trial);
      return { trial: trial.id, room: `/trials/${trial.id}` };
    },
    points: async (trial, execution, seq, columns) => {
      const hosted = hosts.get(trial);
      if (hosted) hosts.use(hosted, execution);
      await ingest.add({ trial, seq, columns });
    },
    progress: (trial, progress: Progress) => {
      const hosted = hosts.get(trial);
      if (!hosted) return;
      hosted.progress = progress;
      if (hosted.timer) {
        hosted.stale = true;
        return;
      }
      pace(hosted);
      storeProgress(hosted).catch(onFault);
    },
    paused: async (id, paused) => {
      const progress = hosts.get(id)?.progress;
      const trial = await records.apply(id, { type: paused ? 'pause' : 'resume' }, progress ? { progress } : {});
      if (trial) tell(trial);
    },
    summary: (trial, summary) => change(trial, (row) => ({ summary: { ...row.summary, ...storableRecord(summary) } })),
    finish: (trial, how, reason) => end(trial, how, reason ?? null),
    print: (execution, stream, text) => {
      const hosted = hosts.ofExecution(execution);
      if (hosted) lines.print(hosted.id, stream, text);
    },
    executionEnded: async (execution, how, reason) => {
      const used = hosts.usedBy(execution);
      if (how === 'ok') return;
      const [as, why] =
        how === 'error'
          ? (['failed', 'Its cell failed.'] as const)
          : (['stopped', 'Its cell was interrupted.'] as const);
      for (const { id } of used) await end(id, as, reason ?? why);
    },
    kernelGone: async (kernel, how, reason) => {
      for (const { id } of hosts.ofKernel(kernel)) await end(id, how, reason);
      ingest.forget(hosts.forget(kernel));
    },
    close: async () => {
      for (const { id } of hosts.all()) await end(id, 'stopped', 'The server was shut down.');
      await Promise.all([ingest.flush(), lines.flush()]);
      await lease.close();
    },
  };
}

/** What is said of a trial's end: nothing of one that is complete, and of a stop rather who asked than how it was obeyed. */
function endReason({ stopRequested, reason }: TrialRow, how: Trial['status'], said: string | null): string | null {
  if (how !== 'failed' && stopRequested) return reason ?? said;
  return how === 'completed' || said === null ? null : storableText(said);
}
