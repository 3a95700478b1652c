/**
 * The memory of TensorFlow.js's WebAssembly backend, as compiled steps use it: weights stay where the backend keeps
 * them, so that eager code and compiled code see the same numbers at every moment and nothing is ever copied across.
 * The memory may grow, which leaves every view of it empty; views are therefore asked for anew when it has.
 */
import type { TensorInfo } from '@tensorflow/tfjs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { TensorFlow } from '../tensorflow.ts';
import type { DType } from './attributes.ts';

/** A stretch of the heap that is ours. */
export interface Block {
  address: number;
  /** How many 32-bit numbers it holds. */
  length: number;
}

interface Module {
  asm: { memory: WebAssembly.Memory };
  _malloc(bytes: number): number;
  _free(address: number): void;
  tfjs: {
    registerTensor(id: number, size: number, address: number): void;
    disposeData(id: number): void;
  };
}

const isModule = (value: unknown): value is Module =>
  typeof value === 'object' &&
  value !== null &&
  typeof Reflect.get(value, '_malloc') === 'function' &&
  Reflect.get(Object(Reflect.get(value, 'asm')), 'memory') instanceof WebAssembly.Memory;

const heaps = new WeakMap<object, Heap>();

/** The memory of the backend that is set, when that is the WebAssembly one; undefined otherwise. */
export function heapOf(tf: TensorFlow): Heap | undefined {
  const backend = tf.backend();
  const known = heaps.get(backend);
  if (known) return known;
  if (!isWasm(backend)) return undefined;
  const heap = new Heap(backend);
  heaps.set(backend, heap);
  return heap;
}

const isWasm = (backend: object): backend is BackendWasm => isModule(Reflect.get(backend, 'wasm'));

/** Stretches of the backend's memory, for compiled code to work in. */
export class Heap {
  readonly memory: WebAssembly.Memory;
  readonly #module: Module;
  readonly #backend: BackendWasm;

  /** @throws Error when the backend's memory cannot be reached */
  constructor(backend: BackendWasm) {
    const module: unknown = backend.wasm;
    if (!isModule(module)) throw new Error('the memory of the WebAssembly backend cannot be reached');
    this.#module = module;
    this.#backend = backend;
    this.memory = module.asm.memory;
  }

  /** Changes when the memory has grown. */
  get buffer(): ArrayBuffer {
    return this.memory.buffer;
  }

  /** Takes memory that no tensor owns; {@link Heap.free} gives it back. @throws Error when there is none left */
  take(length: number): Block {
    // Vectors are walked over sixteen bytes at a time.
    const bytes = Math.ceil((length * 4) / 16) * 16;
    const address = this.#module._malloc(bytes + 16);
    if (address === 0) {
      const megabytes = Math.ceil(bytes / 2 ** 20);
      throw new Error(`WebAssembly has no ${megabytes} MB left: a smaller batch or model needs less`);
    }
    return { address, length };
  }

  /** Gives a stretch back; nothing may be read there any more. */
  free({ address }: Block): void {
    this.#module._free(address);
  }

  /** The numbers of a stretch. A view: once the memory grows, another one is needed. */
  floats({ address, length }: Block): Float32Array {
    return new Float32Array(this.memory.buffer, address, length);
  }

  /**
   * Says that a tensor's numbers were changed in place: what the backend has prepared from them (matrices packed for
   * its products) is forgotten.
   */
  touched(dataId: object): void {
    const { id, memoryOffset, shape } = this.#backend.dataIdMap.get(dataId);
    const { tfjs } = this.#module;
    tfjs.disposeData(id);
    tfjs.registerTensor(
      id,
      shape.reduce((product, length) => product * length, 1),
      memoryOffset,
    );
  }

  /** A tensor of the backend whose numbers are still to be written. */
  output({ shape, dtype }: { shape: readonly number[]; dtype: DType }): TensorInfo {
    return this.#backend.makeOutput([...shape], dtype);
  }

  /** Where a tensor's numbers lie; undefined when they are not in this backend. */
  addressOf(dataId: object): number | undefined {
    return this.#backend.dataIdMap.has(dataId) ? this.#backend.dataIdMap.get(dataId).memoryOffset : undefined;
  }
}
