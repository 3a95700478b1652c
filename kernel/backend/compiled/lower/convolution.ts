/**
 * Convolutions and their gradients. Channels come first throughout, as the native kernels want it. The gradient of a
 * filter is one product: the shifted inputs under each of the filter's places, times the gradient of the output; this
 * ran several times faster than asking for a convolution with the gradient as its filter.
 */
import { numbersOf } from '../attributes.ts';
import type { Operation, Ref } from '../recording.ts';
import { convolution3Of, convolutionOf } from '../shapes/window.ts';
import { isWhole, ofBlockedFilter, ofFew } from './blocked-filter.ts';
import { blockedConvolution, blockedFromFew, blockedWeights, blockOf, isTurnable, outBlockOf } from './blocks.ts';
import { type Lower, type Lowering, sizeOf } from './lowering.ts';
import { activated } from './matmul.ts';
import { filterGradient } from './phases.ts';
import { isStepped, ofStepped } from './steps.ts';
import { flat, geometry, missing, padding, pieces, places, solid, type Window } from './window.ts';

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
    const blocked = kind === 'flat' ? inBlocks(lowering, image(lowering, x, operation), filter, window) : undefined;
    if (blocked !== undefined) {
      const added = bias ? graph.apply('Add', [blocked, lowering.last(bias, [window.outChannels, 1, 1])]) : blocked;
      lowering.made(operation, activated(lowering, added, operation), orderOf(operation));
      return;
    }
    const inputs = [image(lowering, x, operation), weights(lowering, filter, kind)];
    if (bias) inputs.push(lowering.last(bias, [window.outChannels]));
    const group = kind === 'depthwise' ? window.inChannels : 1;
    const name = graph.apply('Conv', inputs, { ...geometry(window), dilations: window.dilation, group });
    lowering.made(operation, activated(lowering, name, operation), orderOf(operation));
  };

/** The convolution by the native kernels that take channels in blocks, where those fit. */
function inBlocks(lowering: Lowering, image: string, filter: Ref, window: Window): string | undefined {
  const steps = { ...geometry(window), dilations: window.dilation };
  const weights = lowering.last(filter);
  const block = blockOf(lowering, window);
  if (block !== undefined) {
    const blocks = blockedWeights(lowering, weights, filter.shape, block);
    return blockedConvolution(lowering, image, blocks, window.outChannels, steps);
  }
  const few = outBlockOf(lowering, window);
  return few === undefined ? undefined : blockedFromFew(lowering, image, weights, filter.shape, few, steps);
}

const ofInput =
  (kind: Kind): Lower =>
  (operation, lowering) => {
    const { graph } = lowering;
    const [dy, filter] = [lowering.input(operation, 'dy'), lowering.input(operation, 'filter')];
    const window = windowOf(operation, lowering, kind, numbersOf(operation.attrs.inputShape), filter.shape);
    const block = kind === 'flat' ? blockOf(lowering, window) : undefined;
    if (block !== undefined && isStepped(window)) {
      const gradient = image(lowering, dy, operation);
      const made = ofStepped(lowering, gradient, flipped(lowering, filter), window, block);
      lowering.made(operation, made, orderOf(operation));
      return;
    }
    if (block !== undefined && isTurnable(window)) {
      const blocks = blockedWeights(lowering, flipped(lowering, filter), filter.shape, block, true);
      const gradient = image(lowering, dy, operation);
      const made = blockedConvolution(lowering, gradient, blocks, window.inChannels, turned(window));
      lowering.made(operation, made, orderOf(operation));
      return;
    }
    if (kind !== 'depthwise' && isReversible(window)) {
      const gradient = image(lowering, dy, operation);
      lowering.made(operation, reversed(lowering, gradient, filter, window), orderOf(operation));
      return;
    }
    const name = graph.apply('ConvTranspose', [image(lowering, dy, operation), weights(lowering, filter, kind)], {
      ...geometry(window),
      dilations: window.dilation,
      group: kind === 'depthwise' ? window.inChannels : 1,
      output_padding: missing(window),
    });
    lowering.made(operation, name, orderOf(operation));
  };

/** How many more products a convolution may take than the transposed one in whose place it is, and still be faster. */
const FEW_MORE = 1.15;

/** Whether the gradient of the input may as well be a convolution that is hardly longer than the output. */
const isReversible = (window: Window): boolean =>
  isTurnable(window) && sizeOf(window.input) <= FEW_MORE * sizeOf(window.output);

/**
 * The gradient of the input as a convolution with the filter from back to front, of which each thread takes whole
 * examples. A transposed one divides the product of every example among them, and adds up what comes of it in one.
 */
function reversed(lowering: Lowering, gradient: string, filter: Ref, window: Window): string {
  const { graph } = lowering;
  const axes = window.filter.map((_, axis) => axis);
  const perm = [axes.length, axes.length + 1, ...axes];
  const weights = graph.apply('Transpose', [flipped(lowering, filter)], { perm });
  return graph.apply('Conv', [gradient, weights], { ...turned(window), group: 1 });
}

/** The filter from back to front along all axes of space. */
function flipped(lowering: Lowering, filter: Ref): string {
  const { graph } = lowering;
  const space = filter.shape.slice(0, -2);
  const axes = space.map((_, axis) => axis);
  const all = (number: number): string => graph.list(axes.map(() => number));
  const ends = graph.list(space.map((length) => -length - 1));
  return graph.apply('Slice', [lowering.last(filter), all(-1), ends, graph.list(axes), all(-1)]);
}

