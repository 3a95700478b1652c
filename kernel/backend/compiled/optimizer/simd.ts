/**
 * Formulas over long vectors → WebAssembly with SIMD, four numbers at a time. It writes a module of one function that
 * walks over vectors of equal length and stores what each formula gives; the update rules of optimizers are such
 * formulas. Compiling one takes well under a millisecond.
 */

/** A formula of vectors (by number) and scalars (by number). */
export type Formula =
  | { op: 'vector'; index: number }
  | { op: 'scalar'; index: number }
  | { op: 'constant'; value: number }
  | { op: 'local'; index: number }
  | { op: 'add' | 'sub' | 'mul' | 'div' | 'max' | 'min'; left: Formula; right: Formula }
  | { op: 'sqrt' | 'abs' | 'neg'; of: Formula }
  /** -1, 0 or 1. */
  | { op: 'sign'; of: Formula };

/** The vector with this number, before this round's stores to it unless they stand earlier. */
export const vector = (index: number): Formula => ({ op: 'vector', index });
/** The scalar with this number. */
export const scalar = (index: number): Formula => ({ op: 'scalar', index });
export const constant = (value: number): Formula => ({ op: 'constant', value });
const two =
  (op: 'add' | 'sub' | 'mul' | 'div' | 'max' | 'min') =>
  (left: Formula, right: Formula): Formula => ({ op, left, right });
export const add = two('add');
export const sub = two('sub');
export const mul = two('mul');
export const div = two('div');
export const max = two('max');
export const min = two('min');
export const sqrt = (of: Formula): Formula => ({ op: 'sqrt', of });
export const abs = (of: Formula): Formula => ({ op: 'abs', of });
export const sign = (of: Formula): Formula => ({ op: 'sign', of });

/** One round: what is kept aside, and what is stored where, in order. */
export interface Program {
  vectors: number;
  scalars: number;
  /** Values computed once a round and used as `{ op: 'local' }`. */
  locals: Formula[];
  stores: { to: number; value: Formula }[];
}

/** Runs a program over `bytes` bytes (a multiple of 16) from the given addresses (multiples of 16). */
export type Sweep = (addresses: readonly number[], scalars: readonly number[], bytes: number) => void;

const I32 = 0x7f;
const F32 = 0x7d;
const V128 = 0x7b;

const LOCAL_GET = 0x20;
const LOCAL_SET = 0x21;
const LOCAL_TEE = 0x22;
const I32_CONST = 0x41;
const I32_ADD = 0x6a;
const I32_LT_U = 0x49;
const SIMD = 0xfd;
const LOAD = [SIMD, 0x00, 0x04, 0x00];
const STORE = [SIMD, 0x0b, 0x04, 0x00];
const SPLAT = [SIMD, 0x13];
const CONST = [SIMD, 0x0c];
/** `f32x4` operations by their number after the prefix. */
const F32X4 = { abs: 0xe0, neg: 0xe1, sqrt: 0xe3, add: 0xe4, sub: 0xe5, mul: 0xe6, div: 0xe7, min: 0xe8, max: 0xe9 };
const GREATER = 0x44;
const LESS = 0x43;
const AND = 0x4e;
const OR = 0x50;

const unsigned = (value: number): number[] => {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest & 127;
    rest >>>= 7;
    bytes.push(rest === 0 ? low : low | 128);
  } while (rest !== 0);
  return bytes;
};
const simd = (operation: number): number[] => [SIMD, ...unsigned(operation)];
const section = (id: number, bytes: number[]): number[] => [id, ...unsigned(bytes.length), ...bytes];
const name = (text: string): number[] => [...unsigned(text.length), ...new TextEncoder().encode(text)];

/** Compiles a program to run on `memory`. */
export function compileSweep({ vectors, scalars, locals, stores }: Program, memory: WebAssembly.Memory): Sweep {
  // Parameters: addresses, scalars, bytes. Locals: the offset, then the scalars spread over four lanes, then what is kept.
  const bytes = vectors + scalars;
  const offset = bytes + 1;
  const spread = offset + 1;
  const kept = spread + scalars;
  const emit = (formula: Formula): number[] => {
    switch (formula.op) {
      case 'vector':
        return [LOCAL_GET, ...unsigned(formula.index), LOCAL_GET, ...unsigned(offset), I32_ADD, ...LOAD];
      case 'scalar':
        return [LOCAL_GET, ...unsigned(spread + formula.index)];
      case 'local':
        return [LOCAL_GET, ...unsigned(kept + formula.index)];
      case 'constant': {
        const lane = new Uint8Array(Float32Array.of(formula.value).buffer);
        return [...CONST, ...lane, ...lane, ...lane, ...lane];
      }
      case 'sqrt':
      case 'abs':
      case 'neg':
        return [...emit(formula.of), ...simd(F32X4[formula.op])];
      case 'sign': {
        const zero = emit(constant(0));
        const positive = [...emit(formula.of), ...zero, ...simd(GREATER), ...emit(constant(1)), ...simd(AND)];
        const negative = [...emit(formula.of), ...zero, ...simd(LESS), ...emit(constant(-1)), ...simd(AND)];
        return [...positive, ...negative, ...simd(OR)];
      }
      default:
        return [...emit(formula.left), ...emit(formula.right), ...simd(F32X4[formula.op])];
    }
  };
  const loop = [
    0x03,
    0x40,
    ...locals.flatMap((formula, index) => [...emit(formula), LOCAL_SET, ...unsigned(kept + index)]),
    ...stores.flatMap(({ to, value }) => [
      ...[LOCAL_GET, ...unsigned(to), LOCAL_GET, ...unsigned(offset), I32_ADD],
      ...emit(value),
      ...STORE,
    ]),
    ...[LOCAL_GET, ...unsigned(offset), I32_CONST, 16, I32_ADD, LOCAL_TEE, ...unsigned(offset)],
    ...[LOCAL_GET, ...unsigned(bytes), I32_LT_U, 0x0d, 0x00],
    0x0b,
  ];
  const body = [
    ...[0x02, 1, I32, ...unsigned(scalars + locals.length), V128],
    ...Array.from({ length: scalars }, (_, index) => [
      ...[LOCAL_GET, ...unsigned(vectors + index), ...SPLAT],
      ...[LOCAL_SET, ...unsigned(spread + index)],
    ]).flat(),
    ...loop,
    0x0b,
  ];
  const parameters = [...Array(vectors).fill(I32), ...Array(scalars).fill(F32), I32];
  const module = new WebAssembly.Module(
    Uint8Array.from([
      ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
      ...section(1, [1, 0x60, ...unsigned(parameters.length), ...parameters, 0]),
      ...section(2, [1, ...name('env'), ...name('memory'), 0x02, 0x00, 0x00]),
      ...section(3, [1, 0]),
      ...section(7, [1, ...name('sweep'), 0x00, 0]),
      ...section(10, [1, ...unsigned(body.length), ...body]),
    ]),
  );
  const { sweep } = new WebAssembly.Instance(module, { env: { memory } }).exports;
  if (typeof sweep !== 'function') throw new Error('the compiled sweep is missing');
  return (addresses, values, length) => {
    if (length > 0) sweep(...addresses, ...values, length);
  };
}
