/** What people see of a run: a bar or a trial's progress, a line for each epoch, points of every batch. */
import { type Progress, progress } from '../../display/progress.ts';
import type { Figures } from '../compile/contract.ts';
import { epochLine } from '../trial/callback.ts';
import type { LoopState } from './loop.ts';
import type { FitOptions } from './options.ts';

export interface ReportOptions {
  trial: FitOptions['trial'];
  /** Whether there is a bar and lines. */
  shown: boolean;
  epochs: number;
  /** In one epoch; undefined when only reading to the end will tell. */
  examples: number | undefined;
  batches: number | undefined;
  /** Batches trained on before this run went on. */
  done: number;
}

export class Report {
  readonly #options: ReportOptions;
  /** Step of the trial at which this run's step 0 is: several fits make one curve. */
  readonly #offset: number;
  #bar: Progress | undefined;
  /** Examples trained on before the bar began: what is to be seen is the pace of now. */
  #before = 0;

  constructor(options: ReportOptions) {
    const { trial, done } = options;
    this.#options = options;
    this.#offset = trial && trial.step > done ? trial.step - done : 0;
  }

  /** A run begins, or goes on. */
  begin({ examples, epoch }: LoopState): void {
    const { trial, shown, epochs, examples: each } = this.#options;
    if (trial || !shown) return;
    this.#before = examples;
    const left = each === undefined ? undefined : each * epochs - examples;
    this.#bar = progress(left !== undefined && left > 0 ? left : undefined, this.#note(epoch));
  }

  /** A batch was trained on. */
  step({ steps, examples, epoch }: LoopState, figures: Readonly<Record<string, number>>): void {
    const { trial, epochs, batches } = this.#options;
    if (!trial) {
      this.#bar?.set(examples - this.#before);
      return;
    }
    trial.log(figures, { step: this.#offset + steps });
    trial.progress(steps, batches === undefined ? undefined : batches * epochs, this.#note(epoch));
  }

  /** Newest figures beside the bar; called now and then. */
  glance({ examples, epoch }: LoopState, figures: Figures): void {
    this.#bar?.set(examples - this.#before, `${this.#note(epoch)}, loss ${figures.loss.toPrecision(4)}`);
  }

  /** An epoch is over; its number counts from 1. */
  epoch({ steps, history }: LoopState): void {
    const { trial, shown } = this.#options;
    const figures: Readonly<Record<string, number>> = history.at(-1) ?? {};
    const validation = Object.entries(figures).filter(([key]) => key.startsWith('val_'));
    const step = this.#offset + steps;
    if (trial && validation.length > 0) trial.log(Object.fromEntries(validation), { step });
    if (shown) console.log(epochLine(history.length, step, figures));
  }

  /** The run is over. */
  end(completed: boolean): void {
    if (completed) this.#bar?.done();
    else this.#bar?.stop();
  }

  #note(epoch: number): string {
    const { epochs } = this.#options;
    return `epoch ${Math.min(epoch + 1, epochs)} of ${epochs}`;
  }
}
