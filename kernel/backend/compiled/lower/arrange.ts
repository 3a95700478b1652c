/** Kernels that move elements about and compute nothing: shapes, axes, parts. Look-ups are in `lookup.ts`. */
import { axisOf, numberOf, numbersOf } from '../attributes.ts';
import type { Operation, Ref } from '../recording.ts';
import { stridesOf } from '../shapes/arrange.ts';
import { pairsOf } from '../shapes/outline.ts';
import { type Lower, sizeOf } from './lowering.ts';

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
  const paddings = pairsOf(operation.attrs.paddings);
  const pads = [...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)];
  const x = lowering.input(operation, 'x');
  const { name: value } = graph.constant(x.dtype, [], [numberOf(operation.attrs.constantValue, 0)]);
  lowering.made(operation, graph.apply('Pad', [lowering.last(x), graph.list(pads), value]));
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

const reverse =
  (input: string, axesOf: (operation: Operation) => number[]): Lower =>
  (operation, lowering) => {
    const { graph } = lowering;
    const x = lowering.input(operation, input);
    const axes = axesOf(operation).map((axis) => (axis < 0 ? axis + x.shape.length : axis));
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
    const { outputs } = operation;
    const axis = axisOf(operation.attrs.axis, x.shape.length);
    const lengths = outputs.map(({ shape }) => (drop ? 1 : (shape[axis] ?? 0)));
    const pieces = graph.applyAll('Split', [lowering.last(x), graph.list(lengths)], { axis }, outputs.length);
    outputs.forEach(({ shape }, index) => {
      const piece = pieces[index] ?? '';
      lowering.made(operation, drop ? graph.apply('Reshape', [piece, graph.list(shape)]) : piece, 'last', index);
    });
  };

const stridedSlice: Lower = (operation, lowering) => {
  const { graph } = lowering;
  const x = lowering.input(operation, 'x');
  const [out = x] = operation.outputs;
  const { begin, end, strides } = stridesOf(lowering.tf, x.shape, operation.attrs);
  // Going backwards past the first element has no number of its own.
  const ends = end.map((to, axis) => ((strides[axis] ?? 1) < 0 && to < 0 ? -(2 ** 31) : to));
  const axes = x.shape.map((_, axis) => axis);
  const cut = graph.apply('Slice', [lowering.last(x), ...[begin, ends, axes, strides].map((list) => graph.list(list))]);
  lowering.made(operation, graph.apply('Reshape', [cut, graph.list(out.shape)]));
};

/** Takes elements along each padded axis by an index that turns back at the border. */
const mirror: Lower = (operation, lowering) => {
  const { graph } = lowering;
  const x = lowering.input(operation, 'x');
  const turn = operation.attrs.mode === 'reflect' ? 0 : 1;
  let name = lowering.last(x);
  pairsOf(operation.attrs.paddings).forEach(([before, after], axis) => {
    if (before === 0 && after === 0) return;
    const length = x.shape[axis] ?? 1;
    const index = Array.from({ length: before + length + after }, (_, at) => {
      const from = at - before;
      if (from < 0) return -from - turn;
      return from < length ? from : 2 * (length - 1) - from + turn;
    });
    name = graph.apply('Gather', [name, graph.list(index)], { axis });
  });
  lowering.made(operation, name);
};

