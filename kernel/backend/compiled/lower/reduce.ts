/** Kernels that fold axes away, and the soft maximum, which needs such a fold. */
import { axisOf, numberOf } from '../attributes.ts';
import { ELEMENT } from '../onnx.ts';
import type { Operation, Ref } from '../recording.ts';
import { reducedAxes } from '../shapes/outline.ts';
import type { Lower, Lowering } from './lowering.ts';

type Source = { name: string; axes: number[]; order: 'first' | 'last' };

const reduction =
  (type: string, fold: (lowering: Lowering, source: Source, keepdims: number) => string): Lower =>
  (operation, lowering) => {
    const x = lowering.input(operation, 'x');
    const axes = reducedAxes(operation.attrs, x.shape.length);
    const keep = operation.attrs.keepDims === true;
    const [out] = operation.outputs;
    if (axes.length === 0 && out?.dtype === x.dtype) {
      lowering.alias(operation, x);
      return;
    }
    const whole = type === 'Sum' && !keep ? sumOf(lowering, x, axes) : undefined;
    const source = whole ?? sourceOf(lowering, x, axes, keep);
    if (x.dtype === 'bool') source.name = lowering.graph.apply('Cast', [source.name], { to: ELEMENT.int32 });
    if (type === 'Mean') source.name = lowering.floating(source.name, x.dtype);
    lowering.made(operation, fold(lowering, source, keep ? 1 : 0));
  };

/**
 * The value as it lies, where what is left after the fold comes in the same order either way: without the channels, or
 * with nothing but batch and channels.
 */
function sourceOf(lowering: Lowering, x: Ref, axes: number[], keep: boolean): Source {
  const last = x.shape.length - 1;
  const space = x.shape.slice(1, -1).every((_, axis) => axes.includes(axis + 1));
  if (!lowering.isFirst(x) || keep || !(axes.includes(last) || space)) {
    return { name: lowering.last(x), axes, order: 'last' };
  }
  const moved = axes.map((axis) => (axis === 0 ? 0 : axis === last ? 1 : axis + 1));
  return { name: lowering.first(x), axes: moved, order: 'first' };
}

/** Where only channels are left of an image in parts: the parts added up, which are fewer numbers. */
function sumOf(lowering: Lowering, x: Ref, axes: number[]): Source | undefined {
  const { phases } = lowering.value(x);
  const last = x.shape.length - 1;
  const whole = phases && x.shape.every((_, axis) => axes.includes(axis) === (axis !== last));
  return whole
    ? { name: phases.sum, axes: axes.map((axis) => (axis === 0 ? 0 : axis + 1)), order: 'first' }
    : undefined;
}

const folding = (type: string): Lower =>
  reduction(type, ({ graph }, { name, axes }, keepdims) =>
    graph.apply(`Reduce${type}`, [name, graph.list(axes)], { keepdims }),
  );

/** A test of booleans, folded as a smallest or greatest number. */
const testing = (type: 'Min' | 'Max'): Lower =>
  reduction(type, ({ graph }, { name, axes }, keepdims) => {
    const folded = graph.apply(`Reduce${type}`, [name, graph.list(axes)], { keepdims });
    return graph.apply('Cast', [folded], { to: ELEMENT.bool });
  });

const position =
  (type: 'ArgMax' | 'ArgMin'): Lower =>
  (operation, lowering) => {
    const { graph } = lowering;
    const x = lowering.input(operation, 'x');
    const [axis = 0] = reducedAxes(operation.attrs, x.shape.length);
    const found = graph.apply(type, [lowering.last(x)], { axis, keepdims: 0 });
    lowering.made(operation, graph.apply('Cast', [found], { to: ELEMENT.int32 }));
  };

const soft: Lower = (operation, lowering) => {
  const x = lowering.input(operation, 'logits');
  const axis = axisOf(operation.attrs.dim ?? -1, x.shape.length);
  lowering.made(operation, lowering.graph.apply('Softmax', [lowering.last(x)], { axis }));
};

const cumulative: Lower = (operation, lowering) => {
  const { graph } = lowering;
  const x = lowering.input(operation, 'x');
  const axis = graph.constant('int32', [], [axisOf(operation.attrs.axis, x.shape.length)]);
  const exclusive = operation.attrs.exclusive === true ? 1 : 0;
  const reverse = operation.attrs.reverse === true ? 1 : 0;
  lowering.made(operation, graph.apply('CumSum', [lowering.last(x), axis.name], { exclusive, reverse }));
};

/** Products along an axis, in as many steps as the length has binary digits: each step takes in what lies twice as far. */
const cumulativeProduct: Lower = (operation, lowering) => {
  const { graph } = lowering;
  const x = lowering.input(operation, 'x');
  const axis = axisOf(operation.attrs.axis, x.shape.length);
  const length = x.shape[axis] ?? 1;
  const { name: one } = graph.constant(x.dtype, [], [1]);
  const shift = (name: string, by: number): string => {
    const sides = x.shape.map((_, at) => (at === axis ? by : 0));
    const none = x.shape.map(() => 0);
    const back = operation.attrs.reverse === true;
    const padded = graph.apply('Pad', [name, graph.list(back ? [...none, ...sides] : [...sides, ...none]), one]);
    const [from, to] = back ? [by, by + length] : [0, length];
    return graph.apply('Slice', [padded, graph.list([from]), graph.list([to]), graph.list([axis])]);
  };
  let name = lowering.last(x);
  if (operation.attrs.exclusive === true) name = shift(name, 1);
  for (let reach = 1; reach < length; reach *= 2) name = graph.apply('Mul', [name, shift(name, reach)]);
  lowering.made(operation, name);
};

