/** Trials whose kernels are joined to this process: how they begin, how far they are, and how they end. */
import type { Progress } from '@trialroom/shared/kernel/protocol';
import type { Trial } from '@trialroom/shared/trial/trial';
import type { Database } from '../database/database.ts';
import { Refusal } from '../http/refusal.ts';
import type { Ingest } from '../metrics/ingest.ts';
import { CODE, SYSTEM } from '../metrics/points.ts';
import { resumeOf } from './again.ts';
import type { TrialRow } from './entities.ts';
import { fromSaid, type NewEvent } from './events.ts';
import { type Hosted, Hosts } from './hosts.ts';
import type { Log } from './log.ts';
import { type Along, objectiveOf, type TrialRecords } from './records.ts';
import type { TrialOrigin, TrialSink } from './sink.ts';
import { storableRecord, storableText } from './storable.ts';
import type { Telling } from './telling.ts';

export interface HostingOptions {
  db: Database;
  records: TrialRecords;
  ingest: Ingest;
  lines: Log;
  telling: Telling;
  /** Identity of this process. */
  owner: string;
  pathOf: (notebook: string) => Promise<string>;
  onFault: (error: unknown) => void;
}

export interface Hosting extends TrialSink {
  /** Takes a queued trial; see `Trials.take`. */
  take(id: string, kernel: string): Promise<Trial | null>;
  /** Heals what was held to be lost, and ends what went on elsewhere. Called now and then. */
  check(): Promise<void>;
  /** Whether the trial is hosted here. */
  has(id: string): boolean;
  /** Ends all that is hosted here. */
  endAll(reason: string): Promise<void>;
}

/** Progress is stored and told at most this often, in ms. */
const PROGRESS_MS = 400;

