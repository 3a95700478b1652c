/**
 * A trial as a notebook sees it: what training says of itself (metrics, progress, final figures), and what people
 * ask of it (to pause, to stop). Outside a kernel the same code runs and prints a line a second.
 * A trial ends by {@link Trial.finish}. One that was used by a cell which fails or is interrupted is ended by the
 * server, which knows how the cell ended; here every point is sent by then, and code that would go on in the background
 * (a `fit` between two batches cannot be stopped otherwise) meets an error at its next word.
 */
import type { Callback } from '@tensorflow/tfjs';
import type { ExecutionEnd, TrialOpen, TrialOpened } from '@trialroom/shared/kernel/protocol';
import { MIME } from '@trialroom/shared/notebook/outputs';
import type { SaidEvent } from '@trialroom/shared/trial/event';
import { GivenBack, type KernelHost } from '../../process/host.ts';
import { fitCallback, type SavingOptions } from './callback.ts';
import { type Checkpoint, checkpointIn } from './checkpoints.ts';
import { aboutRun } from './environment.ts';
import { Outbox } from './outbox.ts';
import { alive, type StepOptions, stepsOf } from './pausing.ts';
import { currentHost } from './standalone.ts';
import { TrialWords } from './words.ts';

/** What a trial is opened with. */
export interface TrialOptions {
  /** Name of the question that this trial helps to answer; trials of one experiment are compared. */
  experiment: string;
  /** Name of this trial; need not be unique. */
  name: string;
  /** What was chosen for this run: anything that JSON can say. */
  params?: Record<string, unknown>;
  /** The metric that the trial is judged by. */
  objective?: NonNullable<TrialOpen['objective']>;
  /** Words to sort it by. */
  tags?: string[];
}

/**
 * Opens a trial and shows it under the cell.
 * @throws TypeError when experiment or name is missing
 * @throws Error when the server refuses, with its reason
 * @example
 * const run = await trial({ experiment: 'digits', name: 'small CNN', params: { epochs } });
 * await model.fit(x, y, { epochs, callbacks: run.callbacks() });
 * await run.finish();
 */
export async function trial(options: TrialOptions): Promise<Trial> {
  const { experiment, name, params = {}, objective, tags } = options;
  for (const [field, value] of [['experiment', experiment] as const, ['name', name] as const]) {
    if (typeof value !== 'string' || value.length < 1 || value.length > 200) {
      throw new TypeError(`trial({ ${field} }): give a text of 1 to 200 characters`);
    }
  }
  const to = currentHost();
  const about = await aboutRun(to.execution() !== undefined);
  const said = { ...(objective && { objective }), ...(tags && { tags }) };
  const opened = await to.openTrial({ experiment, name, params, ...said, ...about });
  const run = new Trial(to, opened.trial, name, opened.room, opened.resume);
  const text = opened.room ? `${name} · ${opened.room}` : name;
  to.display({ [MIME.trial]: { trial: opened.trial }, 'text/plain': text });
  return run;
}

export class Trial extends TrialWords {
  readonly id: string;
  readonly name: string;
  /** Path of the page where it can be watched, if there is a server. */
  readonly room: string | undefined;
  readonly #host: KernelHost;
  readonly #outbox: Outbox;
  readonly #resume: TrialOpened['resume'];
  #waiting: (() => void)[] = [];
  #step = 0;
  /** Why nothing more can be logged; undefined while it can. */
  #over: keyof typeof WHY_OVER | undefined;
  /** The newest checkpoint holds all up to here: nothing was logged since. */
  #saved = false;

