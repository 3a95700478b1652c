/** Kernels that work on each element by itself: arithmetic, comparison, logic, activations and their gradients. */
import { numberOf } from '../attributes.ts';
import { ELEMENT } from '../onnx.ts';
import { STEEP } from '../passes/shapes.ts';
import type { Operation, Ref } from '../recording.ts';
import { type Lower, type Lowering, sameShape, sizeOf } from './lowering.ts';

/**
 * Names of the inputs in one common order of axes. Channels first is taken when a whole input lies that way already,
 * so that a chain of such operations between two convolutions moves nothing.
 */
export function aligned(
  lowering: Lowering,
  inputs: readonly Ref[],
  out: Ref,
): { names: string[]; order: 'first' | 'last' } {
  const { graph } = lowering;
  const whole = (ref: Ref): boolean => sameShape(ref.shape, out.shape);
  const rank = out.shape.length;
  const first = rank >= 3 && inputs.some((ref) => lowering.isFirst(ref) && whole(ref));
  const names = inputs.map((ref) => {
    const { uniform } = lowering.value(ref);
    const others = inputs.some((other) => other !== ref && whole(other));
    if (uniform !== undefined && ref.dtype === 'float32' && others) return graph.float(uniform);
    if (!first) return lowering.last(ref);
    if (ref.shape.length === rank) return lowering.first(ref);
    if (sizeOf(ref.shape) === 1) return lowering.last(ref, []);
    const padded = [...Array.from({ length: rank - ref.shape.length }, () => 1), ...ref.shape];
    return lowering.first(ref, padded);
  });
  return { names, order: first ? 'first' : 'last' };
}

const outOf = ({ outputs, kernel }: Operation): Ref => {
  const [out] = outputs;
  if (!out) throw new Error(`${kernel} has no output`);
  return out;
};

/** A kernel of inputs `a` and `b`. */
const binary =
  (make: (lowering: Lowering, a: string, b: string, operation: Operation) => string): Lower =>
  (operation, lowering) => {
    const inputs = [lowering.input(operation, 'a'), lowering.input(operation, 'b')];
    const { names, order } = aligned(lowering, inputs, outOf(operation));
    const [a = '', b = ''] = names;
    lowering.made(operation, make(lowering, a, b, operation), order);
  };

/** A kernel of one input. */
const unary =
  (make: (lowering: Lowering, x: string, operation: Operation) => string, input = 'x'): Lower =>
  (operation, lowering) => {
    const { names, order } = aligned(lowering, [lowering.input(operation, input)], outOf(operation));
    lowering.made(operation, make(lowering, names[0] ?? '', operation), order);
  };

const operator = (type: string): Lower => binary(({ graph }, a, b) => graph.apply(type, [a, b]));
const activation = (type: string): Lower => unary(({ graph }, x) => graph.apply(type, [x]));

/** `a · b` and `a + b` where one side is known to change nothing. */
const withNeutral =
  (type: string, neutral: number): Lower =>
  (operation, lowering) => {
    const [a, b] = [lowering.input(operation, 'a'), lowering.input(operation, 'b')];
    const out = outOf(operation);
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const neutralOne = lowering.value(one).uniform === neutral && one.dtype === out.dtype;
      if (neutralOne && other.dtype === out.dtype && sameShape(other.shape, out.shape)) {
        lowering.alias(operation, other);
        return;
      }
    }
    operator(type)(operation, lowering);
  };

/** Floor of the quotient; ONNX would cut towards zero between integers. */
const floorDivision = binary((lowering, a, b, operation) => {
  const { graph } = lowering;
  const quotient = graph.apply('Div', [
    lowering.floating(a, lowering.input(operation, 'a').dtype),
    lowering.floating(b, lowering.input(operation, 'b').dtype),
  ]);
  return graph.apply('Cast', [graph.apply('Floor', [quotient])], { to: ELEMENT.int32 });
});

const division = binary((lowering, a, b, operation) => {
  const [left, right] = [lowering.input(operation, 'a'), lowering.input(operation, 'b')];
  return lowering.graph.apply('Div', [lowering.floating(a, left.dtype), lowering.floating(b, right.dtype)]);
});

const isNot =
  (type: string): Lower =>
  (operation, lowering) =>
    binary(({ graph }, a, b) => graph.apply('Not', [graph.apply(type, [a, b])]))(operation, lowering);

/** 1 where a number is over 0, else 0. One operation that all threads share is several times as fast as a comparison and a cast. */
export const over = ({ graph, portable }: Lowering, name: string): string =>
  portable
    ? graph.apply('Cast', [graph.apply('Greater', [name, graph.float(0)])], { to: ELEMENT.float32 })
    : graph.apply('HardSigmoid', [name], STEEP);

