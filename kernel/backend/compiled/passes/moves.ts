/** Rules for operations that only move numbers: moves that cancel, and copies that need not be made. */
import type { Rule } from './program.ts';
import { integers, type Shape, SPREADING, sameShape, sizeOf, spread, UNARY } from './shapes.ts';

const identity: Rule = ({ inputs }) => inputs[0];

const reshape: Rule = ({ inputs: [x = '', list = ''] }, program) => {
  const to = program.numbers(list);
  const from = program.shape(x);
  if (!to || !from || to.some((length) => length < 1)) return undefined;
  if (sameShape(from, to)) return x;
  const before = program.producer(x, 'Reshape');
  if (before) return program.apply('Reshape', [before.inputs[0] ?? '', list]);
  const spreading = program.producer(x, 'Expand');
  const small = spreading && program.shape(spreading.inputs[0] ?? '');
  const kept = small && throughReshape(small, from, to);
  if (!spreading || !kept) return undefined;
  return program.apply('Expand', [program.apply('Reshape', [spreading.inputs[0] ?? '', program.list(kept)]), list]);
};

/**
 * Where `small` is spread to `from`, which is reshaped to `to`: the shape that `small` takes to be spread to `to` at
 * once. Undefined where axes that are spread are merged with others, or cut.
 */
export function throughReshape(small: Shape, from: Shape, to: Shape): number[] | undefined {
  const padded = [...Array<number>(from.length - small.length).fill(1), ...small];
  const kept: number[] = [];
  let [at, into] = [0, 0];
  while (at < from.length || into < to.length) {
    // The fewest axes on both sides with as many numbers.
    const [start, startInto] = [at, into];
    let left = from[at++] ?? 1;
    let right = to[into++] ?? 1;
    while (left !== right) {
      if (left < right) left *= from[at++] ?? 0;
      else right *= to[into++] ?? 0;
      if (left === 0 || right === 0) return undefined;
    }
    const axes = from.slice(start, at).map((length, axis) => ({ length, small: padded[start + axis] ?? 1 }));
    const group = to.slice(startInto, into);
    if (axes.every((axis) => axis.small === axis.length)) kept.push(...group);
    else if (axes.every((axis) => axis.small === 1)) kept.push(...group.map(() => 1));
    else return undefined;
  }
  return kept;
}

const transpose: Rule = ({ inputs: [x = ''], attributes }, program) => {
  const perm = integers(attributes.perm);
  if (!perm) return undefined;
  if (perm.every((axis, index) => axis === index)) return x;
  const before = program.producer(x, 'Transpose');
  const first = integers(before?.attributes.perm);
  if (before && first) {
    return program.apply('Transpose', before.inputs, { perm: perm.map((axis) => first[axis] ?? 0) });
  }
  const shape = program.shape(x);
  if (!shape) return undefined;
  const moved = perm.map((axis) => shape[axis] ?? 1);
  const order = perm.filter((axis) => shape[axis] !== 1);
  if (order.every((axis, index) => index === 0 || axis > (order[index - 1] ?? 0))) {
    return program.apply('Reshape', [x, program.list(moved)]);
  }
  const spreading = program.producer(x, 'Expand');
  const [small = ''] = spreading?.inputs ?? [];
  if (!spreading || program.shape(small)?.length !== shape.length) return undefined;
  return program.apply('Expand', [program.apply('Transpose', [small], { perm }), program.list(moved)]);
};

const expand: Rule = ({ inputs: [x = '', list = ''] }, program) => {
  const [from, to] = [program.shape(x), program.numbers(list)];
  const shape = from && to && spread([from, to]);
  if (!shape) return undefined;
  if (sameShape(shape, from)) return x;
  const before = program.producer(x, 'Expand');
  return before && program.apply('Expand', [before.inputs[0] ?? '', program.list(shape)]);
};

/** Repeating along axes of one is spreading. */
const tile: Rule = ({ inputs: [x = '', list = ''] }, program) => {
  const [from, times] = [program.shape(x), program.numbers(list)];
  if (!from || !times?.every((count, axis) => count === 1 || from[axis] === 1)) return undefined;
  return program.apply('Expand', [x, program.list(from.map((length, axis) => length * (times[axis] ?? 1)))]);
};

