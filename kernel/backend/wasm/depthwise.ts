/** Gradients of a depthwise convolution, which the stock backend lacks: one pass over the outputs for each. */
import type {
  DepthwiseConv2dNativeBackpropFilterAttrs,
  DepthwiseConv2dNativeBackpropFilterInputs,
  DepthwiseConv2dNativeBackpropInputAttrs,
  DepthwiseConv2dNativeBackpropInputInputs,
} from '@tensorflow/tfjs';
import { four } from './convolution.ts';
import type { Wasm } from './kernel.ts';

type Geometry = ReturnType<Wasm['tf']['backend_util']['computeConv2DInfo']>;
type Attrs = Omit<DepthwiseConv2dNativeBackpropFilterAttrs, 'filterShape'>;

/** Adds these kernels to the backend. */
export function registerDepthwise(wasm: Wasm): void {
  const geometry = (
    inputShape: readonly number[],
    filterShape: readonly number[],
    { strides, dilations, pad, dimRoundingMode }: Attrs,
  ): Geometry =>
    wasm.tf.backend_util.computeConv2DInfo(
      four(inputShape),
      four(filterShape),
      strides,
      dilations,
      pad,
      dimRoundingMode,
      true,
    );

  wasm.register<DepthwiseConv2dNativeBackpropFilterInputs, DepthwiseConv2dNativeBackpropFilterAttrs>(
    'DepthwiseConv2dNativeBackpropFilter',
    ({ inputs, attrs }) => {
      const g = geometry(inputs.x.shape, attrs.filterShape, attrs);
      const gradient = wasm.output(attrs.filterShape);
      const [x, dy, dw] = [wasm.floats(inputs.x), wasm.floats(inputs.dy), wasm.floats(gradient)];
      const multiplier = g.outChannels / g.inChannels;
      dw.fill(0);
      eachTap(g, (input, weight, output) => {
        for (let channel = 0; channel < g.inChannels; channel++) {
          const value = x[input + channel] ?? 0;
          for (let i = channel * multiplier; i < (channel + 1) * multiplier; i++) {
            dw[weight + i] = (dw[weight + i] ?? 0) + value * (dy[output + i] ?? 0);
          }
        }
      });
      return gradient;
    },
  );

  wasm.register<DepthwiseConv2dNativeBackpropInputInputs, DepthwiseConv2dNativeBackpropInputAttrs>(
    'DepthwiseConv2dNativeBackpropInput',
    ({ inputs, attrs }) => {
      const g = geometry(attrs.inputShape, inputs.filter.shape, attrs);
      const gradient = wasm.output(attrs.inputShape);
      const [dy, filter, dx] = [wasm.floats(inputs.dy), wasm.floats(inputs.filter), wasm.floats(gradient)];
      const multiplier = g.outChannels / g.inChannels;
      dx.fill(0);
      eachTap(g, (input, weight, output) => {
        for (let channel = 0; channel < g.inChannels; channel++) {
          let sum = dx[input + channel] ?? 0;
          for (let i = channel * multiplier; i < (channel + 1) * multiplier; i++) {
            sum += (filter[weight + i] ?? 0) * (dy[output + i] ?? 0);
          }
          dx[input + channel] = sum;
        }
      });
      return gradient;
    },
  );
}

/** Calls `visit` with the offsets of the first channel for each (input cell, filter cell, output cell) that meet. */
function eachTap(g: Geometry, visit: (input: number, weight: number, output: number) => void): void {
  let output = 0;
  for (let image = 0; image < g.batchSize; image++) {
    for (let outRow = 0; outRow < g.outHeight; outRow++) {
      for (let outColumn = 0; outColumn < g.outWidth; outColumn++, output += g.outChannels) {
        for (let row = 0; row < g.filterHeight; row++) {
          const inRow = outRow * g.strideHeight + row * g.dilationHeight - g.padInfo.top;
          if (inRow < 0 || inRow >= g.inHeight) continue;
          for (let column = 0; column < g.filterWidth; column++) {
            const inColumn = outColumn * g.strideWidth + column * g.dilationWidth - g.padInfo.left;
            if (inColumn < 0 || inColumn >= g.inWidth) continue;
            const input = ((image * g.inHeight + inRow) * g.inWidth + inColumn) * g.inChannels;
            visit(input, (row * g.filterWidth + column) * g.outChannels, output);
          }
        }
      }
    }
  }
}
