/** Shapes of kernels that move elements about: axes, parts, look-ups, and values made of nothing. */
import { axisOf, numberOf, numbersOf } from '../attributes.ts';
import { dtypeOf, like, listed, need, type Outline, pairsOf, type ShapeOf, sizeOf } from './outline.ts';

const padded: ShapeOf = (inputs, attrs) => {
  const { shape, dtype } = need(inputs, 'x');
  const paddings = pairsOf(attrs.paddings);
  return { shape: shape.map((length, axis) => length + sum(paddings[axis] ?? [])), dtype };
};
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** The range of a count that goes from `start` to before `stop`. */
const rangeLength = (start: number, stop: number, step: number): number =>
  start === stop || (start < stop && step < 0) || (stop < start && step > 1)
    ? 0
    : Math.abs(Math.ceil((stop - start) / step));

/** The shapes that these kernels give, by the kernel's name. */
export const ARRANGE: Record<string, ShapeOf> = {
  Reshape: (inputs, attrs) => {
    const { shape, dtype } = need(inputs, 'x');
    const wanted = numbersOf(attrs.shape);
    const known = sizeOf(wanted.filter((length) => length >= 0));
    return { shape: wanted.map((length) => (length < 0 ? sizeOf(shape) / known : length)), dtype };
  },
  ExpandDims: (inputs, attrs) => {
    const { shape, dtype } = need(inputs, 'input');
    return { shape: shape.toSpliced(axisOf(attrs.dim, shape.length + 1), 0, 1), dtype };
  },
  Transpose: (inputs, attrs) => {
    const { shape, dtype } = need(inputs, 'x');
    return { shape: numbersOf(attrs.perm).map((axis) => shape[axis] ?? 1), dtype };
  },
  Tile: (inputs, attrs) => {
    const { shape, dtype } = need(inputs, 'x');
    const reps = numbersOf(attrs.reps);
    return { shape: shape.map((length, axis) => length * (reps[axis] ?? 1)), dtype };
  },
  Slice: (inputs, attrs) => {
    const { shape, dtype } = need(inputs, 'x');
    const begin = numbersOf(attrs.begin);
    const size = numbersOf(attrs.size);
    return {
      shape: shape.map((length, axis) =>
        (size[axis] ?? -1) < 0 ? length - (begin[axis] ?? 0) : (size[axis] ?? length),
      ),
      dtype,
    };
  },
  StridedSlice: (inputs, attrs, tf) => ({
    shape: stridesOf(tf, need(inputs, 'x').shape, attrs).finalShape,
    dtype: need(inputs, 'x').dtype,
  }),
  PadV2: padded,
  MirrorPad: padded,
  FlipLeftRight: like('image'),
  Concat: (inputs, attrs) => {
    const first = need(inputs, '0');
    const axis = axisOf(attrs.axis, first.shape.length);
    const along = sum(listed(inputs).map(({ shape }) => shape[axis] ?? 0));
    return { shape: first.shape.with(axis, along), dtype: first.dtype };
  },
  Pack: (inputs, attrs) => {
    const first = need(inputs, '0');
    const axis = axisOf(attrs.axis, first.shape.length + 1);
    return { shape: first.shape.toSpliced(axis, 0, listed(inputs).length), dtype: first.dtype };
  },
  Unpack: (inputs, attrs) => {
    const { shape, dtype } = need(inputs, 'value');
    const axis = axisOf(attrs.axis, shape.length);
    return Array.from({ length: shape[axis] ?? 0 }, () => ({ shape: shape.toSpliced(axis, 1), dtype }));
  },
  SplitV: (inputs, attrs) => {
    const { shape, dtype } = need(inputs, 'x');
    const axis = axisOf(attrs.axis, shape.length);
    const given = attrs.numOrSizeSplits;
    const length = shape[axis] ?? 0;
    const sizes = typeof given === 'number' ? Array.from({ length: given }, () => length / given) : numbersOf(given);
    const known = sum(sizes.filter((each) => each >= 0));
    return sizes.map((each) => ({ shape: shape.with(axis, each < 0 ? length - known : each), dtype }));
  },
  OneHot: (inputs, attrs) => ({
    shape: [...need(inputs, 'indices').shape, numberOf(attrs.depth, 1)],
    dtype: dtypeOf(attrs.dtype ?? 'float32'),
  }),
  GatherV2: (inputs, attrs) => {
    const [x, indices] = [need(inputs, 'x'), need(inputs, 'indices')];
    const axis = axisOf(attrs.axis, x.shape.length);
    const batch = numberOf(attrs.batchDims, 0);
    return {
      shape: [...x.shape.slice(0, axis), ...indices.shape.slice(batch), ...x.shape.slice(axis + 1)],
      dtype: x.dtype,
    };
  },
  GatherNd: (inputs) => {
    const [x, indices] = [need(inputs, 'params'), need(inputs, 'indices')];
    return { shape: [...indices.shape.slice(0, -1), ...x.shape.slice(indices.shape.at(-1) ?? 0)], dtype: x.dtype };
  },
  ScatterNd: (inputs, attrs) => ({ shape: numbersOf(attrs.shape), dtype: need(inputs, 'updates').dtype }),
  TensorScatterUpdate: like('tensor'),
  SearchSorted: like('values', 'int32'),
  SparseToDense: (inputs, attrs) => ({
    shape: numbersOf(attrs.outputShape),
    dtype: need(inputs, 'sparseValues').dtype,
  }),
  UnsortedSegmentSum: (inputs, attrs) => {
    const [x, ids] = [need(inputs, 'x'), need(inputs, 'segmentIds')];
    return { shape: [numberOf(attrs.numSegments, 1), ...x.shape.slice(ids.shape.length)], dtype: x.dtype };
  },
  BatchToSpaceND: (inputs, attrs) => {
    const { shape, dtype } = need(inputs, 'x');
    const blocks = numbersOf(attrs.blockShape);
    const crops = pairsOf(attrs.crops);
    const rest = shape.slice(1).map((length, axis) => length * (blocks[axis] ?? 1) - sum(crops[axis] ?? []));
    return { shape: [(shape[0] ?? 1) / sizeOf(blocks), ...rest], dtype };
  },
  SpaceToBatchND: (inputs, attrs) => {
    const { shape, dtype } = need(inputs, 'x');
    const blocks = numbersOf(attrs.blockShape);
    const paddings = pairsOf(attrs.paddings);
    const rest = shape.slice(1).map((length, axis) => (length + sum(paddings[axis] ?? [])) / (blocks[axis] ?? 1));
    return { shape: [(shape[0] ?? 1) * sizeOf(blocks), ...rest], dtype };
  },
  DepthToSpace: (inputs, attrs) => {
    const { shape, dtype } = need(inputs, 'x');
    const [batch = 1, height = 1, width = 1, channels = 1] = shape;
    const block = numberOf(attrs.blockSize, 1);
    return { shape: [batch, height * block, width * block, channels / block ** 2], dtype };
  },
  Diag: (inputs) => {
    const { shape, dtype } = need(inputs, 'x');
    return { shape: [...shape, ...shape], dtype };
  },
  Einsum: (inputs, attrs) => ({ shape: einsumShape(String(attrs.equation), listed(inputs)), dtype: 'float32' }),
  Multinomial: (inputs, attrs) => ({
    shape: [need(inputs, 'logits').shape[0] ?? 1, numberOf(attrs.numSamples, 1)],
    dtype: 'int32',
  }),
  // Both parts of `FFT` and of `IFFT`; TensorFlow.js has no kernel of this name.
  Fourier: (inputs) => [need(inputs, 'real'), need(inputs, 'imag')],
  Fill: (_, attrs) => ({
    shape: numbersOf(attrs.shape),
    dtype: dtypeOf(attrs.dtype ?? 'float32'),
  }),
  Range: (_, attrs) => ({
    shape: [rangeLength(numberOf(attrs.start, 0), numberOf(attrs.stop, 0), numberOf(attrs.step, 1))],
    dtype: dtypeOf(attrs.dtype ?? 'float32'),
  }),
  LinSpace: (_, attrs) => ({ shape: [numberOf(attrs.num, 1)], dtype: 'float32' }),
};

