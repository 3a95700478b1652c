/**
 * How much each parameter matters, computed in a kernel of its own: the server only hands the table over and hears how far
 * it is. What was computed is kept in memory for a while, and asked for again is given again while no trial has changed.
 */
import { createHash } from 'node:crypto';
import { type Analysis, Importance, type ImportanceState, type ReadBy } from '@trialroom/shared/api/comparison';
import { newNotebook } from '@trialroom/shared/notebook/format';
import { fromWire } from '@trialroom/shared/trial/points';
import { ulid } from 'ulid';
import { z } from 'zod';
import { Refusal } from '../http/refusal.ts';
import type { Log } from '../log.ts';
import { runNotebook } from '../sessions/headless/headless.ts';
import type { Shares } from '../sessions/kernels/share.ts';
import type { TrialSink } from '../trials/sink.ts';
import { isSeed } from './rows.ts';

export interface ImportanceOptions {
  /** Folder that the kernel stands in. */
  folder: string;
  trials: TrialSink;
  shares?: Shares;
  memoryMb?: number | undefined;
  log: Log;
}

export interface Importances {
  /** Begins, or gives what runs or was computed already of the same trials. @throws Refusal (409) */
  start(analysis: Analysis, metric: string, by: ReadBy): ImportanceState;
  /** @throws Refusal (404) */
  get(id: string): ImportanceState;
  /** Ends it; what has ended stays. @throws Refusal (404) */
  cancel(id: string): Promise<ImportanceState>;
  /** Ends all that runs. */
  close(): Promise<void>;
}

/** Kernels that compute at once. */
const AT_ONCE = 2;
/** Results that are kept. */
const KEPT = 50;

/** What the kernel runs; `table` comes as a parameter. A line of JSON for each tree, and one for the result. */
const CODE = `import { analysis } from 'trialroom';
const found = await analysis.importance(table, { onProgress: (done, total) => console.log(JSON.stringify({ done, total })) });
console.log(JSON.stringify({ found }));`;

const Line = z.union([
  z.object({ done: z.number(), total: z.number() }),
  z.object({ found: Importance.omit({ metric: true }) }),
]);

interface Computation {
  state: ImportanceState;
  /** Equal for the same trials, metric and reading. */
  key: string;
  abort: AbortController;
  ended: Promise<void>;
}

export function createImportances({ folder, trials, shares, memoryMb, log }: ImportanceOptions): Importances {
  const computations = new Map<string, Computation>();

  const find = (id: string): Computation => {
    const found = computations.get(id);
    if (found) return found;
    throw new Refusal(404, {
      error: 'importance-unknown',
      message: 'This computation is not known any more.',
      fix: 'Begin it again.',
    });
  };

  const run = async (computation: Computation, table: object, metric: string): Promise<void> => {
    const { id } = computation.state;
    let rest = '';
    let found: Importance | undefined;
    const take = (line: string): void => {
      const said = Line.safeParse(parsed(line));
      if (!said.success) return;
      if ('found' in said.data) found = { metric, ...said.data.found };
      else if (computation.state.state === 'running') Object.assign(computation.state, said.data);
    };
    const notebook = newNotebook();
    const cell = {
      id: 'importance',
      cell_type: 'code',
      source: CODE,
      metadata: {},
      outputs: [],
      execution_count: null,
    };
    const result = await runNotebook({
      notebook: { ...notebook, cells: [{ ...cell, cell_type: 'code' as const }] },
      params: { table },
      ...{ cwd: folder, memoryMb, trials, log, signal: computation.abort.signal },
      ...(shares ? { shares } : {}),
      origin: { notebook: null, by: null },
      onOutput: (_, event) => {
        if (event.type !== 'stream' || event.name !== 'stdout') return;
        const lines = (rest + event.text).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) take(line);
      },
    });
    if (found) computation.state = { state: 'done', id, importance: found };
    else if (computation.abort.signal.aborted) computation.state = { state: 'cancelled', id };
    else
      computation.state = { state: 'failed', id, reason: result.failed?.error.message ?? 'The kernel said nothing.' };
  };

  return {
    start: (analysis, metric, by) => {
      const table = tableOf(analysis, metric, by);
      const key = createHash('sha256')
        .update(JSON.stringify([metric, by, table]))
        .digest('hex');
      for (const { key: other, state } of computations.values()) {
        if (other === key && (state.state === 'running' || state.state === 'done')) return state;
      }
      if ([...computations.values()].filter(({ state }) => state.state === 'running').length >= AT_ONCE) throw busy();
      const id = ulid();
      const computation: Computation = {
        state: { state: 'running', id, done: 0, total: 64, startedAt: Date.now() },
        ...{ key, abort: new AbortController(), ended: Promise.resolve() },
      };
      computation.ended = run(computation, table, metric).catch((error: unknown) => {
        log.error({ err: error }, 'importance could not be computed');
        computation.state = { state: 'failed', id, reason: error instanceof Error ? error.message : String(error) };
      });
      computations.set(id, computation);
      for (const [old, { state }] of computations) {
        if (computations.size > KEPT && state.state !== 'running') computations.delete(old);
      }
      return computation.state;
    },
    get: (id) => find(id).state,
    cancel: async (id) => {
      const computation = find(id);
      computation.abort.abort();
      await computation.ended;
      return computation.state;
    },
    close: async () => {
      for (const { abort } of computations.values()) abort.abort();
      await Promise.all([...computations.values()].map(({ ended }) => ended));
    },
  };
}

/** Trials that have the metric, with every parameter but seeds: chance is no setting. */
function tableOf(
  { trials }: Analysis,
  metric: string,
  by: ReadBy,
): { names: string[]; rows: unknown[]; target: number[] } {
  const rated = trials.flatMap((trial) => {
    const reading = trial.metrics[metric];
    const value =
      reading === undefined ? Number.NaN : by === 'best' ? (reading.best ?? Number.NaN) : fromWire(reading.last);
    return Number.isFinite(value) ? [{ trial, value }] : [];
  });
  const names = [...new Set(rated.flatMap(({ trial }) => Object.keys(trial.params)))].filter((name) => !isSeed(name));
  return {
    names,
    rows: rated.map(({ trial }) => names.map((name) => trial.params[name] ?? null)),
    target: rated.map(({ value }) => value),
  };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const busy = (): Refusal =>
  new Refusal(409, {
    error: 'importance-busy',
    message: `${AT_ONCE} computations run already.`,
    fix: 'Wait until one has ended, or cancel it.',
  });
