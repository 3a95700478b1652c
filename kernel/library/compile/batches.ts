/** Running a model over many examples, batch by batch, compiled where that can be. */
import type { Tensor } from '@tensorflow/tfjs';
import { CompiledCalls } from '../../backend/compiled/calls.ts';
import { heapOf } from '../../backend/compiled/heap.ts';
import { CannotCompile } from '../../backend/compiled/recording.ts';
import type { TensorFlow } from '../../backend/tensorflow.ts';
import type { View } from './model.ts';

export interface CallerOptions {
  tf: TensorFlow;
  view: View;
  /** Why it is not compiled; undefined when it is to be. */
  reason: string | undefined;
  work(inputs: Tensor[]): Tensor[];
}

/** A function that runs compiled until it turns out that it cannot. */
export class Caller {
  readonly #options: CallerOptions;
  #calls: CompiledCalls | undefined;

  constructor(options: CallerOptions) {
    const { tf, reason, work } = options;
    this.#options = options;
    const heap = heapOf(tf);
    if (heap && reason === undefined) this.#calls = new CompiledCalls({ tf, heap, work });
  }

  /** Runs `compiled`, or `eager` where that is not possible, which is said once. */
  run<T>(compiled: (calls: CompiledCalls) => T, eager: (work: (inputs: Tensor[]) => Tensor[]) => T): T {
    const { tf, view, work } = this.#options;
    if (this.#calls) {
      try {
        return compiled(this.#calls);
      } catch (error) {
        if (!(error instanceof CannotCompile)) throw error;
        this.dispose();
        console.warn(`${view.name} runs uncompiled, which is slower: ${error.message}`);
      }
    }
    return eager((inputs) => tf.tidy(() => work(inputs)));
  }

  dispose(): void {
    this.#calls?.dispose();
    this.#calls = undefined;
  }
}

/**
 * How many examples there are.
 * @throws Error when the tensors do not agree, there are none, or the batch size makes no sense
 */
export function examplesOf(tensors: readonly Tensor[], batchSize: number): number {
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new RangeError(`batchSize is ${batchSize}: give a whole number from 1`);
  }
  const [examples, ...others] = new Set(tensors.map(({ shape }) => shape[0] ?? 0));
  if (others.length > 0) {
    throw new Error(`inputs and targets differ in their number of examples: ${[examples, ...others].join(' and ')}`);
  }
  if (!examples) throw new Error('there are no examples');
  return examples;
}

/** Examples `from` up to `from + count` of each tensor. */
export const partOf = (tensors: readonly Tensor[], from: number, count: number): Tensor[] =>
  tensors.map((tensor) => tensor.slice([from], [count]));
