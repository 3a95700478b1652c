/** Shapes of what native operations give, for rules that need them. A shape that is not known here is no error. */
import type { Attribute, OnnxNode } from '../onnx.ts';

/** Lengths of axes, the outermost first. */
export type Shape = readonly number[];

/** What is known about values. */
export interface Known {
  shape(name: string): Shape | undefined;
  /** Numbers of a constant that is small, or a list of lengths. */
  numbers(name: string): readonly number[] | undefined;
}

/** Operations of one input that work on each element by itself. */
export const UNARY = new Set(
  `Abs Acos Acosh Asin Asinh Atan Atanh Cast Ceil Cos Cosh Elu Erf Exp Floor HardSigmoid IsInf IsNaN LeakyRelu Log Neg Not
  Reciprocal Relu Round Selu Sigmoid Sign Sin Sinh Softplus Sqrt Tan Tanh`.split(/\s+/),
);
/** Attributes of a `HardSigmoid` that is 1 over 0 and 0 elsewhere; from 0 to 3e-39, which a float holds in part only, it rises. */
export const STEEP = { alpha: { float: 3e38 }, beta: { float: 0 } };
/** Operations of several inputs that are spread to one shape and worked on element by element. */
export const SPREADING = new Set(
  'Add And Div Equal Greater GreaterOrEqual Less LessOrEqual Max Min Mul Or Pow Sub Sum Where Xor'.split(' '),
);

/** A list of whole numbers out of an attribute. */
export const integers = (value: Attribute | undefined): readonly number[] | undefined =>
  Array.isArray(value) ? value : undefined;
const integer = (value: Attribute | undefined, otherwise: number): number =>
  typeof value === 'number' ? value : otherwise;

/** The shape that all of these are spread to; undefined where they do not fit. */
export function spread(shapes: readonly Shape[]): number[] | undefined {
  const rank = Math.max(0, ...shapes.map(({ length }) => length));
  const all = Array<number>(rank).fill(1);
  for (const shape of shapes) {
    for (const [axis, length] of shape.entries()) {
      const at = axis + rank - shape.length;
      if (length === 1 || length === all[at]) continue;
      if (all[at] !== 1) return undefined;
      all[at] = length;
    }
  }
  return all;
}

/** Whether two shapes are equal, axis by axis. */
export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((length, axis) => length === b[axis]);

/** How many elements a value of this shape has. */
export const sizeOf = (shape: Shape): number => shape.reduce((product, length) => product * length, 1);

/** Shape of the output with this number. */
export function shapeAfter(node: OnnxNode, known: Known, output = 0): Shape | undefined {
  const { type, inputs } = node;
  const shapes = inputs.map((name) => known.shape(name));
  const [first, second] = shapes;
  if (UNARY.has(type) || SAME.has(type)) return first;
  if (SPREADING.has(type)) return shapes.every((shape) => shape !== undefined) ? spread(shapes) : undefined;
  if (!first) return undefined;
  const numbers = (at: number): readonly number[] | undefined => known.numbers(inputs[at] ?? '');
  switch (type) {
    case 'Reshape':
      return numbers(1)?.every((length) => length > 0) ? numbers(1) : undefined;
    case 'Expand': {
      const to = numbers(1);
      return to && spread([first, to]);
    }
    case 'Tile':
      return numbers(1)?.map((times, axis) => times * (first[axis] ?? 1));
    case 'Transpose':
      return integers(node.attributes.perm)?.map((axis) => first[axis] ?? 1);
    case 'Gemm':
    case 'MatMul':
    case 'FusedMatMul':
      return second && productShape(node, first, second);
    case 'Conv':
    case 'ConvTranspose':
      return second && convolutionShape(node, first, second);
    case 'MaxPool':
    case 'AveragePool':
      return [...first.slice(0, 2), ...windowed(node, first.slice(2), integers(node.attributes.kernel_shape) ?? [])];
    case 'Resize': {
      const scales = numbers(2);
      return scales?.length === first.length && node.attributes.mode === 'nearest'
        ? first.map((length, axis) => Math.floor(length * (scales[axis] ?? 1)))
        : undefined;
    }
    case 'GlobalAveragePool':
      return first.map((length, axis) => (axis < 2 ? length : 1));
    case 'MaxUnpool':
      return numbers(2);
    case 'Gather': {
      const axis = integer(node.attributes.axis, 0);
      return second && [...first.slice(0, axis), ...second, ...first.slice(axis + 1)];
    }
    case 'Split': {
      const length = numbers(1)?.[output];
      return length === undefined ? undefined : first.with(integer(node.attributes.axis, 0), length);
    }
    case 'Slice':
      return sliced(first, numbers(1), numbers(2), numbers(3), numbers(4));
    case 'Concat':
      return concatenated(shapes, integer(node.attributes.axis, 0));
    case 'Pad': {
      const pads = numbers(1);
      return pads && first.map((length, axis) => length + (pads[axis] ?? 0) + (pads[axis + first.length] ?? 0));
    }
    case 'ReduceSum':
    case 'ReduceMean':
    case 'ReduceMax':
    case 'ReduceMin':
    case 'ReduceProd': {
      const axes = numbers(1)?.map((axis) => (axis < 0 ? axis + first.length : axis));
      const keep = integer(node.attributes.keepdims, 1) === 1;
      return axes && first.flatMap((length, axis) => (axes.includes(axis) ? (keep ? [1] : []) : [length]));
    }
    default:
      return undefined;
  }
}

