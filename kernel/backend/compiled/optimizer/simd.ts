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
/** The same number everywhere. */
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
/** The square root of each number. */
export const sqrt = (of: Formula): Formula => ({ op: 'sqrt', of });
/** Each number without its sign. */
export const abs = (of: Formula): Formula => ({ op: 'abs', of });
/** -1, 0 or 1 for each number. */
export const sign = (of: Formula): Formula => ({ op: 'sign', of });

/** One round: what is kept aside, and what is stored where, in order. */
export interface Program {
  vectors: number;
  scalars: number;
  /** Values computed once a round and used as `{ op: 'local' }`. */
  locals: Formula[];
  stores: { to: number; value: Formula }[];
}

/** Runs a program over `bytes` bytes (a multiple of 4) from the given addresses; it touches nothing beyond them. */
export type Sweep = (addresses: readonly number[], scalars: readonly number[], bytes: number) => void;

const I32 = 0x7f;
const F32 = 0x7d;
const F64 = 0x7c;
const V128 = 0x7b;

const BLOCK = [0x02, 0x40];
const LOOP = [0x03, 0x40];
const END = 0x0b;
const BRANCH_IF = 0x0d;
const LOCAL_GET = 0x20;
const LOCAL_SET = 0x21;
const LOCAL_TEE = 0x22;
const I32_CONST = 0x41;
const I32_ADD = 0x6a;
const I32_SUB = 0x6b;
const I32_AND = 0x71;
const I32_LT_U = 0x49;
const I32_GE_U = 0x4f;
const F32_FROM_I32 = 0xb2;
const F64_ADD = 0xa0;
const SIMD = 0xfd;

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

/** How one operation is written: for four numbers at a time, or for one. */
interface Lanes {
  type: number;
  bytes: number;
  load: number[];
  store: number[];
  operation: Record<'abs' | 'neg' | 'sqrt' | 'add' | 'sub' | 'mul' | 'div' | 'min' | 'max', number[]>;
  constant(value: number): number[];
  /** -1, 0 or 1 of the formula written twice. */
  sign(of: number[]): number[];
}

const floatBytes = (value: number): number[] => [...new Uint8Array(Float32Array.of(value).buffer)];

const FOUR: Lanes = {
  type: V128,
  bytes: 16,
  load: [SIMD, 0x00, 0x02, 0x00],
  store: [SIMD, 0x0b, 0x02, 0x00],
  operation: {
    abs: simd(0xe0),
    neg: simd(0xe1),
    sqrt: simd(0xe3),
    add: simd(0xe4),
    sub: simd(0xe5),
    mul: simd(0xe6),
    div: simd(0xe7),
    min: simd(0xe8),
    max: simd(0xe9),
  },
  constant: (value) => [SIMD, 0x0c, ...[0, 1, 2, 3].flatMap(() => floatBytes(value))],
  sign: (of) => {
    const [greater, less, and, or] = [0x44, 0x43, 0x4e, 0x50].map(simd);
    if (!greater || !less || !and || !or) return [];
    const half = (than: number[], value: number): number[] => [
      ...of,
      ...FOUR.constant(0),
      ...than,
      ...FOUR.constant(value),
      ...and,
    ];
    return [...half(greater, 1), ...half(less, -1), ...or];
  },
};

const ONE: Lanes = {
  type: F32,
  bytes: 4,
  load: [0x2a, 0x02, 0x00],
  store: [0x38, 0x02, 0x00],
  operation: {
    abs: [0x8b],
    neg: [0x8c],
    sqrt: [0x91],
    add: [0x92],
    sub: [0x93],
    mul: [0x94],
    div: [0x95],
    min: [0x96],
    max: [0x97],
  },
  constant: (value) => [0x43, ...floatBytes(value)],
  sign: (of) => {
    const zero = ONE.constant(0);
    return [...of, ...zero, 0x5e, ...of, ...zero, 0x5d, I32_SUB, F32_FROM_I32];
  },
};

const get = (index: number): number[] => [LOCAL_GET, ...unsigned(index)];
const set = (index: number): number[] => [LOCAL_SET, ...unsigned(index)];

/** One round of a program. `offset` is the local that holds how far it is, `spread` and `kept` the first of their kind. */
function round(
  { locals, stores }: Program,
  lanes: Lanes,
  { offset, spread, kept }: { offset: number; spread: number; kept: number },
): number[] {
  const emit = (formula: Formula): number[] => {
    switch (formula.op) {
      case 'vector':
        return [...get(formula.index), ...get(offset), I32_ADD, ...lanes.load];
      case 'scalar':
        return get(spread + formula.index);
      case 'local':
        return get(kept + formula.index);
      case 'constant':
        return lanes.constant(formula.value);
      case 'sqrt':
      case 'abs':
      case 'neg':
        return [...emit(formula.of), ...lanes.operation[formula.op]];
      case 'sign':
        return lanes.sign(emit(formula.of));
      default:
        return [...emit(formula.left), ...emit(formula.right), ...lanes.operation[formula.op]];
    }
  };
  return [
    ...locals.flatMap((formula, index) => [...emit(formula), ...set(kept + index)]),
    ...stores.flatMap(({ to, value }) => [...get(to), ...get(offset), I32_ADD, ...emit(value), ...lanes.store]),
  ];
}

