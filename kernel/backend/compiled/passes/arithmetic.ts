/** Rules that save arithmetic: what changes nothing, and what an operation can do on the way. */
import { tested } from './blocked.ts';
import type { Program, Rule } from './program.ts';
import { STEEP, sameShape, sizeOf } from './shapes.ts';

/** `x` where the other operand is `neutral` and does not spread it. */
const neutral =
  (number: number, sides: readonly number[]): Rule =>
  ({ inputs }, program) => {
    for (const side of sides) {
      const [other = '', x = ''] = [inputs[side], inputs[1 - side]];
      if (program.scalar(other) !== number) continue;
      const [shape, spread] = [program.shape(x), program.shape(other)];
      if (shape && spread && spread.length <= shape.length) return x;
    }
    return undefined;
  };

/** A product by matrices or a convolution, and then a number for each column or channel: done in one go. */
const biased: Rule = ({ inputs }, program) => {
  for (const side of [0, 1]) {
    const [made = '', added = ''] = [inputs[side], inputs[1 - side]];
    const shape = program.shape(added);
    if (!shape || !program.isOnly(made)) continue;
    const fused = withBias(program, made, added, shape);
    if (fused !== undefined) return fused;
  }
  return undefined;
};

function withBias(program: Program, made: string, bias: string, shape: readonly number[]): string | undefined {
  const whole = program.shape(made);
  const ordered = program.producer(made, 'ReorderOutput');
  const inner = ordered?.inputs[0] ?? made;
  const node = program.producer(inner, 'Conv') ?? program.producer(inner, 'Gemm');
  if (!whole || node?.inputs.length !== 2) return undefined;
  const axis = node.type === 'Conv' ? 1 : whole.length - 1;
  const channels = whole[axis] ?? 0;
  const aligned = shape.length <= whole.length && shape.at(axis - whole.length) === channels;
  if (!aligned || sizeOf(shape) !== channels) return undefined;
  const list = program.apply('Reshape', [bias, program.list([channels])]);
  const added = program.apply(node.type, [...node.inputs, list], node.attributes, node.domain);
  return ordered ? program.apply(ordered.type, [added], ordered.attributes, ordered.domain) : added;
}

/** A product by matrices, scaled. */
const scaled: Rule = ({ inputs }, program) => {
  for (const side of [0, 1]) {
    const [made = '', by = ''] = [inputs[side], inputs[1 - side]];
    const factor = program.scalar(by);
    if (factor === undefined || !program.isOnly(made)) continue;
    const node = program.producer(made, 'MatMul') ?? program.producer(made, 'FusedMatMul');
    if (!node || node.attributes.alpha !== undefined) continue;
    const [whole, spread] = [program.shape(made), program.shape(by)];
    if (!whole || !spread || spread.length > whole.length) continue;
    const attributes = { transA: 0, transB: 0, ...node.attributes, alpha: { float: factor } };
    return program.apply('FusedMatMul', node.inputs, attributes, 'com.microsoft');
  }
  return undefined;
};

/** Of two factors of a whole tensor, a number and a smaller tensor, the number goes to the smaller one. */
const gathered: Rule = ({ inputs }, program) => {
  for (const side of [0, 1]) {
    const [made = '', small = ''] = [inputs[side], inputs[1 - side]];
    const [whole, spread] = [program.shape(made), program.shape(small)];
    const product = program.producer(made, 'Mul');
    if (!product || !whole || !spread || !program.isOnly(made) || sizeOf(spread) >= sizeOf(whole)) continue;
    const by = product.inputs.findIndex((name) => program.scalar(name) !== undefined);
    const [factor = '', x = ''] = [product.inputs[by], product.inputs[1 - by]];
    if (by < 0 || !sameShape(program.shape(x) ?? [], whole) || program.scalar(small) !== undefined) continue;
    return program.apply('Mul', [x, program.apply('Mul', [small, factor])]);
  }
  return undefined;
};

/**
 * The gradient of a greatest value in a window, where the input was cut off at 0: it goes to one place of each window,
 * and is cut off there as the window's greatest value is. The cut is made before it is laid out, on fewer numbers.
 */
const cutBefore: Rule = ({ inputs }, program) => {
  for (const side of [0, 1]) {
    const [laid = '', cut = ''] = [inputs[side], inputs[1 - side]];
    const asked = tested(program, cut);
    const [whole, spread] = [program.shape(laid), program.shape(cut)];
    const layout = asked && whole && spread && sameShape(whole, spread) && layoutOf(program, laid);
    if (!layout) continue;
    const from = program.producer(layout.pooled, 'MaxPool')?.inputs[0] ?? '';
    if (from !== asked && program.producer(from, 'Relu')?.inputs[0] !== asked) continue;
    return layout.again(program.apply('Mul', [layout.gradient, program.apply('HardSigmoid', [layout.pooled], STEEP)]));
  }
  return undefined;
};

/** How a gradient was laid out over the places of the greatest values, and the pooling that found them. */
function layoutOf(program: Program, name: string) {
  const laid = program.producer(name, 'MaxUnpool');
  if (laid) {
    const [gradient = '', places = '', shape = ''] = laid.inputs;
    const pool = program.producer(back(program, places, ['Max', 0]) ?? places, 'MaxPool');
    const again = (other: string): string => program.apply('MaxUnpool', [other, places, shape], laid.attributes);
    return pool && { gradient, pooled: pool.outputs[0] ?? '', again };
  }
  const [first = '', wide = ''] = program.producer(name, 'Mul')?.inputs ?? [];
  const resize = program.producer(wide, 'Resize');
  const marked = back(program, first, ['Relu', 0], ['Sub', 0], ['Mul', 0]);
  const pooled = marked && back(program, marked, ['Cast', 0], ['Equal', 0], ['Resize', 0]);
  if (!resize || pooled === undefined) return undefined;
  const [gradient = '', ...rest] = resize.inputs;
  const enlarge = (other: string): string => program.apply('Resize', [other, ...rest], resize.attributes);
  return { gradient, pooled, again: (other: string): string => program.apply('Mul', [first, enlarge(other)]) };
}

/** Walks from a value back through operations of these types, each by the input of this number. */
function back(program: Program, name: string, ...steps: [type: string, input: number][]): string | undefined {
  return steps.reduce<string | undefined>(
    (at, [type, input]) => (at === undefined ? undefined : program.producer(at, type)?.inputs[input]),
    name,
  );
}

/** Rules by type of operation. */
export const ARITHMETIC: Record<string, readonly Rule[]> = {
  Add: [neutral(0, [0, 1]), biased],
  Sub: [neutral(0, [1])],
  Mul: [neutral(1, [0, 1]), cutBefore, scaled, gathered],
  Div: [neutral(1, [1])],
};
