/**
 * An ONNX graph under construction: names are given, equal constants and equal operations are made once. Values keep
 * TensorFlow's order of axes (channels last); operators that want channels first ask {@link Graph.channelsFirst} for
 * it, and the two transposes that a value would suffer on its way from one such operator to the next never happen.
 */
import { FINISHED } from './native.ts';
import {
  type Attribute,
  type ElementType,
  encodeModel,
  type OnnxConstant,
  type OnnxModel,
  type OnnxNode,
  type OnnxValue,
} from './onnx.ts';
import { optimize } from './passes/optimize.ts';

/** A value of the graph. */
export interface Value {
  /** Name of the value in the order in which it was made. */
  name: string;
  type: ElementType;
  /** Shape as TensorFlow sees it. */
  shape: readonly number[];
  /** `first`: the value under {@link Value.name} lies as [batch, channels, …]; `last`: as the shape says. */
  order: 'last' | 'first';
  /** Every element is this number, known while the graph is made. */
  uniform?: number;
  /** The same as parts that need not be put together for everyone. */
  phases?: Phases;
}

/** A gradient over an image in windows that lie side by side, one part for each place of a window; see `lower/phases.ts`. */
export interface Phases {
  /** As [batch, channels, …], of as many places as there are windows. */
  parts: readonly string[];
  /** All parts added up. */
  sum: string;
  /** Lengths of a window. */
  pool: readonly number[];
  /** This is the gradient of numbers cut off at 0: which operation made them, and what the gradient was before that. */
  beforeCut?: { operation: object; gradient(): Value };
}

const size = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);
const same = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((length, axis) => length === b[axis]);

/** Axes of channels-last → channels-first, and back, for a rank of 3 or more. */
const toFirst = (rank: number): number[] => [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, i) => i + 1)];
const toLast = (rank: number): number[] => [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1];

/** Shape of a channels-last value when its channels come first. */
export const firstShape = (shape: readonly number[]): number[] => toFirst(shape.length).map((axis) => shape[axis] ?? 1);

/** Takes in operations, and gives the model that they make. */
export class Graph {
  readonly #nodes: OnnxNode[] = [];
  readonly #constants: OnnxConstant[] = [];
  readonly #inputs: OnnxValue[] = [];
  readonly #outputs: OnnxValue[] = [];
  readonly #known = new Map<string, string>();
  #names = 0;

  /** How many operations there are. */
  get operations(): number {
    return this.#nodes.length;
  }

  /** Declares a value that comes from outside with every run. */
  input(name: string, type: ElementType, shape: readonly number[]): Value {
    this.#inputs.push({ name, type, dims: shape });
    return { name, type, shape, order: 'last' };
  }

  /** Declares what a run gives back under `name`. */
  output(name: string, value: Value): void {
    const node = this.channelsLast(value);
    this.#nodes.push({ type: 'Identity', inputs: [node], outputs: [name], attributes: {}, domain: '' });
    this.#outputs.push({ name, type: value.type, dims: value.shape });
  }

  /** Numbers known now. */
  constant(type: ElementType, shape: readonly number[], numbers: ArrayLike<number>): Value {
    const first = numbers[0];
    let same = 1;
    while (same < numbers.length && numbers[same] === first) same++;
    const uniform = first !== undefined && same === numbers.length;
    // One number is enough to know of many that are equal.
    const name =
      uniform && same > 64
        ? this.apply('Expand', [this.#constant(type, [], [first]), this.list(shape)])
        : this.#constant(type, shape, numbers);
    return { name, type, shape, order: 'last', ...(uniform ? { uniform: first } : {}) };
  }

  /** Name of a float scalar. */
  float(value: number): string {
    return this.#constant('float32', [], [value]);
  }

  /** Name of a list of int64, as operators take shapes and axes. */
  list(values: readonly number[]): string {
    return this.#constant('int64', [values.length], values);
  }

  /** Adds an operation with one output, unless the very same one is there; returns the name of its output. */
  apply(
    type: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    domain = '',
  ): string {
    const key = `${domain}:${type}(${inputs.join()})${JSON.stringify(attributes)}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const name = `${type}${this.#names++}`;
    this.#nodes.push({ type, inputs, outputs: [name], attributes, domain });
    this.#known.set(key, name);
    return name;
  }

  /** Adds an operation with several outputs; returns their names. */
  applyAll(type: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>>, outputs: number) {
    const number = this.#names++;
    const names = Array.from({ length: outputs }, (_, index) => `${type}${number}_${index}`);
    this.#nodes.push({ type, inputs, outputs: names, attributes, domain: '' });
    return names;
  }

  /** The value's name in the order that its shape says, as `shape` (of equal size) where that is given. */
  channelsLast(value: Value, shape: readonly number[] = value.shape): string {
    let { name } = value;
    if (value.order === 'first') {
      const thin = isThin(value.shape);
      name = thin
        ? this.apply('Reshape', [name, this.list(value.shape)])
        : this.apply('Transpose', [name], { perm: toLast(value.shape.length) });
    }
    return same(shape, value.shape) ? name : this.apply('Reshape', [name, this.list(shape)]);
  }

  /** The value's name as [batch, channels, …]. */
  channelsFirst(value: Value, shape: readonly number[] = value.shape): string {
    if (value.order === 'first' && same(shape, value.shape)) return value.name;
    const name = this.channelsLast(value, shape);
    if (isThin(shape)) return this.apply('Reshape', [name, this.list(firstShape(shape))]);
    return this.apply('Transpose', [name], { perm: toFirst(shape.length) });
  }

  /** A model file's bytes that compute the same in as few operations as we know how to. */
  encode(): Uint8Array {
    return encodeModel({ ...optimize(this.parts()), sequence: FINISHED });
  }

  /** What the graph is made of, without what no output needs. */
  parts(): OnnxModel {
    const wanted = new Set(this.#outputs.map(({ name }) => name));
    const nodes = this.#nodes
      .toReversed()
      .filter((node) => {
        if (!node.outputs.some((name) => wanted.has(name))) return false;
        for (const input of node.inputs) wanted.add(input);
        return true;
      })
      .reverse();
    return {
      nodes,
      constants: this.#constants.filter(({ name }) => wanted.has(name)),
      inputs: this.#inputs.filter(({ name }) => wanted.has(name)),
      outputs: this.#outputs,
    };
  }

  #constant(type: ElementType, shape: readonly number[], numbers: ArrayLike<number>): string {
    const key = numbers.length <= 64 ? `${type}[${shape.join()}]=${Array.from(numbers, spell).join()}` : undefined;
    const known = key === undefined ? undefined : this.#known.get(key);
    if (known !== undefined) return known;
    const name = `c${this.#names++}`;
    this.#constants.push({ name, type, dims: shape, data: typed(type, numbers) });
    if (key !== undefined) this.#known.set(key, name);
    return name;
  }
}

/** Moving the channels of such a value moves nothing in memory. */
const isThin = (shape: readonly number[]): boolean => shape.at(-1) === 1 || size(shape.slice(1, -1)) === 1;

/** Two zeros are two constants. */
const spell = (value: number): string => (Object.is(value, -0) ? '-0' : String(value));

function typed(type: ElementType, numbers: ArrayLike<number>): OnnxConstant['data'] {
  switch (type) {
    case 'float32':
      return Float32Array.from(numbers);
    case 'int32':
      return Int32Array.from(numbers);
    case 'bool':
      return Uint8Array.from(numbers, (value) => (value ? 1 : 0));
    case 'int64':
      return BigInt64Array.from(Array.from(numbers, BigInt));
  }
}
