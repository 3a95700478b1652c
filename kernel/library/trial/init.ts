/**
 * The calls that W&B's library has, for code that comes from there: `init`, `log`, `finish`, `config`, `summary`,
 * `defineMetric`. Each run is an ordinary trial, in a notebook and in a script alike.
 */

import type { RemoteOptions } from '@trialroom/shared/remote/settings';
import { tellServer } from '../remote/current.ts';
import { flatten } from './flatten.ts';
import { Histogram, Image, isMedium, Table } from './run-media.ts';
import { type Trial, trial } from './trial.ts';

export interface RunOptions extends Omit<RemoteOptions, 'mode'> {
  /** What W&B calls a project is an experiment here: its trials are compared. Default `uncategorized`. */
  project?: string;
  /** The same, by its name here. */
  experiment?: string;
  /** Default: the date and time. */
  name?: string;
  /** What was chosen for this run; becomes the parameters of the trial. */
  config?: Record<string, unknown>;
  tags?: string[];
  /** A line among the events of the trial. */
  notes?: string;
  /** The metric that the trial is judged by. */
  objective?: { key: string; direction: 'minimise' | 'maximise' };
  /** `offline`: kept on the disk, for `trialroom sync` · `disabled`: nothing is kept or shown. */
  mode?: 'online' | 'offline' | 'disabled';
}

export interface LogOptions {
  /** The step that these values belong to. */
  step?: number;
  /** False: the next call belongs to the same step. Default: true, or false where a step is given, as in W&B. */
  commit?: boolean;
}

export interface MetricOptions {
  /** The summary keeps this of the metric, beside its newest value. */
  summary?: 'min' | 'max' | 'mean' | 'best' | 'last' | 'none';
  goal?: 'minimize' | 'maximize';
}

interface Kept {
  options: MetricOptions;
  min: number;
  max: number;
  sum: number;
  count: number;
}

export class Run {
  /** The trial; null in a run that is `disabled`. */
  readonly trial: Trial | null;
  /** What the run was opened with. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Figures by name; what is set here is shown as the result of the trial. */
  readonly summary: Record<string, unknown>;
  #step = 0;
  readonly #metrics = new Map<string, Kept>();

  /** Use {@link init}. */
  constructor(opened: Trial | null, config: Record<string, unknown>) {
    this.trial = opened;
    this.config = Object.freeze({ ...config });
    this.summary = new Proxy<Record<string, unknown>>(
      {},
      {
        set: (held, key, value) => {
          opened?.summary({ [String(key)]: value });
          return Reflect.set(held, key, value);
        },
      },
    );
  }

  get id(): string | undefined {
    return this.trial?.id;
  }

  get name(): string | undefined {
    return this.trial?.name;
  }

  /** Where it can be watched, if there is a server. */
  get url(): string | undefined {
    return this.trial?.room;
  }

  /** The step that the next call of {@link log} belongs to. */
  get step(): number {
    return this.#step;
  }

