/** What is written down when a function of tensors is recorded: kernel calls on numbered values, all of them real. */
import type { Variable } from '@tensorflow/tfjs';
import { type DType, isDType } from './attributes.ts';
import type { Draw } from './random.ts';
import type { Attrs, Outline } from './shapes/shapes.ts';
import type { Place } from './where.ts';

/** Number of a value within one recording. */
export type ValueId = number;

/** A value of a recording. */
export interface Ref extends Outline {
  id: ValueId;
}

/** A complex value of a recording: two real ones. */
export interface Pair {
  real: Ref;
  imag: Ref;
}

/** True for a complex value. */
export const isPair = (value: Ref | Pair): value is Pair => 'imag' in value;

/** One kernel call. */
export interface Operation {
  kernel: string;
  inputs: Record<string, Ref>;
  attrs: Attrs;
  outputs: Ref[];
  place: Place;
}

/** Numbers that were there before the function ran, or were made by it on the host. */
export interface Constant extends Ref {
  values: Float32Array | Int32Array | Uint8Array;
  /** How it is drawn afresh in every run. */
  random?: Draw;
  /** The tensor that held it, where it was there before. */
  source?: object;
  place: Place;
}

/** A function of tensors as the kernel calls that it makes. */
export interface Recording {
  operations: Operation[];
  inputs: Ref[];
  /** Variables that were read, as they were before. */
  variables: { variable: Variable; ref: Ref }[];
  constants: Constant[];
  /** What the function returned. */
  outputs: Ref[];
  /** Variables that were assigned, with their new values. */
  updates: { variable: Variable; ref: Ref }[];
}

/** The function does something that cannot be compiled; the message names it. */
export class CannotCompile extends Error {
  override name = 'CannotCompile';
}

/** @throws CannotCompile for text, and for complex numbers where none can be */
export const dtypeOf = (dtype: string): DType => {
  if (isDType(dtype)) return dtype;
  throw new CannotCompile(`tensors of type ${dtype} cannot be compiled`);
};