/** 1 where the value is over 0, else `alpha`; what is no number stays so. */
const step: Lower = unary((lowering, x, { attrs }) => {
  const { graph } = lowering;
  const alpha = numberOf(attrs.alpha, 0);
  if (alpha === 0) return over(lowering, x);
  return graph.apply('Where', [graph.apply('Greater', [x, graph.float(0)]), graph.float(1), graph.float(alpha)]);
});

/** Gradient of `elu` from its result: `dy` where it is positive, else `dy · (y + 1)`. */
const eluGradient: Lower = (operation, lowering) => {
  const inputs = [lowering.input(operation, 'dy'), lowering.input(operation, 'y')];
  const { names, order } = aligned(lowering, inputs, outOf(operation));
  const [dy = '', y = ''] = names;
  const { graph } = lowering;
  const slope = graph.apply('Min', [graph.apply('Add', [y, graph.float(1)]), graph.float(1)]);
  lowering.made(operation, graph.apply('Mul', [dy, slope]), order);
};

const select: Lower = (operation, lowering) => {
  const condition = lowering.input(operation, 'condition');
  const [t, e] = [lowering.input(operation, 't'), lowering.input(operation, 'e')];
  const { names, order } = aligned(lowering, [t, e], outOf(operation));
  const rows = condition.shape.length === 1 && t.shape.length > 1;
  const shape = rows ? [...condition.shape, ...t.shape.slice(1).map(() => 1)] : condition.shape;
  const test =
    order === 'first' && shape.length === t.shape.length
      ? lowering.first(condition, shape)
      : lowering.last(condition, shape);
  lowering.made(operation, lowering.graph.apply('Where', [test, names[0] ?? '', names[1] ?? '']), order);
};

const cast: Lower = (operation, lowering) => {
  const x = lowering.input(operation, 'x');
  const out = outOf(operation);
  if (x.dtype === out.dtype) lowering.alias(operation, x);
  else unary(({ graph }, name) => graph.apply('Cast', [name], { to: ELEMENT[out.dtype] }))(operation, lowering);
};

const prelu: Lower = (operation, lowering) => {
  const inputs = [lowering.input(operation, 'x'), lowering.input(operation, 'alpha')];
  const { names, order } = aligned(lowering, inputs, outOf(operation));
  lowering.made(operation, lowering.graph.apply('PRelu', names), order);
};

/** A value of the output's shape that is one number everywhere. */
const filled =
  (number: number): Lower =>
  (operation, lowering) => {
    const out = outOf(operation);
    const { graph } = lowering;
    const { name: seed } = graph.constant(out.dtype, [], [number]);
    const name = out.shape.length === 0 ? seed : graph.apply('Expand', [seed, graph.list(out.shape)]);
    lowering.define(out, { name, type: out.dtype, shape: out.shape, order: 'last', uniform: number });
  };

/** The angle of (b, a), in the quadrant where it lies; right of the axis it is the arctangent of a / b. */
const atan2 = binary(({ graph }, a, b) => {
  const angle = graph.apply('Atan', [graph.apply('Div', [a, b])]);
  const below = graph.apply('Less', [a, graph.float(0)]);
  const turn = graph.apply('Where', [below, graph.float(-Math.PI), graph.float(Math.PI)]);
  const left = graph.apply('Less', [b, graph.float(0)]);
  const turned = graph.apply('Where', [left, graph.apply('Add', [angle, turn]), angle]);
  const origin = graph.apply('And', [
    graph.apply('Equal', [a, graph.float(0)]),
    graph.apply('Equal', [b, graph.float(0)]),
  ]);
  return graph.apply('Where', [origin, graph.float(0), turned]);
});

/** A product of a gradient that is in parts with the slope of the cut behind them is known in parts as well. */
const product: Lower = (operation, lowering) => {
  const [a, b] = [lowering.input(operation, 'a'), lowering.input(operation, 'b')];
  for (const [gradient, slope] of [
    [a, b],
    [b, a],
  ] as const) {
    const { beforeCut } = lowering.value(gradient).phases ?? {};
    if (beforeCut && sameShape(gradient.shape, slope.shape) && cutOf(lowering, slope) === beforeCut.operation) {
      lowering.define(outOf(operation), beforeCut.gradient());
      return;
    }
  }
  withNeutral('Mul', 1)(operation, lowering);
};