/** Geometry of the convolution that leads back. */
function turned({ filter, stride, dilation, before, after }: Window) {
  const left = (pads: number[]): number[] =>
    pads.map((pad, axis) => ((filter[axis] ?? 1) - 1) * (dilation[axis] ?? 1) - pad);
  return { kernel_shape: filter, strides: stride, pads: [...left(before), ...left(after)], dilations: dilation };
}

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
    const { phases } = lowering.value(dy);
    const apart = phases && kind === 'flat' ? filterGradient(lowering, from, window, phases) : undefined;
    if (apart !== undefined) {
      lowering.made(operation, graph.apply('Reshape', [apart, graph.list(shape)]));
      return;
    }
    const block = kind === 'flat' ? blockOf(lowering, window) : undefined;
    if (block !== undefined && isWhole(window, block)) {
      const sums = ofBlockedFilter(lowering, from, image(lowering, dy, operation), window, block);
      lowering.made(operation, graph.apply('Reshape', [sums, graph.list(shape)]));
      return;
    }
    const few = kind === 'flat' ? outBlockOf(lowering, window) : undefined;
    if (few !== undefined && sizeOf(filter) <= sizeOf(output)) {
      const sums = ofFew(lowering, columnsOf(lowering, from, window), image(lowering, dy, operation), window, few);
      lowering.made(operation, graph.apply('Reshape', [sums, graph.list(shape)]));
      return;
    }
    if (inChannels === 1 && !lowering.portable && sizeOf(filter) <= sizeOf(output)) {
      const gradient = image(lowering, dy, operation);
      lowering.made(
        operation,
        graph.apply('Reshape', [byExample(lowering, from, gradient, window), graph.list(shape)]),
      );
      return;
    }
    if (kind === 'flat' && !lowering.portable && inChannels >= WIDE && sizeOf(filter) > 1) {
      const gradient = graph.apply('Reshape', [
        image(lowering, dy, operation),
        graph.list([batch, outChannels, sizeOf(output)]),
      ]);
      const columns = gathered(lowering, from, window);
      const products = graph.apply('MatMul', [gradient, columns]);
      const sum = graph.apply('ReduceSum', [products, graph.list([0])], { keepdims: 0 });
      const turned = graph.apply('Transpose', [sum], { perm: [1, 0] });
      lowering.made(operation, graph.apply('Reshape', [turned, graph.list(shape)]));
      return;
    }
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

/** How many channels are worth being taken up together. */
const WIDE = 16;

/** What is under the filter, [batch, place of the output, place of the filter × channels]: all threads take it up. */
function gathered({ graph }: Lowering, image: string, window: Window): string {
  const { batch, inChannels, output, stride, dilation, filter, input, before, after } = window;
  const pads = padding(window);
  const padded = pads ? graph.apply('Pad', [image, graph.list(pads)]) : image;
  const lengths = input.map((length, axis) => length + (before[axis] ?? 0) + (after[axis] ?? 0));
  const flat = graph.apply('Reshape', [padded, graph.list([batch, inChannels, sizeOf(lengths)])]);
  const pixels = graph.apply('Transpose', [flat], { perm: [0, 2, 1] });
  const under = places({ ...window, filter: output }).flatMap((at) =>
    places(window).map((place) =>
      lengths.reduce(
        (index, length, axis) =>
          index * length + (at[axis] ?? 0) * (stride[axis] ?? 1) + (place[axis] ?? 0) * (dilation[axis] ?? 1),
        0,
      ),
    ),
  );
  const { name: index } = graph.constant('int32', [under.length], under);
  const columns = graph.apply('Gather', [pixels, index], { axis: 1 });
  return graph.apply('Reshape', [columns, graph.list([batch, sizeOf(output), sizeOf(filter) * inChannels])]);
}

/** What is under the filter, [batch, place of the filter × channels, place of the output]. */
function columnsOf(lowering: Lowering, image: string, window: Window): string {
  const { graph } = lowering;
  const { batch, inChannels, output, filter } = window;
  const shifts = shifted(lowering, image, window);
  return graph.apply('Reshape', [
    shifts.length === 1 ? (shifts[0] ?? '') : graph.apply('Concat', shifts, { axis: 1 }),
    graph.list([batch, sizeOf(filter) * inChannels, sizeOf(output)]),
  ]);
}

/**
 * The gradient of a filter over one channel: a product an example, summed. Nothing has to change its place for it, which
 * one thread would do for all, and what is summed is as small as the filter.
 */
function byExample(lowering: Lowering, image: string, gradient: string, window: Window): string {
  const { graph } = lowering;
  const { batch, outChannels, output } = window;
  const columns = columnsOf(lowering, image, window);
  const rows = graph.apply('Reshape', [gradient, graph.list([batch, outChannels, sizeOf(output)])]);
  const products = graph.apply('FusedMatMul', [columns, rows], { transA: 0, transB: 1 }, 'com.microsoft');
  return graph.apply('ReduceSum', [products, graph.list([0])], { keepdims: 0 });
}

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

/** The lowerings of these kernels, by the kernel's name. */
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
