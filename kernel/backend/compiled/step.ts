/**
 * A compiled training step: one native run gives loss, metrics and gradients, then the optimizer's rule walks over the
 * weights where they lie. A step is compiled once for each shape of batch; all of them share weights and optimizer.
 */
import type { Tensor, Variable } from '@tensorflow/tfjs';
import type { TensorFlow } from '../tensorflow.ts';
import type { Block, Heap } from './heap.ts';
import { lower } from './lower/lower.ts';
import { type NativeSession, type NativeTensor, nativeSession, nativeTensor } from './native.ts';
import type { Rule } from './optimizer/rules.ts';
import { compileSweep, type Sweep } from './optimizer/simd.ts';
import { CannotCompile, dtypeOf, type Recording, record } from './recorder.ts';
import type { Outline } from './shapes/shapes.ts';

/** What a step computes from its inputs, written with TensorFlow.js. */
export interface StepResult {
  /** Loss first, then metrics: scalars, given back after each step. */
  figures: Tensor[];
  /** One gradient for each trained variable, in their order. */
  gradients: Tensor[];
}

export interface StepOptions {
  tf: TensorFlow;
  heap: Heap;
  /** Variables that the optimizer changes. */
  variables: readonly Variable[];
  rule: Rule;
  work(inputs: Tensor[]): StepResult;
  /** Uniform numbers in [0, 1), for masks. */
  random(): number;
  threads?: number | undefined;
}

/** One shape of batch. */
interface Shaped {
  recording: Recording;
  session: NativeSession;
  feeds: Record<string, NativeTensor>;
  fetches: Record<string, NativeTensor>;
  /** Names of the inputs; undefined where the model does not read one. */
  inputs: (string | undefined)[];
  variables: { variable: Variable; name: string }[];
  random: { name: string; values: Float32Array }[];
  figures: Float32Array[];
  updates: { variable: Variable; block: Block; name: string }[];
  gradients: string[];
  /** The memory that feeds and fetches were made for. */
  buffer: ArrayBuffer | undefined;
}

/** A training step, compiled as shapes of batches come. */
export class CompiledStep {
  readonly #options: StepOptions;
  readonly #shapes = new Map<string, Shaped>();
  readonly #trained: { variable: Variable; gradient: Block; memory: Block[] }[];
  readonly #sweep: Sweep;
  readonly #scratch: Block;
  #steps = 0;