/** Repeats `body` from `offset` on, in strides, while it is below `end`. */
const loop = (body: number[], offset: number, stride: number, end: number): number[] => [
  ...BLOCK,
  ...[...get(offset), ...get(end), I32_GE_U, BRANCH_IF, 0],
  ...LOOP,
  ...body,
  ...[...get(offset), I32_CONST, stride, I32_ADD, LOCAL_TEE, ...unsigned(offset)],
  ...[...get(end), I32_LT_U, BRANCH_IF, 0],
  END,
  END,
];

/** Compiles a program to run on `memory`. */
export function compileSweep(program: Program, memory: WebAssembly.Memory): Sweep {
  const { vectors, scalars, locals } = program;
  // Parameters: addresses, scalars, bytes. Locals: the offset, the bytes that are walked over by sixteens, the scalars
  // spread over four lanes, what is kept of a round of four, what is kept of a round of one.
  const bytes = vectors + scalars;
  const offset = bytes + 1;
  const whole = offset + 1;
  const spread = whole + 1;
  const kept = spread + scalars;
  const single = kept + locals.length;
  const body = [
    ...[3, 2, I32, ...unsigned(scalars + locals.length), V128, ...unsigned(locals.length), F32],
    ...Array.from({ length: scalars }, (_, index) => [
      ...get(vectors + index),
      ...simd(0x13),
      ...set(spread + index),
    ]).flat(),
    ...[...get(bytes), I32_CONST, 0x70, I32_AND, ...set(whole)],
    ...loop(round(program, FOUR, { offset, spread, kept }), offset, FOUR.bytes, whole),
    ...loop(round(program, ONE, { offset, spread: vectors, kept: single }), offset, ONE.bytes, bytes),
    END,
  ];
  const parameters = [...Array(vectors).fill(I32), ...Array(scalars).fill(F32), I32];
  const sweep = instantiate(parameters, [], body, memory);
  return (addresses, values, length) => {
    if (length > 0) sweep(...addresses, ...values, length);
  };
}

/** Compiles the sum of squares of `bytes` bytes (a multiple of 16) from an address, summed in double precision. */
export function compileSumOfSquares(memory: WebAssembly.Memory): (address: number, bytes: number) => number {
  const [address, bytes, offset, loaded, low, high] = [0, 1, 2, 3, 4, 5];
  const promote = simd(0x5f);
  const [multiply, plus] = [simd(0xf2), simd(0xf0)];
  /** Bytes 8 to 15 moved to the front. */
  const upper = [SIMD, 0x0d, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15];
  const wide = 6;
  const sum = (into: number, half: number[]): number[] => [
    ...[...get(into), ...half, ...promote, LOCAL_TEE, wide, ...get(wide), ...multiply, ...plus, ...set(into)],
  ];
  const lane = (of: number, index: number): number[] => [...get(of), SIMD, 0x21, index];
  const body = [
    ...[2, 1, I32, 4, V128],
    ...loop(
      [
        ...[...get(address), ...get(offset), I32_ADD, ...FOUR.load, ...set(loaded)],
        ...sum(low, get(loaded)),
        ...sum(high, [...get(loaded), ...get(loaded), ...upper]),
      ],
      offset,
      FOUR.bytes,
      bytes,
    ),
    ...[...lane(low, 0), ...lane(low, 1), F64_ADD, ...lane(high, 0), F64_ADD, ...lane(high, 1), F64_ADD],
    END,
  ];
  const square = instantiate([I32, I32], [F64], body, memory);
  return (from, length) => Number(square(from, length));
}

/** A module of one function over `memory`. */
function instantiate(
  parameters: number[],
  results: number[],
  body: number[],
  memory: WebAssembly.Memory,
): (...values: number[]) => unknown {
  const type = [1, 0x60, ...unsigned(parameters.length), ...parameters, results.length, ...results];
  const module = new WebAssembly.Module(
    Uint8Array.from([
      ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
      ...section(1, type),
      ...section(2, [1, ...name('env'), ...name('memory'), 0x02, 0x00, 0x00]),
      ...section(3, [1, 0]),
      ...section(7, [1, ...name('sweep'), 0x00, 0]),
      ...section(10, [1, ...unsigned(body.length), ...body]),
    ]),
  );
  const { sweep } = new WebAssembly.Instance(module, { env: { memory } }).exports;
  if (typeof sweep !== 'function') throw new Error('the compiled sweep is missing');
  return (...values) => sweep(...values);
}
