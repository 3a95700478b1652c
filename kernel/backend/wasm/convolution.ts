/**
 * Gradients of a 2-D convolution, both written as products that XNNPACK does well:
 * the filter's as (patches of the input, laid out a row per filter weight) × (gradient of the output), the input's as
 * a plain convolution of the spread-out output gradient with the turned filter. The stock backend lacks the first
 * and does the second with a naive loop.
 * Only channels-last data, which is all that the stock backend's forward pass takes.
 */
import type {
  Conv2DAttrs,
  Conv2DBackpropFilterAttrs,
  Conv2DBackpropFilterInputs,
  Conv2DBackpropInputAttrs,
  Conv2DBackpropInputInputs,
  Conv2DInputs,
} from '@tensorflow/tfjs';
import { type Kernel, reshaped, type Wasm } from './kernel.ts';
import { product } from './matmul.ts';

/** Beyond the library's attributes: its own gradients know no dilation. */
interface Dilated {
  dilations?: [number, number];
}

/** What both gradients need to know of a convolution; sizes in elements. */
type Geometry = ReturnType<Wasm['tf']['backend_util']['computeConv2DInfo']>;

/** Puts these kernels in the place of the stock ones. */
export function registerConvolution(wasm: Wasm): void {
  const conv2d: Kernel<Conv2DInputs, Conv2DAttrs> = wasm.kernel('Conv2D');
  const geometry = (
    inputShape: readonly number[],
    filterShape: readonly number[],
    { strides, pad, dataFormat, dimRoundingMode, dilations }: Omit<Conv2DBackpropFilterAttrs, 'filterShape'> & Dilated,
  ): Geometry => {
    if (dataFormat === 'NCHW') throw new Error('the wasm backend trains convolutions on NHWC data only, not NCHW');
    return wasm.tf.backend_util.computeConv2DInfo(
      four(inputShape),
      four(filterShape),
      strides,
      dilations ?? 1,
      pad,
      dimRoundingMode,
      false,
    );
  };

  wasm.register<Conv2DBackpropFilterInputs, Conv2DBackpropFilterAttrs & Dilated>(
    'Conv2DBackpropFilter',
    ({ inputs, attrs }) => {
      const { x, dy } = inputs;
      const g = geometry(x.shape, attrs.filterShape, attrs);
      const positions = g.batchSize * g.outHeight * g.outWidth;
      const patches = wasm.output([g.filterHeight * g.filterWidth * g.inChannels, positions]);
      layOutPatches(wasm.floats(x), wasm.floats(patches), g);
      const gradient = product(wasm, patches, reshaped(dy, [positions, g.outChannels]));
      wasm.dispose(patches);
      return reshaped(gradient, attrs.filterShape);
    },
  );

  wasm.register<Conv2DBackpropInputInputs, Conv2DBackpropInputAttrs & Dilated>(
    'Conv2DBackpropInput',
    ({ inputs, attrs }) => {
      const { dy, filter } = inputs;
      const g = geometry(attrs.inputShape, filter.shape, attrs);
      const spread = wasm.output([
        g.batchSize,
        g.inHeight + g.effectiveFilterHeight - 1,
        g.inWidth + g.effectiveFilterWidth - 1,
        g.outChannels,
      ]);
      spreadOut(wasm.floats(dy), wasm.floats(spread), g);
      const turned = wasm.output([g.filterHeight, g.filterWidth, g.outChannels, g.inChannels]);
      turn(wasm.floats(filter), wasm.floats(turned), g);
      const gradient = conv2d({
        inputs: { x: spread, filter: turned },
        attrs: { strides: 1, pad: 'valid', dataFormat: 'NHWC', dilations: [g.dilationHeight, g.dilationWidth] },
      });
      wasm.dispose(spread, turned);
      return gradient;
    },
  );
}

/** Fills `patches[weight][position]`, weights ordered as in the filter (row, column, channel), with zeros outside `x`. */
function layOutPatches(x: Float32Array, patches: Float32Array, g: Geometry): void {
  const { batchSize, outHeight, outWidth, inHeight, inWidth, inChannels, strideHeight, strideWidth } = g;
  let at = 0;
  for (let row = 0; row < g.filterHeight; row++) {
    for (let column = 0; column < g.filterWidth; column++) {
      // Output columns whose input column lies inside the image.
      const left = column * g.dilationWidth - g.padInfo.left;
      const first = Math.min(outWidth, Math.max(0, Math.ceil(-left / strideWidth)));
      const last = Math.max(first, Math.min(outWidth, Math.floor((inWidth - 1 - left) / strideWidth) + 1));
      for (let channel = 0; channel < inChannels; channel++) {
        for (let image = 0; image < batchSize; image++) {
          for (let outRow = 0; outRow < outHeight; outRow++, at += outWidth) {
            const inRow = outRow * strideHeight + row * g.dilationHeight - g.padInfo.top;
            if (inRow < 0 || inRow >= inHeight) {
              patches.fill(0, at, at + outWidth);
              continue;
            }
            const step = strideWidth * inChannels;
            let from = ((image * inHeight + inRow) * inWidth + left + first * strideWidth) * inChannels + channel;
            for (let i = 0; i < first; i++) patches[at + i] = 0;
            for (let i = first; i < last; i++, from += step) patches[at + i] = x[from] ?? 0;
            for (let i = last; i < outWidth; i++) patches[at + i] = 0;
          }
        }
      }
    }
  }
}

/** Places the output gradient where a stride-1 "valid" convolution with the turned filter finds it; zeros elsewhere. */
function spreadOut(dy: Float32Array, spread: Float32Array, g: Geometry): void {
  const height = g.inHeight + g.effectiveFilterHeight - 1;
  const width = g.inWidth + g.effectiveFilterWidth - 1;
  const top = g.effectiveFilterHeight - 1 - g.padInfo.top;
  const left = g.effectiveFilterWidth - 1 - g.padInfo.left;
  const channels = g.outChannels;
  spread.fill(0);
  let from = 0;
  for (let image = 0; image < g.batchSize; image++) {
    for (let outRow = 0; outRow < g.outHeight; outRow++) {
      const row = top + outRow * g.strideHeight;
      for (let outColumn = 0; outColumn < g.outWidth; outColumn++, from += channels) {
        const column = left + outColumn * g.strideWidth;
        if (row < 0 || row >= height || column < 0 || column >= width) continue;
        const to = ((image * height + row) * width + column) * channels;
        for (let channel = 0; channel < channels; channel++) spread[to + channel] = dy[from + channel] ?? 0;
      }
    }
  }
}

/** Turns the filter by 180° and swaps its channel axes. */
function turn(filter: Float32Array, turned: Float32Array, g: Geometry): void {
  const cells = g.filterHeight * g.filterWidth;
  let from = 0;
  for (let cell = 0; cell < cells; cell++) {
    const base = (cells - 1 - cell) * g.inChannels * g.outChannels;
    for (let input = 0; input < g.inChannels; input++) {
      for (let output = 0; output < g.outChannels; output++, from++) {
        turned[base + output * g.inChannels + input] = filter[from] ?? 0;
      }
    }
  }
}

/**
 * A shape of exactly four axes.
 * @throws RangeError for any other rank
 */
export function four(shape: readonly number[]): [number, number, number, number] {
  const [a, b, c, d] = shape;
  if (a === undefined || b === undefined || c === undefined || d === undefined || shape.length !== 4) {
    throw new RangeError(`expected four axes, got the shape [${shape.join(', ')}]`);
  }
  return [a, b, c, d];
}