const SAME = new Set([
  'Identity',
  'ReorderInput',
  'ReorderOutput',
  'Softmax',
  'CumSum',
  'Clip',
  'PRelu',
  'ScatterElements',
]);

function productShape({ type, attributes }: OnnxNode, a: Shape, b: Shape): Shape | undefined {
  if (a.length < 2 || b.length < 2 || (type === 'Gemm' && a.length !== 2)) return undefined;
  const rows = attributes.transA === 1 ? a.at(-1) : a.at(-2);
  const columns = attributes.transB === 1 ? b.at(-2) : b.at(-1);
  const batch = spread([a.slice(0, -2), b.slice(0, -2)]);
  return batch && [...batch, rows ?? 1, columns ?? 1];
}

function convolutionShape(node: OnnxNode, x: Shape, weights: Shape): Shape {
  const group = integer(node.attributes.group, 1);
  const window = weights.slice(2);
  if (node.type === 'Conv') return [x[0] ?? 1, weights[0] ?? 1, ...windowed(node, x.slice(2), window)];
  const { strides, dilations, pads, missing } = geometry(node, window.length);
  const space = x.slice(2).map((length, axis) => {
    const reach = ((window[axis] ?? 1) - 1) * (dilations[axis] ?? 1) + 1;
    const padded = (pads[axis] ?? 0) + (pads[axis + window.length] ?? 0);
    return (length - 1) * (strides[axis] ?? 1) + (missing[axis] ?? 0) + reach - padded;
  });
  return [x[0] ?? 1, (weights[1] ?? 1) * group, ...space];
}

/** What a window that moves over these lengths leaves of them. */
function windowed(node: OnnxNode, lengths: Shape, window: Shape): number[] {
  const { strides, dilations, pads } = geometry(node, window.length);
  return lengths.map((length, axis) => {
    const reach = ((window[axis] ?? 1) - 1) * (dilations[axis] ?? 1) + 1;
    const padded = length + (pads[axis] ?? 0) + (pads[axis + window.length] ?? 0);
    return Math.floor((padded - reach) / (strides[axis] ?? 1)) + 1;
  });
}

function geometry({ attributes }: OnnxNode, rank: number) {
  const filled = (value: number): Shape => Array<number>(rank).fill(value);
  return {
    strides: integers(attributes.strides) ?? filled(1),
    dilations: integers(attributes.dilations) ?? filled(1),
    pads: integers(attributes.pads) ?? [...filled(0), ...filled(0)],
    missing: integers(attributes.output_padding) ?? filled(0),
  };
}

function sliced(shape: Shape, from?: Shape, to?: Shape, axes?: Shape, steps?: Shape): Shape | undefined {
  if (!from || !to || !axes) return undefined;
  const lengths = [...shape];
  for (const [index, axis] of axes.entries()) {
    const [begin = 0, end = 0, step = 1] = [from[index], to[index], steps?.[index]];
    const length = shape[axis] ?? 0;
    const isReversal = begin === -1 && step === -1 && end < -length;
    if (isReversal) continue;
    if (begin < 0 || end < begin || step < 1) return undefined;
    lengths[axis] = Math.ceil((Math.min(end, length) - begin) / step);
  }
  return lengths;
}

function concatenated(shapes: readonly (Shape | undefined)[], axis: number): Shape | undefined {
  const [first] = shapes;
  if (!first) return undefined;
  let length = 0;
  for (const shape of shapes) {
    if (!shape) return undefined;
    length += shape.at(axis) ?? 0;
  }
  return first.with(axis, length);
}