/** What is spread by hand before an operation that spreads by itself is taken as it is; the result is spread, if at all. */
const late: Rule = (node, program) => {
  const { type, inputs, attributes, domain } = node;
  const taken = inputs.map((name) => program.producer(name, 'Expand')?.inputs[0] ?? name);
  if (taken.every((name, index) => name === inputs[index])) return undefined;
  const shapes = inputs.map((name) => program.shape(name));
  const small = taken.map((name) => program.shape(name));
  if (!shapes.every((shape) => shape !== undefined) || !small.every((shape) => shape !== undefined)) return undefined;
  const [whole, reduced] = [spread(shapes), spread(small)];
  if (!whole || !reduced) return undefined;
  const result = program.apply(type, taken, attributes, domain);
  return sameShape(whole, reduced) ? result : program.apply('Expand', [result, program.list(whole)]);
};

/** Axes of one in front of an operand change nothing; without them, equal operations are seen to be equal. */
const trimmed: Rule = ({ type, inputs, attributes, domain }, program) => {
  const shapes = inputs.map((name) => program.shape(name));
  const whole = shapes.every((shape) => shape !== undefined) ? spread(shapes) : undefined;
  const thick = whole?.findIndex((length) => length !== 1) ?? 0;
  if (whole && thick > 0) {
    const thin = inputs.map((name, index) => {
      const shape = shapes[index] ?? [];
      const over = shape.length - whole.length + thick;
      return over > 0 ? program.apply('Reshape', [name, program.list(shape.slice(over))]) : name;
    });
    return program.apply('Reshape', [program.apply(type, thin, attributes, domain), program.list(whole)]);
  }
  const rank = Math.max(...shapes.map((shape) => shape?.length ?? 0));
  const others = shapes.filter((shape) => shape?.length === rank && shape[0] !== 1).length;
  if (others === 0) return undefined;
  let changed = false;
  const taken = inputs.map((name, index) => {
    const shape = shapes[index];
    if (shape?.[0] !== 1 || sizeOf(shape) === 1) return name;
    changed = true;
    return program.apply('Reshape', [name, program.list(shape.slice(shape.findIndex((length) => length !== 1)))]);
  });
  return changed ? program.apply(type, taken, attributes, domain) : undefined;
};

/** Axes side by side that are folded, or that are not, are one axis to a fold; the runtime is fast with few of them. */
const merged: Rule = ({ type, inputs: [x = '', list = ''], attributes }, program) => {
  const shape = program.shape(x);
  const axes = program.numbers(list)?.map((axis) => (axis < 0 ? axis + (shape?.length ?? 0) : axis));
  if (!shape || !axes) return undefined;
  const groups: { length: number; folded: boolean }[] = [];
  for (const [axis, length] of shape.entries()) {
    if (length === 1) continue;
    const folded = axes.includes(axis);
    const last = groups.at(-1);
    if (last?.folded === folded) last.length *= length;
    else groups.push({ length, folded });
  }
  if (groups.length === shape.length || !groups.some(({ folded }) => folded)) return undefined;
  const few = program.apply('Reshape', [x, program.list(groups.map(({ length }) => length))]);
  const over = program.list(groups.flatMap(({ folded }, index) => (folded ? [index] : [])));
  const keep = attributes.keepdims !== 0;
  const left = shape.flatMap((length, axis) => (axes.includes(axis) ? (keep ? [1] : []) : [length]));
  return program.apply('Reshape', [program.apply(type, [few, over], { keepdims: 0 }), program.list(left)]);
};

/** Rules by type of operation. */
export const MOVES: Record<string, readonly Rule[]> = {
  Identity: [identity],
  Reshape: [reshape],
  Transpose: [transpose],
  Expand: [expand],
  Tile: [tile],
  ...Object.fromEntries(['Sum', 'Mean', 'Max', 'Min', 'Prod'].map((type) => [`Reduce${type}`, [merged]])),
  ...Object.fromEntries([...UNARY].map((type) => [type, [late]])),
  ...Object.fromEntries([...SPREADING].map((type) => [type, [late, trimmed]])),
};
