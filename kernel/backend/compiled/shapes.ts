/**
 * Shape and element type of what a TensorFlow.js kernel gives, from those of what it takes. A training step is recorded
 * with these instead of being computed, so that recording costs milliseconds whatever the model's size.
 */
import type { TensorFlow } from '../tensorflow.ts';
import { axisOf, type DType, isDType, numberOf, numbersOf } from './attributes.ts';

/** A tensor without its numbers. */
export interface Outline {
  shape: number[];
  dtype: DType;
}

/** Inputs of a kernel by name; lists of inputs are named `0`, `1`, … */
export type Inputs = Readonly<Record<string, Outline>>;
/** Attributes of a kernel, as the library gives them. */
export type Attrs = Readonly<Record<string, unknown>>;

type ShapeOf = (inputs: Inputs, attrs: Attrs, tf: TensorFlow) => Outline | Outline[];

function need(inputs: Inputs, name: string): Outline {
  const input = inputs[name];
  if (!input) throw new Error(`a kernel came without its input ${name}`);
  return input;
}

/** Axes of a reduction as non-negative numbers; none given means all. */
export function reducedAxes(attrs: Attrs, rank: number): number[] {
  const given = attrs.axis ?? attrs.reductionIndices ?? attrs.dim;
  const axes =
    given === undefined || given === null ? Array.from({ length: rank }, (_, axis) => axis) : numbersOf(given);
  return axes.map((axis) => (axis < 0 ? axis + rank : axis));
}

/** Shape of two broadcast shapes. @throws RangeError when they do not fit */
export function broadcast(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, index) => {
    const left = a[index - rank + a.length] ?? 1;
    const right = b[index - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw new RangeError(`shapes [${a}] and [${b}] do not fit together`);
    }
    return left === 1 ? right : left;
  });
}

const unary =
  (name: string): ShapeOf =>
  (inputs) =>
    need(inputs, name);
const binary: ShapeOf = (inputs) => {
  const [a, b] = [need(inputs, 'a'), need(inputs, 'b')];
  return { shape: broadcast(a.shape, b.shape), dtype: a.dtype === 'float32' ? a.dtype : b.dtype };
};
const comparison: ShapeOf = (inputs) => ({
  shape: broadcast(need(inputs, 'a').shape, need(inputs, 'b').shape),
  dtype: 'bool',
});
const reduction =
  (dtype?: DType): ShapeOf =>
  (inputs, attrs) => {
    const x = need(inputs, 'x');
    const axes = new Set(reducedAxes(attrs, x.shape.length));
    const shape = x.shape.flatMap((length, axis) => (axes.has(axis) ? (attrs.keepDims ? [1] : []) : [length]));
    return { shape, dtype: dtype ?? x.dtype };
  };
const float = (shape: readonly number[]): Outline => ({ shape: [...shape], dtype: 'float32' });

/** Height and width; one number is both. */
const pair = (value: unknown): [number, number] => {
  const [height = 1, width = height] = numbersOf(value);
  return [height, width];
};

/** Strides, dilations and padding of a 2D convolution, as the library computes them. */
export function convolutionOf(tf: TensorFlow, x: number[], filter: number[], attrs: Attrs, depthwise = false) {
  const four = (shape: number[]): [number, number, number, number] => [
    shape[0] ?? 1,
    shape[1] ?? 1,
    shape[2] ?? 1,
    shape[3] ?? 1,
  ];
  return tf.backend_util.computeConv2DInfo(
    four(x),
    four(filter),
    pair(attrs.strides),
    pair(attrs.dilations ?? 1),
    padding(attrs.pad),
    rounding(attrs.dimRoundingMode),
    depthwise,
  );
}

/** Window of a 2D pooling, as the library computes it. */
export function poolingOf(tf: TensorFlow, x: number[], attrs: Attrs) {
  return tf.backend_util.computePool2DInfo(
    [x[0] ?? 1, x[1] ?? 1, x[2] ?? 1, x[3] ?? 1],
    pair(attrs.filterSize),
    pair(attrs.strides),
    1,
    padding(attrs.pad),
    rounding(attrs.dimRoundingMode),
  );
}

type Padding = Parameters<TensorFlow['backend_util']['computeConv2DInfo']>[4];
type Rounding = Parameters<TensorFlow['backend_util']['computeConv2DInfo']>[5];

