/**
 * Transposes sink: they are done after what does not care about the order of axes, until they meet one that turns the
 * axes back, and both are gone.
 */
import type { Program, Rule } from './program.ts';
import { integers, type Shape, SPREADING, sameShape, sizeOf, spread, UNARY } from './shapes.ts';

/** The operation on each element is done before its operands are transposed, where all whole ones are alike. */
const sunk: Rule = ({ type, inputs, attributes, domain }, program) => {
  const shapes = inputs.map((name) => program.shape(name));
  const whole = shapes.every((shape) => shape !== undefined) ? spread(shapes) : undefined;
  if (!whole) return undefined;
  let perm: Shape | undefined;
  const taken: string[] = [];
  for (const [index, name] of inputs.entries()) {
    if (!sameShape(shapes[index] ?? [], whole)) continue;
    const turned = program.producer(name, 'Transpose');
    const turn = integers(turned?.attributes.perm);
    if (!turned || !turn || (perm && !sameShape(perm, turn))) return undefined;
    perm = turn;
    taken[index] = turned.inputs[0] ?? '';
  }
  if (!perm) return undefined;
  const order = perm;
  for (const [index, name] of inputs.entries()) taken[index] ??= turnedBack(program, name, shapes[index] ?? [], order);
  return program.apply('Transpose', [program.apply(type, taken, attributes, domain)], { perm });
};

/** A smaller operand with its axes where they were before the transpose. */
function turnedBack(program: Program, name: string, shape: Shape, perm: Shape): string {
  if (sizeOf(shape) === 1) return name;
  const padded = [...Array<number>(perm.length - shape.length).fill(1), ...shape];
  const inverse = perm.map((_, axis) => perm.indexOf(axis));
  return program.apply('Transpose', [program.apply('Reshape', [name, program.list(padded)])], { perm: inverse });
}

/** Axes of one that are put in or taken out after a transpose are so before it. */
const thinned: Rule = ({ inputs: [x = '', list = ''] }, program) => {
  const turned = program.producer(x, 'Transpose');
  const perm = integers(turned?.attributes.perm);
  const [source = ''] = turned?.inputs ?? [];
  const [before, from, to] = [program.shape(source), program.shape(x), program.numbers(list)];
  if (!perm || !before || !from || !to) return undefined;
  const thick = (shape: Shape): Shape => shape.filter((length) => length !== 1);
  if (!sameShape(thick(from), thick(to))) return undefined;
  // Ones go to the front, from where each place that wants one takes its own.
  const kept = before.flatMap((length, axis) => (length === 1 ? [] : [axis]));
  const order = perm.flatMap((axis) => (before[axis] === 1 ? [] : [kept.indexOf(axis)]));
  const ones = to.length - kept.length;
  let [one, other] = [0, 0];
  const next = to.map((length) => (length === 1 ? one++ : ones + (order[other++] ?? 0)));
  const shape = [...Array<number>(ones).fill(1), ...thick(before)];
  return program.apply('Transpose', [program.apply('Reshape', [source, program.list(shape)])], { perm: next });
};

/** A fold of a transposed value, where what is left comes in the same order without the transpose. */
const folded: Rule = ({ type, inputs: [x = '', list = ''], attributes }, program) => {
  const turned = program.producer(x, 'Transpose');
  const perm = integers(turned?.attributes.perm);
  const axes = program.numbers(list)?.map((axis) => (axis < 0 ? axis + (perm?.length ?? 0) : axis));
  if (!turned || !perm || !axes || attributes.keepdims !== 0) return undefined;
  const left = perm.filter((_, axis) => !axes.includes(axis));
  if (left.some((axis, index) => index > 0 && axis < (left[index - 1] ?? 0))) return undefined;
  const moved = axes.map((axis) => perm[axis] ?? 0).sort((a, b) => a - b);
  return program.apply(type, [turned.inputs[0] ?? '', program.list(moved)], attributes);
};

/** Rules by type of operation. */
export const TRANSPOSES: Record<string, readonly Rule[]> = {
  Reshape: [thinned],
  ...Object.fromEntries(['Sum', 'Mean', 'Max', 'Min', 'Prod'].map((type) => [`Reduce${type}`, [folded]])),
  ...Object.fromEntries([...UNARY, ...SPREADING].map((type) => [type, [sunk]])),
};