/** Begin, end and steps of a strided slice, with its masks resolved, as the library computes them. */
export const stridesOf = (
  tf: Parameters<ShapeOf>[2],
  shape: readonly number[],
  attrs: Parameters<ShapeOf>[1],
): ReturnType<typeof tf.slice_util.sliceInfo> =>
  tf.slice_util.sliceInfo(
    [...shape],
    numbersOf(attrs.begin),
    numbersOf(attrs.end),
    numbersOf(attrs.strides),
    numberOf(attrs.beginMask, 0),
    numberOf(attrs.endMask, 0),
    numberOf(attrs.ellipsisMask, 0),
    numberOf(attrs.newAxisMask, 0),
    numberOf(attrs.shrinkAxisMask, 0),
  );

/** Labels of an Einstein sum: of each operand, and of the result. */
export function einsumLabels(equation: string): { operands: string[]; result: string } {
  const [left = '', result = ''] = equation.replaceAll(' ', '').split('->');
  return { operands: left.split(','), result };
}

function einsumShape(equation: string, inputs: readonly Outline[]): number[] {
  const { operands, result } = einsumLabels(equation);
  const lengths = new Map<string, number>();
  operands.forEach((labels, index) => {
    [...labels].forEach((label, axis) => {
      lengths.set(label, inputs[index]?.shape[axis] ?? 1);
    });
  });
  return [...result].map((label) => lengths.get(label) ?? 1);
}
