/** Kernels that take or put elements by their numbers, and values made of nothing but attributes. */
import { axisOf, numberOf, numbersOf } from '../attributes.ts';
import { ELEMENT } from '../onnx.ts';
import { CannotCompile, type Operation, type Ref } from '../recording.ts';
import type { Lower, Lowering } from './lowering.ts';

/** Name of whole numbers in the only type that look-ups and counts take everywhere. */
const long = ({ graph }: Lowering, name: string): string => graph.apply('Cast', [name], { to: ELEMENT.int64 });

const outOf = ({ outputs, kernel }: Operation): Ref => {
  const [out] = outputs;
  if (!out) throw new Error(`${kernel} has no output`);
  return out;
};

const oneHot: Lower = (operation, lowering) => {
  const { graph } = lowering;
  const { depth, onValue, offValue } = operation.attrs;
  const { dtype } = outOf(operation);
  const indices = long(lowering, lowering.last(lowering.input(operation, 'indices')));
  const values = graph.constant('float32', [2], [numberOf(offValue, 0), numberOf(onValue, 1)]);
  const count = graph.list([numberOf(depth, 1)]);
  // Numbers outside the range are no class; the native kernel would count negative ones from the end.
  const classes = graph.apply('Where', [
    graph.apply('Less', [indices, graph.constant('int64', [], [0]).name]),
    graph.constant('int64', [], [numberOf(depth, 1)]).name,
    indices,
  ]);
  const made = graph.apply('OneHot', [classes, count, values.name], { axis: -1 });
  lowering.made(operation, dtype === 'float32' ? made : graph.apply('Cast', [made], { to: ELEMENT[dtype] }));
};

const gather: Lower = (operation, lowering) => {
  const { graph } = lowering;
  const [x, indices] = [lowering.input(operation, 'x'), lowering.input(operation, 'indices')];
  const axis = axisOf(operation.attrs.axis, x.shape.length);
  const batch = numberOf(operation.attrs.batchDims, 0);
  if (batch === 0) {
    lowering.made(operation, graph.apply('Gather', [lowering.last(x), lowering.last(indices)], { axis }));
  } else if (axis === batch) {
    const each = long(lowering, lowering.last(indices, [...indices.shape, 1]));
    lowering.made(operation, graph.apply('GatherND', [lowering.last(x), each], { batch_dims: batch }));
  } else {
    lowering.refuse(operation, 'along an axis behind others than its batchDims has no compiled form');
  }
};

const gatherNd: Lower = (operation, lowering) => {
  const [x, indices] = [lowering.input(operation, 'params'), lowering.input(operation, 'indices')];
  const name = lowering.graph.apply('GatherND', [lowering.last(x), long(lowering, lowering.last(indices))]);
  lowering.made(operation, name);
};

/** Name of the output's shape filled with one number. */
const blank = ({ graph }: Lowering, { shape, dtype }: Ref, number = 0): string =>
  graph.apply('Expand', [graph.constant(dtype, [], [number]).name, graph.list(shape)]);

/** Adds rows at places, from zero. */
const scatterNd: Lower = (operation, lowering) => {
  const [indices, updates] = [lowering.input(operation, 'indices'), lowering.input(operation, 'updates')];
  const inputs = [blank(lowering, outOf(operation)), long(lowering, lowering.last(indices)), lowering.last(updates)];
  lowering.made(operation, lowering.graph.apply('ScatterND', inputs, { reduction: 'add' }));
};

const scatterUpdate: Lower = (operation, lowering) => {
  const [tensor, indices, updates] = [
    lowering.input(operation, 'tensor'),
    lowering.input(operation, 'indices'),
    lowering.input(operation, 'updates'),
  ];
  const inputs = [lowering.last(tensor), long(lowering, lowering.last(indices)), lowering.last(updates)];
  lowering.made(operation, lowering.graph.apply('ScatterND', inputs));
};

const sparseToDense: Lower = (operation, lowering) => {
  const { graph } = lowering;
  const [indices, values] = [lowering.input(operation, 'sparseIndices'), lowering.input(operation, 'sparseValues')];
  const otherwise = lowering.input(operation, 'defaultValue');
  const [rows = 1, depth = 1] = indices.shape.length === 2 ? indices.shape : [indices.shape[0] ?? 1, 1];
  const whole = graph.apply('Expand', [lowering.last(otherwise, []), graph.list(outOf(operation).shape)]);
  const each = graph.apply('Expand', [lowering.last(values), graph.list([rows])]);
  const places = long(lowering, lowering.last(indices, [rows, depth]));
  lowering.made(operation, graph.apply('ScatterND', [whole, places, each]));
};

