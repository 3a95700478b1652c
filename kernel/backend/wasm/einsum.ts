/**
 * Einsum, which the stock backend lacks, carried out by the JavaScript backend on copies: right, and no faster than
 * that. (Its gradient exists on no backend of TensorFlow.js; for attention use matMul.)
 */
import type { EinsumAttrs, KernelFunc, TensorInfo } from '@tensorflow/tfjs';
import type { Wasm } from './kernel.ts';

export function registerEinsum(wasm: Wasm): void {
  const { tf, backend } = wasm;
  const kernel = tf.getKernel('Einsum', 'cpu');
  const cpu = tf.findBackend('cpu');
  if (!kernel || !(cpu instanceof tf.MathBackendCPU)) return;

  wasm.register<Record<string, TensorInfo>, EinsumAttrs>('Einsum', ({ inputs, attrs }) => {
    const copies = Object.values(inputs).map((x) => cpu.makeTensorInfo(x.shape, x.dtype, backend.readSync(x.dataId)));
    const call = { inputs: copies, attrs, backend: cpu };
    const result = kernel.kernelFunc(call as unknown as Parameters<KernelFunc>[0]);
    const out = Array.isArray(result) ? result[0] : result;
    if (!out) throw new Error('einsum gave no output');
    const dataId = backend.write(cpu.readSync(out.dataId), out.shape, out.dtype);
    for (const info of [...copies, out]) cpu.disposeData(info.dataId);
    return { dataId, shape: out.shape, dtype: out.dtype };
  });
}