export function createHosting({
  db,
  records,
  ingest,
  lines,
  telling,
  owner,
  pathOf,
  onFault,
}: HostingOptions): Hosting {
  const hosts = new Hosts();
  const { tell } = telling;

  /** Ends a trial, with all it said stored before. */
  const end = async (id: string, how: 'completed' | 'failed' | 'stopped', reason: string | null): Promise<void> => {
    const hosted = hosts.remove(id);
    clearTimeout(hosted?.timer);
    await Promise.all([ingest.flush(), lines.close(id)]);
    const finish = () =>
      records.apply(
        id,
        { type: 'finish', end: how },
        { owner, change: (row) => ({ ...progressOf(hosted), reason: endReason(row, how, reason) }) },
      );
    let trial = await finish();
    // It was held to be lost while it ran: its end is known all the same.
    if (!trial && hosted && (await find(hosted))) trial = await finish();
    if (trial) tell(trial);
  };

  /** A trial that was held to be lost is here, and was here all the time. */
  const find = (hosted: Hosted): Promise<Trial | null> =>
    records.apply(hosted.id, { type: 'find', paused: hosted.paused }, { owner, change: { reason: null } });

  /** Looks whether what is hosted here still is what this process holds. */
  const check = async (): Promise<void> => {
    const all = hosts.all();
    if (all.length === 0) return;
    for (const { id, owner: holder, lost } of await records.holders(all.map(({ id }) => id))) {
      const hosted = hosts.get(id);
      if (!hosted) continue;
      if (holder === owner) {
        const found = lost && (await find(hosted));
        if (found) tell(found);
        continue;
      }
      // It went on elsewhere meanwhile. What is said of it here from now on is refused, and what runs here ends.
      hosts.remove(id);
      clearTimeout(hosted.timer);
      ingest.forget([id]);
      await lines.close(id);
      hosted.abandon?.();
    }
  };

  const host = (trial: Trial, kernel: string, cell: string | null): Hosted => {
    ingest.expect(trial.id, trial.objective?.key);
    return hosts.add({
      id: trial.id,
      kernel,
      cell,
      executions: new Set(),
      adopted: false,
      paused: false,
      step: 0,
      sampled: 0,
      progress: null,
      timer: undefined,
    });
  };

  const storeProgress = async (hosted: Hosted): Promise<void> => {
    // What is newest once it has its turn: the one before may come after it.
    const trial = await records.apply(hosted.id, null, { owner, change: () => progressOf(hosted) });
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

  const change = async (id: string, change: NonNullable<Along['change']>): Promise<void> => {
    const trial = await records.apply(id, null, { owner, change });
    if (trial) tell(trial);
  };

  const notebookOf = async ({ notebook, launched }: TrialOrigin): Promise<Trial['notebook']> => {
    if (launched) return (await records.get(launched)).notebook;
    return notebook === null ? null : { id: notebook, path: await pathOf(notebook) };
  };

  const take: Hosting['take'] = async (id, kernel) => {
    const trial = await records.apply(id, { type: 'start' }, { change: { owner } });
    if (!trial) return null;
    const resume = await resumeOf(db, id);
    if (resume) await lines.goOn(id);
    hosts.use(Object.assign(host(trial, kernel, null), { resume, sampled: resume?.after ?? 0 }), kernel);
    tell(trial);
    return trial;
  };

  return {
    check,
    take,
    has: (id) => hosts.get(id) !== undefined,
    endAll: async (reason) => {
      for (const { id } of hosts.all()) await end(id, 'stopped', reason);
    },
    open: async (open, origin) => {
      const { kernel, execution, cell, backend, resumes } = origin;
      if (resumes !== undefined && !(await take(resumes, kernel))) throw waitsNoMore();
      const waiting = hosts.get(origin.launched ?? resumes ?? '');
      const adopted = waiting && !waiting.adopted ? waiting : undefined;
      for (const before of hosts.ofCell(kernel, cell)) {
        if (before !== adopted) await end(before.id, 'completed', 'Its cell opened a new trial.');
      }
      if (adopted) {
        hosts.adopt(adopted, kernel, cell);
        hosts.use(adopted, execution);
        await change(adopted.id, (row) => ({
          ...{ cell, execution, backend },
          params: { ...row.params, ...storableRecord(open.params) },
          objective: objectiveOf(open),
        }));
        telling.opened(adopted.id, open, origin);
        adopted.abandon = origin.abandon;
        const { resume } = adopted;
        return { trial: adopted.id, room: `/trials/${adopted.id}`, ...(resume ? { resume } : {}) };
      }
      const notebook = await notebookOf(origin);
      const made = await records.create({ open, notebook, cell, execution, backend, by: origin.by });
      const trial = (await records.apply(made.id, { type: 'start' }, { change: { owner } })) ?? made;
      hosts.use(Object.assign(host(trial, kernel, cell), { abandon: origin.abandon }), execution);
      tell(trial);
      telling.opened(trial.id, open, origin);
      return { trial: trial.id, room: `/trials/${trial.id}` };
    },
    points: async (trial, execution, seq, columns) => {
      const hosted = hosts.get(trial);
      if (hosted) hosts.use(hosted, execution);
      if (hosted) hosted.step = columns[0]?.steps.at(-1) ?? hosted.step;
      await ingest.add({ trial, source: CODE, seq, columns });
    },
    samples: async (id, at, samples) => {
      const hosted = hosts.get(id);
      if (!hosted || hosted.paused) return;
      hosted.sampled++;
      const { step, sampled: seq } = hosted;
      const columns = Object.entries(samples).map(([key, value]) => ({
        key,
        steps: Float64Array.of(step),
        walls: Float64Array.of(at),
        values: Float64Array.of(value),
      }));
      await ingest.add({ trial: id, source: SYSTEM, seq, columns });
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
    events: async (trial, execution, seq, said) => {
      const hosted = hosts.get(trial);
      if (hosted) hosts.use(hosted, execution);
      const changed = await records.say(trial, seq, said.map(fromSaid));
      if (changed) tell(changed);
    },
    paused: async (id, paused) => {
      const hosted = hosts.get(id);
      if (hosted) hosted.paused = paused;
      const trial = await records.apply(
        id,
        { type: paused ? 'pause' : 'resume' },
        { owner, change: () => progressOf(hosted) },
      );
      if (trial) tell(trial);
      if (paused && trial?.release === 'requested') await records.note(id, [KEEPS]);
    },
    released: async (id) => {
      const hosted = hosts.get(id);
      // All that it said comes first: what goes on elsewhere finds it.
      await Promise.all([ingest.flush(), lines.flush()]);
      const trial = await records.apply(
        id,
        { type: 'release' },
        {
          owner,
          change: () => ({ ...progressOf(hosted), owner: null }),
        },
      );
      if (!trial) return false;
      hosts.remove(id);
      clearTimeout(hosted?.timer);
      await lines.close(id);
      tell(trial);
      return true;
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
  };
}

const waitsNoMore = (): Refusal =>
  new Refusal(409, {
    error: 'trial-waits-no-more',
    message: 'The trial that this run was to go on with does not wait any more: it was stopped, or runs already.',
    fix: 'Resume it in its room, or run the cell by itself for a new trial.',
  });

/** Said of a trial that was to give back what it holds, and cannot. */
const KEEPS: NewEvent = {
  kind: 'note',
  text: 'It waits, and keeps what it holds: its code writes no checkpoint that it could go on from.',
};

const progressOf = (hosted: Hosted | undefined): { progress?: Progress } =>
  hosted?.progress ? { progress: hosted.progress } : {};

/** What is said of a trial's end: nothing of one that is complete, and of a stop rather who asked than how it was obeyed. */
function endReason({ stopRequested, reason }: TrialRow, how: Trial['status'], said: string | null): string | null {
  if (how !== 'failed' && stopRequested) return reason ?? said;
  return how === 'completed' || said === null ? null : storableText(said);
}
