/** Reads the attributes of kernels, which the library leaves untyped, and the element types that can be compiled. */

export type DType = 'float32' | 'int32' | 'bool';

/** True for an element type that has a compiled form. */
export const isDType = (dtype: unknown): dtype is DType => dtype === 'float32' || dtype === 'int32' || dtype === 'bool';

/** A list of numbers out of an attribute; a number is a list of one, anything else an empty one. */
export const numbersOf = (value: unknown): number[] => {
  if (typeof value === 'number') return [value];
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return Array.from(value as ArrayLike<number>, Number);
  return [];
};

/** A number out of an attribute. */
export const numberOf = (value: unknown, otherwise: number): number => (typeof value === 'number' ? value : otherwise);

/** An axis, counted from the front; an attribute that is no number means the first. */
export const axisOf = (value: unknown, rank: number): number => {
  const axis = numberOf(value, 0);
  return axis < 0 ? axis + rank : axis;
};
