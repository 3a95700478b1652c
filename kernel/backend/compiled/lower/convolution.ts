/**
 * Convolutions and their gradients. Channels come first throughout, as the native kernels want it. The gradient of a
 * filter is one product: the shifted inputs under each of the filter's places, times the gradient of the output; this
 * ran several times faster than asking for a convolution with the gradient as its filter.
 */
import { numbersOf } from '../attributes.ts';
import type { Operation, Ref } from '../recorder.ts';
import { convolutionOf } from '../shapes.ts';
import type { Lower, Lowering } from './lowering.ts';
import { activated } from './matmul.ts';
import { missing, padding, pieces, type Window } from './window.ts';

/** Geometry in ONNX's words. */
const geometry = (info: Window) => ({
  kernel_shape: [info.filterHeight, info.filterWidth],
  strides: [info.strideHeight, info.strideWidth],
  dilations: [info.dilationHeight, info.dilationWidth],
  pads: [info.padInfo.top, info.padInfo.left, info.padInfo.bottom, info.padInfo.right],
});

/** [height, width, in, out] → [out, in, height, width]. */
const weights = (lowering: Lowering, filter: Ref): string =>
  lowering.graph.apply('Transpose', [lowering.last(filter)], { perm: [3, 2, 0, 1] });

/** [height, width, in, multiplier] → [in · multiplier, 1, height, width]. */
function depthwiseWeights(lowering: Lowering, filter: Ref): string {
  const { graph } = lowering;
  const [height = 1, width = 1, channels = 1, multiplier = 1] = filter.shape;
  const moved = graph.apply('Transpose', [lowering.last(filter)], { perm: [2, 3, 0, 1] });
  return graph.apply('Reshape', [moved, graph.list([channels * multiplier, 1, height, width])]);
}

const forward =
  (depthwise: boolean): Lower =>
  (operation, lowering) => {
    const { graph } = lowering;
    const [x, filter] = [lowering.input(operation, 'x'), lowering.input(operation, 'filter')];
    const { bias } = operation.inputs;
    const info = convolutionOf(lowering.tf, x.shape, filter.shape, operation.attrs, depthwise);
    const weight = depthwise ? depthwiseWeights(lowering, filter) : weights(lowering, filter);
    const inputs = [lowering.first(x), weight];
    if (bias) inputs.push(lowering.last(bias, [info.outChannels]));
    const group = depthwise ? info.inChannels : 1;
    const name = graph.apply('Conv', inputs, { ...geometry(info), group });
    lowering.made(operation, activated(lowering, name, operation), 'first');
  };

const ofInput =
  (depthwise: boolean): Lower =>
  (operation, lowering) => {
    const { graph } = lowering;
    const [dy, filter] = [lowering.input(operation, 'dy'), lowering.input(operation, 'filter')];
    const info = convolutionOf(
      lowering.tf,
      numbersOf(operation.attrs.inputShape),
      filter.shape,
      operation.attrs,
      depthwise,
    );
    const weight = depthwise ? depthwiseWeights(lowering, filter) : weights(lowering, filter);
    const group = depthwise ? info.inChannels : 1;
    const attributes = { ...geometry(info), group, output_padding: missing(info) };
    lowering.made(operation, graph.apply('ConvTranspose', [lowering.first(dy), weight], attributes), 'first');
  };

/** The input as each place of the filter meets it. */
function shifted({ graph }: Lowering, name: string, info: Window): string[] {
  const pads = padding(info);
  return pieces(graph, pads ? graph.apply('Pad', [name, graph.list(pads)]) : name, info);
}

const ofFilter: Lower = (operation, lowering) => {
  const { graph } = lowering;
  const [x, dy] = [lowering.input(operation, 'x'), lowering.input(operation, 'dy')];
  const info = convolutionOf(lowering.tf, x.shape, numbersOf(operation.attrs.filterShape), operation.attrs);
  const { batchSize, inChannels, outChannels, outHeight, outWidth } = info;
  const positions = batchSize * outHeight * outWidth;
  const channelsOut =
    inChannels === 1
      ? graph.apply('Reshape', [lowering.first(x), graph.list([1, batchSize, info.inHeight, info.inWidth])])
      : graph.apply('Transpose', [lowering.first(x)], { perm: [1, 0, 2, 3] });
  const columns = graph.apply('Reshape', [
    graph.apply('Concat', shifted(lowering, channelsOut, info), { axis: 0 }),
    graph.list([info.filterHeight * info.filterWidth * inChannels, positions]),
  ]);
  const gradient = graph.apply('Reshape', [
    graph.apply('Transpose', [lowering.first(dy)], { perm: [1, 0, 2, 3] }),
    graph.list([outChannels, positions]),
  ]);
  const product = graph.apply('Gemm', [columns, gradient], { transA: 0, transB: 1 });
  const out = outShape(operation);
  lowering.made(operation, graph.apply('Reshape', [product, graph.list(out)]));
};

/** Each channel has a filter of its own, so the product is one of elements, summed over batch and place. */
const ofDepthwiseFilter: Lower = (operation, lowering) => {
  const { graph } = lowering;
  const [x, dy] = [lowering.input(operation, 'x'), lowering.input(operation, 'dy')];
  const shape = numbersOf(operation.attrs.filterShape);
  const info = convolutionOf(lowering.tf, x.shape, shape, operation.attrs, true);
  const [, , channels = 1, multiplier = 1] = shape;
  const { batchSize, outHeight, outWidth } = info;
  const gradient = graph.apply('Reshape', [
    lowering.first(dy),
    graph.list([batchSize, channels, multiplier, outHeight, outWidth]),
  ]);
  const sums = shifted(lowering, lowering.first(x), info).map((piece) => {
    const spread = graph.apply('Reshape', [piece, graph.list([batchSize, channels, 1, outHeight, outWidth])]);
    const sum = graph.apply('ReduceSum', [graph.apply('Mul', [spread, gradient]), graph.list([0, 3, 4])], {
      keepdims: 0,
    });
    return graph.apply('Reshape', [sum, graph.list([1, channels, multiplier])]);
  });
  const whole = sums.length === 1 ? (sums[0] ?? '') : graph.apply('Concat', sums, { axis: 0 });
  lowering.made(operation, graph.apply('Reshape', [whole, graph.list(shape)]));
};

const outShape = ({ outputs, kernel }: Operation): number[] => {
  const [out] = outputs;
  if (!out) throw new Error(`${kernel} has no output`);
  return out.shape;
};

export const CONVOLUTION: Record<string, Lower> = {
  Conv2D: forward(false),
  FusedConv2D: forward(false),
  DepthwiseConv2dNative: forward(true),
  FusedDepthwiseConv2D: forward(true),
  Conv2DBackpropInput: ofInput(false),
  DepthwiseConv2dNativeBackpropInput: ofInput(true),
  Conv2DBackpropFilter: ofFilter,
  DepthwiseConv2dNativeBackpropFilter: ofDepthwiseFilter,
};
