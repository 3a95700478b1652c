/**
 * Launching a trial: a notebook, as it is now, runs headless with parameters, as a job. What is queued is in the database;
 * the job queue only says where to look, so that a restart, or a queue that was emptied, loses nothing.
 */
import { basename, dirname } from 'node:path';
import { newNotebook, serialiseNotebook, withoutOutputs } from '@trialroom/shared/notebook/format';
import { readDocument } from '@trialroom/shared/notebook/transfer';
import type { Trial } from '@trialroom/shared/trial/trial';
import { ulid } from 'ulid';
import type { Blobs } from '../blobs/blobs.ts';
import type { Database } from '../database/database.ts';
import { refuseForeign } from '../documents/changeable.ts';
import type { Documents } from '../documents/documents.ts';
import { Refusal } from '../http/refusal.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { Notebooks } from '../notebooks/notebooks.ts';
import { injectParameters } from '../sessions/headless/injected.ts';
import type { Continuation } from '../trials/requests.ts';
import type { Trials } from '../trials/trials.ts';
import { LaunchEntity } from './entities.ts';
import { readExecuted } from './executed.ts';

/** Name of the job. Its id is the trial's id, its data `{ trial }`. */
export const LAUNCH_JOB = 'launch';

/** What is asked for. */
export interface LaunchRequest {
  /** Id of the notebook. */
  notebook: string;
  experiment?: string | undefined;
  name?: string | undefined;
  params: Record<string, unknown>;
}

export interface Launches {
  /**
   * Queues a run of the notebook's current text.
   * @throws Refusal (404, 422 when the notebook cannot be read or a parameter cannot be a variable)
   */
  launch(request: LaunchRequest, by: NonNullable<Trial['by']>): Promise<Trial>;
  /** The executed notebook. @throws Refusal (404) */
  executed(trial: string): Promise<Record<string, unknown>>;
  /** Gives the queue every trial that still waits, oldest first. */
  recover(): Promise<void>;
  close(): void;
}

export interface LaunchesOptions {
  db: Database;
  trials: Trials;
  jobs: Jobs;
  blobs: Blobs;
  documents: Pick<Documents, 'open'>;
  notebooks: Pick<Notebooks, 'get'>;
  /** Runs those again that a cell of an open notebook ran. */
  cells: Continuation;
  onError: (error: unknown) => void;
}

/** Most trials that wait and are found again at a start. */
const WAITING = 10_000;

export function createLaunches({
  db,
  trials,
  jobs,
  blobs,
  documents,
  notebooks,
  cells,
  onError,
}: LaunchesOptions): Launches {
  const add = (trial: string): Promise<void> => jobs.add(LAUNCH_JOB, trial, { trial });

  const unlisten = trials.onChange(({ id, status, startedAt }) => {
    if (status === 'stopped' && startedAt === null) jobs.cancel(LAUNCH_JOB, id).catch(onError);
  });

  const wasLaunched = async ({ id }: Trial): Promise<boolean> => (await db.em().count(LaunchEntity, { trial: id })) > 0;

  trials.continuedBy({
    check: async (trial) => {
      if (!(await wasLaunched(trial))) await cells.check(trial);
    },
    queued: async (trial, by) => {
      if (await wasLaunched(trial)) await add(trial.id);
      else await cells.queued(trial, by);
    },
  });

  return {
    launch: async ({ notebook: id, experiment, name, params }, by) => {
      checkParams(params);
      const notebook = await notebooks.get(id);
      const document = await documents.open(id);
      let source: string;
      try {
        refuseForeign(document.doc);
        source = serialiseNotebook(withoutOutputs(readDocument(document.doc)));
      } finally {
        document.release();
      }
      const title = basename(notebook.path, '.ipynb');
      const trial = ulid();
      // Before the trial: what is queued can always be run.
      await db
        .em()
        .insert(LaunchEntity, { trial, source, params: JSON.stringify(params), folder: dirname(notebook.path) });
      const open = { experiment: experiment ?? title, name: name ?? title, params };
      const queued = await trials.queue({ id: trial, open, notebook, cell: null, backend: null, by });
      await add(trial);
      return queued;
    },
    executed: async (trial) => {
      await trials.get(trial);
      return readExecuted(db, blobs, trial);
    },
    recover: async () => {
      const waiting = await trials.list({ status: 'queued', limit: WAITING });
      // A run of a cell waits in its session and nowhere else.
      for (const trial of waiting.reverse()) if (await wasLaunched(trial)) await add(trial.id);
    },
    close: unlisten,
  };
}

function checkParams(params: Record<string, unknown>): void {
  try {
    injectParameters(newNotebook(), params);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Refusal(422, {
      error: 'parameter-unusable',
      message: error.message,
      where: 'params',
      fix: 'Give parameters the names that variables have, and values that JSON can write.',
    });
  }
}