  /** Use {@link trial}. */
  constructor(to: KernelHost, id: string, name: string, room: string | undefined, resume?: TrialOpened['resume']) {
    super();
    this.#resume = resume;
    this.#host = to;
    this.id = id;
    this.name = name;
    this.room = room;
    this.#outbox = new Outbox(to, id, resume?.after);
    attend(to, id, {
      outbox: this.#outbox,
      wished: () => this.#wake(),
      ended: (execution, end) => {
        this.#outbox.flush();
        if (end !== 'ok' && this.#outbox.usedBy(execution)) this.#over ??= end;
        if (this.#over) this.#wake();
      },
    });
  }

  /** True once someone asked this trial to stop. Costs nothing to read, and changes even in a loop without `await`. */
  get stopping(): boolean {
    return this.#host.stopRequested(this.id);
  }

  /** True while someone wants this trial to wait between two steps. Read as {@link stopping} is. */
  get pausing(): boolean {
    return this.#host.pauseRequested(this.id);
  }

  /** True once {@link finish} was called. */
  get finished(): boolean {
    return this.#over === 'finished';
  }

  /**
   * The checkpoint to go on from, when the trial ran before in another process: the newest in this folder, or the newest
   * of all. From then on steps count from there. `fit` with `checkpoints`, and {@link steps} with `restore`, look by
   * themselves.
   */
  goesOnFrom(folder?: string): Checkpoint | undefined {
    const found = checkpointIn(this.#resume, folder);
    if (found) this.#step = Math.max(this.#step, found.step);
    return found;
  }

  /**
   * Waits here while someone has paused this trial; returns at once otherwise. What the code holds it keeps. A stop ends
   * the wait: look at {@link stopping} after it. Loops over {@link steps} and `fit` do this by themselves.
   * @param save writes a checkpoint, and says so by {@link checkpoint}: then a pause may also end the process, and the
   *   trial goes on later in another
   * @throws Error when the trial ends while it waits, or is given back while its kernel lives on: let it pass
   * @example while (!run.stopping) { …; await run.pausePoint(); }
   */
  async pausePoint(save?: () => Promise<void>): Promise<void> {
    if (!this.pausing) return;
    this.#mustBeOpen('pausePoint');
    await save?.();
    this.#outbox.flush();
    let released = false;
    const tell = (): void => {
      released = this.#saved && this.#host.releaseRequested(this.id);
      this.#host.send({ type: 'trial.paused', trial: this.id, paused: true, ...(released && { released }) });
    };
    tell();
    while (this.pausing && !this.#over) {
      await alive(this.#wished());
      // What is to be given back may be wished for later than the pause.
      if (!released && this.#saved && this.#host.releaseRequested(this.id)) tell();
    }
    if (!this.#over && this.#host.released(this.id)) {
      this.#over = 'released';
      leave(this.#host, this.id);
      throw new GivenBack(
        `Paused and released: "${this.name}" goes on from step ${this.#step.toLocaleString('en')} when it is resumed in its room.`,
      );
    }
    this.#mustBeOpen('pausePoint');
    this.#host.send({ type: 'trial.paused', trial: this.id, paused: false });
  }

  /** The newest step logged; 0 before the first. */
  get step(): number {
    return this.#step;
  }

  /**
   * Logs metrics. NaN and ±Infinity are kept as they are.
   * @param values a number for each key
   * @param options `step`: how many updates were made so far; one more than last time when not given
   * @throws TypeError for a value that is no number
   * @throws Error after {@link finish}
   */
  log(values: Readonly<Record<string, number>>, options?: { step?: number }): void {
    this.#mustBeOpen('log');
    const step = options?.step ?? this.#step + 1;
    if (typeof step !== 'number' || Number.isNaN(step)) throw new TypeError(`trial.log: step is ${step}, not a number`);
    const refused = this.#outbox.add(values, step);
    if (refused !== undefined) throw new TypeError(notANumber(refused, values[refused]));
    this.#step = step;
    this.#saved = false;
  }

  /** Says how far the work is: `done` of `total` steps. `note` is shown beside it, e.g. `epoch 2 of 3`. */
  progress(done: number, total?: number, note?: string): void {
    this.#mustBeOpen('progress');
    if (!(done >= 0)) throw new TypeError(`trial.progress: done is ${done}; give a number from 0 on`);
    if (total !== undefined && !(total > 0)) {
      throw new TypeError(`trial.progress: total is ${total}; give a number above 0, or leave it out`);
    }
    this.#outbox.progress({ done, ...(total !== undefined && { total }), ...(note !== undefined && { note }) });
  }

  /** Records final figures by name; later ones are merged into earlier ones. */
  summary(figures: Readonly<Record<string, unknown>>): void {
    this.#mustBeOpen('summary');
    this.#outbox.flush();
    this.#host.send({ type: 'trial.summary', trial: this.id, summary: { ...figures } });
  }

  /**
   * Counts from 0 to `count - 1`, reporting progress after each, waiting while paused and leaving off when asked to stop.
   * With `checkpoint` and `restore` a pause may also give back what the trial holds, and a trial that was paused, stopped
   * or lost goes on from its newest checkpoint.
   * @example for await (const step of run.steps(1000)) { … }
   * @example for await (const step of run.steps(1000, { checkpoint: () => save('weights'), restore: load })) { … }
   */
  steps(count: number, options: StepOptions = {}): AsyncGenerator<number, void, undefined> {
    return stepsOf(this, count, options);
  }

  /**
   * Callbacks for `model.fit`: loss and metrics of every batch, validation metrics of every epoch, progress, a
   * wait while paused and an end to training when asked to stop.
   */
  callbacks(options: SavingOptions = {}): Callback[] {
    return [fitCallback(this, options)];
  }

  protected outboxFor(method: string): Outbox {
    this.#mustBeOpen(method);
    return this.#outbox;
  }

  protected display(data: Record<string, unknown>): void {
    this.#host.display(data);
  }

  protected say(event: SaidEvent, method: string): void {
    this.#mustBeOpen(method);
    this.#outbox.say({ type: 'trial.events' }, new TextEncoder().encode(JSON.stringify([event])));
    if (event.kind === 'checkpoint') this.#saved = true;
  }

  /**
   * Ends the trial, and resolves when all that it logged is stored. Does nothing the second time.
   * @param end how it ended; by default `completed`, or `stopped` when it was asked to stop
   */
  async finish(end: 'completed' | 'failed' | 'stopped' = this.stopping ? 'stopped' : 'completed'): Promise<void> {
    if (!this.#over) {
      this.#over = 'finished';
      this.#outbox.flush();
      this.#host.send({ type: 'trial.finish', trial: this.id, end });
    }
    await this.#outbox.durable();
    if (this.#outbox.unacknowledged === 0) leave(this.#host, this.id);
  }

  #wished(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #mustBeOpen(method: string): void {
    if (!this.#over) return;
    throw new Error(`trial.${method}: the trial "${this.name}" ${WHY_OVER[this.#over]}`);
  }
}

const WHY_OVER = {
  finished: 'is over; open another with trial({ … })',
  error: 'ended with a cell that failed; open another with trial({ … })',
  aborted: 'was interrupted; open another with trial({ … })',
  released: 'was paused and released; resume it in its room',
};

const notANumber = (key: string, value: unknown): string => {
  const tensor = typeof value === 'object' && value !== null && 'dataSync' in value;
  return tensor
    ? `trial.log: "${key}" is a tensor; give its value, e.g. (await ${key}.data())[0]`
    : `trial.log: "${key}" is ${value === null ? 'null' : `a ${typeof value}`}; give a number`;
};

interface Attended {
  outbox: Outbox;
  ended: (execution: string, end: ExecutionEnd) => void;
  wished: () => void;
}

/** The open trials of each host, which is told once whom to tell. */
const attended = new WeakMap<KernelHost, Map<string, Attended>>();

function attend(to: KernelHost, id: string, trial: Attended): void {
  let open = attended.get(to);
  if (!open) {
    const trials = new Map<string, Attended>();
    attended.set(to, trials);
    to.onWish((trialId) => trials.get(trialId)?.wished());
    to.onAck((trialId, seq) => trials.get(trialId)?.outbox.acknowledge(seq));
    to.onEnd((execution, end) => {
      for (const each of trials.values()) each.ended(execution, end);
    });
    open = trials;
  }
  open.set(id, trial);
}

function leave(to: KernelHost, id: string): void {
  attended.get(to)?.delete(id);
}
