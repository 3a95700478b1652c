/**
 * Carries out what the loop commands: takes batches, trains, validates, writes checkpoints and waits. Whatever happens is
 * told to the loop, which alone decides what comes next. The event loop gets a turn about sixty times a second.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Variable } from '@tensorflow/tfjs';
import type { TensorFlow } from '../../backend/tensorflow.ts';
import { withChance } from '../chance.ts';
import type { Figures, TrainStep } from '../compile/contract.ts';
import { randomOf } from '../data/dataset/chance.ts';
import type { BatchSource, HostArray, HostBatch } from '../data/source.ts';
import { nameOf } from '../trial/callback.ts';
import type { Averages } from './average.ts';
import { type Judge, validate, withTensors } from './evaluation.ts';
import { advance, type Command, type Ending, type LoopEvent, type LoopState, type Plan, type Wish } from './loop.ts';
import { mixingOf, mixup, weighClasses } from './mix.ts';
import type { FitOptions } from './options.ts';
import type { Report } from './report.ts';
import { copiesNumbers, copyIn, copyOut } from './weights.ts';

/** How long steps may hold the event loop, in ms. */
const TURN_AFTER = 16;

/** What a run is made of. */
export interface RunParts {
  tf: TensorFlow;
  plan: Plan;
  step: TrainStep;
  source: BatchSource;
  validation: { source: BatchSource; judge: Judge } | undefined;
  /** All weights of the model. */
  weights: readonly Variable[];
  averages: Averages | undefined;
  /** The rate of an update, from 1; undefined: the optimizer's own. */
  rate: ((update: number) => number) | undefined;
  seed: number;
  report: Report;
  /** Writes a checkpoint. */
  save(run: Run): Promise<void>;
  options: Pick<FitOptions, 'trial' | 'signal' | 'callbacks' | 'classWeights' | 'mixup'>;
}

export class Run {
  readonly parts: RunParts;
  state: LoopState;
  /** The weights of the best epoch, as they were judged. */
  best: readonly HostArray[] | undefined;
  #batches: { iterator: AsyncIterator<HostBatch>; epoch: number; next: number } | undefined;
  #ending: Ending | undefined;
  #stopped = false;
  #turned = performance.now();

  constructor(parts: RunParts, state: LoopState, best: readonly HostArray[] | undefined) {
    this.parts = parts;
    this.state = state;
    this.best = best;
  }

