/**
 * Kernels that the stock backend lacks or has wrong, carried out by the JavaScript backend on copies: right, and no
 * faster than that. Each was found by the tests that run every backend through the same cases.
 */
import { type AnyCall, plainBackend, run, runOnCopies, takeBack } from './copies.ts';
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

/** Puts these kernels where the backend has none, or a wrong one. */
export function registerFallbacks(wasm: Wasm): void {
  const cpu = plainBackend(wasm);
  if (!cpu) return;
  for (const [name, keeps] of Object.entries(KERNELS)) {
    const kernel = wasm.tf.getKernel(name, 'cpu');
    const stock = wasm.tf.getKernel(name, 'wasm');
    if (!kernel) continue;
    wasm.register<AnyCall['inputs'], AnyCall['attrs']>(name, (call) =>
      stock && keeps(call.attrs)
        ? run(stock, call, wasm.backend)
        : takeBack(wasm, cpu, runOnCopies(wasm, cpu, kernel, call)),
    );
  }
}
