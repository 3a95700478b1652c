/** Kernels that fold axes away, and the soft maximum, which needs such a fold. */
import { axisOf, numberOf } from '../attributes.ts';
import { ELEMENT } from '../onnx.ts';
import { reducedAxes } from '../shapes.ts';
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
    // Over all but the channels, or over everything, the order of the axes does not matter.
    const aside = lowering.isFirst(x) && !keep && (axes.length === 4 || (axes.length === 3 && !axes.includes(3)));
    const source: Source = aside
      ? { name: lowering.first(x), axes: axes.length === 4 ? [0, 1, 2, 3] : [0, 2, 3], order: 'first' }
      : { name: lowering.last(x), axes, order: 'last' };
    if (x.dtype === 'bool') source.name = lowering.graph.apply('Cast', [source.name], { to: ELEMENT.int32 });
    if (type === 'Mean') source.name = lowering.floating(source.name, x.dtype);
    lowering.made(operation, fold(lowering, source, keep ? 1 : 0));
  };

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

const soft =
  (type: 'Softmax' | 'LogSoftmax'): Lower =>
  (operation, lowering) => {
    const x = lowering.input(operation, 'logits');
    const axis = axisOf(operation.attrs.dim ?? operation.attrs.axis ?? -1, x.shape.length);
    lowering.made(operation, lowering.graph.apply(type, [lowering.last(x)], { axis }));
  };

const cumulative: Lower = (operation, lowering) => {
  const { graph } = lowering;
  const x = lowering.input(operation, 'x');
  const axis = graph.constant('int32', [], [axisOf(operation.attrs.axis, x.shape.length)]);
  const exclusive = operation.attrs.exclusive === true ? 1 : 0;
  const reverse = operation.attrs.reverse === true ? 1 : 0;
  lowering.made(operation, graph.apply('CumSum', [lowering.last(x), axis.name], { exclusive, reverse }));
};

/** (x - mean) · scale / √(variance + ε) + offset, with statistics that are given. */
const batchNorm: Lower = (operation, lowering) => {
  const { graph } = lowering;
  const x = lowering.input(operation, 'x');
  const { scale, offset } = operation.inputs;
  const rank = x.shape.length;
  const first = rank === 4 && lowering.isFirst(x);
  const named = (name: 'mean' | 'variance' | 'scale' | 'offset'): string => {
    const ref = lowering.input(operation, name);
    if (ref.shape.length === rank) return first ? lowering.first(ref) : lowering.last(ref);
    return first ? lowering.last(ref, [ref.shape[0] ?? 1, 1, 1]) : lowering.last(ref);
  };
  const epsilon = graph.float(numberOf(operation.attrs.varianceEpsilon, 1e-3));
  const deviation = graph.apply('Sqrt', [graph.apply('Add', [named('variance'), epsilon])]);
  const factor = scale ? graph.apply('Div', [named('scale'), deviation]) : graph.apply('Reciprocal', [deviation]);
  const centred = graph.apply('Sub', [first ? lowering.first(x) : lowering.last(x), named('mean')]);
  const scaled = graph.apply('Mul', [centred, factor]);
  const name = offset ? graph.apply('Add', [scaled, named('offset')]) : scaled;
  lowering.made(operation, name, first ? 'first' : 'last');
};

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
  Softmax: soft('Softmax'),
  LogSoftmax: soft('LogSoftmax'),
  Cumsum: cumulative,
  FusedBatchNorm: batchNorm,
};
