/**
 * Kernels that the stock backend lacks or has wrong, carried out by the JavaScript backend on copies: right, and no
 * faster than that. Each was found by the tests that run every backend through the same cases.
 */
import type { KernelFunc, TensorInfo } from '@tensorflow/tfjs';
import type { Wasm } from './kernel.ts';

/** The kernels, and when the stock one is left in place. */
const KERNELS: Readonly<Record<string, (attrs: Readonly<Record<string, unknown>>) => boolean>> = {
  Einsum: () => false,
  // Border windows of negative numbers give almost zero.
  MaxPool3D: () => false,
  MaxPool3DGrad: () => false,
  // Zeros, for all but some shapes.
  Conv3DBackpropInputV2: () => false,
  Conv3DBackpropFilterV2: () => false,
  // Takes the first batch's rows for all of them.
  GatherV2: ({ batchDims }) => batchDims === 0 || batchDims === undefined,
};

export function registerFallbacks(wasm: Wasm): void {
  const { tf, backend } = wasm;
  const cpu = tf.findBackend('cpu');
  if (!(cpu instanceof tf.MathBackendCPU)) return;
  for (const [name, keeps] of Object.entries(KERNELS)) {
    const kernel = tf.getKernel(name, 'cpu');
    const stock = tf.getKernel(name, 'wasm');
    if (!kernel) continue;
    wasm.register<Record<string, TensorInfo>, Readonly<Record<string, unknown>>>(name, ({ inputs, attrs }) => {
      const run = (config: typeof kernel, given: object, where: object): TensorInfo => {
        const call = { inputs: given, attrs, backend: where };
        const result = config.kernelFunc(call as unknown as Parameters<KernelFunc>[0]);
        const out = Array.isArray(result) ? result[0] : result;
        if (!out) throw new Error(`${name} gave no output`);
        return out;
      };
      if (stock && keeps(attrs)) return run(stock, inputs, backend);
      const names = Object.keys(inputs);
      const copies = names.map((key) => {
        const x = inputs[key];
        if (!x) throw new Error(`${name} came without its input ${key}`);
        return cpu.makeTensorInfo(x.shape, x.dtype, backend.readSync(x.dataId));
      });
      const given = Array.isArray(inputs) ? copies : Object.fromEntries(names.map((key, at) => [key, copies[at]]));
      const out = run(kernel, given, cpu);
      const dataId = backend.write(cpu.readSync(out.dataId), out.shape, out.dtype);
      for (const info of [...copies, out]) cpu.disposeData(info.dataId);
      return { dataId, shape: out.shape, dtype: out.dtype };
    });
  }
}