  /**
   * Logs values of one step. Nested ones are named with points: `{ train: { loss } }` is `train.loss`. Texts go to the
   * summary; pictures, histograms and tables stand in the room.
   * @throws TypeError for a value that is none of these, or a step that is no number
   * @throws Error after {@link finish}
   */
  log(values: Readonly<Record<string, unknown>>, { step, commit = step === undefined }: LogOptions = {}): void {
    if (step !== undefined && typeof step !== 'number') throw stepIsNone(step);
    if (step !== undefined) this.#step = step;
    const { figures, media, texts } = flatten(values, isMedium);
    for (const key in figures) this.#note(key, figures[key] ?? Number.NaN);
    if (this.trial) {
      if (Object.keys(figures).length > 0) this.trial.log(figures, { step: this.#step });
      for (const [key, medium] of media) {
        if (isMedium(medium)) medium.logTo(this.trial, key, this.#step);
      }
    }
    for (const [key, text] of Object.entries(texts)) this.summary[key] = text;
    if (commit) this.#step++;
  }

  /** Says what the summary is to keep of a metric. */
  defineMetric(name: string, options: MetricOptions = {}): void {
    const known = this.#metrics.get(name);
    this.#metrics.set(name, { ...(known ?? { min: Infinity, max: -Infinity, sum: 0, count: 0 }), options });
  }

  /** Ends the run; resolves when all that it logged is stored, or kept on the disk. `exitCode` other than 0: it failed. */
  async finish(exitCode = 0): Promise<void> {
    for (const [name, kept] of this.#metrics) this.#conclude(name, kept);
    if (current === this) current = undefined;
    if (!this.trial) return;
    if (exitCode === 0) await this.trial.finish();
    else await this.trial.finish('failed');
  }

  #note(name: string, value: number): void {
    const kept = this.#metrics.get(name);
    if (!kept || Number.isNaN(value)) return;
    kept.min = Math.min(kept.min, value);
    kept.max = Math.max(kept.max, value);
    kept.sum += value;
    kept.count++;
  }

  #conclude(name: string, { options, min, max, sum, count }: Kept): void {
    if (count === 0) return;
    const { summary = 'none', goal = 'minimize' } = options;
    if (summary === 'min' || (summary === 'best' && goal === 'minimize')) this.summary[`${name}.${summary}`] = min;
    else if (summary === 'max' || summary === 'best') this.summary[`${name}.${summary}`] = max;
    else if (summary === 'mean') this.summary[`${name}.mean`] = sum / count;
  }
}

let current: Run | undefined;

/**
 * Opens a run, which {@link log}, {@link finish}, {@link config} and {@link summary} then mean. One that is open is
 * finished first.
 * @throws Error when the server refuses, with its reason
 * @example
 * const run = await init({ project: 'digits', config: { lr: 0.01 } });
 * log({ loss, train: { accuracy } });
 * await finish();
 */
export async function init(options: RunOptions = {}): Promise<Run> {
  await current?.finish();
  const { project = 'uncategorized', experiment = project, name = now(), config: params = {}, mode } = options;
  const { tags, notes, objective, url, token, spool, console: printed } = options;
  if (mode === 'disabled') {
    current = new Run(null, params);
    return current;
  }
  tellServer({ url, token, spool, mode, console: printed });
  const opened = await trial({ experiment, name, params, ...(tags && { tags }), ...(objective && { objective }) });
  if (notes) opened.note(notes);
  current = new Run(opened, params);
  return current;
}

/** Logs to the run that {@link init} opened; see {@link Run.log}. */
export const log: Run['log'] = (...given) => running('log').log(...given);

/** Ends the run that {@link init} opened; see {@link Run.finish}. Does nothing when there is none. */
export const finish: Run['finish'] = async (...given) => current?.finish(...given);

/** Says what the summary keeps of a metric; see {@link Run.defineMetric}. */
export const defineMetric: Run['defineMetric'] = (...given) => running('defineMetric').defineMetric(...given);

/** What the open run was opened with. */
export const config: Readonly<Record<string, unknown>> = ofRun('config');

/** The summary of the open run. */
export const summary: Record<string, unknown> = ofRun('summary');

/** Pictures, histograms and tables for {@link log}. */
export const media = { Histogram, Image, Table };

function running(call: string): Run {
  if (!current) throw new Error(`${call}: no run is open; call await init({ project: '…' }) first`);
  return current;
}

/** Stands for an object of whichever run is open. */
function ofRun(part: 'config' | 'summary'): Record<string, unknown> {
  const target = (): object => running(part)[part];
  return new Proxy<Record<string, unknown>>(
    {},
    {
      get: (_, key) => Reflect.get(target(), key),
      set: (_, key, value) => Reflect.set(target(), key, value),
      has: (_, key) => Reflect.has(target(), key),
      ownKeys: () => Reflect.ownKeys(target()),
      getOwnPropertyDescriptor: (_, key) => {
        const found = Reflect.getOwnPropertyDescriptor(target(), key);
        return found && { ...found, configurable: true };
      },
    },
  );
}

/** `2026-03-01 14:05:09` */
const now = (): string => new Date().toISOString().slice(0, 19).replace('T', ' ');

const stepIsNone = (step: unknown): TypeError =>
  new TypeError(`log: the step is ${JSON.stringify(step)}, not a number; give Number(…) of it`);
