/** Shapes of kernels that work on each element by itself, and of those that fold axes away. */
import { numberOf } from '../attributes.ts';
import { broadcast, dtypeOf, float, like, need, type Outline, reducedAxes, type ShapeOf } from './outline.ts';

const binary = (inputs: Parameters<ShapeOf>[0]): Outline => {
  const [a, b] = [need(inputs, 'a'), need(inputs, 'b')];
  const shape = a.shape.length === b.shape.length && a.shape.join() === b.shape.join();
  return {
    shape: shape ? a.shape : broadcast(a.shape, b.shape),
    dtype: a.dtype === 'float32' ? a.dtype : b.dtype,
  };
};
const comparison: ShapeOf = (inputs) => ({ ...binary(inputs), dtype: 'bool' });

const reduction =
  (dtype?: (given: Outline['dtype']) => Outline['dtype']): ShapeOf =>
  (inputs, attrs) => {
    const x = need(inputs, 'x');
    const axes = new Set(reducedAxes(attrs, x.shape.length));
    const shape = x.shape.flatMap((length, axis) => (axes.has(axis) ? (attrs.keepDims ? [1] : []) : [length]));
    return { shape, dtype: dtype?.(x.dtype) ?? x.dtype };
  };
const countable = (dtype: Outline['dtype']): Outline['dtype'] => (dtype === 'bool' ? 'int32' : dtype);
const always = (dtype: Outline['dtype']) => (): Outline['dtype'] => dtype;

/** Functions of one value, named as the library names them; those of the first list keep the element type. */
const UNARY = [
  ...['Abs', 'Acos', 'Acosh', 'Asin', 'Asinh', 'Atan', 'Atanh', 'Ceil', 'Cos', 'Cosh', 'Elu', 'Erf', 'Exp', 'Expm1'],
  ...['Floor', 'Log', 'Log1p', 'Neg', 'Reciprocal', 'Relu', 'Relu6', 'Round', 'Rsqrt', 'Selu', 'Sigmoid', 'Sign'],
  ...['Sin', 'Sinh', 'Softplus', 'Sqrt', 'Square', 'Tan', 'Tanh', 'Identity', 'ZerosLike', 'OnesLike', 'ClipByValue'],
  ...['Step', 'LeakyRelu', 'Cumsum', 'Cumprod', 'LRN', 'Prelu', 'FusedBatchNorm', 'LogicalNot', 'Reverse'],
];

/** The shapes that these kernels give, by the kernel's name. */
export const ELEMENTWISE: Record<string, ShapeOf> = {
  ...Object.fromEntries(UNARY.map((name) => [name, like('x')])),
  ...Object.fromEntries(['IsNan', 'IsInf', 'IsFinite'].map((name) => [name, like('x', 'bool')])),
  Add: binary,
  Sub: binary,
  Multiply: binary,
  RealDiv: (inputs) => ({ ...binary(inputs), dtype: 'float32' }),
  FloorDiv: (inputs) => ({ ...binary(inputs), dtype: 'int32' }),
  Mod: binary,
  Pow: binary,
  Maximum: binary,
  Minimum: binary,
  SquaredDifference: binary,
  Atan2: binary,
  BitwiseAnd: binary,
  Equal: comparison,
  NotEqual: comparison,
  Greater: comparison,
  GreaterEqual: comparison,
  Less: comparison,
  LessEqual: comparison,
  LogicalAnd: comparison,
  LogicalOr: comparison,
  LogicalXor: comparison,
  EluGrad: like('dy'),
  LRNGrad: like('x'),
  AddN: like('0'),
  Cast: (inputs, attrs) => ({ shape: need(inputs, 'x').shape, dtype: dtypeOf(attrs.dtype) }),
  Select: (inputs) => need(inputs, 't'),
  Softmax: like('logits'),
  ArgMax: reduction(always('int32')),
  ArgMin: reduction(always('int32')),
  All: reduction(always('bool')),
  Any: reduction(always('bool')),
  Sum: reduction(countable),
  Prod: reduction(countable),
  Mean: reduction(always('float32')),
  Max: reduction(),
  Min: reduction(),
  TopK: (inputs, attrs) => {
    const { shape, dtype } = need(inputs, 'x');
    const out = shape.with(-1, numberOf(attrs.k, 1));
    return [
      { shape: out, dtype },
      { shape: out, dtype: 'int32' },
    ];
  },
  DenseBincount: (inputs, attrs) => float([...need(inputs, 'x').shape.slice(0, -1), numberOf(attrs.size, 1)]),
};
