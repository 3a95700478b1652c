/**
 * A function of tensors made native for inputs of one shape: recorded, lowered, and run on numbers where they lie in
 * WebAssembly's memory. Variables are read as they are at each run, and random numbers drawn anew.
 */
import type { Tensor, Variable } from '@tensorflow/tfjs';
import type { TensorFlow } from '../tensorflow.ts';
import { FollowingSession } from './following.ts';
import type { Block, Heap } from './heap.ts';
import { compiledKernels, lower } from './lower/lower.ts';
import { FINISHED, type NativeSession, type NativeTensor, nativeSession, nativeTensor } from './native.ts';
import { own } from './optimizer/heap-update.ts';
import { type Draw, fill } from './random.ts';
import { record } from './recorder.ts';
import { CannotCompile, dtypeOf, type Recording } from './recording.ts';
import type { Outline } from './shapes/shapes.ts';
import { spellPlace, withTraces } from './where.ts';

/** What a function is recorded with, and what it runs on. */
export interface FunctionOptions {
  tf: TensorFlow;
  heap: Heap;
  /** Absent: the kernel's share of the cores, also when that changes. */
  threads?: number | undefined;
}

/** Numbers of a tensor, or of a stretch of it. */
export interface Source {
  dataId: object;
  shape: readonly number[];
  dtype: string;
  /** How many numbers come before. */
  offset?: number;
}

/** Where an output goes: into numbers of ours, into a tensor, or to a place in the heap. */
export type Target = Float32Array | { dataId: object; offset?: number } | Block;

/** A variable, and the native tensor of where its numbers lay when last seen. */
interface Feed {
  variable: Variable;
  name: string;
  address: number;
}

/** So many numbers, and copying them costs more than what it takes to prevent it. */
const MANY = 20_000;

/** A function for inputs of one shape, run natively. */
export class CompiledFunction {
  /** Shapes and types of what it gives. */
  readonly outputs: readonly Outline[];
  readonly #tf: TensorFlow;
  readonly #heap: Heap;
  readonly #session: NativeSession;
  readonly #recording: Recording;
  readonly #feeds: Record<string, NativeTensor> = {};
  readonly #fetches: Record<string, NativeTensor | null> = {};
  /** Names of the inputs; undefined where the function does not read one. */
  readonly #inputs: (string | undefined)[];
  readonly #outputNames: readonly string[];
  readonly #variables: Feed[];
  readonly #random: { draw: Draw; values: Float32Array | undefined }[] = [];
  readonly #updates: { variable: Variable; block: Block; name: string }[];
  /** The memory that feeds and fetches were made for. */
  #buffer: ArrayBuffer | undefined;
  #targets: readonly Target[] = [];

