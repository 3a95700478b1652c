/**
 * Complex numbers beside the WebAssembly backend, which has none: they live in the JavaScript backend, and the few
 * operations on them run there. The engine is told where they are, so that reading and disposing finds them.
 */
import type { TensorInfo } from '@tensorflow/tfjs';
import { type AnyCall, plainBackend, run, runOnCopies, takeBack } from './copies.ts';
import type { Wasm } from './kernel.ts';

/** Operations that take complex numbers; those of real ones stay with the backend's own kernels. */
const KERNELS = [
  ...['Complex', 'Real', 'Imag', 'ComplexAbs', 'FFT', 'IFFT'],
  ...['Identity', 'Reshape', 'Add', 'Sub', 'Multiply', 'Concat', 'ZerosLike'],
];

interface Engine {
  state: { numDataBuffers: number; tensorInfo: WeakMap<object, object> };
}

/** Lets the backend have complex numbers. */
export function registerComplex(wasm: Wasm): void {
  const { tf, backend } = wasm;
  const cpu = plainBackend(wasm);
  if (!cpu) return;
  const engine: Engine = Object(tf.engine());

  /** Says that a tensor's numbers are in the JavaScript backend. */
  const settle = (info: TensorInfo): TensorInfo => {
    const { dataId, dtype, shape } = info;
    if (!engine.state.tensorInfo.has(dataId)) {
      engine.state.numDataBuffers++;
      engine.state.tensorInfo.set(dataId, { backend: cpu, dtype, shape, bytes: 0 });
    }
    return info;
  };

  for (const name of KERNELS) {
    const kernel = tf.getKernel(name, 'cpu');
    const own = tf.getKernel(name, 'wasm');
    if (!kernel) continue;
    wasm.register<AnyCall['inputs'], AnyCall['attrs']>(name, (call) => {
      const complex = name === 'Complex' || Object.values(call.inputs).some((input) => input?.dtype === 'complex64');
      if (!complex && own) return run(own, call, backend);
      const out = runOnCopies(wasm, cpu, kernel, call);
      return out.dtype === 'complex64' ? settle(out) : takeBack(wasm, cpu, out);
    });
  }
}
