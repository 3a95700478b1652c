/** What a kernel's shape function works with: outlines of tensors, and the rules that many kernels share. */
import type { TensorFlow } from '../../tensorflow.ts';
import { type DType, isDType, numbersOf } from '../attributes.ts';

/** A tensor without its numbers. */
export interface Outline {
  shape: number[];
  dtype: DType;
}

/** Inputs of a kernel by name; lists of inputs are named `0`, `1`, … */
export type Inputs = Readonly<Record<string, Outline>>;
/** Attributes of a kernel, as the library gives them. */
export type Attrs = Readonly<Record<string, unknown>>;

/** Outlines of a kernel's outputs. @throws Error when the inputs do not fit */
export type ShapeOf = (inputs: Inputs, attrs: Attrs, tf: TensorFlow) => Outline | Outline[];

/** The input of this name. @throws Error when there is none */
export function need(inputs: Inputs, name: string): Outline {
  const input = inputs[name];
  if (!input) throw new Error(`a kernel came without its input ${name}`);
  return input;
}

/** The inputs of a kernel that takes a list. */
export const listed = (inputs: Inputs): Outline[] => Object.keys(inputs).map((name) => need(inputs, name));

/** The output is like the input `name`, of element type `dtype` where given. */
export const like =
  (name: string, dtype?: DType): ShapeOf =>
  (inputs) => ({ shape: need(inputs, name).shape, dtype: dtype ?? need(inputs, name).dtype });

/** An outline of 32-bit floats. */
export const float = (shape: readonly number[]): Outline => ({ shape: [...shape], dtype: 'float32' });

/** @throws TypeError for complex numbers and text */
export const dtypeOf = (value: unknown): DType => {
  if (isDType(value)) return value;
  throw new TypeError(`tensors of type ${String(value)} cannot be compiled`);
};

/** How many elements a shape has. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

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

/** Pairs of numbers, one an axis: paddings, crops. */
export const pairsOf = (value: unknown): [number, number][] =>
  Array.isArray(value)
    ? value.map((pair) => {
        const [before = 0, after = 0] = numbersOf(pair);
        return [before, after];
      })
    : [];
