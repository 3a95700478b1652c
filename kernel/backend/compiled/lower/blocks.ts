/**
 * Convolutions over many channels, as the native kernels have them that take channels in blocks, as many as the processor
 * multiplies at once: they read the image where it lies, instead of copying what is under the filter for each of its places
 * first, and all threads share the batch. Values come and go with their channels first, and are put in blocks on the way.
 */

import { channelBlock } from '../native.ts';
import { BLOCKS } from '../passes/blocked.ts';
import type { Ref } from '../recording.ts';
import { type Lowering, sizeOf } from './lowering.ts';
import type { Window } from './window.ts';

/** How many channels make a block; undefined where there are none. */
export const blockSize = ({ portable }: Lowering): number | undefined => (portable ? undefined : channelBlock());

/** How many channels make a block, where the convolution has whole blocks of them on both sides. */
export function blockOf(lowering: Lowering, { inChannels, outChannels }: Window): number | undefined {
  const block = blockSize(lowering);
  return block !== undefined && inChannels % block === 0 && outChannels % block === 0 ? block : undefined;
}

/**
 * [space…, in, out] as blocks; `turned`: for a convolution from what goes out to what comes in.
 * @param filter name of the filter, its axes in TensorFlow's order
 */
export function blockedWeights(
  { graph }: Lowering,
  filter: string,
  shape: Ref['shape'],
  block: number,
  turned = false,
) {
  const space = shape.slice(0, -2);
  const [inChannels = 1, outChannels = 1] = shape.slice(-2);
  const cut = graph.list([...space, inChannels / block, block, outChannels / block, block]);
  const rank = space.length;
  const axes = space.map((_, axis) => axis);
  const [from, into] = turned ? [rank + 2, rank] : [rank, rank + 2];
  const perm = [into, from, ...axes, from + 1, into + 1];
  const blocks = graph.apply('Transpose', [graph.apply('Reshape', [filter, cut])], { perm });
  const ends = turned ? [inChannels, outChannels] : [outChannels, inChannels];
  return graph.apply('Reshape', [blocks, graph.list([...ends, ...space])]);
}

/** The convolution of an image whose channels come first, by weights in blocks. */
export function blockedConvolution(
  { graph }: Lowering,
  image: string,
  weights: string,
  channels: number,
  attributes: Readonly<Record<string, readonly number[]>>,
): string {
  const blocks = graph.apply('ReorderInput', [image], { channels_last: 0 }, BLOCKS);
  const made = graph.apply('Conv', [blocks, weights], { ...attributes, group: 1 }, BLOCKS);
  return graph.apply('ReorderOutput', [made], { channels, channels_last: 0 }, BLOCKS);
}

/** How many channels make a block, where only what goes out has whole blocks: an image of few channels comes in as it is. */
export function outBlockOf(lowering: Lowering, { inChannels, outChannels }: Window): number | undefined {
  const block = blockSize(lowering);
  return block !== undefined && inChannels < block && outChannels % block === 0 ? block : undefined;
}

/** The convolution of an image of few channels, which come first. */
export function blockedFromFew(
  { graph }: Lowering,
  image: string,
  filter: string,
  shape: Ref['shape'],
  block: number,
  attributes: Readonly<Record<string, readonly number[]>>,
): string {
  const [height = 1, width = 1, inChannels = 1, outChannels = 1] = shape;
  const split = graph.apply('Reshape', [filter, graph.list([height, width, inChannels, outChannels / block, block])]);
  const blocks = graph.apply('Transpose', [split], { perm: [3, 2, 0, 1, 4] });
  const weights = graph.apply('Reshape', [blocks, graph.list([outChannels, inChannels, height, width])]);
  const made = graph.apply('Conv', [image, weights], { ...attributes, group: 1 }, BLOCKS);
  return graph.apply('ReorderOutput', [made], { channels: outChannels, channels_last: 0 }, BLOCKS);
}

/** Whether the gradient of the input is such a convolution too: steps of one, and no more padding than the filter reaches. */
export const isTurnable = ({ stride, filter, dilation, before, after }: Window): boolean =>
  stride.every((length) => length === 1) &&
  filter.every((length, axis) => {
    const reach = (length - 1) * (dilation[axis] ?? 1);
    return (before[axis] ?? 0) <= reach && (after[axis] ?? 0) <= reach;
  }) &&
  sizeOf(filter) > 0;