const padding = (value: unknown): Padding => {
  if (value === 'same' || value === 'valid' || typeof value === 'number') return value;
  if (Array.isArray(value)) {
    const side = (axis: number): [number, number] => {
      const [before = 0, after = 0] = numbersOf(value[axis]);
      return [before, after];
    };
    return [side(0), side(1), side(2), side(3)];
  }
  throw new TypeError(`padding ${JSON.stringify(value)} is not known`);
};
const rounding = (value: unknown): Rounding =>
  value === 'floor' || value === 'round' || value === 'ceil' ? value : undefined;

const matMul: ShapeOf = (inputs, attrs) => {
  const [a, b] = [need(inputs, 'a').shape, need(inputs, 'b').shape];
  const rows = attrs.transposeA ? a.at(-1) : a.at(-2);
  const columns = attrs.transposeB ? b.at(-2) : b.at(-1);
  return float([...broadcast(a.slice(0, -2), b.slice(0, -2)), rows ?? 1, columns ?? 1]);
};

const convolution =
  (depthwise: boolean): ShapeOf =>
  (inputs, attrs, tf) =>
    float(convolutionOf(tf, need(inputs, 'x').shape, need(inputs, 'filter').shape, attrs, depthwise).outShape);

const pool: ShapeOf = (inputs, attrs, tf) => float(poolingOf(tf, need(inputs, 'x').shape, attrs).outShape);

const listed = (inputs: Inputs): Outline[] => Object.keys(inputs).map((name) => need(inputs, name));

