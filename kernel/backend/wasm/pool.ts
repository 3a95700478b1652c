/**
 * Gradients of 2-D pooling. The stock ones visit every window that could cover an input position; these go through
 * the outputs once, which is what makes them cheap next to the convolutions they follow.
 */
import type { AvgPoolGradAttrs, AvgPoolGradInputs, MaxPoolGradAttrs, MaxPoolGradInputs } from '@tensorflow/tfjs';
import { four } from './convolution.ts';
import type { Wasm } from './kernel.ts';

type Geometry = ReturnType<Wasm['tf']['backend_util']['computePool2DInfo']>;

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
  const rowSize = g.inWidth * channels;
  dx.fill(0);
  eachWindow(g, (base, top, bottom, left, right, from) => {
    for (let channel = 0; channel < channels; channel++) {
      let greatest = Number.NEGATIVE_INFINITY;
      let position = -1;
      for (let row = top; row < bottom; row++) {
        let at = base + row * rowSize + left * channels + channel;
        for (let column = left; column < right; column++, at += channels) {
          const value = x[at] ?? 0;
          if (value > greatest) {
            greatest = value;
            position = at;
          }
        }
      }
      if (position >= 0) dx[position] = (dx[position] ?? 0) + (dy[from + channel] ?? 0);
    }
  });
}

/** Each output's gradient is divided among all cells of its window, those in the padding included (and lost). */
function spreadEvenly(dy: Float32Array, dx: Float32Array, g: Geometry): void {
  const channels = g.inChannels;
  const rowSize = g.inWidth * channels;
  const share = 1 / (g.filterHeight * g.filterWidth);
  dx.fill(0);
  eachWindow(g, (base, top, bottom, left, right, from) => {
    for (let row = top; row < bottom; row++) {
      for (let column = left; column < right; column++) {
        const at = base + row * rowSize + column * channels;
        for (let channel = 0; channel < channels; channel++) {
          dx[at + channel] = (dx[at + channel] ?? 0) + (dy[from + channel] ?? 0) * share;
        }
      }
    }
  });
}

/**
 * Calls `visit` for each output position with the offset of its image, the part of its window inside the image
 * (rows `top` to `bottom`, columns `left` to `right`, ends excluded), and the offset of the output.
 */
function eachWindow(
  g: Geometry,
  visit: (base: number, top: number, bottom: number, left: number, right: number, from: number) => void,
): void {
  let from = 0;
  for (let image = 0; image < g.batchSize; image++) {
    const base = image * g.inHeight * g.inWidth * g.inChannels;
    for (let outRow = 0; outRow < g.outHeight; outRow++) {
      const row = outRow * g.strideHeight - g.padInfo.top;
      const top = Math.max(0, row);
      const bottom = Math.min(g.inHeight, row + g.filterHeight);
      for (let outColumn = 0; outColumn < g.outWidth; outColumn++, from += g.inChannels) {
        const column = outColumn * g.strideWidth - g.padInfo.left;
        visit(base, top, bottom, Math.max(0, column), Math.min(g.inWidth, column + g.filterWidth), from);
      }
    }
  }
}