  /** @throws CannotCompile when it cannot be, with the place in the model */
  constructor(options: FunctionOptions, inputs: readonly Outline[], work: (inputs: Tensor[]) => readonly Tensor[]) {
    const { tf, heap, threads } = options;
    this.#tf = tf;
    this.#heap = heap;
    const attempt = (): Lowered => {
      const recording = record(tf, inputs, work);
      return { recording, ports: lowered(recording, tf) };
    };
    const { recording, ports } = attemptTwice(attempt);
    this.#recording = recording;
    this.outputs = recording.outputs;
    try {
      const { graph } = ports;
      this.#session =
        threads === undefined ? new FollowingSession(() => graph.encode()) : nativeSession(graph.encode(), threads);
    } catch (error) {
      throw new CannotCompile(`the native runtime refuses it: ${error instanceof Error ? error.message : error}`);
    }
    const reads = new Set(this.#session.inputs);
    this.#inputs = ports.inputs.map((name) => (reads.has(name) ? name : undefined));
    this.#outputNames = ports.outputs;
    this.#variables = recording.variables.flatMap(({ variable }, index) => {
      const name = ports.variables[index];
      return name !== undefined && reads.has(name) ? [{ variable, name, address: -1 }] : [];
    });
    const names = new Map(ports.random.map(({ index, name }) => [index, name]));
    for (const [index, { random, values, shape }] of recording.constants.entries()) {
      if (!random) continue;
      const name = names.get(index);
      const place = name !== undefined && reads.has(name) ? new Float32Array(values.length) : undefined;
      if (name !== undefined && place) this.#feeds[name] = nativeTensor('float32', place, shape);
      this.#random.push({ draw: random, values: place });
    }
    this.#updates = recording.updates.map(({ variable }, index) => ({
      variable,
      block: heap.take(variable.size),
      name: ports.updates[index] ?? '',
    }));
  }

  /** What was written down when it was made. */
  get recording(): Recording {
    return this.#recording;
  }

  /**
   * Computes. Variables that the function assigns change only with {@link CompiledFunction.commit}.
   * @param targets where each output goes; remembered as long as the same list is given
   */
  run(inputs: readonly Source[], targets: readonly Target[]): void {
    const heap = this.#heap;
    for (const feed of this.#variables) {
      const address = this.#address(feed.variable);
      if (address === feed.address && heap.buffer === this.#buffer) continue;
      feed.address = address;
      this.#feeds[feed.name] = this.#tensor(feed.variable, address);
    }
    for (const [index, tensor] of inputs.entries()) {
      const name = this.#inputs[index];
      if (name !== undefined) this.#feeds[name] = this.#tensor(tensor, this.#address(tensor));
    }
    if (heap.buffer !== this.#buffer || targets !== this.#targets) this.#aim(targets);
    for (const { draw, values } of this.#random) {
      // Also where nothing reads them: eager code draws them too, and the sequence must be the same.
      const seed = Math.random();
      if (values) fill(values, draw, seed);
    }
    this.#session.run(this.#feeds, this.#fetches);
  }

  /** Gives the variables that the function assigns the values that the last run computed for them. */
  commit(): void {
    const heap = this.#heap;
    for (const { variable, block } of this.#updates) {
      const address = own(this.#tf, heap, variable);
      heap.floats({ address, length: variable.size }).set(heap.floats(block));
      heap.touched(variable.dataId);
    }
  }

  /** Gives back what it holds; it cannot be run afterwards. */
  dispose(): void {
    this.#session.dispose();
    for (const { block } of this.#updates.splice(0)) this.#heap.free(block);
  }

  #aim(targets: readonly Target[]): void {
    const heap = this.#heap;
    for (const [index, target] of targets.entries()) {
      const { shape, dtype } = this.outputs[index] ?? { shape: [], dtype: 'float32' };
      const name = this.#outputNames[index] ?? '';
      if (target instanceof Float32Array) this.#fetches[name] = nativeTensor('float32', target, shape);
      else if ('dataId' in target) {
        this.#fetches[name] = this.#tensor({ shape, dtype }, this.#address({ ...target, dtype }));
      } else this.#fetches[name] = nativeTensor('float32', heap.floats(target), shape);
    }
    for (const { variable, block, name } of this.#updates) {
      this.#fetches[name] = nativeTensor('float32', heap.floats(block), variable.shape);
    }
    const numbers = Object.values(this.#fetches).reduce((sum, place) => sum + (place?.size ?? 0), 0);
    if (numbers >= MANY) this.#fetches[FINISHED] = null;
    this.#targets = targets;
    this.#buffer = heap.buffer;
  }

  #address({ dataId, dtype, offset = 0 }: { dataId: object; dtype: string; offset?: number }): number {
    const heap = this.#heap;
    let address = heap.addressOf(dataId);
    if (address === undefined) {
      // Made while another backend was set: the engine moves it, as it does for its own kernels.
      this.#tf.engine().moveData(this.#tf.backend(), dataId);
      address = heap.addressOf(dataId);
    }
    if (address === undefined) throw new Error("a tensor cannot be brought into WebAssembly's memory");
    return address + offset * (dtype === 'bool' ? 1 : 4);
  }

  #tensor({ shape, dtype }: { shape: readonly number[]; dtype: string }, address: number): NativeTensor {
    const { buffer } = this.#heap;
    const size = shape.reduce((product, length) => product * length, 1);
    switch (dtypeOf(dtype)) {
      case 'int32':
        return nativeTensor('int32', new Int32Array(buffer, address, size), shape);
      case 'bool':
        return nativeTensor('bool', new Uint8Array(buffer, address, size), shape);
      case 'float32':
        return nativeTensor('float32', new Float32Array(buffer, address, size), shape);
    }
  }
}

interface Lowered {
  recording: Recording;
  ports: ReturnType<typeof lower>;
}

/** What fails is done once more, so that the message can say by which line of the user's. */
function attemptTwice(attempt: () => Lowered): Lowered {
  try {
    return attempt();
  } catch (error) {
    if (!(error instanceof CannotCompile)) throw error;
    return withTraces(attempt);
  }
}

/** Lowers; what cannot be is told with its place. */
function lowered(recording: Recording, tf: TensorFlow): ReturnType<typeof lower> {
  const known = new Set(compiledKernels());
  const missing = recording.operations.find(({ kernel }) => !known.has(kernel));
  if (missing) {
    throw new CannotCompile(`the operation ${missing.kernel} has no compiled form${spellPlace(missing.place)}`);
  }
  try {
    return lower(recording, tf);
  } catch (error) {
    if (!(error instanceof CannotCompile)) throw error;
    const [kernel] = error.message.split(/[ :]/, 1);
    const operation = recording.operations.find((one) => one.kernel === kernel);
    throw operation ? new CannotCompile(`${error.message}${spellPlace(operation.place)}`) : error;
  }
}