/** What made the numbers whose slope this is, where they were cut off at 0. */
function cutOf(lowering: Lowering, slope: Ref): Operation | undefined {
  const made = lowering.maker(slope);
  const step = made?.kernel === 'Cast' && made.inputs.x ? lowering.maker(made.inputs.x) : made;
  const { x } = step?.inputs ?? {};
  return step?.kernel === 'Step' && numberOf(step.attrs.alpha, 0) === 0 && x ? lowering.maker(x) : undefined;
}

/** The lowerings of these kernels, by the kernel's name. */
export const ELEMENTWISE: Record<string, Lower> = {
  Add: withNeutral('Add', 0),
  Multiply: product,
  Sub: operator('Sub'),
  RealDiv: division,
  FloorDiv: floorDivision,
  Pow: operator('Pow'),
  Maximum: operator('Max'),
  Minimum: operator('Min'),
  // The sign of the result is the divisor's, as TensorFlow has it.
  Mod: binary(({ graph }, a, b) =>
    graph.apply('Sub', [a, graph.apply('Mul', [graph.apply('Floor', [graph.apply('Div', [a, b])]), b])]),
  ),
  SquaredDifference: binary(({ graph }, a, b) => {
    const difference = graph.apply('Sub', [a, b]);
    return graph.apply('Mul', [difference, difference]);
  }),
  Equal: operator('Equal'),
  NotEqual: isNot('Equal'),
  Greater: operator('Greater'),
  GreaterEqual: operator('GreaterOrEqual'),
  Less: operator('Less'),
  LessEqual: operator('LessOrEqual'),
  LogicalAnd: operator('And'),
  LogicalOr: operator('Or'),
  LogicalXor: operator('Xor'),
  LogicalNot: activation('Not'),
  BitwiseAnd: operator('BitwiseAnd'),
  Atan2: atan2,
  Select: select,
  Cast: cast,
  Prelu: prelu,
  EluGrad: eluGradient,
  Step: step,
  Abs: activation('Abs'),
  Acos: activation('Acos'),
  Acosh: activation('Acosh'),
  Asin: activation('Asin'),
  Asinh: activation('Asinh'),
  Atan: activation('Atan'),
  Atanh: activation('Atanh'),
  Ceil: activation('Ceil'),
  Cos: activation('Cos'),
  Cosh: activation('Cosh'),
  Elu: activation('Elu'),
  Erf: activation('Erf'),
  Exp: activation('Exp'),
  Expm1: unary(({ graph }, x) => graph.apply('Sub', [graph.apply('Exp', [x]), graph.float(1)])),
  Floor: activation('Floor'),
  IsNan: activation('IsNaN'),
  IsInf: activation('IsInf'),
  IsFinite: unary(({ graph }, x) => graph.apply('Not', [graph.apply('IsNaN', [graph.apply('Sub', [x, x])])])),
  LeakyRelu: unary(({ graph }, x, { attrs }) =>
    graph.apply('LeakyRelu', [x], { alpha: { float: numberOf(attrs.alpha, 0.2) } }),
  ),
  Log: activation('Log'),
  Log1p: unary(({ graph }, x) => graph.apply('Log', [graph.apply('Add', [x, graph.float(1)])])),
  Neg: activation('Neg'),
  Reciprocal: activation('Reciprocal'),
  Relu: activation('Relu'),
  Relu6: unary(({ graph }, x) => graph.apply('Clip', [x, graph.float(0), graph.float(6)])),
  Round: activation('Round'),
  Rsqrt: unary(({ graph }, x) => graph.apply('Reciprocal', [graph.apply('Sqrt', [x])])),
  Selu: activation('Selu'),
  Sigmoid: activation('Sigmoid'),
  Sign: activation('Sign'),
  Sin: activation('Sin'),
  Sinh: activation('Sinh'),
  Softplus: activation('Softplus'),
  Sqrt: activation('Sqrt'),
  Square: unary(({ graph }, x) => graph.apply('Mul', [x, x])),
  Tan: activation('Tan'),
  Tanh: activation('Tanh'),
  ClipByValue: unary((lowering, x, operation) => {
    const { graph } = lowering;
    const { clipValueMin, clipValueMax } = operation.attrs;
    const { dtype } = lowering.input(operation, 'x');
    const bound = (value: unknown, otherwise: number): string =>
      graph.constant(dtype, [], [numberOf(value, otherwise)]).name;
    const [low, high] = dtype === 'int32' ? [-(2 ** 31), 2 ** 31 - 1] : [-Infinity, Infinity];
    return graph.apply('Clip', [x, bound(clipValueMin, low), bound(clipValueMax, high)]);
  }),
  ZerosLike: filled(0),
  OnesLike: filled(1),
};