/** The greatest `k` along the last axis, and where they were. */
const greatest: Lower = (operation, lowering) => {
  const { graph } = lowering;
  const x = lowering.input(operation, 'x');
  const count = graph.list([numberOf(operation.attrs.k, 1)]);
  const sorted = operation.attrs.sorted === false ? 0 : 1;
  const [values = '', places = ''] = graph.applyAll('TopK', [lowering.last(x), count], { axis: -1, sorted }, 2);
  lowering.made(operation, values);
  lowering.made(operation, graph.apply('Cast', [places], { to: ELEMENT.int32 }), 'last', 1);
};

/** `[channels, channels]`: 1 where two channels are neighbours within the radius. */
function neighbours({ graph }: Lowering, channels: number, radius: number): string {
  const band = Array.from({ length: channels ** 2 }, (_, at) =>
    Math.abs(Math.floor(at / channels) - (at % channels)) <= radius ? 1 : 0,
  );
  return graph.constant('float32', [channels, channels], band).name;
}

/** bias + α · (sum of squares over neighbouring channels), and the matrix that sums over neighbours. */
function localNorm(operation: Operation, lowering: Lowering, x: Ref) {
  const { graph } = lowering;
  const { depthRadius, bias, alpha, beta } = operation.attrs;
  const sums = neighbours(lowering, x.shape.at(-1) ?? 1, numberOf(depthRadius, 5));
  const name = lowering.last(x);
  const squares = graph.apply('MatMul', [graph.apply('Mul', [name, name]), sums]);
  const scaled = graph.apply('Mul', [squares, graph.float(numberOf(alpha, 1))]);
  const norm = graph.apply('Add', [scaled, graph.float(numberOf(bias, 1))]);
  const power = (exponent: number): string => graph.apply('Pow', [norm, graph.float(exponent)]);
  return { name, sums, power, alpha: numberOf(alpha, 1), beta: numberOf(beta, 0.5) };
}

const localResponse: Lower = (operation, lowering) => {
  const { name, power, beta } = localNorm(operation, lowering, lowering.input(operation, 'x'));
  lowering.made(operation, lowering.graph.apply('Mul', [name, power(-beta)]));
};

const ofLocalResponse: Lower = (operation, lowering) => {
  const { graph } = lowering;
  const { name, sums, power, alpha, beta } = localNorm(operation, lowering, lowering.input(operation, 'x'));
  const dy = lowering.last(lowering.input(operation, 'dy'));
  const own = graph.apply('Mul', [dy, power(-beta)]);
  const shares = graph.apply('Mul', [graph.apply('Mul', [dy, name]), power(-beta - 1)]);
  const theirs = graph.apply('Mul', [name, graph.apply('MatMul', [shares, sums])]);
  const scaled = graph.apply('Mul', [theirs, graph.float(-2 * alpha * beta)]);
  lowering.made(operation, graph.apply('Add', [own, scaled]));
};

/** (x - mean) · scale / √(variance + ε) + offset, with statistics that are given. */
const batchNorm: Lower = (operation, lowering) => {
  const { graph } = lowering;
  const x = lowering.input(operation, 'x');
  const { scale, offset } = operation.inputs;
  const rank = x.shape.length;
  const first = lowering.isFirst(x);
  const named = (name: 'mean' | 'variance' | 'scale' | 'offset'): string => {
    const ref = lowering.input(operation, name);
    if (ref.shape.length === rank) return first ? lowering.first(ref) : lowering.last(ref);
    return lowering.last(ref, first ? [ref.shape[0] ?? 1, ...x.shape.slice(1, -1).map(() => 1)] : ref.shape);
  };
  const epsilon = graph.float(numberOf(operation.attrs.varianceEpsilon, 1e-3));
  const deviation = graph.apply('Sqrt', [graph.apply('Add', [named('variance'), epsilon])]);
  const factor = scale ? graph.apply('Div', [named('scale'), deviation]) : graph.apply('Reciprocal', [deviation]);
  const centred = graph.apply('Sub', [first ? lowering.first(x) : lowering.last(x), named('mean')]);
  const scaled = graph.apply('Mul', [centred, factor]);
  const name = offset ? graph.apply('Add', [scaled, named('offset')]) : scaled;
  lowering.made(operation, name, first ? 'first' : 'last');
};

/** The lowerings of these kernels, by the kernel's name. */
export const REDUCE: Record<string, Lower> = {
  Sum: folding('Sum'),
  Mean: folding('Mean'),
  Max: folding('Max'),
  Min: folding('Min'),
  Prod: folding('Prod'),
  All: testing('Min'),
  Any: testing('Max'),
  ArgMax: position('ArgMax'),
  ArgMin: position('ArgMin'),
  Softmax: soft,
  Cumsum: cumulative,
  Cumprod: cumulativeProduct,
  TopK: greatest,
  LRN: localResponse,
  LRNGrad: ofLocalResponse,
  FusedBatchNorm: batchNorm,
};
