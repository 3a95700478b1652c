/**
 * Makes `model.predict`, `model.evaluate` and the validation of `fit` run compiled, without anyone asking, once batches
 * of one shape have come often enough to be worth it. The numbers are the same; what cannot be compiled runs as always,
 * and silently, for nothing but time is lost.
 */
import type { Tensor } from '@tensorflow/tfjs';
import type { TensorFlow } from '../tensorflow.ts';
import { CompiledCalls } from './calls.ts';
import type { Heap } from './heap.ts';
import { CannotCompile } from './recording.ts';

/** Batches of one shape that run as always before the next is compiled: a recording costs about as much as some of them. */
const WORTH = 3;

type PredictLoop = (inputs: Tensor | Tensor[], batchSize?: number, verbose?: boolean) => Tensor | Tensor[];
type TestFunction = (data: Tensor[]) => Tensor[];

/** What is used of a layers model beyond its public face. */
interface Model {
  stateful: boolean;
  inputs: readonly unknown[];
  outputs: readonly unknown[];
  predictLoop: PredictLoop;
  makeTestFunction(): void;
  testFunction: TestFunction;
  lossFunctions: readonly unknown[];
  apply(inputs: Tensor[]): unknown;
}

/** A function of one model, and how often batches of each shape have come. */
class Worthwhile {
  readonly calls: CompiledCalls;
  readonly #seen = new Map<string, number>();
  #refused = false;

  constructor(calls: CompiledCalls) {
    this.calls = calls;
  }

  /** Runs compiled when batches of this shape came often enough; undefined: run it as always. */
  attempt<T>(shapes: readonly (readonly number[])[], times: number, run: (calls: CompiledCalls) => T): T | undefined {
    if (this.#refused) return undefined;
    const key = shapes.join(';');
    const seen = (this.#seen.get(key) ?? 0) + times;
    this.#seen.set(key, seen);
    if (seen <= WORTH) return undefined;
    try {
      return run(this.calls);
    } catch (error) {
      if (!(error instanceof CannotCompile)) throw error;
      this.#refused = true;
      this.calls.dispose();
      return undefined;
    }
  }
}

/** Patches all layers models. */
export function compileInference(tf: TensorFlow, heap: Heap): void {
  const prototype: Model = Object(tf.LayersModel.prototype);
  const { predictLoop, makeTestFunction } = prototype;
  const predicted = new WeakMap<object, Worthwhile>();
  const tested = new WeakMap<object, Worthwhile>();

  prototype.predictLoop = function (this: Model, inputs, batchSize = 32, verbose = false) {
    const list = Array.isArray(inputs) ? inputs : [inputs];
    const always = (): Tensor | Tensor[] => predictLoop.call(this, inputs, batchSize, verbose);
    const examples = list[0]?.shape[0] ?? 0;
    const size = Math.min(batchSize, examples);
    if (tf.getBackend() !== 'wasm' || size === 0 || verbose || this.stateful) return always();
    // By the outputs: they are others when layers are added or taken away.
    const key = Object(this.outputs);
    let mine = predicted.get(key);
    if (!mine) {
      const work = (given: Tensor[]): Tensor[] => tensorsOf(tf, this.apply(given));
      mine = new Worthwhile(new CompiledCalls({ tf, heap, work, recheck: [] }));
      predicted.set(key, mine);
    }
    const whole = Math.floor(examples / size);
    const outputs = tf.tidy(() => {
      const head = whole * size === examples ? list : list.map((tensor) => tensor.slice([0], [whole * size]));
      const shapes = list.map(({ shape }) => [size, ...shape.slice(1)]);
      const first = mine.attempt(shapes, whole, (calls) => calls.batches(head, size));
      if (!first || whole * size === examples) return first;
      const tail = list.map((tensor) => tensor.slice([whole * size]));
      const last = tensorsOf(tf, predictLoop.call(this, tail, batchSize, false));
      return first.map((tensor, index) => tf.concat([tensor, last[index] ?? tensor]));
    });
    if (!outputs) return always();
    const [only] = outputs;
    return outputs.length === 1 && only ? only : outputs;
  };

  prototype.makeTestFunction = function (this: Model): void {
    makeTestFunction.call(this);
    if (this.stateful) return;
    const eager = this.testFunction;
    // By the losses: they are others when the model is compiled anew.
    const key = Object(this.lossFunctions);
    const known = tested.get(key);
    const mine = known ?? new Worthwhile(new CompiledCalls({ tf, heap, work: eager }));
    tested.set(key, mine);
    this.testFunction = (data) => {
      if (tf.getBackend() !== 'wasm' || !data.every((tensor) => tensor instanceof tf.Tensor)) return eager(data);
      const shapes = data.map(({ shape }) => shape);
      return mine.attempt(shapes, 1, (calls) => calls.call(data)) ?? eager(data);
    };
  };
}

const tensorsOf = (tf: TensorFlow, given: unknown): Tensor[] =>
  (Array.isArray(given) ? given : [given]).filter((one) => one instanceof tf.Tensor);
