/**
 * Takes launched trials from the queue and runs them, in whichever process asks for work. The trial's row decides whether
 * there is still something to do: a job that is delivered twice, or late, finds the trial taken or over and ends.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseNotebook } from '@trialroom/shared/notebook/format';
import { uncaughtText } from '@trialroom/shared/notebook/uncaught';
import { z } from 'zod';
import type { Blobs } from '../blobs/blobs.ts';
import type { Database } from '../database/database.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { Hub } from '../live/hub.ts';
import type { Log } from '../log.ts';
import type { ResultsSink } from '../results/sink.ts';
import { type HeadlessResult, runNotebook } from '../sessions/headless/headless.ts';
import type { Shares } from '../sessions/kernels/share.ts';
import { controlChannel, type TrialSink, Wish } from '../trials/sink.ts';
import type { Trials } from '../trials/trials.ts';
import { LaunchEntity } from './entities.ts';
import { keepExecuted } from './executed.ts';
import { LAUNCH_JOB } from './launches.ts';

export interface RunnerOptions {
  db: Database;
  hub: Hub;
  trials: Trials;
  /** Where their evaluations and artifacts go. */
  results?: ResultsSink | undefined;
  jobs: Jobs;
  blobs: Blobs;
  log: Log;
  shares: Shares;
  /** Folder that the notebooks' folders are in. */
  notebooksDir: string;
  kernelMemoryMb?: number | undefined;
  /** Longest time of one cell, in ms; absent: none. */
  cellLimitMs?: number | undefined;
  /** Trials run at once. */
  concurrency?: number;
}

export interface Runner {
  /** Stops what runs here and waits until it has ended. */
  close(): Promise<void>;
}

const Job = z.object({ trial: z.string() });

/**
 * When it is looked again whether a trial waits whose run has just ended, in ms after the last look. Who lets it go on in the
 * moment when its job is about to end gets no new one, since the old one is still there.
 */
const LOOK_AGAIN_MS = [0, 250, 2000];

/** Begins to take launched trials. */
export function startRunner({ jobs, concurrency = 1, ...rest }: RunnerOptions): Runner {
  const closing = new AbortController();
  const running = new Set<Promise<void>>();
  const lookAgain = async (trial: string): Promise<void> => {
    try {
      for (const ms of LOOK_AGAIN_MS) {
        await sleep(ms, undefined, { signal: closing.signal });
        if ((await rest.trials.get(trial)).status === 'queued') await jobs.add(LAUNCH_JOB, trial, { trial });
      }
    } catch (error) {
      // A trial may be erased; and what waits is found again at the next start.
      if (!closing.signal.aborted) rest.log.warn({ err: error, trial }, 'could not look whether the trial waits again');
    }
  };
  const track = (work: Promise<void>): Promise<void> => {
    running.add(work);
    return work.finally(() => running.delete(work));
  };
  jobs.define<unknown>(LAUNCH_JOB, concurrency, async (data, signal) => {
    const { trial } = Job.parse(data);
    if (closing.signal.aborted) return;
    await track(runWhileQueued(trial, signal, closing.signal, rest)).finally(() => void track(lookAgain(trial)));
  });
  return {
    close: async () => {
      closing.abort();
      await Promise.allSettled(running);
    },
  };
}

type Ports = Omit<RunnerOptions, 'jobs' | 'concurrency'>;

/** Runs it again when someone let it go on before its run was out of the way: a job for it may have been turned down. */
async function runWhileQueued(...run: Parameters<typeof runLaunched>): Promise<void> {
  const [id, cancelled, closing, { trials }] = run;
  do await runLaunched(...run);
  while (!cancelled.aborted && !closing.aborted && (await trials.get(id)).status === 'queued');
}

async function runLaunched(id: string, cancelled: AbortSignal, closing: AbortSignal, ports: Ports): Promise<void> {
  const { db, hub, trials, blobs, log, shares, notebooksDir, kernelMemoryMb, cellLimitMs } = ports;
  // Stands for the run until the notebook opens the trial.
  const self = `launch:${id}`;
  const trial = await trials.take(id, self);
  if (!trial) return;
  let adopted = false;
  /** It gave back what it held, to go on later: this run of it is no end. */
  let released = false;
  /** The notebook's code hears for itself what people want. */
  let hears = false;
  /** A pause that was asked for before there was code to obey it. */
  let waiting: unknown;
  const early = new AbortController();
  const unlisten = await hub.subscribe(controlChannel(id), (wish) => {
    // The notebook's own code may finish its step. A pause waits for code that can wait.
    if (hears) return;
    if (Wish.parse(wish).action.startsWith('stop')) early.abort();
    else waiting = wish;
  });
  let kernel = self;
  const sink: TrialSink = {
    ...trials,
    open: async (open, origin) => {
      kernel = origin.kernel;
      const opened = await trials.open(open, origin);
      if (opened.trial === id) adopted = true;
      return opened;
    },
    // Its trials end with the run, below: whoever hears of the end finds the executed notebook.
    executionEnded: async () => {},
    kernelGone: async () => {},
  };
  try {
    const launch = await db.em().findOneOrFail(LaunchEntity, { trial: id });
    // A stop may have come between taking and listening.
    if ((await trials.get(id)).stopRequested) early.abort();
    const result = await runNotebook({
      notebook: parseNotebook(launch.source),
      params: z.record(z.string(), z.unknown()).parse(JSON.parse(launch.params)),
      cwd: join(notebooksDir, launch.folder),
      memoryMb: kernelMemoryMb,
      ...(cellLimitMs === undefined ? {} : { cellLimitMs }),
      trials: sink,
      results: ports.results,
      origin: { notebook: trial.notebook?.id ?? null, by: trial.by, launched: id },
      onWish: async (opened, heard) => {
        const end = await hub.subscribe(controlChannel(opened), heard);
        if (opened === id) {
          hears = true;
          if (waiting !== undefined) heard(waiting);
        }
        return end;
      },
      blobs,
      log,
      shares,
      onReleased: () => {
        released = true;
      },
      signal: AbortSignal.any([cancelled, closing, early.signal]),
      onOutput: (_, event) => {
        if (adopted) return;
        if (event.type === 'stream') trials.print(self, event.name, event.text);
        else if (event.type === 'uncaught') trials.print(self, 'stderr', uncaughtText(event.error, event.cell));
      },
    });
    await keepExecuted(db, blobs, id, result.notebook);
    if (released) return;
    const reason = closing.aborted ? 'The server was shut down.' : reasonOf(result);
    await trials.finish(id, result.end, reason);
    await trials.kernelGone(kernel, result.end, reason);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    await trials.finish(id, 'failed', `It could not be run: ${reason}`);
    throw error;
  } finally {
    await unlisten();
    for (const host of [kernel, self]) await trials.kernelGone(host, 'failed', 'Its run could not go on.');
  }
}

function reasonOf({ end, failed }: HeadlessResult): string {
  if (end === 'completed' || !failed) return 'The notebook ended.';
  return end === 'stopped'
    ? 'The run was stopped.'
    : `Cell ${failed.index + 1} failed: ${failed.error.name}: ${failed.error.message}`;
}
