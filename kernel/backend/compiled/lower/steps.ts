/**
 * The gradient of the input of a convolution in blocks that takes longer steps than one. Each phase of the input, which is
 * every second of its cells where steps are two, meets only the filter's places of the same phase: it is a convolution by
 * those, and nothing is multiplied by the zeros that a transposed one would put between.
 */
import { BLOCKS } from '../passes/blocked.ts';
import type { Ref } from '../recording.ts';
import { blockedWeights } from './blocks.ts';
import { cut, full, imageOf, interleaved } from './cells.ts';
import type { Lowering } from './lowering.ts';
import { places, type Window } from './window.ts';

/** How many cells each phase has along each axis. */
const lengths = ({ input, before, stride }: Window): number[] =>
  input.map((length, axis) => Math.ceil((length + (before[axis] ?? 0)) / (stride[axis] ?? 1)));

/** Whether the gradient can be computed in phases. */
export const isStepped = (window: Window): boolean =>
  window.stride.some((step) => step > 1) &&
  window.dilation.every((step) => step === 1) &&
  lengths(window).every((length, axis) => length >= (window.output[axis] ?? 0));

/**
 * @param gradient of the output, its channels first
 * @param flipped the filter from back to front
 */
export function ofStepped(
  lowering: Lowering,
  gradient: string,
  flipped: string,
  window: Window,
  block: number,
): string {
  const { graph } = lowering;
  const { batch, inChannels, outChannels, input, output, filter, stride, before } = window;
  const each = lengths(window);
  const shape = [batch, inChannels / block, ...each, block];
  const dy = graph.apply('ReorderInput', [gradient], { channels_last: 0 }, BLOCKS);
  const phases = places({ ...window, filter: stride }).map((phase) => {
    const taps = filter.map((length, axis) => Math.ceil((length - (phase[axis] ?? 0)) / (stride[axis] ?? 1)));
    if (taps.some((count) => count < 1)) return full(graph, shape);
    const weights = blockedWeights(
      lowering,
      some(lowering, flipped, window, phase, taps),
      [...taps, inChannels, outChannels],
      block,
      true,
    );
    // What lies behind the last place that the filter reaches gets nothing.
    const reached = each.map((length, axis) => Math.min(length, (output[axis] ?? 0) + (taps[axis] ?? 1) - 1));
    const pads = [...taps.map((count) => count - 1), ...reached.map((length, axis) => length - (output[axis] ?? 0))];
    const attributes = { kernel_shape: taps, strides: [1, 1], pads, dilations: [1, 1], group: 1 };
    const made = graph.apply('Conv', [dy, weights], attributes, BLOCKS);
    const cells = graph.apply('Reshape', [made, graph.list([batch, inChannels / block, ...reached, block])]);
    return cut(lowering, cells, [...shape.slice(0, 2), ...reached, block], [0, 0], each);
  });
  const whole = interleaved(lowering, phases, shape, stride);
  const covered = [...shape.slice(0, 2), ...each.map((length, axis) => length * (stride[axis] ?? 1)), block];
  return imageOf(lowering, cut(lowering, whole, covered, before, input), [batch, inChannels, ...input]);
}

/** The filter's places of one phase, the last of them first. */
function some(
  { graph }: Lowering,
  flipped: string,
  { filter, stride }: Window,
  phase: Ref['shape'],
  taps: number[],
): string {
  const last = taps.map((count, axis) => (phase[axis] ?? 0) + (count - 1) * (stride[axis] ?? 1));
  const begin = last.map((at, axis) => (filter[axis] ?? 1) - 1 - at);
  const end = begin.map((at, axis) => at + ((taps[axis] ?? 1) - 1) * (stride[axis] ?? 1) + 1);
  return graph.apply('Slice', [flipped, graph.list(begin), graph.list(end), graph.list([0, 1]), graph.list(stride)]);
}
