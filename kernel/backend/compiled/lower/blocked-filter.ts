/**
 * The gradient of a filter, of an image in blocks of channels. To the native convolution that gradient is a convolution by
 * filters of one place: what it sums over, the places of an example, are its channels, the gradient of the output is its
 * image, and the input under one place of the filter its weights, which lie in blocks as weights do.
 */
import { BLOCKS } from '../passes/blocked.ts';
import { cellsOf, cut } from './cells.ts';
import { type Lowering, sizeOf } from './lowering.ts';
import { pieces, places, type Window } from './window.ts';

/** Whether the places of an example make whole blocks. */
export const isWhole = ({ output }: Window, block: number): boolean => sizeOf(output) % block === 0;

/**
 * @param image the input, its channels first
 * @param gradient of the output, its channels first
 * @returns [place of the filter, in, out]
 */
export function ofBlockedFilter(
  lowering: Lowering,
  image: string,
  gradient: string,
  window: Window,
  block: number,
): string {
  const { graph } = lowering;
  const { batch, inChannels, outChannels, input, output } = window;
  const space = sizeOf(output);
  const cells = cellsOf(lowering, image, [batch, inChannels, ...input], block);
  const turned = placesFirst(lowering, gradient, window, block);
  const attributes = { kernel_shape: [1, 1], strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], group: batch };
  const sums = under(lowering, cells, window, block).map((piece) => {
    const weights = graph.apply('Reshape', [piece, graph.list([batch * inChannels, space, 1, 1])]);
    const products = graph.apply('Conv', [turned, weights], attributes, BLOCKS);
    const rows = graph.apply('Reshape', [products, graph.list([batch, inChannels * outChannels])]);
    return graph.apply('ReduceSum', [rows, graph.list([0])], { keepdims: 0 });
  });
  const all = sums.length === 1 ? (sums[0] ?? '') : graph.apply('Concat', sums, { axis: 0 });
  const blocks = graph.apply('Reshape', [all, graph.list([sums.length * (inChannels / block), outChannels, block])]);
  return graph.apply('Transpose', [blocks], { perm: [0, 2, 1] });
}

/** The gradient of the output with its places in blocks, [1, batch × places, 1, channels]. */
function placesFirst({ graph }: Lowering, gradient: string, { batch, outChannels, output }: Window, block: number) {
  const [space, blocks] = [sizeOf(output), outChannels / block];
  const taken = graph.apply('ReorderInput', [gradient], { channels_last: 0 }, BLOCKS);
  const rows = graph.apply('Reshape', [taken, graph.list([batch * blocks, space, 1, block])]);
  const turned = graph.apply('ReorderInput', [rows], { channels_last: 0 }, BLOCKS);
  const squares = graph.apply('Reshape', [turned, graph.list([batch, blocks, space / block, block * block])]);
  const beside = graph.apply('Transpose', [squares], { perm: [0, 2, 1, 3] });
  return graph.apply('Reshape', [beside, graph.list([1, batch * space, 1, outChannels])]);
}

/** The input's cells as each place of the filter meets them. */
function under(lowering: Lowering, cells: string, window: Window, block: number): string[] {
  const { batch, inChannels, input, output, stride, dilation, before, after } = window;
  const shape = [batch, inChannels / block, ...input, block];
  if (stride.every((step) => step === 1)) {
    return places(window).map((place) => {
      const begin = place.map((at, axis) => at * (dilation[axis] ?? 1) - (before[axis] ?? 0));
      return cut(lowering, cells, shape, begin, output);
    });
  }
  const padded = input.map((length, axis) => length + (before[axis] ?? 0) + (after[axis] ?? 0));
  const all = cut(
    lowering,
    cells,
    shape,
    before.map((length) => 0 - length),
    padded,
  );
  return pieces(lowering.graph, all, window);
}

/**
 * The gradient of a filter over few channels, of which only what goes out is in blocks: a product an example, summed.
 * @param columns what is under the filter, [batch, place of the filter × channels, place of the output]
 * @param gradient of the output, its channels first
 * @returns [place of the filter × channels in, out]
 */
export function ofFew(lowering: Lowering, columns: string, gradient: string, window: Window, block: number): string {
  const { graph } = lowering;
  const { batch, inChannels, outChannels, output, filter } = window;
  const [rows, space, blocks] = [sizeOf(filter) * inChannels, sizeOf(output), outChannels / block];
  const cells = cellsOf(lowering, gradient, [batch, outChannels, ...output], block);
  const products = graph.apply('MatMul', [
    graph.apply('Reshape', [columns, graph.list([batch, 1, rows, space])]),
    graph.apply('Reshape', [cells, graph.list([batch, blocks, space, block])]),
  ]);
  const sum = graph.apply('ReduceSum', [products, graph.list([0])], { keepdims: 0 });
  return graph.apply('Transpose', [sum], { perm: [1, 0, 2] });
}
