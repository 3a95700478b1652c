/**
 * A graph being written anew, operation by operation in the order in which they run. Each one is first shown to the
 * rules, which may say that a value is there already, or write something simpler in its place.
 */
import type { Attribute, OnnxConstant, OnnxModel, OnnxNode, OnnxValue } from '../onnx.ts';
import { type Shape, shapeAfter } from './shapes.ts';

/** Gives the name of a value equal to the operation's output, or undefined when it has nothing to say. */
export type Rule = (node: OnnxNode, program: Program) => string | undefined;

type Attributes = Readonly<Record<string, Attribute>>;

/** Operations written so far, for the rules to look back at and to write to. */
export class Program {
  readonly #rules: Readonly<Record<string, readonly Rule[]>>;
  readonly #nodes: OnnxNode[] = [];
  readonly #producers = new Map<string, OnnxNode>();
  readonly #constants = new Map<string, OnnxConstant>();
  readonly #numbers = new Map<string, readonly number[]>();
  readonly #shapes = new Map<string, Shape>();
  readonly #same = new Map<string, string>();
  readonly #uses = new Map<string, number>();
  /** The same for all names under which a value goes whose numbers were only put in another order, or not even that. */
  readonly #allUses = new Map<string, number>();
  readonly #outputs: OnnxValue[] = [];
  /** Values that bear the name of an output in the end. */
  readonly #renamed = new Map<string, string>();
  #names = 0;

  /** @param rules by type of operation */
  constructor(rules: Readonly<Record<string, readonly Rule[]>>, inputs: readonly OnnxValue[]) {
    this.#rules = rules;
    for (const { name, dims } of inputs) {
      const shape = dims.filter((length) => typeof length === 'number');
      if (shape.length === dims.length) this.#shapes.set(name, shape);
    }
  }

  /** Takes a constant over. */
  keep(constant: OnnxConstant): void {
    this.#constants.set(constant.name, constant);
    this.#shapes.set(constant.name, constant.dims);
    if (constant.type === 'int64' && constant.dims.length === 1)
      this.#same.set(`int64:${this.numbers(constant.name)}`, constant.name);
  }

  /** Name of a list of int64. */
  list(values: readonly number[]): string {
    const key = `int64:${values}`;
    const known = this.#same.get(key);
    if (known !== undefined) return known;
    const name = `list${this.#names++}`;
    this.keep({ name, type: 'int64', dims: [values.length], data: BigInt64Array.from(values, BigInt) });
    return name;
  }

  /** Name of a float scalar. */
  float(value: number): string {
    const key = `float32:${value}`;
    const known = this.#same.get(key);
    if (known !== undefined) return known;
    const name = `float${this.#names++}`;
    this.keep({ name, type: 'float32', dims: [], data: Float32Array.of(value) });
    this.#same.set(key, name);
    return name;
  }

  /** Name of the output of an operation with one output. */
  apply(type: string, inputs: readonly string[], attributes: Attributes = {}, domain = ''): string {
    const node: OnnxNode = { type, inputs, outputs: [], attributes, domain };
    for (const rule of this.#rules[type] ?? []) {
      const simpler = rule(node, this);
      if (simpler !== undefined) return simpler;
    }
    return this.write(node);
  }

  /** Name of the output of an operation as it is, whatever the rules say. */
  write(node: OnnxNode): string {
    const known = this.known(node);
    if (known !== undefined) return known;
    const name = `v${this.#names++}`;
    this.add({ ...node, outputs: [name] });
    this.#same.set(keyOf(node), name);
    return name;
  }

  /** Name of the output of such an operation, if there is one. */
  known(node: OnnxNode): string | undefined {
    return this.#same.get(keyOf(node));
  }

  /** Adds an operation as it is. */
  add(node: OnnxNode): void {
    this.#nodes.push(node);
    for (const name of node.outputs) this.#producers.set(name, node);
    node.outputs.forEach((name, index) => {
      const shape = shapeAfter(node, this, index);
      if (shape) this.#shapes.set(name, shape);
    });
  }

  /** The operation that makes a value, if any does and it is of this type. */
  producer(name: string, type: string): OnnxNode | undefined {
    const node = this.#producers.get(name);
    return node?.type === type ? node : undefined;
  }

  /** The shape of a value, where it is known. */
  shape(name: string): Shape | undefined {
    return this.#shapes.get(name);
  }

  /** Numbers of a constant that is small, or a list of lengths: time is cut into as many pieces as there are steps. */
  numbers(name: string): readonly number[] | undefined {
    const known = this.#numbers.get(name);
    if (known) return known;
    const constant = this.#constants.get(name);
    if (!constant || (constant.type !== 'int64' && constant.data.length > 16)) return undefined;
    const numbers = Array.from(constant.data, Number);
    this.#numbers.set(name, numbers);
    return numbers;
  }

  /** The one number that a constant of one number holds. */
  scalar(name: string): number | undefined {
    const numbers = this.numbers(name);
    return numbers?.length === 1 ? numbers[0] : undefined;
  }

  /**
   * Says that so many operations of the original took a value of theirs that is now called `name`.
   * @param isView it was itself the same numbers as a value that counts already
   */
  count(name: string, uses: number, isView = false): void {
    this.#uses.set(name, (this.#uses.get(name) ?? 0) + uses);
    const source = this.#source(name);
    this.#allUses.set(source, (this.#allUses.get(source) ?? 0) + uses - (isView ? 1 : 0));
  }

  /** Whether nothing but the operation that is being looked at takes this value. */
  isOnly(name: string): boolean {
    return (this.#uses.get(name) ?? 0) <= 1;
  }

  /** Whether nothing else takes this value in whatever order or shape either. */
  isOnlyOne(name: string): boolean {
    return (this.#allUses.get(this.#source(name)) ?? 0) <= 1;
  }

  #source(name: string): string {
    const node = this.producer(name, 'Reshape') ?? this.producer(name, 'ReorderOutput');
    return node?.inputs[0] === undefined ? name : this.#source(node.inputs[0]);
  }

  /** Gives a value out under a name of its own. */
  output(value: OnnxValue, name: string): void {
    this.#outputs.push(value);
    // The operation writes to where the output is wanted, unless that is wanted twice.
    if (this.#producers.has(name) && !this.#renamed.has(name)) this.#renamed.set(name, value.name);
    else this.#nodes.push({ type: 'Identity', inputs: [name], outputs: [value.name], attributes: {}, domain: '' });
  }

  /** The whole, without what no output needs. */
  done(inputs: readonly OnnxValue[]): OnnxModel {
    const wanted = new Set(this.#outputs.map(({ name }) => name));
    const called = (name: string): string => this.#renamed.get(name) ?? name;
    const nodes: OnnxNode[] = [];
    for (const node of this.#nodes.toReversed()) {
      const outputs = node.outputs.map(called);
      if (!outputs.some((name) => wanted.has(name))) continue;
      const given = node.inputs.map(called);
      for (const name of given) wanted.add(name);
      nodes.push({ ...node, inputs: given, outputs });
    }
    return {
      nodes: nodes.reverse(),
      constants: [...this.#constants.values()].filter(({ name }) => wanted.has(name)),
      inputs: inputs.filter(({ name }) => wanted.has(name)),
      outputs: this.#outputs,
    };
  }
}

const keyOf = ({ type, inputs, attributes, domain }: OnnxNode): string =>
  `${domain}:${type}(${inputs.join()})${JSON.stringify(attributes)}`;
