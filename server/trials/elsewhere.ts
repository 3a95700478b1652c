/**
 * Trials whose code runs elsewhere, in a script that tells of them over HTTP. No process of the workspace holds them: the
 * server that serves people marks them lost when their script is silent, and takes them up again when it is back.
 */
import type { Progress, TrialOpen } from '@trialroom/shared/kernel/protocol';
import type { SaidEvent } from '@trialroom/shared/trial/event';
import type { PointColumns } from '@trialroom/shared/trial/points';
import { isOver, type LogLine, type Trial } from '@trialroom/shared/trial/trial';
import { Refusal } from '../http/refusal.ts';
import type { Ingest } from '../metrics/ingest.ts';
import { CODE, SYSTEM } from '../metrics/points.ts';
import { fromSaid } from './events.ts';
import { ELSEWHERE } from './lease.ts';
import type { Log } from './log.ts';
import type { TrialRecords } from './records.ts';
import { storableRecord, storableText } from './storable.ts';
import type { Telling } from './telling.ts';

/** What a script opens a trial with. */
export interface OpenedElsewhere {
  /** Of the script's own making. */
  id: string;
  open: TrialOpen;
  by: NonNullable<Trial['by']>;
  /** ms since the epoch. */
  startedAt: number;
  /** All numbers up to this one are known to be stored. */
  solid: number;
}

export interface Elsewhere {
  /** Whether a script tells of the trial here. */
  has(id: string): boolean;
  /**
   * Makes the trial, or takes it up again.
   * @throws Refusal (409) when there is a trial of this id that no script made
   */
  open(given: OpenedElsewhere): Promise<Trial>;
  /** Takes a trial up again that is known. @throws Refusal (404) */
  resume(id: string, solid: number): Promise<Trial>;
  points(id: string, seq: number, columns: PointColumns[]): Promise<void>;
  /** Figures of its process and machine at a step, sampled at `at` (ms since the epoch); repeating a seq changes nothing. */
  samples(id: string, seq: number, step: number, at: number, figures: Readonly<Record<string, number>>): Promise<void>;
  progress(id: string, progress: Progress): Promise<void>;
  events(id: string, seq: number, said: readonly SaidEvent[]): Promise<void>;
  paused(id: string, paused: boolean): Promise<void>;
  summary(id: string, summary: Record<string, unknown>): Promise<void>;
  /** Keeps lines that the script numbered; a repeated one changes nothing. */
  log(id: string, lines: LogLine[]): Promise<void>;
  /** Ends the trial, with all it said stored before. `at`: ms since the epoch. */
  finish(id: string, end: 'completed' | 'failed' | 'stopped', at: number, reason: string | null): Promise<void>;
  /** Its script is silent. */
  lose(id: string, reason: string): Promise<void>;
}

export interface ElsewhereOptions {
  records: TrialRecords;
  ingest: Ingest;
  lines: Log;
  telling: Telling;
}

export function createElsewhere({ records, ingest, lines, telling }: ElsewhereOptions): Elsewhere {
  const told = new Set<string>();
  const { tell } = telling;

  const apply = async (
    id: string,
    ...rest: Parameters<TrialRecords['apply']> extends [unknown, ...infer R] ? R : never
  ) => {
    const [operation, along = {}] = rest;
    const trial = await records.apply(id, operation, { ...along, owner: ELSEWHERE });
    if (trial) tell(trial);
    return trial;
  };

  const find = async (id: string): Promise<Trial | null> => {
    try {
      return await records.get(id);
    } catch (error) {
      if (error instanceof Refusal && error.status === 404) return null;
      throw error;
    }
  };

  const resume = async (id: string, solid: number): Promise<Trial> => {
    const known = await records.get(id);
    await ingest.resume(id, solid);
    told.add(id);
    if (known.status !== 'lost') return known;
    return (await apply(id, { type: 'find', paused: false }, { change: { reason: null } })) ?? known;
  };

  return {
    has: (id) => told.has(id),
    resume,
    open: async ({ id, open, by, startedAt, solid }) => {
      if (!(await find(id))) {
        await records.create({ id, open, notebook: null, cell: null, backend: open.environment?.backend ?? null, by });
        const begun = Math.min(startedAt, Date.now());
        const change = { owner: ELSEWHERE, createdAt: begun, startedAt: begun };
        const trial = await records.apply(id, { type: 'start' }, { change });
        if (trial) tell(trial);
        telling.opened(id, open, {
          ...{ kernel: ELSEWHERE, execution: id, cell: '', notebook: null, by },
          backend: open.environment?.backend ?? null,
        });
      }
      return resume(id, solid);
    },
    points: (trial, seq, columns) => ingest.add({ trial, source: CODE, seq, columns }),
    samples: (trial, seq, step, at, figures) => {
      const one = (value: number): Float64Array => new Float64Array([value]);
      const columns = Object.entries(figures).map(([key, value]) => ({
        ...{ key, steps: one(step), walls: one(at), values: one(value) },
      }));
      return ingest.add({ trial, source: SYSTEM, seq, columns });
    },
    progress: async (id, progress) => void (await apply(id, null, { change: { progress } })),
    events: async (id, seq, said) => {
      const changed = await records.say(id, seq, said.map(fromSaid));
      if (changed) tell(changed);
    },
    paused: async (id, paused) => void (await apply(id, { type: paused ? 'pause' : 'resume' })),
    summary: async (id, summary) =>
      void (await apply(id, null, {
        change: (row) => ({ summary: { ...row.summary, ...storableRecord(summary) } }),
      })),
    log: (id, said) => lines.keep(id, said),
    finish: async (id, end, at, reason) => {
      await ingest.flush();
      const endedAt = Math.min(at, Date.now());
      await apply(
        id,
        { type: 'finish', end },
        {
          change: (row) => ({
            endedAt: Math.max(endedAt, row.startedAt ?? endedAt),
            reason: end !== 'failed' && row.stopRequested ? (row.reason ?? null) : reason && storableText(reason),
          }),
        },
      );
      told.delete(id);
      ingest.forget([id]);
    },
    lose: async (id, reason) => {
      const trial = await records.get(id);
      if (!isOver(trial.status)) await apply(id, { type: 'lose' }, { change: { reason } });
      told.delete(id);
      await ingest.flush();
      ingest.forget([id]);
    },
  };
}
