/**
 * Resizing of images. Along each axis an output cell is a weighted sum of input cells, so resizing is a product with one
 * constant matrix an axis, and its gradient the product with the transposed ones; whole factors have native kernels.
 */

import { interpolation, neighbours } from '../../gradients/kernels.ts';
import { numbersOf } from '../attributes.ts';
import { ELEMENT } from '../onnx.ts';
import type { Operation } from '../recording.ts';
import type { Lower, Lowering } from './lowering.ts';

type Kind = 'nearest' | 'linear';

/** `[out, in]`: how much each input cell counts for each output cell, by TensorFlow's rules. */
export function resizing(kind: Kind, from: number, to: number, { attrs }: Pick<Operation, 'attrs'>): Float32Array {
  const weights = new Float32Array(to * from);
  if (kind === 'nearest') {
    neighbours(from, to, attrs).forEach((cell, row) => {
      weights[row * from + cell] = 1;
    });
    return weights;
  }
  interpolation(from, to, attrs).forEach((cells, row) => {
    for (const [cell, weight] of cells) weights[row * from + cell] = (weights[row * from + cell] ?? 0) + weight;
  });
  return weights;
}

/** Whole factors from one size to another, of nearest neighbours; undefined where there are none. */
function factors(operation: Operation, from: number[], to: number[]): number[] | undefined {
  const { alignCorners, halfPixelCenters } = operation.attrs;
  const found = from.map((length, axis) => (to[axis] ?? 0) / length);
  return alignCorners !== true && halfPixelCenters !== true && found.every(Number.isInteger) ? found : undefined;
}

const resize =
  (kind: Kind): Lower =>
  (operation, lowering) => {
    const { graph } = lowering;
    const x = lowering.input(operation, 'images');
    const [from, to] = [x.shape.slice(1, 3), numbersOf(operation.attrs.size)];
    const image = lowering.floating(lowering.first(x), x.dtype);
    const whole = kind === 'nearest' ? factors(operation, from, to) : undefined;
    const { dtype } = operation.outputs[0] ?? x;
    const typed = (name: string): string =>
      dtype === 'float32' ? name : graph.apply('Cast', [name], { to: ELEMENT[dtype] });
    if (whole) {
      const scales = graph.constant('float32', [4], [1, 1, ...whole]);
      const name = graph.apply('Resize', [image, '', scales.name], {
        mode: 'nearest',
        coordinate_transformation_mode: 'asymmetric',
        nearest_mode: 'floor',
      });
      lowering.made(operation, typed(name), 'first');
      return;
    }
    const [rows = '', columns = ''] = matrices(kind, operation, lowering, from, to);
    const tall = graph.apply('MatMul', [rows, image]);
    const turned = graph.apply('Transpose', [columns], { perm: [1, 0] });
    lowering.made(operation, typed(graph.apply('MatMul', [tall, turned])), 'first');
  };

/** Names of the matrices for rows and for columns. */
function matrices(kind: Kind, operation: Operation, { graph }: Lowering, from: number[], to: number[]): string[] {
  return [0, 1].map((axis) => {
    const [inner, outer] = [from[axis] ?? 1, to[axis] ?? 1];
    return graph.constant('float32', [outer, inner], resizing(kind, inner, outer, operation)).name;
  });
}

const ofResized =
  (kind: Kind): Lower =>
  (operation, lowering) => {
    const { graph } = lowering;
    const [images, dy] = [lowering.input(operation, 'images'), lowering.input(operation, 'dy')];
    const [from, to] = [images.shape.slice(1, 3), dy.shape.slice(1, 3)];
    const whole = kind === 'nearest' ? factors(operation, from, to) : undefined;
    if (whole) {
      const mean = graph.apply('AveragePool', [lowering.first(dy)], { kernel_shape: whole, strides: whole });
      const size = whole.reduce((product, factor) => product * factor, 1);
      lowering.made(operation, graph.apply('Mul', [mean, graph.float(size)]), 'first');
      return;
    }
    const [rows = '', columns = ''] = matrices(kind, operation, lowering, from, to);
    const turned = graph.apply('Transpose', [rows], { perm: [1, 0] });
    const tall = graph.apply('MatMul', [turned, lowering.first(dy)]);
    lowering.made(operation, graph.apply('MatMul', [tall, columns]), 'first');
  };

/** The lowerings of these kernels, by the kernel's name. */
export const RESIZE: Record<string, Lower> = {
  ResizeNearestNeighbor: resize('nearest'),
  ResizeBilinear: resize('linear'),
  ResizeNearestNeighborGrad: ofResized('nearest'),
  ResizeBilinearGrad: ofResized('linear'),
};
