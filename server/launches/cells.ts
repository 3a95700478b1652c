/**
 * Trials that a cell of an open notebook ran, and that go on there: the very source which that run had is queued in the
 * notebook's session again, under the name of whoever asked, and its first `trial()` call takes the trial up. The kernel
 * lives on in between, with all that other cells made.
 */
import { cellsOf } from '@trialroom/shared/notebook/document';
import { isConsoleCell } from '@trialroom/shared/notebook/session';
import type { Trial } from '@trialroom/shared/trial/trial';
import type { Database } from '../database/database.ts';
import { refuseForeign } from '../documents/changeable.ts';
import type { Documents } from '../documents/documents.ts';
import { Refusal } from '../http/refusal.ts';
import { ExecutionRow } from '../sessions/entities.ts';
import type { SessionNews } from '../sessions/news.ts';
import type { Sessions } from '../sessions/offer.ts';
import { TrialEntity } from '../trials/entities.ts';
import type { Continuation } from '../trials/requests.ts';
import type { Trials } from '../trials/trials.ts';
import { LaunchEntity } from './entities.ts';

export interface CellRuns extends Continuation {
  /**
   * Ends the trials that waited for a run in a session when the server before this one ended: nothing runs them any more.
   * Called once, before anyone can ask for anything.
   */
  recover(): Promise<void>;
  /** Resolves when all that was heard of runs is stored. Called when sessions have ended. */
  close(): Promise<void>;
}

export interface CellRunsOptions {
  db: Database;
  trials: Pick<Trials, 'get' | 'list' | 'giveUp' | 'onChange'>;
  sessions: Pick<Sessions, 'runSource' | 'listen' | 'withdraw'>;
  documents: Pick<Documents, 'open'>;
  onError: (error: unknown) => void;
}

type Ended = Extract<SessionNews, { type: 'ended' }>;

/** Most trials that wait and are found at a start. */
const WAITING = 10_000;

export function createCellRuns({ db, trials, sessions, documents, onError }: CellRunsOptions): CellRuns {
  /** Trial → the run that it waits for. */
  const waiting = new Map<string, { notebook: string; execution: string }>();
  const settling = new Set<Promise<void>>();

  const later = (work: Promise<unknown>): void => {
    const done: Promise<void> = work.then(() => {}, onError).finally(() => settling.delete(done));
    settling.add(done);
  };

  const unlisten = trials.onChange(({ id, status }) => {
    const run = waiting.get(id);
    if (!run || status === 'queued') return;
    waiting.delete(id);
    // What is stopped while it waits need not come to its turn.
    if (status === 'stopped') later(sessions.withdraw(run.notebook, [run.execution]));
  });

  /** The run is over, and may have ended without taking the trial up. */
  const ended = async (trial: string, { execution, end, ms }: Ended): Promise<void> => {
    if (waiting.get(trial)?.execution !== execution) return;
    waiting.delete(trial);
    await trials.giveUp(trial, end === 'aborted' ? 'stopped' : 'failed', endReason(end, ms !== null));
  };

  const ranOf = async ({ id, createdAt }: Trial): Promise<{ id: string; source: string; first: boolean } | null> => {
    const em = db.em();
    const trial = await em.findOne(TrialEntity, { id }, { fields: ['execution'] });
    const execution = trial?.execution;
    if (!execution) return null;
    const ran = await em.findOne(ExecutionRow, { id: execution }, { fields: ['source'] });
    if (!ran) return null;
    const before = await em.count(TrialEntity, { execution, id: { $ne: id }, createdAt: { $lt: createdAt } });
    return { id: execution, source: ran.source, first: before === 0 };
  };

  const runnable = async (trial: Trial): Promise<{ notebook: string; cell: string | null; source: string }> => {
    const { notebook, cell } = trial;
    if (!notebook || !cell) throw noNotebook(trial);
    const ran = await ranOf(trial);
    if (!ran) throw noSource(trial);
    if (!ran.first) throw notFirst(trial);
    const document = await documents.open(notebook.id);
    try {
      refuseForeign(document.doc);
      // What is no cell of the notebook any more goes to its console, where everyone sees it too.
      const there = !isConsoleCell(cell) && cellsOf(document.doc).has(cell);
      return { notebook: notebook.id, cell: there ? cell : null, source: ran.source };
    } finally {
      document.release();
    }
  };

  return {
    check: async (trial) => void (await runnable(trial)),
    queued: async (trial, by) => {
      const heard: Ended[] = [];
      let execution: string | null = null;
      let end = (): void => {};
      try {
        const { notebook, cell, source } = await runnable(trial);
        const stop = sessions.listen(notebook, (news) => {
          if (news.type !== 'ended') return;
          heard.push(news);
          hear();
        });
        end = stop;
        const hear = (): void => {
          const over = heard.splice(0).find((news) => execution !== null && news.execution === execution);
          if (!over) return;
          stop();
          later(ended(trial.id, over));
        };
        const run = await sessions.runSource(notebook, { source, cell, by, resumes: trial.id });
        waiting.set(trial.id, { notebook, execution: run });
        execution = run;
        hear();
      } catch (error) {
        end();
        const reason = error instanceof Error ? error.message : String(error);
        await trials.giveUp(trial.id, 'stopped', `It could not be run again: ${reason}`);
        throw error;
      }
    },
    recover: async () => {
      for (const { id, startedAt } of await trials.list({ status: 'queued', limit: WAITING })) {
        if (startedAt === null || (await db.em().count(LaunchEntity, { trial: id })) > 0) continue;
        await trials.giveUp(id, 'stopped', 'The server ended while it waited to go on; resume it again.');
      }
    },
    close: async () => {
      unlisten();
      while (settling.size > 0) await Promise.all(settling);
    },
  };
}

function endReason(end: Ended['end'], began: boolean): string {
  if (end === 'aborted') {
    return began
      ? 'Its cell was interrupted before it went on.'
      : 'Its run was taken out of the queue before it began.';
  }
  return end === 'error'
    ? 'Its cell failed before it opened the trial; run the cells that it builds on, and resume it again.'
    : 'Its cell ended without opening a trial.';
}

const noNotebook = ({ name }: Trial): Refusal =>
  new Refusal(409, {
    error: 'not-launched',
    message: `"${name}" was run by a program outside of notebooks, which nothing here can end or begin again.`,
    fix: 'Pause it without giving back what it holds, or run its program again.',
  });

const noSource = ({ name, checkpoint }: Trial): Refusal =>
  new Refusal(409, {
    error: 'source-unknown',
    message: `What the cell of "${name}" ran is not kept any more, so that it cannot be run again.`,
    fix: checkpoint
      ? `Run its cell again with { resume: '${checkpoint.path}' }.`
      : 'Pause it without giving back what it holds.',
  });

const notFirst = ({ name, checkpoint }: Trial): Refusal =>
  new Refusal(409, {
    error: 'trial-not-first',
    message: `The cell of "${name}" opened other trials before it, which a run of the cell would train again.`,
    fix: checkpoint
      ? `Pause it without giving back what it holds, or run its part of the cell with { resume: '${checkpoint.path}' }.`
      : 'Pause it without giving back what it holds, or give each trial a cell of its own.',
  });