const SHAPES: Record<string, ShapeOf> = {
  Add: binary,
  Sub: binary,
  Multiply: binary,
  RealDiv: (inputs, attrs, tf) => ({ ...one(binary(inputs, attrs, tf)), dtype: 'float32' }),
  FloorDiv: (inputs, attrs, tf) => ({ ...one(binary(inputs, attrs, tf)), dtype: 'int32' }),
  Mod: binary,
  Pow: binary,
  Maximum: binary,
  Minimum: binary,
  SquaredDifference: binary,
  Atan2: binary,
  Equal: comparison,
  NotEqual: comparison,
  Greater: comparison,
  GreaterEqual: comparison,
  Less: comparison,
  LessEqual: comparison,
  LogicalAnd: comparison,
  LogicalOr: comparison,
  LogicalNot: unary('x'),
  EluGrad: (inputs) => need(inputs, 'dy'),
  Prelu: (inputs) => need(inputs, 'x'),
  AddN: (inputs) => need(inputs, '0'),
  Identity: unary('x'),
  ZerosLike: unary('x'),
  OnesLike: unary('x'),
  ClipByValue: unary('x'),
  Step: unary('x'),
  LeakyRelu: unary('x'),
  Softmax: unary('logits'),
  LogSoftmax: unary('logits'),
  Cumsum: unary('x'),
  Cast: (inputs, attrs) => ({ shape: need(inputs, 'x').shape, dtype: dtypeOf(attrs.dtype) }),
  Reshape: (inputs, attrs) => {
    const { shape, dtype } = need(inputs, 'x');
    const all = shape.reduce((product, length) => product * length, 1);
    const wanted = numbersOf(attrs.shape);
    const known = wanted.filter((length) => length >= 0).reduce((product, length) => product * length, 1);
    return { shape: wanted.map((length) => (length < 0 ? all / known : length)), dtype };
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
    return { shape: shape.map((length, axis) => length * (numbersOf(attrs.reps)[axis] ?? 1)), dtype };
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
  PadV2: (inputs, attrs) => {
    const { shape, dtype } = need(inputs, 'x');
    const paddings = Array.isArray(attrs.paddings) ? attrs.paddings.map(numbersOf) : [];
    return {
      shape: shape.map((length, axis) => length + (paddings[axis]?.[0] ?? 0) + (paddings[axis]?.[1] ?? 0)),
      dtype,
    };
  },
  Reverse: unary('x'),
  Concat: (inputs, attrs) => {
    const parts = listed(inputs);
    const first = need(inputs, '0');
    const axis = axisOf(attrs.axis, first.shape.length);
    const along = parts.reduce((sum, { shape }) => sum + (shape[axis] ?? 0), 0);
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
    const known = sizes.filter((each) => each >= 0).reduce((sum, each) => sum + each, 0);
    return sizes.map((each) => ({ shape: shape.with(axis, each < 0 ? length - known : each), dtype }));
  },
  Select: (inputs) => ({ shape: need(inputs, 't').shape, dtype: need(inputs, 't').dtype }),
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
  UnsortedSegmentSum: (inputs, attrs) => {
    const [x, ids] = [need(inputs, 'x'), need(inputs, 'segmentIds')];
    return { shape: [numberOf(attrs.numSegments, 1), ...x.shape.slice(ids.shape.length)], dtype: x.dtype };
  },
  ArgMax: reduction('int32'),
  ArgMin: reduction('int32'),
  All: reduction('bool'),
  Any: reduction('bool'),
  Sum: (inputs, attrs, tf) => {
    const whole = one(reduction()(inputs, attrs, tf));
    return { ...whole, dtype: whole.dtype === 'bool' ? 'int32' : whole.dtype };
  },
  Prod: reduction(),
  Mean: reduction('float32'),
  Max: reduction(),
  Min: reduction(),
  BatchMatMul: matMul,
  _FusedMatMul: matMul,
  Conv2D: convolution(false),
  FusedConv2D: convolution(false),
  DepthwiseConv2dNative: convolution(true),
  FusedDepthwiseConv2D: convolution(true),
  Conv2DBackpropInput: (_, attrs) => float(numbersOf(attrs.inputShape)),
  Conv2DBackpropFilter: (_, attrs) => float(numbersOf(attrs.filterShape)),
  DepthwiseConv2dNativeBackpropInput: (_, attrs) => float(numbersOf(attrs.inputShape)),
  DepthwiseConv2dNativeBackpropFilter: (_, attrs) => float(numbersOf(attrs.filterShape)),
  MaxPool: pool,
  AvgPool: pool,
  MaxPoolGrad: unary('input'),
  AvgPoolGrad: unary('input'),
  FusedBatchNorm: unary('x'),
  ResizeNearestNeighbor: (inputs, attrs) => {
    const { shape, dtype } = need(inputs, 'images');
    const [height = 1, width = 1] = numbersOf(attrs.size);
    return { shape: [shape[0] ?? 1, height, width, shape[3] ?? 1], dtype };
  },
  ResizeNearestNeighborGrad: unary('images'),
};

// Functions of one value all keep its shape; their names are the library's.
for (const name of [
  ...['Abs', 'Acos', 'Acosh', 'Asin', 'Asinh', 'Atan', 'Atanh', 'Ceil', 'Cos', 'Cosh', 'Elu', 'Erf', 'Exp', 'Expm1'],
  ...['Floor', 'Log', 'Log1p', 'Neg', 'Reciprocal', 'Relu', 'Relu6', 'Round', 'Rsqrt', 'Selu', 'Sigmoid', 'Sign'],
  ...['Sin', 'Sinh', 'Softplus', 'Sqrt', 'Square', 'Tan', 'Tanh'],
]) {
  SHAPES[name] = unary('x');
}
for (const name of ['IsNan', 'IsInf', 'IsFinite']) {
  SHAPES[name] = (inputs) => ({ shape: need(inputs, 'x').shape, dtype: 'bool' });
}

const one = (outlines: Outline | Outline[]): Outline => {
  const first = Array.isArray(outlines) ? outlines[0] : outlines;
  if (!first) throw new Error('a kernel gives nothing');
  return first;
};
const dtypeOf = (value: unknown): DType => {
  if (isDType(value)) return value;
  throw new TypeError(`tensors of type ${String(value)} cannot be compiled`);
};

/** True when the outline of what the kernel gives is known. */
export const hasShape = (kernel: string): boolean => Object.hasOwn(SHAPES, kernel);

/**
 * Outlines of a kernel's outputs.
 * @throws Error when the kernel is not known, or its inputs do not fit
 */
export function outlinesOf(kernel: string, inputs: Inputs, attrs: Attrs, tf: TensorFlow): Outline[] {
  const shapeOf = SHAPES[kernel];
  if (!shapeOf) throw new Error(`kernel ${kernel} is not known`);
  const outlines = shapeOf(inputs, attrs, tf);
  return (Array.isArray(outlines) ? outlines : [outlines]).map(({ shape, dtype }) => ({ shape: [...shape], dtype }));
}
