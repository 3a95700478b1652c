/**
 * Pooling by windows that overlap, of images in blocks of channels. The gradient goes to the first of the greatest of each
 * window by comparisons of whole tensors, a place of the window at a time; what the places give is added up by the phase of
 * the image that they lie in, and the phases are put together at the end.
 */
import { BLOCKS } from '../passes/blocked.ts';
import { blockSize } from './blocks.ts';
import { cellsOf, cut, full, imageOf, interleaved } from './cells.ts';
import type { Lowering } from './lowering.ts';
import { shared } from './phases.ts';
import { geometry, pieces, places, type Window } from './window.ts';

/** Less than any other number. */
const LEAST = -3.4e38;

/** How many channels make a block, where the windows overlap and there are whole blocks. */
export function overlapping(lowering: Lowering, { inChannels, filter, stride }: Window): number | undefined {
  const block = blockSize(lowering);
  const fits = block !== undefined && inChannels % block === 0 && filter.length === 2;
  return fits && filter.some((length, axis) => length > (stride[axis] ?? 1)) ? block : undefined;
}

/** The greatest of each window. */
export function greatestInBlocks({ graph }: Lowering, image: string, window: Window): string {
  const blocks = graph.apply('ReorderInput', [image], { channels_last: 0 }, BLOCKS);
  const made = graph.apply('MaxPool', [blocks], { ...geometry(window), dilations: window.dilation }, BLOCKS);
  return graph.apply('ReorderOutput', [made], { channels: window.inChannels, channels_last: 0 }, BLOCKS);
}

/** @param gradient of what is pooled, its channels first like the image's */
export function ofGreatestInBlocks(
  lowering: Lowering,
  image: string,
  gradient: string,
  window: Window,
  block: number,
): string {
  const { graph } = lowering;
  const { batch, inChannels, input, output, stride, dilation, filter, before } = window;
  const blocks = inChannels / block;
  // As many cells as the windows reach over, and the image.
  const reach = output.map((length, axis) => {
    const last = (length - 1) * (stride[axis] ?? 1) + ((filter[axis] ?? 1) - 1) * (dilation[axis] ?? 1);
    return Math.max(last + 1, (input[axis] ?? 0) + (before[axis] ?? 0));
  });
  const outside = before.map((length) => 0 - length);
  const cells = cellsOf(lowering, image, [batch, inChannels, ...input], block);
  const shaped = (space: readonly number[]): number[] => [batch, blocks, ...space, block];
  const padded = cut(lowering, cells, shaped(input), outside, reach, LEAST);
  const met = pieces(graph, padded, {
    ...window,
    after: reach.map((length, axis) => length - (input[axis] ?? 0) - (before[axis] ?? 0)),
  });
  const greatest: string[] = [];
  for (const piece of met) {
    const last = greatest.at(-1);
    greatest.push(last === undefined ? piece : graph.apply('Max', [last, piece]));
  }
  const dy = cellsOf(lowering, gradient, [batch, inChannels, ...output], block);
  const parts = shared(lowering, met, greatest, dy);
  const each = reach.map((length, axis) => Math.ceil(length / (stride[axis] ?? 1)));
  const sums = new Map<number, string>();
  for (const [index, place] of places(window).entries()) {
    const at = place.map((step, axis) => step * (dilation[axis] ?? 1));
    const phase = at.reduce((sum, to, axis) => sum * (stride[axis] ?? 1) + (to % (stride[axis] ?? 1)), 0);
    const behind = at.map((to, axis) => 0 - Math.floor(to / (stride[axis] ?? 1)));
    const part = cut(lowering, parts[index] ?? '', shaped(output), behind, each);
    const sum = sums.get(phase);
    sums.set(phase, sum === undefined ? part : graph.apply('Add', [sum, part]));
  }
  const phases = places({ ...window, filter: stride }).map((_, phase) => sums.get(phase) ?? full(graph, shaped(each)));
  const covered = each.map((length, axis) => length * (stride[axis] ?? 1));
  const whole = cut(lowering, interleaved(lowering, phases, shaped(each), stride), shaped(covered), before, input);
  return imageOf(lowering, whole, [batch, inChannels, ...input]);
}
