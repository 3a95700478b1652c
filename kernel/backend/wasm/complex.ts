/**
 * Complex numbers beside the WebAssembly backend, which has none: they live in the JavaScript backend, and the few
 * operations on them run there. The engine is told where they are, so that reading and disposing finds them.
 */
import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs';
import type { Wasm } from './kernel.ts';

/** Operations that take complex numbers; those of real ones stay with the backend's own kernels. */
const KERNELS = [
  ...['Complex', 'Real', 'Imag', 'ComplexAbs', 'FFT', 'IFFT'],
  ...['Identity', 'Reshape', 'Add', 'Sub', 'Multiply', 'Concat', 'ZerosLike'],
];

interface Engine {
  state: { numDataBuffers: number; tensorInfo: WeakMap<object, object> };
}

export function registerComplex(wasm: Wasm): void {
  const { tf, backend } = wasm;
  const cpu = tf.findBackend('cpu');
  if (!(cpu instanceof tf.MathBackendCPU)) return;
  const engine: Engine = Object(tf.engine());

  /** Says that a tensor's numbers are in the JavaScript backend. */
  const settle = ({ dataId, dtype, shape }: TensorInfo): void => {
    if (engine.state.tensorInfo.has(dataId)) return;
    engine.state.numDataBuffers++;
    engine.state.tensorInfo.set(dataId, { backend: cpu, dtype, shape, bytes: 0 });
  };

  for (const name of KERNELS) {
    const kernel = tf.getKernel(name, 'cpu');
    const own = tf.getKernel(name, 'wasm');
    if (!kernel) continue;
    wasm.register<Record<string, TensorInfo>, Readonly<Record<string, unknown>>>(name, ({ inputs, attrs }) => {
      const run = (config: typeof kernel, given: object, where: object): TensorInfo => {
        const call = { inputs: given, attrs, backend: where };
        const out = config.kernelFunc(call as unknown as Parameters<KernelFunc>[0]);
        if (Array.isArray(out)) throw new Error(`${name} gave several outputs`);
        return out;
      };
      const complex = name === 'Complex' || Object.values(inputs).some((input) => input?.dtype === 'complex64');
      if (!complex && own) return run(own, inputs, backend);
      const copies: TensorInfo[] = [];
      const names = Object.keys(inputs);
      const moved = names.map((key): TensorInfo | undefined => {
        const x = inputs[key];
        if (!x || x.dtype === 'complex64') return x;
        const copy = cpu.makeTensorInfo(x.shape, x.dtype, backend.readSync(x.dataId));
        copies.push(copy);
        return copy;
      });
      const given = Array.isArray(inputs) ? moved : Object.fromEntries(names.map((key, at) => [key, moved[at]]));
      const out = run(kernel, given, cpu);
      for (const { dataId } of copies) cpu.disposeData(dataId);
      if (out.dtype === 'complex64') {
        settle(out);
        return out;
      }
      const dataId = backend.write(cpu.readSync(out.dataId), out.shape, out.dtype);
      cpu.disposeData(out.dataId);
      return { dataId, shape: out.shape, dtype: out.dtype };
    });
  }
}
