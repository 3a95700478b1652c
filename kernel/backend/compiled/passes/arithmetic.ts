/** Rules that save arithmetic: what changes nothing, and what an operation can do on the way. */
import type { OnnxNode } from '../onnx.ts';
import type { Program, Rule } from './program.ts';
import { sameShape, sizeOf } from './shapes.ts';

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
const bias: Rule = ({ inputs }, program) => {
  for (const side of [0, 1]) {
    const [made = '', added = ''] = [inputs[side], inputs[1 - side]];
    const shape = program.shape(added);
    if (!shape || !program.isOnly(made)) continue;
    const fused = withBias(program, made, added, shape);
    if (fused !== undefined) return fused;
  }
  return undefined;
};

function withBias(program: Program, made: string, added: string, shape: readonly number[]): string | undefined {
  const whole = program.shape(made);
  const node = program.producer(made, 'Conv') ?? program.producer(made, 'Gemm');
  if (!whole || node?.inputs.length !== 2) return undefined;
  const axis = node.type === 'Conv' ? 1 : whole.length - 1;
  const channels = whole[axis] ?? 0;
  const aligned = shape.length <= whole.length && shape.at(axis - whole.length) === channels;
  if (!aligned || sizeOf(shape) !== channels) return undefined;
  const list = program.apply('Reshape', [added, program.list([channels])]);
  return program.apply(node.type, [...node.inputs, list], node.attributes, node.domain);
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

/**
 * The gradient of a greatest value in a window, where the input was cut off at 0: it goes to one place of each window,
 * and is cut off there as the window's greatest value is. The cut is made before it is laid out, on fewer numbers.
 */
const cutBefore: Rule = ({ inputs }, program) => {
  for (const side of [0, 1]) {
    const laid = program.producer(inputs[side] ?? '', 'MaxUnpool');
    const mask = program.producer(inputs[1 - side] ?? '', 'Cast');
    const test = mask && positive(program, mask);
    const real = laid && program.producer(laid.inputs[1] ?? '', 'Max');
    const pool = laid && program.producer(real?.inputs[0] ?? laid.inputs[1] ?? '', 'MaxPool');
    const [whole, cut] = [program.shape(inputs[side] ?? ''), program.shape(inputs[1 - side] ?? '')];
    if (!laid || !mask || !pool || !test || !whole || !cut || !sameShape(whole, cut)) continue;
    const relu = program.producer(pool.inputs[0] ?? '', 'Relu');
    if (relu?.inputs[0] !== test.inputs[0] && pool.inputs[0] !== test.inputs[0]) continue;
    const [gradient = '', ...rest] = laid.inputs;
    const over = program.apply('Greater', [pool.outputs[0] ?? '', test.inputs[1] ?? '']);
    const kept = program.apply('Mul', [gradient, program.apply('Cast', [over], mask.attributes)]);
    return program.apply('MaxUnpool', [kept, ...rest], laid.attributes);
  }
  return undefined;
};

/** The test for being over 0 that a mask was made from. */
function positive(program: Program, mask: OnnxNode): OnnxNode | undefined {
  const test = program.producer(mask.inputs[0] ?? '', 'Greater');
  return test && program.scalar(test.inputs[1] ?? '') === 0 ? test : undefined;
}

/** Rules by type of operation. */
export const ARITHMETIC: Record<string, readonly Rule[]> = {
  Add: [neutral(0, [0, 1]), bias],
  Sub: [neutral(0, [1])],
  Mul: [neutral(1, [0, 1]), cutBefore, scaled],
  Div: [neutral(1, [1])],
};