const spaceToBatch: Lower = (operation, lowering) => {
  const { graph } = lowering;
  const x = lowering.input(operation, 'x');
  const blocks = numbersOf(operation.attrs.blockShape);
  const paddings = pairsOf(operation.attrs.paddings);
  const [out = x] = operation.outputs;
  const [batch = 1, ...rest] = x.shape;
  const inner = rest.slice(blocks.length);
  const lengths = blocks.map((_, axis) => (rest[axis] ?? 1) + (paddings[axis]?.[0] ?? 0) + (paddings[axis]?.[1] ?? 0));
  const pads = [0, 1].flatMap((side) => [0, ...paddings.map((pair) => pair[side] ?? 0), ...inner.map(() => 0)]);
  const padded = graph.apply('Pad', [lowering.last(x), graph.list(pads)]);
  const split = [batch, ...blocks.flatMap((block, axis) => [(lengths[axis] ?? 1) / block, block]), ...inner];
  const perm = [
    ...blocks.map((_, axis) => 2 * axis + 2),
    0,
    ...blocks.map((_, axis) => 2 * axis + 1),
    ...inner.map((_, axis) => 1 + 2 * blocks.length + axis),
  ];
  const turned = graph.apply('Transpose', [graph.apply('Reshape', [padded, graph.list(split)])], { perm });
  lowering.made(operation, graph.apply('Reshape', [turned, graph.list(out.shape)]));
};

const batchToSpace: Lower = (operation, lowering) => {
  const { graph } = lowering;
  const x = lowering.input(operation, 'x');
  const blocks = numbersOf(operation.attrs.blockShape);
  const crops = pairsOf(operation.attrs.crops);
  const [out = x] = operation.outputs;
  const [, ...rest] = x.shape;
  const inner = rest.slice(blocks.length);
  const depth = blocks.length;
  const batch = out.shape[0] ?? 1;
  const split = graph.apply('Reshape', [lowering.last(x), graph.list([...blocks, batch, ...rest])]);
  const perm = [
    depth,
    ...blocks.flatMap((_, axis) => [depth + 1 + axis, axis]),
    ...inner.map((_, i) => 2 * depth + 1 + i),
  ];
  const joined = [batch, ...blocks.map((block, axis) => (rest[axis] ?? 1) * block), ...inner];
  const whole = graph.apply('Reshape', [graph.apply('Transpose', [split], { perm }), graph.list(joined)]);
  const begin = blocks.map((_, axis) => crops[axis]?.[0] ?? 0);
  const end = begin.map((from, axis) => from + (out.shape[axis + 1] ?? 0));
  const axes = blocks.map((_, axis) => axis + 1);
  lowering.made(operation, graph.apply('Slice', [whole, graph.list(begin), graph.list(end), graph.list(axes)]));
};

const depthToSpace: Lower = (operation, lowering) => {
  const x = lowering.input(operation, 'x');
  const attributes = { blocksize: numberOf(operation.attrs.blockSize, 1), mode: 'DCR' };
  if (operation.attrs.dataFormat === 'NCHW') lowering.refuse(operation, 'of NCHW data has no compiled form');
  lowering.made(operation, lowering.graph.apply('DepthToSpace', [lowering.first(x)], attributes), 'first');
};

const diagonal: Lower = (operation, lowering) => {
  const { graph } = lowering;
  const x = lowering.input(operation, 'x');
  const [out = x] = operation.outputs;
  const length = sizeOf(x.shape);
  const eye = graph.constant(
    x.dtype,
    [length, length],
    Array.from({ length: length ** 2 }, (_, at) => (at % (length + 1) === 0 ? 1 : 0)),
  );
  const spread = graph.apply('Mul', [lowering.last(x, [length, 1]), eye.name]);
  lowering.made(operation, graph.apply('Reshape', [spread, graph.list(out.shape)]));
};

/** The lowerings of these kernels, by the kernel's name. */
export const ARRANGE: Record<string, Lower> = {
  Identity: alias('x'),
  Reshape: alias('x'),
  ExpandDims: alias('input'),
  Transpose: transpose,
  Tile: tile,
  PadV2: pad,
  MirrorPad: mirror,
  Slice: slice,
  StridedSlice: stridedSlice,
  Reverse: reverse('x', ({ attrs }) => numbersOf(attrs.dims)),
  FlipLeftRight: reverse('image', () => [2]),
  Concat: concat,
  Pack: pack,
  Unpack: cut('value', true),
  SplitV: cut('x', false),
  SpaceToBatchND: spaceToBatch,
  BatchToSpaceND: batchToSpace,
  DepthToSpace: depthToSpace,
  Diag: diagonal,
};
