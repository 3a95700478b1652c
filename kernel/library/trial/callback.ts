/**
 * Joins `model.fit` to a trial. A batch's figures are read as the optimiser leaves them, so a curve has a point for
 * every update; the event loop gets a turn about sixty times a second, so that a stop arrives and figures leave.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Callback, Scalar } from '@tensorflow/tfjs';
import { loadTensorFlow } from '../../backend/tensorflow.ts';
import type { Trial } from './trial.ts';

type Logs = Readonly<Record<string, number | Scalar>>;

/** Fields of the logs that are not metrics. */
const NOT_METRICS = new Set(['batch', 'size']);
const TURN_AFTER = 16;

/** How training by `model.fit` is kept. */
export interface SavingOptions {
  /** Writes all that is needed to go on after `step` into a file, when people pause or stop it, and returns its path. */
  checkpoint?: (step: number) => Promise<string> | string;
}

/** A callback that logs to `trial`. Steps go on from the trial's newest, so several fits make one curve. */
export function fitCallback(
  trial: Pick<Trial, 'log' | 'progress' | 'stopping' | 'pausePoint' | 'step' | 'checkpoint'>,
  { checkpoint }: SavingOptions = {},
): Callback {
  const save = checkpoint && (async () => trial.checkpoint(await checkpoint(trial.step)));
  const tf = loadTensorFlow();

  class TrialCallback extends tf.Callback {
    #first = 0;
    #done = 0;
    #epoch = 0;
    #turned = 0;

    override async onTrainBegin(): Promise<void> {
      this.#first = trial.step;
      this.#done = 0;
      this.#turned = performance.now();
      this.#report();
    }

    override async onEpochBegin(epoch: number): Promise<void> {
      this.#epoch = epoch;
    }

    override async onBatchEnd(_batch: number, logs?: Logs): Promise<void> {
      this.#done++;
      trial.log(await figures(logs, () => true), { step: this.#first + this.#done });
      this.#report();
      if (performance.now() - this.#turned >= TURN_AFTER) {
        await nextTurn();
        this.#turned = performance.now();
      }
      if (trial.stopping) await save?.();
      else await trial.pausePoint(save);
      this.#obey();
    }

    override async onEpochEnd(epoch: number, logs?: Logs): Promise<void> {
      const step = this.#first + this.#done;
      const all = await figures(logs, () => true);
      const validation = Object.fromEntries(Object.entries(all).filter(([key]) => key.startsWith('val_')));
      if (Object.keys(validation).length > 0) trial.log(validation, { step });
      // A line in the cell's output and in the trial's log, for those who read rather than look.
      console.log(epochLine(epoch + 1, step, all));
      this.#obey();
    }

    #obey(): void {
      if (trial.stopping) this.model.stopTraining = true;
    }

    #report(): void {
      const epochs = amount(this.params.epochs);
      const steps = amount(this.params.steps) ?? batches(this.params.samples, this.params.batchSize);
      const note = epochs === undefined ? undefined : `epoch ${this.#epoch + 1} of ${epochs}`;
      // Counted within this fit: an earlier one had a total of its own.
      trial.progress(this.#done, epochs && steps ? epochs * steps : undefined, note);
    }
  }

  return new TrialCallback();
}

/** `epoch 2  step 920  loss 0.0631  val_loss 0.0606`: figures with four decimals, wide enough to stand in columns. */
export const epochLine = (epoch: number, step: number, values: Readonly<Record<string, number>>): string =>
  [
    `epoch ${epoch}`,
    `step ${String(step).padStart(6)}`,
    ...Object.entries(values).map(([key, value]) => `${key} ${value.toFixed(4)}`),
  ].join('  ');

/** The metrics of `logs` whose key passes, as numbers, under the names people use: `acc` becomes `accuracy`. */
async function figures(logs: Logs | undefined, passes: (key: string) => boolean): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const [key, value] of Object.entries(logs ?? {})) {
    if (NOT_METRICS.has(key) || !passes(key)) continue;
    found[nameOf(key)] = typeof value === 'number' ? value : ((await value.data())[0] ?? Number.NaN);
  }
  return found;
}

/** The name that people use: `acc` is `accuracy`. */
export const nameOf = (key: string): string => key.replace(/^(val_)?acc$/, '$1accuracy');

const amount = (value: unknown): number | undefined => (typeof value === 'number' && value > 0 ? value : undefined);

function batches(samples: unknown, batchSize: unknown): number | undefined {
  const [all, each] = [amount(samples), amount(batchSize)];
  return all && each ? Math.ceil(all / each) : undefined;
}