  constructor(options: StepOptions) {
    const { heap, variables, rule } = options;
    this.#options = options;
    this.#sweep = compileSweep(rule.program, heap.memory);
    this.#scratch = heap.take(rule.program.vectors * 4);
    this.#trained = variables.map((variable) => {
      const gradient = heap.take(variable.size);
      const memory = rule.memory.map((value) => {
        const block = heap.take(Math.ceil(variable.size / 4) * 4);
        heap.floats(block).fill(value);
        return block;
      });
      return { variable, gradient, memory };
    });
  }

  /** How many steps were taken. */
  get steps(): number {
    return this.#steps;
  }

  /**
   * Takes one step on a batch.
   * @returns loss and metrics
   * @throws CannotCompile when the step cannot be compiled for this shape
   */
  run(batch: readonly Tensor[]): number[] {
    const shaped = this.#shapedFor(batch);
    const { heap } = this.#options;
    for (const { variable } of this.#trained) this.#own(variable);
    for (const { variable } of shaped.updates) this.#own(variable);
    this.#place(shaped);
    for (const [index, tensor] of batch.entries()) {
      const name = shaped.inputs[index];
      if (name !== undefined) shaped.feeds[name] = this.#tensorOf(tensor);
    }
    for (const { values } of shaped.random) for (let i = 0; i < values.length; i++) values[i] = this.#options.random();
    shaped.session.run(shaped.feeds, shaped.fetches);
    this.#steps++;
    this.#optimize();
    for (const { variable, block } of shaped.updates) {
      heap.floats({ address: this.#address(variable), length: variable.size }).set(heap.floats(block));
      heap.touched(variable.dataId);
    }
    for (const { variable } of this.#trained) heap.touched(variable.dataId);
    return shaped.figures.map((values) => values[0] ?? Number.NaN);
  }

  /** Gives back all memory. */
  dispose(): void {
    const { heap } = this.#options;
    for (const { gradient, memory } of this.#trained) for (const block of [gradient, ...memory]) heap.free(block);
    for (const { updates } of this.#shapes.values()) for (const { block } of updates) heap.free(block);
    heap.free(this.#scratch);
    this.#shapes.clear();
  }

  #optimize(): void {
    const { heap, rule } = this.#options;
    const scalars = [1, ...rule.scalars(this.#steps)];
    const scratch = heap.floats(this.#scratch);
    for (const { variable, gradient, memory } of this.#trained) {
      const addresses = [this.#address(variable), gradient.address, ...memory.map(({ address }) => address)];
      const whole = Math.floor(variable.size / 4) * 4;
      this.#sweep(addresses, scalars, whole * 4);
      const rest = variable.size - whole;
      if (rest === 0) continue;
      // The last few numbers, beside whose memory something else may lie.
      const parts = addresses.map((address) => heap.floats({ address: address + whole * 4, length: rest }));
      parts.forEach((part, index) => void scratch.set(part, index * 4));
      this.#sweep(
        addresses.map((_, index) => this.#scratch.address + index * 16),
        scalars,
        16,
      );
      parts.forEach((part, index) => void part.set(scratch.subarray(index * 4, index * 4 + rest)));
    }
  }

  /** Numbers that someone else holds too must not change under them. */
  #own(variable: Variable): void {
    const { tf } = this.#options;
    if (tf.backend().refCount(variable.dataId) <= 1) return;
    const copy = tf.tensor(variable.dataSync(), variable.shape, variable.dtype);
    variable.assign(copy);
    copy.dispose();
  }

  #address(variable: Variable): number {
    const address = this.#options.heap.addressOf(variable.dataId);
    if (address === undefined) throw new Error(`the variable ${variable.name} is not in WebAssembly's memory`);
    return address;
  }

  #tensorOf({ dataId, shape, size, dtype }: Tensor | Variable): NativeTensor {
    const { heap } = this.#options;
    const address = heap.addressOf(dataId);
    if (address === undefined) throw new Error('a batch is not in WebAssembly’s memory');
    if (dtype === 'int32') return nativeTensor('int32', new Int32Array(heap.buffer, address, size), shape);
    if (dtype === 'bool') {
      // TensorFlow.js keeps a boolean in four bytes, the runtime in one.
      return nativeTensor('bool', Uint8Array.from(new Int32Array(heap.buffer, address, size)), shape);
    }
    return nativeTensor('float32', heap.floats({ address, length: size }), shape);
  }

  /** Says where weights, gradients and updates lie now. */
  #place(shaped: Shaped): void {
    const { heap } = this.#options;
    for (const { variable, name } of shaped.variables) shaped.feeds[name] = this.#tensorOf(variable);
    if (shaped.buffer === heap.buffer) return;
    shaped.buffer = heap.buffer;
    this.#trained.forEach(({ variable, gradient }, index) => {
      const name = shaped.gradients[index];
      if (name !== undefined) shaped.fetches[name] = nativeTensor('float32', heap.floats(gradient), variable.shape);
    });
    for (const { variable, block, name } of shaped.updates) {
      shaped.fetches[name] = nativeTensor('float32', heap.floats(block), variable.shape);
    }
  }

  #shapedFor(batch: readonly Tensor[]): Shaped {
    const key = batch.map(({ shape, dtype }) => `${dtype}[${shape.join()}]`).join();
    const known = this.#shapes.get(key);
    if (known) return known;
    const shaped = this.#compile(batch.map(({ shape, dtype }) => ({ shape: [...shape], dtype: dtypeOf(dtype) })));
    this.#shapes.set(key, shaped);
    return shaped;
  }

  #compile(inputs: Outline[]): Shaped {
    const { tf, heap, variables, work, threads } = this.#options;
    let figureCount = 0;
    const recording = record(tf, inputs, (given) => {
      const { figures, gradients } = work(given);
      figureCount = figures.length;
      if (gradients.length !== variables.length) throw new CannotCompile('there is not one gradient a variable');
      return [...figures, ...gradients];
    });
    const ports = lower(recording, tf);
    let session: NativeSession;
    try {
      session = nativeSession(ports.graph.encode(), threads);
    } catch (error) {
      throw new CannotCompile(`the native runtime refuses it: ${error instanceof Error ? error.message : error}`);
    }
    const reads = new Set(session.inputs);
    const fetches: Record<string, NativeTensor> = {};
    const figures = ports.outputs.slice(0, figureCount).map((name, index) => {
      const values = new Float32Array(1);
      fetches[name] = nativeTensor('float32', values, recording.outputs[index]?.shape ?? []);
      return values;
    });
    const feeds: Record<string, NativeTensor> = {};
    const random = ports.random.flatMap(({ index, name }) => {
      const constant = recording.constants[index];
      if (!constant || !reads.has(name)) return [];
      const values = new Float32Array(constant.values.length);
      feeds[name] = nativeTensor('float32', values, constant.shape);
      return [{ name, values }];
    });
    return {
      recording,
      session,
      feeds,
      fetches,
      inputs: ports.inputs.map((name) => (reads.has(name) ? name : undefined)),
      variables: recording.variables.flatMap(({ variable }, index) => {
        const name = ports.variables[index];
        return name !== undefined && reads.has(name) ? [{ variable, name }] : [];
      }),
      random,
      figures,
      updates: recording.updates.map(({ variable }, index) => ({
        variable,
        block: heap.take(variable.size),
        name: ports.updates[index] ?? '',
      })),
      gradients: ports.outputs.slice(figureCount),
      buffer: undefined,
    };
  }
}
