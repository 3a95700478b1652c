/** Gradients of kernels that move elements about: TensorFlow.js lacks most of these, and has some of them wrong. */
import type { Tensor, Tensor1D } from '@tensorflow/tfjs';
import { axisOf, numberOf, numbersOf } from '../compiled/attributes.ts';
import { stridesOf } from '../compiled/shapes/arrange.ts';
import { pairsOf, sizeOf } from '../compiled/shapes/outline.ts';
import type { TensorFlow } from '../tensorflow.ts';
import type { Attrs, Gradient } from './register.ts';

/** A gradient with respect to one input, which needs that input (or others, first) for its shape. */
const single = (
  kernel: string,
  inputs: string[],
  of: (dy: Tensor, x: Tensor, attrs: Attrs, others: Tensor[]) => Tensor,
): Gradient => ({
  kernel,
  inputs,
  of: (dy, saved, attrs) => {
    const [x, ...others] = saved;
    if (!x) throw new Error(`${kernel} did not keep its input`);
    return { [inputs[0] ?? 'x']: () => of(dy, x, attrs, others) };
  },
});

/** The gradients of these kernels, for `register.ts`. */
export const arrangeGradients = (tf: TensorFlow): Gradient[] => [
  // One axis at a time, so that no backend meets more axes than it can handle.
  single('Tile', ['x'], (dy, x, attrs) => {
    const gradient = numbersOf(attrs.reps).reduce((found, times, axis) => {
      if (times === 1) return found;
      const length = x.shape[axis] ?? 1;
      const [before, after] = [sizeOf(x.shape.slice(0, axis)), sizeOf(found.shape.slice(axis + 1))];
      const shape = found.shape.with(axis, length);
      return found
        .reshape([before, times, length * after])
        .sum(1)
        .reshape(shape);
    }, dy);
    return gradient.reshape(x.shape);
  }),
  single('Cumsum', ['x'], (dy, _, { axis, exclusive, reverse }) =>
    dy.cumsum(numberOf(axis, 0), exclusive === true, reverse !== true),
  ),
  single('StridedSlice', ['x'], (dy, x, attrs) => {
    const { begin, end, strides } = stridesOf(tf, x.shape, attrs);
    const places = begin.map((from, axis) => {
      const [to = 0, step = 1] = [end[axis], strides[axis]];
      return Array.from({ length: Math.max(0, Math.ceil((to - from) / step)) }, (_, at) => from + at * step);
    });
    let gradient = dy.reshape(places.map(({ length }) => length));
    places.forEach((list, axis) => {
      const length = x.shape[axis] ?? 1;
      if (list.length === length && list.every((place, at) => place === at)) return;
      gradient = along(tf, gradient, axis, (rows) => tf.unsortedSegmentSum(rows, tf.tensor1d(list, 'int32'), length));
    });
    return gradient;
  }),
  single('MirrorPad', ['x'], (dy, x, attrs) => {
    const turn = attrs.mode === 'reflect' ? 0 : 1;
    let gradient = dy;
    pairsOf(attrs.paddings).forEach(([before, after], axis) => {
      const length = x.shape[axis] ?? 1;
      const list = Array.from({ length: before + length + after }, (_, at) => {
        const from = at - before;
        if (from < 0) return -from - turn;
        return from < length ? from : 2 * (length - 1) - from + turn;
      });
      if (before + after === 0) return;
      gradient = along(tf, gradient, axis, (rows) => tf.unsortedSegmentSum(rows, tf.tensor1d(list, 'int32'), length));
    });
    return gradient;
  }),
  single('DepthToSpace', ['x'], (dy, { shape }, attrs) => {
    const block = numberOf(attrs.blockSize, 1);
    if (attrs.dataFormat === 'NCHW') throw new Error('depthToSpace has a gradient for NHWC data only');
    const [batch = 1, height = 1, width = 1] = shape;
    const cells = dy.reshape([batch, height, block, width, -1]).transpose([0, 1, 3, 2, 4]);
    return cells.reshape(shape);
  }),
  single('Diag', ['x'], (dy, { shape }) => {
    const length = sizeOf(shape);
    return dy.reshape([length, length]).mul(tf.eye(length)).sum(1).reshape(shape);
  }),
  single('GatherV2', ['x', 'indices'], (dy, x, attrs, [indices]) => {
    if (!indices) throw new Error('gather did not keep its indices');
    const axis = axisOf(attrs.axis, x.shape.length);
    const batch = numberOf(attrs.batchDims, 0);
    const outer = sizeOf(x.shape.slice(0, batch));
    const [middle, length, inner] = [
      sizeOf(x.shape.slice(batch, axis)),
      x.shape[axis] ?? 1,
      sizeOf(x.shape.slice(axis + 1)),
    ];
    const picks = indices.size / outer;
    if (batch === 0) {
      const rows = dy.reshape([middle, picks, inner]).transpose([1, 0, 2]);
      const sums = tf.unsortedSegmentSum(rows, flat(indices), length);
      return sums.transpose([1, 0, 2]).reshape(x.shape);
    }
    // Each batch has rows of its own: its numbers are moved past those of the batches before it.
    const starts = tf.range(0, outer, 1, 'int32').mul(tf.scalar(length, 'int32')).reshape([outer, 1]);
    const all = indices.reshape([outer, picks]).add(starts);
    const rows = dy
      .reshape([outer, middle, picks, inner])
      .transpose([0, 2, 1, 3])
      .reshape([outer * picks, middle, inner]);
    const sums = tf.unsortedSegmentSum(rows, flat(all), outer * length);
    return sums.reshape([outer, length, middle, inner]).transpose([0, 2, 1, 3]).reshape(x.shape);
  }),
  single('GatherNd', ['params', 'indices'], (dy, params, _, [indices]) => {
    if (!indices) throw new Error('gatherND did not keep its indices');
    return tf.scatterND(indices, dy, params.shape);
  }),
  {
    kernel: 'ScatterNd',
    inputs: ['indices'],
    of: (dy, [indices]) => ({
      updates: () => {
        if (!indices) throw new Error('scatterND did not keep its indices');
        return tf.gatherND(dy, indices);
      },
    }),
  },
  {
    kernel: 'TensorScatterUpdate',
    inputs: ['indices', 'updates'],
    of: (dy, [indices, updates]) => {
      if (!indices || !updates) throw new Error('tensorScatterUpdate did not keep its inputs');
      return {
        // Not by an update with zeros: the JavaScript backend writes it into its input.
        tensor: () => dy.mul(tf.scatterND(indices, tf.onesLike(updates), dy.shape).equal(0).toFloat()),
        updates: () => tf.gatherND(dy, indices),
      };
    },
  },
];

/** Applies `work` to the rows along one axis, `[length, rest]` → `[new length, rest]`. */
function along(tf: TensorFlow, x: Tensor, axis: number, work: (rows: Tensor) => Tensor): Tensor {
  const order = x.shape.map((_, at) => at).filter((at) => at !== axis);
  const rest = order.map((at) => x.shape[at] ?? 1);
  const rows = work(x.transpose([axis, ...order]).reshape([x.shape[axis] ?? 1, sizeOf(rest)]));
  const back = x.shape.map((_, at) => (at === axis ? 0 : order.indexOf(at) + 1));
  return tf.transpose(rows.reshape([rows.shape[0] ?? 1, ...rest]), back);
}

const flat = (indices: Tensor): Tensor1D => indices.reshape([indices.size]).toInt().as1D();
