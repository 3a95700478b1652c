/**
 * The tape of one recording: which value each tensor stands for, the kernels that were called and the numbers that were
 * there. Complex tensors are pairs of real values from here on, so that nothing behind the tape knows of them.
 */
import type { Variable } from '@tensorflow/tfjs';
import type { TensorFlow } from '../tensorflow.ts';
import type { DType } from './attributes.ts';
import { inReals } from './complex.ts';
import { type Draw, fill, recognize, type Seeds } from './random.ts';
import { CannotCompile, type Constant, dtypeOf, isPair, type Operation, type Pair, type Ref } from './recording.ts';
import { type Attrs, type Outline, outlinesOf } from './shapes/shapes.ts';
import { place, spellPlace, traceHere } from './where.ts';

/** What the library knows of a tensor. */
export interface TensorLike {
  dataId: object;
  shape: number[];
  dtype: string;
}

const isTensor = (value: unknown): value is TensorLike =>
  typeof value === 'object' && value !== null && typeof Reflect.get(value, 'dataId') === 'object';

let ids = 0;

/** A new value. */
export const newRef = ({ shape, dtype }: Outline): Ref => ({ id: ++ids, shape: [...shape], dtype });

/** Writes down the kernel calls of one run of a function. */
export class Tape {
  readonly operations: Operation[] = [];
  readonly constants: Constant[] = [];
  readonly values = new Map<object, Ref | Pair>();
  /** Variables by their stand-ins. */
  readonly owners = new Map<object, Variable>();
  /** Variables that were read. */
  readonly used = new Set<Variable>();
  /** Data of variables whose type cannot be compiled, and that type. */
  readonly refused = new Map<object, string>();
  readonly #tf: TensorFlow;
  readonly #seeds: Seeds;

  constructor(tf: TensorFlow, seeds: Seeds) {
    this.#tf = tf;
    this.#seeds = seeds;
  }

  /** The value that a tensor's data stand for. @throws CannotCompile when there is none, or a complex one */
  real(data: object): Ref {
    const value = this.values.get(data);
    if (!value) throw new CannotCompile('the function returns a tensor that it did not compute');
    if (isPair(value)) throw new CannotCompile('it gives complex numbers; their real and imaginary parts can be given');
    return value;
  }

