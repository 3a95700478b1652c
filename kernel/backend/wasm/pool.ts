/**
 * Gradients of 2-D pooling. The stock ones visit every window that could cover an input position; these go through
 * the outputs once, which is what makes them cheap next to the convolutions they follow.
 */
import type { AvgPoolGradAttrs, AvgPoolGradInputs, MaxPoolGradAttrs, MaxPoolGradInputs } from '@tensorflow/tfjs';
import { four } from './convolution.ts';
import type { Wasm } from './kernel.ts';

type Geometry = ReturnType<Wasm['tf']['backend_util']['computePool2DInfo']>;

/** Puts these kernels in the place of the stock ones. */
export function registerPooling(wasm: Wasm): void {
  wasm.register<MaxPoolGradInputs, MaxPoolGradAttrs>('MaxPoolGrad', ({ inputs, attrs }) => {
    const { dy, input } = inputs;
    const { filterSize, strides, pad, dimRoundingMode } = attrs;
    const g = wasm.tf.backend_util.computePool2DInfo(four(input.shape), filterSize, strides, 1, pad, dimRoundingMode);
    const dx = wasm.output(input.shape);
    routeToMaximum(wasm.floats(input), wasm.floats(dy), wasm.floats(dx), g);
    return dx;
  });

  wasm.register<AvgPoolGradInputs, AvgPoolGradAttrs>('AvgPoolGrad', ({ inputs, attrs }) => {
    const { dy, input } = inputs;
    const { filterSize, strides, pad } = attrs;
    const g = wasm.tf.backend_util.computePool2DInfo(four(input.shape), filterSize, strides, 1, pad);
    const dx = wasm.output(input.shape);
    spreadEvenly(wasm.floats(dy), wasm.floats(dx), g);
    return dx;
  });
}

/** Each output's gradient goes to the first greatest input of its window; a window of NaN passes nothing on. */
function routeToMaximum(x: Float32Array, dy: Float32Array, dx: Float32Array, g: Geometry): void {
  const channels = g.inChannels;
  dx.fill(0);
  eachWindow(g, (cells, count, from) => {
    for (let channel = 0; channel < channels; channel++) {
      let greatest = Number.NEGATIVE_INFINITY;
      let position = -1;
      for (let i = 0; i < count; i++) {
        const at = (cells[i] ?? 0) + channel;
        const value = x[at] ?? 0;
        if (value > greatest) {
          greatest = value;
          position = at;
        }
      }
      if (position >= 0) dx[position] = (dx[position] ?? 0) + (dy[from + channel] ?? 0);
    }
  });
}

/**
 * Each output's gradient is divided among the cells of its window that are inside, as the mean itself counts only those.
 * (The JavaScript backend divides by the whole window, which is no gradient of its own mean where there is padding.)
 */
function spreadEvenly(dy: Float32Array, dx: Float32Array, g: Geometry): void {
  const channels = g.inChannels;
  dx.fill(0);
  eachWindow(g, (cells, count, from) => {
    const share = 1 / count;
    for (let i = 0; i < count; i++) {
      const at = cells[i] ?? 0;
      for (let channel = 0; channel < channels; channel++) {
        dx[at + channel] = (dx[at + channel] ?? 0) + (dy[from + channel] ?? 0) * share;
      }
    }
  });
}

/**
 * Calls `visit` for each output position with the offsets (of the first channel) of the `count` input cells that its
 * window covers, row by row, and the offset of the output. `cells` is used again for the next position.
 */
function eachWindow(g: Geometry, visit: (cells: Int32Array, count: number, from: number) => void): void {
  const cells = new Int32Array(g.filterHeight * g.filterWidth);
  let from = 0;
  for (let image = 0; image < g.batchSize; image++) {
    for (let outRow = 0; outRow < g.outHeight; outRow++) {
      const top = outRow * g.strideHeight - g.padInfo.top;
      const lastRow = Math.min(g.inHeight, top + g.filterHeight);
      for (let outColumn = 0; outColumn < g.outWidth; outColumn++, from += g.inChannels) {
        const left = outColumn * g.strideWidth - g.padInfo.left;
        const lastColumn = Math.min(g.inWidth, left + g.filterWidth);
        let count = 0;
        for (let row = Math.max(0, top); row < lastRow; row++) {
          for (let column = Math.max(0, left); column < lastColumn; column++) {
            cells[count++] = ((image * g.inHeight + row) * g.inWidth + column) * g.inChannels;
          }
        }
        visit(cells, count, from);
      }
    }
  }
}
