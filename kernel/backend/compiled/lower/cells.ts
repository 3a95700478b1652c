/**
 * Images in blocks of channels as plain tensors, [batch, blocks, …space, channel of the block], here called cells: moving a
 * cell along an axis of space, or taking every second one, copies whole blocks of numbers at a time.
 */
import type { Graph } from '../graph.ts';
import { BLOCKS } from '../passes/blocked.ts';
import type { Lowering } from './lowering.ts';

/** The cells of an image whose channels come first. */
export function cellsOf({ graph }: Lowering, image: string, shape: readonly number[], block: number): string {
  const [batch = 1, channels = 1, ...space] = shape;
  const blocks = graph.apply('ReorderInput', [image], { channels_last: 0 }, BLOCKS);
  return graph.apply('Reshape', [blocks, graph.list([batch, channels / block, ...space, block])]);
}

/** An image whose channels come first, of cells. */
export function imageOf({ graph }: Lowering, cells: string, shape: readonly number[]): string {
  const blocks = graph.apply('Reshape', [cells, graph.list(shape)]);
  return graph.apply('ReorderOutput', [blocks], { channels: shape[1] ?? 1, channels_last: 0 }, BLOCKS);
}

/**
 * As many cells along each axis of space as `to` says, beginning at `begin`, which may lie outside: there is `fill`.
 * @param from the cells' shape
 */
export function cut(
  { graph }: Lowering,
  cells: string,
  from: readonly number[],
  begin: readonly number[],
  to: readonly number[],
  fill = 0,
): string {
  const space = from.slice(2, -1);
  const left = begin.map((at) => 0 - at);
  const right = to.map((length, axis) => length + (begin[axis] ?? 0) - (space[axis] ?? 0));
  if ([...left, ...right].every((length) => length === 0)) return cells;
  // The native operation does not bear a cut that leaves nothing.
  const isOutside = space.some(
    (length, axis) => (begin[axis] ?? 0) >= length || (begin[axis] ?? 0) + (to[axis] ?? 0) <= 0,
  );
  if (isOutside) return full(graph, [...from.slice(0, 2), ...to, ...from.slice(-1)], fill);
  const pads = graph.list([0, 0, ...left, 0, 0, 0, ...right, 0]);
  return graph.apply('Pad', [cells, pads, ...(fill === 0 ? [] : [graph.float(fill)])]);
}

/** A tensor of that shape, all of whose numbers are this one. */
export const full = (graph: Graph, shape: readonly number[], number = 0): string =>
  graph.apply('Expand', [graph.float(number), graph.list(shape)]);

/** Every cell of a few phases in turn: those of phase [0, 0], [0, 1], …, of which there are as many as steps. */
export function interleaved(
  { graph }: Lowering,
  phases: readonly string[],
  shape: readonly number[],
  steps: readonly number[],
): string {
  const [batch = 1, blocks = 1, height = 1, width = 1, block = 1] = shape;
  const [down = 1, right = 1] = steps;
  const laid = (name: string, to: readonly number[]): string => graph.apply('Reshape', [name, graph.list(to)]);
  const joined = (names: readonly string[], axis: number): string =>
    names.length === 1 ? (names[0] ?? '') : graph.apply('Concat', names, { axis });
  const rows = Array.from({ length: down }, (_, row) => {
    const parts = phases.slice(row * right, (row + 1) * right);
    const row4 = parts.map((name) => laid(name, [batch * blocks * height, width, 1, block]));
    return laid(joined(row4, 2), [batch * blocks, height, 1, width * right * block]);
  });
  return laid(joined(rows, 2), [batch, blocks, height * down, width * right, block]);
}