/** Sums rows into the segments that their ids name: the gradient of a look-up. */
const segmentSum: Lower = (operation, lowering) => {
  const { graph } = lowering;
  const [x, ids] = [lowering.input(operation, 'x'), lowering.input(operation, 'segmentIds')];
  const out = outOf(operation);
  if (ids.shape.length !== 1) throw new CannotCompile('UnsortedSegmentSum of other than a list of ids');
  const rows = long(lowering, lowering.last(ids, [...ids.shape, ...x.shape.slice(1).map(() => 1)]));
  const places = x.shape.length === 1 ? rows : graph.apply('Expand', [rows, graph.list(x.shape)]);
  const inputs = [blank(lowering, out), places, lowering.last(x)];
  lowering.made(operation, graph.apply('ScatterElements', inputs, { axis: 0, reduction: 'add' }));
};

/** How often each class occurs in a row, or the sum of its weights. */
const count: Lower = (operation, lowering) => {
  const { graph } = lowering;
  const [x, weights] = [lowering.input(operation, 'x'), lowering.input(operation, 'weights')];
  const size = numberOf(operation.attrs.size, 1);
  const binary = operation.attrs.binaryOutput === true;
  const values = graph.constant('float32', [2], [0, 1]);
  const classes = long(lowering, lowering.last(x));
  const each = graph.apply('OneHot', [classes, graph.list([size]), values.name], { axis: -1 });
  const weighted =
    weights.shape.includes(0) || binary
      ? each
      : graph.apply('Mul', [each, lowering.floating(lowering.last(weights, [...weights.shape, 1]), weights.dtype)]);
  const axis = graph.list([x.shape.length - 1]);
  lowering.made(operation, graph.apply(binary ? 'ReduceMax' : 'ReduceSum', [weighted, axis], { keepdims: 0 }));
};

/** How many numbers of each sorted row lie before each value. */
const searchSorted: Lower = (operation, lowering) => {
  const { graph } = lowering;
  const [sorted, values] = [lowering.input(operation, 'sortedSequence'), lowering.input(operation, 'values')];
  const [rows = 1, length = 1] = sorted.shape;
  const each = lowering.last(values, [...values.shape, 1]);
  const row = lowering.last(sorted, [rows, 1, length]);
  const before = graph.apply(operation.attrs.side === 'right' ? 'LessOrEqual' : 'Less', [row, each]);
  const numbers = graph.apply('Cast', [before], { to: ELEMENT.int32 });
  lowering.made(operation, graph.apply('ReduceSum', [numbers, graph.list([2])], { keepdims: 0 }));
};

/** Parts of images, each brought to one size. */
const crop: Lower = (operation, lowering) => {
  if (lowering.portable) lowering.refuse(operation, 'has no operator in standard ONNX');
  const { graph } = lowering;
  const [image, boxes, owners] = [
    lowering.input(operation, 'image'),
    lowering.input(operation, 'boxes'),
    lowering.input(operation, 'boxInd'),
  ];
  const { cropSize, method, extrapolationValue } = operation.attrs;
  const inputs = [lowering.floating(lowering.first(image), image.dtype), lowering.last(boxes), lowering.last(owners)];
  const name = graph.apply(
    'CropAndResize',
    [...inputs, graph.constant('int32', [2], numbersOf(cropSize)).name],
    { mode: String(method), extrapolation_value: { float: numberOf(extrapolationValue, 0) } },
    'com.microsoft',
  );
  lowering.made(operation, name, 'first');
};

/** A value that its attributes alone tell. */
const told =
  (numbers: (attrs: Operation['attrs'], length: number) => number[]): Lower =>
  (operation, lowering) => {
    const out = outOf(operation);
    const [length = 0] = out.shape;
    lowering.define(out, lowering.graph.constant(out.dtype, out.shape, numbers(operation.attrs, length)));
  };

const fill: Lower = (operation, lowering) => {
  const out = outOf(operation);
  const number = numberOf(operation.attrs.value, 0);
  const name = blank(lowering, out, number);
  lowering.define(out, { name, type: out.dtype, shape: out.shape, order: 'last', uniform: number });
};

/** The lowerings of these kernels, by the kernel's name. */
export const LOOKUP: Record<string, Lower> = {
  OneHot: oneHot,
  GatherV2: gather,
  GatherNd: gatherNd,
  ScatterNd: scatterNd,
  TensorScatterUpdate: scatterUpdate,
  SparseToDense: sparseToDense,
  UnsortedSegmentSum: segmentSum,
  DenseBincount: count,
  SearchSorted: searchSorted,
  CropAndResize: crop,
  Fill: fill,
  Range: told((attrs, length) => {
    const start = numberOf(attrs.start, 0);
    const step = numberOf(attrs.stop, 0) < start && attrs.step === 1 ? -1 : numberOf(attrs.step, 1);
    return Array.from({ length }, (_, at) => start + at * step);
  }),
  LinSpace: told((attrs, length) => {
    const [start, stop] = [numberOf(attrs.start, 0), numberOf(attrs.stop, 0)];
    return Array.from({ length }, (_, at) => start + (length > 1 ? (at * (stop - start)) / (length - 1) : 0));
  }),
};
