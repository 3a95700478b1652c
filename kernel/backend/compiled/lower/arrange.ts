/** Kernels that move elements about and compute nothing: shapes, axes, parts, look-ups. */
import { axisOf, numberOf, numbersOf } from '../attributes.ts';
import { ELEMENT } from '../onnx.ts';
import { CannotCompile, type Operation, type Ref } from '../recorder.ts';
import type { Lower } from './lowering.ts';

const alias =
  (input: string): Lower =>
  (operation, lowering) =>
    lowering.alias(operation, lowering.input(operation, input));

const transpose: Lower = (operation, lowering) => {
  const x = lowering.input(operation, 'x');
  const perm = numbersOf(operation.attrs.perm);
  if (perm.every((axis, index) => axis === index)) lowering.alias(operation, x);
  else lowering.made(operation, lowering.graph.apply('Transpose', [lowering.last(x)], { perm }));
};

const tile: Lower = (operation, lowering) => {
  const { graph } = lowering;
  const x = lowering.input(operation, 'x');
  lowering.made(operation, graph.apply('Tile', [lowering.last(x), graph.list(numbersOf(operation.attrs.reps))]));
};

const pad: Lower = (operation, lowering) => {
  const { graph } = lowering;
  const paddings = Array.isArray(operation.attrs.paddings) ? operation.attrs.paddings.map(numbersOf) : [];
  const pads = [...paddings.map(([before = 0]) => before), ...paddings.map(([, after = 0]) => after)];
  const value = graph.float(numberOf(operation.attrs.constantValue, 0));
  const x = lowering.last(lowering.input(operation, 'x'));
  lowering.made(operation, graph.apply('Pad', [x, graph.list(pads), value]));
};

const slice: Lower = (operation, lowering) => {
  const { graph } = lowering;
  const x = lowering.input(operation, 'x');
  const begin = x.shape.map((_, axis) => numbersOf(operation.attrs.begin)[axis] ?? 0);
  const [out] = operation.outputs;
  const end = begin.map((from, axis) => from + (out?.shape[axis] ?? 0));
  const axes = x.shape.map((_, axis) => axis);
  lowering.made(
    operation,
    graph.apply('Slice', [lowering.last(x), graph.list(begin), graph.list(end), graph.list(axes)]),
  );
};

const reverse: Lower = (operation, lowering) => {
  const { graph } = lowering;
  const x = lowering.input(operation, 'x');
  const axes = numbersOf(operation.attrs.dims).map((axis) => (axis < 0 ? axis + x.shape.length : axis));
  if (axes.length === 0) {
    lowering.alias(operation, x);
    return;
  }
  const all = (value: number): string => graph.list(axes.map(() => value));
  const inputs = [lowering.last(x), all(-1), all(-(2 ** 31)), graph.list(axes), all(-1)];
  lowering.made(operation, graph.apply('Slice', inputs));
};

const parts = ({ inputs }: Operation): Ref[] => Object.values(inputs);

const concat: Lower = (operation, lowering) => {
  const refs = parts(operation);
  const rank = refs[0]?.shape.length ?? 1;
  const names = refs.map((ref) => lowering.last(ref));
  const axis = axisOf(operation.attrs.axis, rank);
  lowering.made(operation, lowering.graph.apply('Concat', names, { axis }));
};

const pack: Lower = (operation, lowering) => {
  const refs = parts(operation);
  const rank = (refs[0]?.shape.length ?? 0) + 1;
  const axis = axisOf(operation.attrs.axis, rank);
  const names = refs.map((ref) => lowering.last(ref, ref.shape.toSpliced(axis, 0, 1)));
  lowering.made(operation, lowering.graph.apply('Concat', names, { axis }));
};

/** Cuts along one axis into pieces of the outputs' lengths; `drop` takes the axis away. */
const cut =
  (input: string, drop: boolean): Lower =>
  (operation, lowering) => {
    const { graph } = lowering;
    const x = lowering.input(operation, input);
    const axis = axisOf(operation.attrs.axis, x.shape.length);
    const name = lowering.last(x);
    let from = 0;
    operation.outputs.forEach((out, index) => {
      const to = from + (drop ? 1 : (out.shape[axis] ?? 0));
      const piece = graph.apply('Slice', [name, graph.list([from]), graph.list([to]), graph.list([axis])]);
      lowering.made(operation, drop ? graph.apply('Reshape', [piece, graph.list(out.shape)]) : piece, 'last', index);
      from = to;
    });
  };

const oneHot: Lower = (operation, lowering) => {
  const { graph } = lowering;
  const { depth, onValue, offValue } = operation.attrs;
  const dtype = operation.outputs[0]?.dtype ?? 'float32';
  // The runtime knows it for these types only.
  const indices = graph.apply('Cast', [lowering.last(lowering.input(operation, 'indices'))], { to: ELEMENT.int64 });
  const values = graph.constant('float32', [2], [numberOf(offValue, 0), numberOf(onValue, 1)]);
  const count = graph.list([numberOf(depth, 1)]);
  const made = graph.apply('OneHot', [indices, count, values.name], { axis: -1 });
  lowering.made(operation, dtype === 'float32' ? made : graph.apply('Cast', [made], { to: ELEMENT[dtype] }));
};

const gather: Lower = (operation, lowering) => {
  const x = lowering.input(operation, 'x');
  if (numberOf(operation.attrs.batchDims, 0) !== 0) lowering.refuse(operation, 'with batchDims has no compiled form');
  const axis = axisOf(operation.attrs.axis, x.shape.length);
  const indices = lowering.input(operation, 'indices');
  lowering.made(operation, lowering.graph.apply('Gather', [lowering.last(x), lowering.last(indices)], { axis }));
};

/** Sums rows into the segments that their ids name: the gradient of a look-up. */
const segmentSum: Lower = (operation, lowering) => {
  const { graph } = lowering;
  const [x, ids] = [lowering.input(operation, 'x'), lowering.input(operation, 'segmentIds')];
  const [out] = operation.outputs;
  if (!out || ids.shape.length !== 1) throw new CannotCompile('UnsortedSegmentSum of other than a list of ids');
  const zeros = graph.apply('Expand', [graph.constant(x.dtype, [], [0]).name, graph.list(out.shape)]);
  const long = graph.apply('Cast', [lowering.last(ids, [...ids.shape, ...x.shape.slice(1).map(() => 1)])], {
    to: ELEMENT.int64,
  });
  const rows = x.shape.length === 1 ? long : graph.apply('Expand', [long, graph.list(x.shape)]);
  const inputs = [zeros, rows, lowering.last(x)];
  lowering.made(operation, graph.apply('ScatterElements', inputs, { axis: 0, reduction: 'add' }));
};

export const ARRANGE: Record<string, Lower> = {
  Identity: alias('x'),
  Reshape: alias('x'),
  ExpandDims: alias('input'),
  Transpose: transpose,
  Tile: tile,
  PadV2: pad,
  Slice: slice,
  Reverse: reverse,
  Concat: concat,
  Pack: pack,
  Unpack: cut('value', true),
  SplitV: cut('x', false),
  OneHot: oneHot,
  GatherV2: gather,
  UnsortedSegmentSum: segmentSum,
};