  /** Writes a kernel call down. Returns what it gives, as the engine wants it. */
  note(
    kernel: string,
    given: unknown,
    attrs: Attrs,
  ): { dataId: object; shape: number[]; dtype: DType | 'complex64' }[] {
    const inputs: Record<string, Ref | Pair> = {};
    for (const [name, value] of Object.entries(Object(given))) if (isTensor(value)) inputs[name] = this.#valueOf(value);
    if (kernel === 'Multinomial') inputs.draws = this.#drawn(attrs);
    const emit = (name: string, refs: Record<string, Ref>, by: Attrs): Ref[] => this.#emit(name, refs, by);
    const refs: (Ref | Pair)[] = this.#telling(
      kernel,
      () => inReals(kernel, inputs, attrs, emit) ?? emit(kernel, onlyReal(inputs), attrs),
    );
    return refs.map((value) => {
      const dataId = {};
      this.values.set(dataId, value);
      const { shape, dtype } = isPair(value) ? { shape: value.real.shape, dtype: 'complex64' as const } : value;
      return { dataId, shape, dtype };
    });
  }

  /** Numbers that the function writes while it is recorded. */
  write(written: unknown, outline: Outline): object {
    const data = {};
    const ref = newRef(outline);
    this.values.set(data, ref);
    const values = numbersOf(written, ref.dtype);
    const random = drawOf(values, this.#seeds);
    this.constants.push({ ...ref, values, ...(random ? { random } : {}), place: place() });
    return data;
  }

  #emit(kernel: string, inputs: Record<string, Ref>, attrs: Attrs): Ref[] {
    const outputs = outlinesOf(kernel, inputs, attrs, this.#tf).map(newRef);
    this.operations.push({ kernel, inputs, attrs, outputs, place: place() });
    return outputs;
  }

  /** Says which kernel it was that failed, and where. */
  #telling<T>(kernel: string, work: () => T): T {
    try {
      return work();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new CannotCompile(`${kernel}: ${why}${spellPlace(place())}`);
    }
  }

  #valueOf({ dataId, shape, dtype }: TensorLike): Ref | Pair {
    const owner = this.owners.get(dataId);
    if (owner) this.used.add(owner);
    const known = this.values.get(dataId);
    if (known) return known;
    const refused = this.refused.get(dataId);
    if (refused !== undefined) throw new CannotCompile(`variables of type ${refused} cannot be compiled`);
    // A tensor of before, held by the function: its numbers are taken as they are now.
    const numbers = this.#tf.engine().readSync(dataId);
    const here = place();
    const keep = (values: Constant['values'], type: DType): Ref => {
      const ref = newRef({ shape, dtype: type });
      this.constants.push({ ...ref, values, source: dataId, place: here });
      return ref;
    };
    let value: Ref | Pair;
    if (dtype === 'complex64') {
      const parts = this.#tf.backend_util.splitRealAndImagArrays(numbersOf(numbers, 'float32') as Float32Array);
      value = { real: keep(parts.real, 'float32'), imag: keep(parts.imag, 'float32') };
    } else value = keep(numbersOf(numbers, dtypeOf(dtype)), dtypeOf(dtype));
    this.values.set(dataId, value);
    return value;
  }

  /** The uniform numbers by which a multinomial kernel chooses, which it would draw by itself. */
  #drawn({ numSamples, seed }: Attrs): Ref {
    const draw: Draw = { kind: 'uniform', low: 0, high: 1 };
    const ref = newRef({ shape: [Number(numSamples)], dtype: 'float32' });
    const values = new Float32Array(Number(numSamples));
    fill(values, draw, Number(seed));
    const [taken, ...others] = this.#seeds.taken();
    // A seed of the user's own draws the same numbers each time, as it does uncompiled.
    const random = taken === seed && others.length === 0;
    if (!random && taken !== undefined) throw new CannotCompile('it is seeded with numbers of Math.random');
    this.constants.push({ ...ref, values, ...(random ? { random: draw } : {}), place: place() });
    return ref;
  }
}

/** @throws CannotCompile when one of them is complex */
function onlyReal(inputs: Record<string, Ref | Pair>): Record<string, Ref> {
  const real: Record<string, Ref> = {};
  for (const [name, value] of Object.entries(inputs)) {
    if (isPair(value)) throw new CannotCompile('it takes no complex numbers');
    real[name] = value;
  }
  return real;
}

/** How TensorFlow.js names the functions that fill a tensor with random numbers. */
const DRAWN_BY: Readonly<Record<string, Draw['kind']>> = {
  randomUniform: 'uniform',
  randomNormal: 'normal',
  randomStandardNormal: 'normal',
  truncatedNormal: 'truncated normal',
  randomGamma: 'gamma',
};

/** How numbers that are being written were drawn; undefined when not by chance. @throws CannotCompile when nobody knows */
function drawOf(values: Constant['values'], seeds: Seeds): Draw | undefined {
  const taken = seeds.taken();
  const [seed] = taken;
  if (seed === undefined) return undefined;
  const here = place();
  const by = /\b(rand\w*|truncatedNormal|multinomial)_ /.exec(traceHere().stack ?? '')?.[1];
  const draw =
    taken.length === 1 && values instanceof Float32Array ? recognize(values, seed, DRAWN_BY[by ?? '']) : undefined;
  if (draw) return draw;
  const what = by === undefined ? 'with Math.random' : `with ${by}`;
  throw new CannotCompile(`it draws random numbers ${what}, which would be the same in every step${spellPlace(here)}`);
}

function numbersOf(values: unknown, dtype: DType): Constant['values'] {
  if (values === null || typeof values !== 'object') throw new CannotCompile('a tensor came without numbers');
  // The caller may go on writing to them.
  if (dtype === 'float32' && values instanceof Float32Array) return values.slice();
  const list = Array.from(values as ArrayLike<number | boolean>, Number);
  return dtype === 'float32'
    ? Float32Array.from(list)
    : dtype === 'int32'
      ? Int32Array.from(list)
      : Uint8Array.from(list);
}
