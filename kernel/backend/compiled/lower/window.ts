/** What convolutions and poolings share: a window that moves over an image or a volume whose channels come first. */
import type { Graph } from '../graph.ts';
import type { convolution3Of, convolutionOf, pooling3Of, poolingOf } from '../shapes/window.ts';

/** Geometry of a window; lists hold one number for each axis of space. */
export interface Window {
  batch: number;
  inChannels: number;
  outChannels: number;
  input: number[];
  output: number[];
  filter: number[];
  stride: number[];
  dilation: number[];
  /** Padding before and after. */
  before: number[];
  after: number[];
}

/** Geometry of a window over an image. */
export const flat = (info: ReturnType<typeof convolutionOf | typeof poolingOf>): Window => ({
  batch: info.batchSize,
  inChannels: info.inChannels,
  outChannels: info.outChannels,
  input: [info.inHeight, info.inWidth],
  output: [info.outHeight, info.outWidth],
  filter: [info.filterHeight, info.filterWidth],
  stride: [info.strideHeight, info.strideWidth],
  dilation: [info.dilationHeight, info.dilationWidth],
  before: [info.padInfo.top, info.padInfo.left],
  after: [info.padInfo.bottom, info.padInfo.right],
});

/** Geometry of a window over a volume. */
export const solid = (info: ReturnType<typeof convolution3Of | typeof pooling3Of>): Window => ({
  batch: info.batchSize,
  inChannels: info.inChannels,
  outChannels: info.outChannels,
  input: [info.inDepth, info.inHeight, info.inWidth],
  output: [info.outDepth, info.outHeight, info.outWidth],
  filter: [info.filterDepth, info.filterHeight, info.filterWidth],
  stride: [info.strideDepth, info.strideHeight, info.strideWidth],
  dilation: [info.dilationDepth, info.dilationHeight, info.dilationWidth],
  before: [info.padInfo.front, info.padInfo.top, info.padInfo.left],
  after: [info.padInfo.back, info.padInfo.bottom, info.padInfo.right],
});

/** The geometry in ONNX's words. */
export const geometry = ({ filter, stride, before, after }: Window) => ({
  kernel_shape: filter,
  strides: stride,
  pads: [...before, ...after],
});

/** Numbers of the window's places, in the order of a filter's weights: one coordinate an axis. */
export function places({ filter }: Window): number[][] {
  return filter.reduce<number[][]>(
    (found, length) => found.flatMap((place) => Array.from({ length }, (_, at) => [...place, at])),
    [[]],
  );
}

/** The (padded) input as each place of the window meets it, one piece of `[…, output]` a place. */
export function pieces(graph: Graph, padded: string, window: Window): string[] {
  const { output, stride, dilation } = window;
  const axes = graph.list(output.map((_, axis) => axis + 2));
  const whole = output.every((length, axis) => length === paddedLength(window, axis));
  return places(window).map((place) => {
    if (whole) return padded;
    const begin = place.map((at, axis) => at * (dilation[axis] ?? 1));
    const end = begin.map((at, axis) => at + ((output[axis] ?? 1) - 1) * (stride[axis] ?? 1) + 1);
    return graph.apply('Slice', [padded, graph.list(begin), graph.list(end), axes, graph.list(stride)]);
  });
}

const paddedLength = ({ input, before, after }: Window, axis: number): number =>
  (input[axis] ?? 0) + (before[axis] ?? 0) + (after[axis] ?? 0);

/** What a transposed convolution must add at the end of each axis to reach the input's size again. */
export const missing = (window: Window): number[] =>
  window.input.map((length, axis) => {
    const reach = ((window.filter[axis] ?? 1) - 1) * (window.dilation[axis] ?? 1) + 1;
    const pads = (window.before[axis] ?? 0) + (window.after[axis] ?? 0);
    return length - (((window.output[axis] ?? 1) - 1) * (window.stride[axis] ?? 1) - pads + reach);
  });

/** Padding before and after, in ONNX's order with batch and channels; undefined where there is none. */
export function padding({ before, after }: Window): number[] | undefined {
  const all = [0, 0, ...before, 0, 0, ...after];
  return all.some((length) => length !== 0) ? all : undefined;
}
