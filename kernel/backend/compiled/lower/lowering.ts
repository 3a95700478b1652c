/**
 * What a lowering works with: it turns one recorded kernel call into operations of the graph. A lowering knows its own
 * kernel only; where values come from and in which order their axes lie is kept here.
 */
import type { TensorFlow } from '../../tensorflow.ts';
import { firstShape, type Graph, type Value } from '../graph.ts';
import { ELEMENT, type ElementType } from '../onnx.ts';
import { CannotCompile, type Operation, type Ref, type ValueId } from '../recording.ts';

/** Turns one kernel call into graph operations. @throws CannotCompile when it has no form for these attributes */
export type Lower = (operation: Operation, lowering: Lowering) => void;

/** One recording on its way into a graph: what its lowerings read from and add to. */
export class Lowering {
  readonly graph: Graph;
  readonly tf: TensorFlow;
  /** Only operators that every ONNX runtime knows. */
  readonly portable: boolean;
  readonly #values = new Map<ValueId, Value>();
  readonly #makers = new Map<ValueId, Operation>();
  readonly #once = new Map<string, string>();

  constructor(graph: Graph, tf: TensorFlow, portable = false) {
    this.graph = graph;
    this.tf = tf;
    this.portable = portable;
  }

  /** The graph's value for a recorded one. */
  value({ id }: Ref): Value {
    const value = this.#values.get(id);
    if (!value) throw new Error(`value ${id} is used before it is made`);
    return value;
  }

  /** Name of a value that several operations need, made by the first of them. `key` says all that it depends on. */
  once(key: string, make: () => string): string {
    const name = this.#once.get(key) ?? make();
    this.#once.set(key, name);
    return name;
  }

  /** Keeps in mind what made the outputs of an operation. */
  keep(operation: Operation): void {
    for (const { id } of operation.outputs) this.#makers.set(id, operation);
  }

  /** The operation that computed a value, behind what only gives it another shape; undefined for what was given. */
  maker({ id }: Ref): Operation | undefined {
    const made = this.#makers.get(id);
    const { x } = made?.inputs ?? {};
    return made && x && (made.kernel === 'Reshape' || made.kernel === 'Identity') ? this.maker(x) : made;
  }

  /** The input of this name. */
  input({ kernel, inputs }: Operation, name: string): Ref {
    const ref = inputs[name];
    if (!ref) throw new Error(`${kernel} came without its input ${name}`);
    return ref;
  }

  /** Name of the value with its axes as the shape says, reshaped to `shape` when given. */
  last(ref: Ref, shape?: readonly number[]): string {
    return this.graph.channelsLast(this.value(ref), shape);
  }

  /** Name of the value as [batch, channels, height, width]. */
  first(ref: Ref, shape?: readonly number[]): string {
    return this.graph.channelsFirst(this.value(ref), shape);
  }

  /** True when the value lies with its channels first already. */
  isFirst(ref: Ref): boolean {
    return this.value(ref).order === 'first';
  }

  /** Says what a recorded value is in the graph. */
  define(ref: Ref, value: Value): void {
    this.#values.set(ref.id, value);
  }

  /** Says that an output is the operation named `name`. */
  made({ outputs }: Operation, name: string, order: Value['order'] = 'last', at = 0): void {
    const ref = outputs[at];
    if (!ref) throw new Error(`there is no output ${at}`);
    this.define(ref, { name, type: ref.dtype, shape: ref.shape, order });
  }

  /** Says that the output is the input under another shape. */
  alias({ outputs }: Operation, from: Ref): void {
    const [to] = outputs;
    if (!to) throw new Error('there is no output');
    const value = this.value(from);
    const same =
      to.shape.length === value.shape.length && to.shape.every((length, axis) => length === value.shape[axis]);
    if (same) this.define(to, { ...value, type: to.dtype });
    else if (value.order === 'first' && keepsEnds(value.shape, to.shape)) {
      // Only axes of space are cut or merged: the channels stay in front.
      const name = this.graph.apply('Reshape', [value.name, this.graph.list(firstShape(to.shape))]);
      const { uniform } = value;
      const kept = uniform === undefined ? {} : { uniform };
      this.define(to, { name, type: to.dtype, shape: to.shape, order: 'first', ...kept });
    } else {
      const { uniform } = value;
      const name = this.graph.channelsLast(value, to.shape);
      this.define(to, {
        name,
        type: to.dtype,
        shape: to.shape,
        order: 'last',
        ...(uniform === undefined ? {} : { uniform }),
      });
    }
  }

  /** Name of the value as floating point. */
  floating(name: string, type: ElementType): string {
    return type === 'float32' ? name : this.graph.apply('Cast', [name], { to: ELEMENT.float32 });
  }

  /** Refuses the call in words. */
  refuse({ kernel }: Operation, why: string): never {
    throw new CannotCompile(`${kernel} ${why}`);
  }
}

/** How many elements a shape has. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

/** True when both shapes are equal. */
export const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((length, axis) => length === b[axis]);

/** True when batch and channels of both shapes are the same, with at least one axis between them. */
const keepsEnds = (a: readonly number[], b: readonly number[]): boolean =>
  a.length > 2 && b.length > 2 && a[0] === b[0] && a.at(-1) === b.at(-1);
