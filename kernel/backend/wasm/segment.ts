/** Sums of rows by segment: the gradient of a gather, so what an embedding needs to be trained. */
import type { UnsortedSegmentSumAttrs, UnsortedSegmentSumInputs } from '@tensorflow/tfjs';
import type { Wasm } from './kernel.ts';
import { count } from './matmul.ts';

/** Adds this kernel to the backend. */
export function registerSegmentSum(wasm: Wasm): void {
  wasm.register<UnsortedSegmentSumInputs, UnsortedSegmentSumAttrs>('UnsortedSegmentSum', ({ inputs, attrs }) => {
    const { x, segmentIds } = inputs;
    if (segmentIds.shape.length !== 1) {
      throw new RangeError(`segment ids must have one axis, got the shape [${segmentIds.shape.join(', ')}]`);
    }
    const rowShape = x.shape.slice(1);
    const out = wasm.backend.makeOutput([attrs.numSegments, ...rowShape], x.dtype);
    const values = wasm.backend.typedArrayFromHeap(x);
    const sums = wasm.backend.typedArrayFromHeap(out);
    const ids = wasm.integers(segmentIds);
    const row = count(rowShape);
    sums.fill(0);
    for (const [index, id] of ids.entries()) {
      // An id outside the segments adds to none, as on the other backends.
      if (id < 0 || id >= attrs.numSegments) continue;
      for (let i = 0; i < row; i++) sums[id * row + i] = (sums[id * row + i] ?? 0) + (values[index * row + i] ?? 0);
    }
    return out;
  });
}
