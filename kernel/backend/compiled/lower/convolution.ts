/**
 * Convolutions and their gradients. Channels come first throughout, as the native kernels want it. The gradient of a
 * filter is one product: the shifted inputs under each of the filter's places, times the gradient of the output; this
 * ran several times faster than asking for a convolution with the gradient as its filter.
 */
import { numbersOf } from '../attributes.ts';
import type { Operation, Ref } from '../recording.ts';
import { convolution3Of, convolutionOf } from '../shapes/window.ts';
import { type Lower, type Lowering, sizeOf } from './lowering.ts';
import { activated } from './matmul.ts';
import { flat, geometry, missing, padding, pieces, solid, type Window } from './window.ts';

type Kind = 'flat' | 'depthwise' | 'solid';

function windowOf(operation: Operation, { tf }: Lowering, kind: Kind, x: number[], filter: number[]): Window {
  const { attrs } = operation;
  return kind === 'solid'
    ? solid(convolution3Of(tf, x, filter, attrs))
    : flat(convolutionOf(tf, x, filter, attrs, kind === 'depthwise'));
}

/** The value with its channels first; it comes so where the caller asked for NCHW. */
const image = (lowering: Lowering, ref: Ref, { attrs }: Operation): string =>
  attrs.dataFormat === 'NCHW' ? lowering.last(ref) : lowering.first(ref);
const orderOf = ({ attrs }: Operation): 'first' | 'last' => (attrs.dataFormat === 'NCHW' ? 'last' : 'first');

/** [space…, in, out] → [out, in, space…]; depthwise: [space…, in, multiplier] → [in · multiplier, 1, space…]. */
function weights(lowering: Lowering, filter: Ref, kind: Kind): string {
  const { graph } = lowering;
  const rank = filter.shape.length;
  const space = filter.shape.slice(0, -2);
  const axes = space.map((_, axis) => axis);
  if (kind !== 'depthwise') {
    return graph.apply('Transpose', [lowering.last(filter)], { perm: [rank - 1, rank - 2, ...axes] });
  }
  const moved = graph.apply('Transpose', [lowering.last(filter)], { perm: [rank - 2, rank - 1, ...axes] });
  return graph.apply('Reshape', [moved, graph.list([sizeOf(filter.shape.slice(-2)), 1, ...space])]);
}

const forward =
  (kind: Kind): Lower =>
  (operation, lowering) => {
    const { graph } = lowering;
    const [x, filter] = [lowering.input(operation, 'x'), lowering.input(operation, 'filter')];
    const { bias } = operation.inputs;
    const window = windowOf(operation, lowering, kind, x.shape, filter.shape);
    const inputs = [image(lowering, x, operation), weights(lowering, filter, kind)];
    if (bias) inputs.push(lowering.last(bias, [window.outChannels]));
    const group = kind === 'depthwise' ? window.inChannels : 1;
    const name = graph.apply('Conv', inputs, { ...geometry(window), dilations: window.dilation, group });
    lowering.made(operation, activated(lowering, name, operation), orderOf(operation));
  };

const ofInput =
  (kind: Kind): Lower =>
  (operation, lowering) => {
    const { graph } = lowering;
    const [dy, filter] = [lowering.input(operation, 'dy'), lowering.input(operation, 'filter')];
    const window = windowOf(operation, lowering, kind, numbersOf(operation.attrs.inputShape), filter.shape);
    const name = graph.apply('ConvTranspose', [image(lowering, dy, operation), weights(lowering, filter, kind)], {
      ...geometry(window),
      dilations: window.dilation,
      group: kind === 'depthwise' ? window.inChannels : 1,
      output_padding: missing(window),
    });
    lowering.made(operation, name, orderOf(operation));
  };

/** The input as each place of the filter meets it. */
function shifted({ graph }: Lowering, name: string, window: Window): string[] {
  const pads = padding(window);
  return pieces(graph, pads ? graph.apply('Pad', [name, graph.list(pads)]) : name, window);
}

const ofFilter =
  (kind: Kind): Lower =>
  (operation, lowering) => {
    const { graph } = lowering;
    const [x, dy] = [lowering.input(operation, 'x'), lowering.input(operation, 'dy')];
    const shape = numbersOf(operation.attrs.filterShape);
    const window = windowOf(operation, lowering, kind, x.shape, shape);
    const { batch, inChannels, outChannels, input, output, filter } = window;
    const positions = batch * sizeOf(output);
    const space = input.map((_, axis) => axis + 2);
    const from = image(lowering, x, operation);
    const channelsOut =
      inChannels === 1
        ? graph.apply('Reshape', [from, graph.list([1, batch, ...input])])
        : graph.apply('Transpose', [from], { perm: [1, 0, ...space] });
    const shifts = shifted(lowering, channelsOut, window);
    const columns = graph.apply('Reshape', [
      shifts.length === 1 ? (shifts[0] ?? '') : graph.apply('Concat', shifts, { axis: 0 }),
      graph.list([sizeOf(filter) * inChannels, positions]),
    ]);
    const gradient = graph.apply('Reshape', [
      graph.apply('Transpose', [image(lowering, dy, operation)], { perm: [1, 0, ...space] }),
      graph.list([outChannels, positions]),
    ]);
    const product = graph.apply('Gemm', [columns, gradient], { transA: 0, transB: 1 });
    lowering.made(operation, graph.apply('Reshape', [product, graph.list(shape)]));
  };

/** Each channel has a filter of its own, so the product is one of elements, summed over batch and place. */
const ofDepthwiseFilter: Lower = (operation, lowering) => {
  const { graph } = lowering;
  const [x, dy] = [lowering.input(operation, 'x'), lowering.input(operation, 'dy')];
  const shape = numbersOf(operation.attrs.filterShape);
  const window = windowOf(operation, lowering, 'depthwise', x.shape, shape);
  const [channels = 1, multiplier = 1] = shape.slice(-2);
  const { batch, output } = window;
  const gradient = graph.apply('Reshape', [lowering.first(dy), graph.list([batch, channels, multiplier, ...output])]);
  const sums = shifted(lowering, lowering.first(x), window).map((piece) => {
    const spread = graph.apply('Reshape', [piece, graph.list([batch, channels, 1, ...output])]);
    const sum = graph.apply('ReduceSum', [graph.apply('Mul', [spread, gradient]), graph.list([0, 3, 4])], {
      keepdims: 0,
    });
    return graph.apply('Reshape', [sum, graph.list([1, channels, multiplier])]);
  });
  const whole = sums.length === 1 ? (sums[0] ?? '') : graph.apply('Concat', sums, { axis: 0 });
  lowering.made(operation, graph.apply('Reshape', [whole, graph.list(shape)]));
};

export const CONVOLUTION: Record<string, Lower> = {
  Conv2D: forward('flat'),
  FusedConv2D: forward('flat'),
  DepthwiseConv2dNative: forward('depthwise'),
  FusedDepthwiseConv2D: forward('depthwise'),
  Conv3D: forward('solid'),
  Conv2DBackpropInput: ofInput('flat'),
  DepthwiseConv2dNativeBackpropInput: ofInput('depthwise'),
  Conv3DBackpropInputV2: ofInput('solid'),
  Conv2DBackpropFilter: ofFilter('flat'),
  Conv3DBackpropFilterV2: ofFilter('solid'),
  DepthwiseConv2dNativeBackpropFilter: ofDepthwiseFilter,
};
