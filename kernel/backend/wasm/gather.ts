/** Rows of a matrix by their numbers, copied whole: how `fit` takes its batches. The stock kernel goes number by number. */
import type { GatherV2Attrs, GatherV2Inputs } from '@tensorflow/tfjs';
import type { Wasm } from './kernel.ts';
import { count } from './matmul.ts';

/** Call after everything else that registers a gather: what is not such a look-up goes there. */
export function registerGather(wasm: Wasm): void {
  const other = wasm.kernel<GatherV2Inputs, GatherV2Attrs>('GatherV2');
  wasm.register<GatherV2Inputs, GatherV2Attrs>('GatherV2', (call) => {
    const { x, indices } = call.inputs;
    const { axis, batchDims } = call.attrs;
    const [rows = 0, ...rowShape] = x.shape;
    const plain = axis === 0 && batchDims === 0 && x.dtype === 'float32' && indices.dtype === 'int32';
    // A number outside the rows is the other's to refuse.
    if (!plain || !wasm.integers(indices).every((row) => row >= 0 && row < rows)) return other(call);
    const out = wasm.output([...indices.shape, ...rowShape]);
    const [values, taken] = [wasm.floats(x), wasm.floats(out)];
    const length = count(rowShape);
    for (const [index, row] of wasm.integers(indices).entries()) {
      taken.set(values.subarray(row * length, (row + 1) * length), index * length);
    }
    return out;
  });
}
