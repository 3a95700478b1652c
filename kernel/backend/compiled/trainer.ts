/**
 * One step of training, compiled where that can be and kernel by kernel elsewhere, with the same optimizer either way:
 * a model may change from one to the other in the middle of its training.
 */
import type { Tensor, Variable } from '@tensorflow/tfjs';
import type { TensorFlow } from '../tensorflow.ts';
import type { Heap } from './heap.ts';
import { HeapUpdate } from './optimizer/heap-update.ts';
import { TensorUpdate } from './optimizer/tensor-update.ts';
import type { Update, UpdateSettings } from './optimizer/update.ts';
import { CannotCompile } from './recording.ts';
import { CompiledStep, type StepResult } from './step.ts';

/** What is trained, by what, and how. */
export interface TrainerOptions {
  tf: TensorFlow;
  /** Where weights lie when the WebAssembly backend is set; undefined with others. */
  heap: Heap | undefined;
  /** What is trained, as a message names it. */
  name: string;
  /** Weights whose place is made at once. */
  variables: readonly Variable[];
  update: UpdateSettings;
  /** Loss, metrics and gradients; run on tensors, or recorded. */
  work(inputs: Tensor[], variables: readonly Variable[]): StepResult;
  /** Why it is not compiled; undefined when it is to be. */
  reason: string | undefined;
  /** See `StepOptions`. */
  recheck?: readonly number[];
  threads?: number | undefined;
}

/** What a batch gave; the weights have not changed yet. */
export interface Pass {
  /** Loss and metrics: numbers, or tensors that {@link Pass.dispose} disposes of. */
  figures: number[] | Tensor[];
  /** Changes the weights. */
  take(): void;
  /** Euclidean length of the gradient; not finite when one of its numbers is not. */
  length(): Promise<number>;
  dispose(): void;
}

/** Takes training steps with one model and one optimizer. */
export class Trainer {
  readonly update: Update;
  readonly #options: TrainerOptions;
  #step: CompiledStep | undefined;
  #reason: string | undefined;
  #engine: 'compiled' | 'eager' | undefined;

  constructor(options: TrainerOptions) {
    const { tf, heap, variables, update, reason, threads, work, recheck } = options;
    this.#options = options;
    this.#reason = reason;
    if (!heap) {
      this.update = new TensorUpdate(tf, variables, update);
      this.#reason ??= `the engine is ${tf.getBackend()}`;
      return;
    }
    const mine = new HeapUpdate(tf, heap, variables, update);
    this.update = mine;
    if (this.#reason !== undefined) return;
    this.#step = new CompiledStep({ tf, heap, update: mine, threads, work, ...(recheck ? { recheck } : {}) });
  }

  /** What ran last. */
  get engine(): 'compiled' | 'eager' | undefined {
    return this.#engine;
  }

  /** Why it is not compiled. */
  get reason(): string | undefined {
    return this.#reason;
  }

  /** Computes loss, metrics and gradients of a batch. What cannot be compiled is said once, and runs as always. */
  compute(batch: readonly Tensor[], variables: readonly Variable[]): Pass {
    if (this.#step) {
      try {
        const pass = this.#compiled(this.#step, batch, variables);
        this.#engine = 'compiled';
        return pass;
      } catch (error) {
        if (!(error instanceof CannotCompile)) throw error;
        this.#step.dispose();
        this.#step = undefined;
        this.#reason = error.message;
        console.warn(`${this.#options.name} trains uncompiled, which is slower: ${error.message}`);
      }
    }
    this.#engine = 'eager';
    return this.#eager(batch, variables);
  }

  #compiled(step: CompiledStep, batch: readonly Tensor[], asked: readonly Variable[]): Pass {
    const { update } = this;
    if (!(update instanceof HeapUpdate)) throw new CannotCompile('its weights are not in the heap');
    const { figures, variables, commit } = step.compute(batch, asked);
    return {
      figures,
      take: () => {
        commit();
        update.took(variables);
      },
      length: async () => update.length(variables),
      dispose: () => {},
    };
  }

  #eager(batch: readonly Tensor[], variables: readonly Variable[]): Pass {
    const { tf, work } = this.#options;
    let gradients: (Tensor | undefined)[] = [];
    let figures: Tensor[] = [];
    tf.tidy(() => {
      ({ figures, gradients } = work([...batch], variables));
      return [...figures, ...gradients.filter((gradient) => gradient !== undefined)];
    });
    return {
      figures,
      take: () => this.update.take(variables, gradients),
      length: async () => {
        const length = tf.tidy(() => {
          const squares = gradients.flatMap((gradient) => (gradient ? [gradient.square().sum()] : []));
          return squares.length === 0 ? tf.scalar(0) : tf.addN(squares).sqrt();
        });
        const [value = Number.NaN] = await length.data();
        length.dispose();
        return value;
      },
      dispose: () => tf.dispose([...figures, ...gradients.filter((gradient) => gradient !== undefined)]),
    };
  }

  /** Gives back what it holds. */
  dispose(): void {
    this.#step?.dispose();
    this.#step = undefined;
    this.update.dispose();
  }
}