  /** Trains to the end. */
  async go(): Promise<Ending> {
    this.parts.report.begin(this.state);
    let event: LoopEvent | undefined = { type: 'began', now: performance.now() };
    try {
      while (event) {
        const [state, commands]: [LoopState, Command[]] = advance(this.parts.plan, this.state, event);
        this.state = state;
        event = undefined;
        for (const command of commands) event = await this.#carryOut(command);
      }
    } finally {
      await this.leave();
      this.parts.report.end(this.#ending !== undefined && this.#ending !== 'stopped');
    }
    return this.#ending ?? 'completed';
  }

  /** A callback may end the run. */
  async tell(answer: unknown): Promise<void> {
    if ((await answer) === 'stop') this.#stopped = true;
  }

  async #carryOut(command: Command): Promise<LoopEvent | undefined> {
    const { tf, plan, options, report, weights, save } = this.parts;
    switch (command.do) {
      case 'step':
        return this.#step(command.epoch, command.batch);
      case 'validate':
        return this.#validate();
      case 'wait':
        await options.trial?.pausePoint();
        return { type: 'waited', wish: this.#wish(), now: performance.now() };
      case 'checkpoint':
        await save(this);
        return undefined;
      case 'keep-best':
        this.best = await this.#judged(() => copyOut(weights));
        return undefined;
      case 'settle':
        if (plan.restoreBest && this.best) copyIn(tf, weights, this.best);
        else this.parts.averages?.settle();
        return undefined;
      case 'report':
        report.epoch(this.state);
        for (const callback of options.callbacks ?? []) {
          const { epoch, steps, history } = this.state;
          const figures = history.at(-1);
          if (figures) await this.tell(callback.onEpoch?.({ epoch: epoch - 1, step: steps, figures }));
        }
        return undefined;
      case 'end':
        this.#ending = command.ending;
        return undefined;
    }
  }

  async #step(epoch: number, index: number): Promise<LoopEvent> {
    // A callback, or a checkpoint that took its time, may have come in between.
    const wish = this.#wish();
    if (wish !== 'go') return { type: 'waited', wish, now: performance.now() };
    const batch = await this.#batch(epoch, index);
    if (!batch) {
      if (index === 0) throw new Error('the data hold no examples: an epoch gave no batch');
      return { type: 'exhausted', wish: this.#wish(), now: performance.now() };
    }
    const { tf, step, seed, rate, averages, plan, report, options } = this.parts;
    const updates = step.updates;
    if (rate) {
      const scaled = rate(updates + 1) * this.state.plateau.scale;
      step.learningRate = plan.plateau ? Math.max(plan.plateau.floor ?? 0, scaled) : scaled;
    }
    const random = randomOf(seed, STEP, this.state.steps);
    const found = await withTensors(tf, this.#prepared(batch, epoch), (...tensors) =>
      withChance(random, () => step(...tensors)),
    );
    const figures: Figures = { loss: found.loss };
    for (const [key, value] of Object.entries(found)) figures[nameOf(key)] = value;
    if (step.updates !== updates) averages?.follow(step.updates);
    const after = { ...this.state, steps: this.state.steps + 1, examples: this.state.examples + batch.size };
    report.step(after, rate ? { ...figures, learningRate: step.learningRate } : figures);
    for (const callback of options.callbacks ?? []) {
      await this.tell(callback.onStep?.({ step: after.steps, epoch, batch: index, figures }));
    }
    if (await this.#turn()) report.glance(after, figures);
    return { type: 'stepped', figures, examples: batch.size, wish: this.#wish(), now: performance.now() };
  }

  async #validate(): Promise<LoopEvent> {
    const { tf, validation } = this.parts;
    const figures = validation
      ? await this.#judged(() =>
          validate(tf, validation.source, validation.judge, async () => {
            await this.#turn();
            return this.#wish() === 'go';
          }),
        )
      : {};
    const [wish, now] = [this.#wish(), performance.now()];
    // What was left off is done again: it takes no part in training.
    if (!figures) return { type: 'waited', wish: wish === 'go' ? 'pause' : wish, now };
    const named = Object.entries(figures).map(([key, value]): [string, number] => [nameOf(key), value]);
    return { type: 'validated', figures: Object.fromEntries(named), wish, now };
  }

  /** With those weights in place that are judged. */
  #judged<T>(work: () => Promise<T>): Promise<T> {
    const { averages } = this.parts;
    return averages ? averages.within(work) : work();
  }

  #prepared(batch: HostBatch, epoch: number): HostBatch {
    const { seed, options } = this.parts;
    const weighed = options.classWeights ? weighClasses(batch, options.classWeights) : batch;
    if (options.mixup === undefined) return weighed;
    return mixup(weighed, options.mixup, mixingOf(seed, epoch, batch.index));
  }

  /** The batch of this number; undefined when the epoch has no more. */
  async #batch(epoch: number, index: number): Promise<HostBatch | undefined> {
    const { tf, source, seed } = this.parts;
    if (this.#batches?.epoch !== epoch || this.#batches.next !== index) {
      await this.leave();
      if (index > 0 && source.batches !== undefined && index >= source.batches) return undefined;
      const epochOptions = { epoch, seed, from: index, lent: copiesNumbers(tf) };
      this.#batches = { iterator: source.epoch(epochOptions)[Symbol.asyncIterator](), epoch, next: index };
    }
    const result = await this.#batches.iterator.next();
    if (result.done) {
      this.#batches = undefined;
      return undefined;
    }
    this.#batches.next = index + 1;
    return result.value;
  }

  /** Lets the source free what it has prepared. */
  async leave(): Promise<void> {
    const batches = this.#batches;
    this.#batches = undefined;
    await batches?.iterator.return?.();
  }

  /** Gives the event loop its turn when it is due. @returns whether it was */
  async #turn(): Promise<boolean> {
    if (performance.now() - this.#turned < TURN_AFTER) return false;
    await nextTurn();
    this.#turned = performance.now();
    return true;
  }

  #wish(): Wish {
    const { trial, signal } = this.parts.options;
    if (this.#stopped || signal?.aborted || trial?.stopping) return 'stop';
    return trial?.pausing ? 'pause' : 'go';
  }
}

/** Keeps the chance of steps apart from that of shuffles and mixing. */
const STEP = 0x57e9;
