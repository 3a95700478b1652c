/**
 * The border between our training kernels and the stock WebAssembly backend: reading its heap, making outputs,
 * calling its kernels, putting ours in their place. A kernel of ours takes and returns tensor infos, as a stock one
 * does, and disposes every temporary it makes: the engine counts data ids and would report a leak.
 */
import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { TensorFlow } from '../tensorflow.ts';

/** Arguments of one kernel call, typed by the kernel's own inputs and attributes. */
export interface Call<Inputs, Attrs> {
  inputs: { [Name in keyof Inputs]: NonNullable<Inputs[Name]> };
  attrs: Attrs;
}

/** A kernel with one output. */
export type Kernel<Inputs, Attrs> = (call: Call<Inputs, Attrs>) => TensorInfo;

/** The stock backend, as our kernels see it. */
export class Wasm {
  readonly tf: TensorFlow;
  readonly backend: BackendWasm;

  constructor(tf: TensorFlow, backend: BackendWasm) {
    this.tf = tf;
    this.backend = backend;
  }

  /** An uninitialised float32 output on the heap. May grow the heap: take {@link floats} views after the last one. */
  output(shape: readonly number[]): TensorInfo {
    return this.backend.makeOutput([...shape], 'float32');
  }

  /** The values of a float32 tensor, in place. Valid until the next allocation. */
  floats(info: TensorInfo): Float32Array {
    const values = this.backend.typedArrayFromHeap(info);
    if (!(values instanceof Float32Array)) throw new TypeError(`expected a float32 tensor, got ${info.dtype}`);
    return values;
  }

  /** The values of an int32 tensor, in place. Valid until the next allocation. */
  integers(info: TensorInfo): Int32Array {
    const values = this.backend.typedArrayFromHeap(info);
    if (!(values instanceof Int32Array)) throw new TypeError(`expected an int32 tensor, got ${info.dtype}`);
    return values;
  }

  /** Gives back the memory of what a kernel made on its way. */
  dispose(...infos: readonly TensorInfo[]): void {
    for (const { dataId } of infos) this.backend.disposeData(dataId);
  }

  /**
   * The kernel that is registered now under this name.
   * @throws Error when the backend has none
   */
  kernel<Inputs, Attrs>(name: string): Kernel<Inputs, Attrs> {
    const config = this.tf.getKernel(name, 'wasm');
    if (!config) throw new Error(`the wasm backend of this TensorFlow.js has no kernel ${name}`);
    return ({ inputs, attrs }) => {
      // The registry's types say nothing of a kernel's own inputs and attributes; its name does.
      const out = config.kernelFunc({ inputs, attrs, backend: this.backend } as unknown as Parameters<KernelFunc>[0]);
      if (Array.isArray(out)) throw new Error(`kernel ${name} has ${out.length} outputs, one was expected`);
      return out;
    };
  }

  /** Puts `kernel` under this name, in place of the stock one if there is one. */
  register<Inputs, Attrs>(name: string, kernel: Kernel<Inputs, Attrs>): void {
    if (this.tf.getKernel(name, 'wasm')) this.tf.unregisterKernel(name, 'wasm');
    this.tf.registerKernel({
      kernelName: name,
      backendName: 'wasm',
      kernelFunc: ({ inputs, attrs }) => kernel({ inputs, attrs } as unknown as Call<Inputs, Attrs>),
    });
  }
}

/** The same data under another shape; disposing either disposes both. */
export const reshaped = (info: TensorInfo, shape: readonly number[]): TensorInfo => ({ ...info, shape: [...shape] });
