/**
 * An optimizer's rule run as SIMD over WebAssembly's memory: the weights where TensorFlow.js keeps them, gradients and
 * what the optimizer remembers in flat stretches beside one another.
 */
import type { Tensor, Variable } from '@tensorflow/tfjs';
import type { TensorFlow } from '../../tensorflow.ts';
import type { Block, Heap } from '../heap.ts';
import { type Rule, ruleOf } from './rules.ts';
import { add, compileSumOfSquares, compileSweep, type Sweep, vector } from './simd.ts';
import { checkState, type Update, type UpdateSettings, type UpdateState } from './update.ts';

/** One weight's place. Addresses are bytes. */
interface Place {
  variable: Variable;
  gradient: Block;
  /** Sum of gradients since the last update; undefined when every gradient makes one. */
  gathered: Block | undefined;
  memory: Block[];
  /** A gradient has come since the last update. */
  fresh: boolean;
}

/** The update of compiled steps, on the processor. */
export class HeapUpdate implements Update {
  readonly #tf: TensorFlow;
  readonly #heap: Heap;
  readonly #settings: UpdateSettings;
  readonly #rule: Rule;
  readonly #sweep: Sweep;
  readonly #gather: Sweep;
  readonly #squares: (address: number, bytes: number) => number;
  readonly #places = new Map<Variable, Place>();
  readonly #slabs: Block[] = [];
  #variables: readonly Variable[] = [];
  #calls = 0;
  #updates = 0;

  constructor(tf: TensorFlow, heap: Heap, variables: readonly Variable[], settings: UpdateSettings) {
    this.#tf = tf;
    this.#heap = heap;
    this.#settings = settings;
    this.#rule = ruleOf(settings.spec, settings.clipValue);
    this.#sweep = compileSweep(this.#rule.program, heap.memory);
    const sum = { to: 0, value: add(vector(0), vector(1)) };
    this.#gather = compileSweep({ vectors: 2, scalars: 0, locals: [], stores: [sum] }, heap.memory);
    this.#squares = compileSumOfSquares(heap.memory);
    this.know(variables);
  }

  get updates(): number {
    return this.#updates;
  }

  get variables(): readonly Variable[] {
    return this.#variables;
  }

  /** Where the gradient of a weight is to be put; it stays there. */
  gradient(variable: Variable): Block {
    return this.#place(variable).gradient;
  }

  know(variables: readonly Variable[]): void {
    const fresh = variables.filter((variable) => !this.#places.has(variable));
    if (fresh.length === 0) return;
    const { memory } = this.#rule;
    const gathers = this.#settings.accumulate > 1;
    // One stretch for the gradients of all, then one for each vector that is kept.
    const stretch = fresh.reduce((sum, { size }) => sum + padded(size), 0);
    const slab = this.#heap.take(stretch * (1 + memory.length + (gathers ? 1 : 0)));
    this.#slabs.push(slab);
    this.#heap.floats(slab).fill(0);
    let at = slab.address;
    for (const variable of fresh) {
      const block = (index: number): Block => ({ address: at + index * stretch * 4, length: variable.size });
      const slots = memory.map((_, index) => block(1 + index));
      for (const [index, slot] of slots.entries()) this.#heap.floats(slot).fill(memory[index] ?? 0);
      const gathered = gathers ? block(1 + memory.length) : undefined;
      this.#places.set(variable, { variable, gradient: block(0), gathered, memory: slots, fresh: false });
      at += padded(variable.size) * 4;
    }
    this.#variables = [...this.#places.keys()];
  }

  take(variables: readonly Variable[], gradients: readonly (Tensor | undefined)[]): void {
    this.know(variables);
    this.took(this.put(variables, gradients));
  }

  /** Copies gradients to their places. @returns the weights that have one */
  put(variables: readonly Variable[], gradients: readonly (Tensor | undefined)[]): Variable[] {
    return variables.filter((variable, index) => {
      const gradient = gradients[index];
      if (!gradient) return false;
      const { length, address } = this.gradient(variable);
      const from = this.#heap.addressOf(gradient.dataId);
      if (from === undefined) this.#heap.floats({ address, length }).set(gradient.dataSync());
      else this.#heap.floats({ address, length }).set(this.#heap.floats({ address: from, length }));
      return true;
    });
  }

  /** Length of the gradients in their places; not finite when one of their numbers is not. */
  length(variables: readonly Variable[]): number {
    return Math.sqrt(this.#sumOfSquares(variables, ({ gradient }) => gradient));
  }

  /** Says that the gradients of these weights are in their places. */
  took(variables: readonly Variable[]): void {
    this.#calls++;
    const { accumulate } = this.#settings;
    if (accumulate === 1) {
      this.#change(variables);
      this.#calls = 0;
      return;
    }
    for (const variable of variables) {
      const place = this.#place(variable);
      const { gathered, gradient } = place;
      if (gathered) this.#gather([gathered.address, gradient.address], [], variable.size * 4);
      place.fresh = true;
    }
    if (this.#calls < accumulate) return;
    const places = [...this.#places.values()].filter(({ fresh }) => fresh);
    this.#change(places.map(({ variable }) => variable));
    for (const place of places) {
      if (place.gathered) this.#heap.floats(place.gathered).fill(0);
      place.fresh = false;
    }
    this.#calls = 0;
  }

  #change(variables: readonly Variable[]): void {
    this.#updates++;
    const scalars = [this.#scale(variables), ...this.#rule.scalars(this.#updates)];
    for (const variable of variables) {
      const { gradient, gathered, memory } = this.#place(variable);
      const address = own(this.#tf, this.#heap, variable);
      const addresses = [address, (gathered ?? gradient).address];
      for (const slot of memory) addresses.push(slot.address);
      this.#sweep(addresses, scalars, variable.size * 4);
      this.#heap.touched(variable.dataId);
    }
  }

  /** What gradients are multiplied by: the mean over the calls, then down to the greatest length. */
  #scale(variables: readonly Variable[]): number {
    const { clipNorm, accumulate } = this.#settings;
    const mean = 1 / accumulate;
    if (clipNorm === undefined) return mean;
    const squares = this.#sumOfSquares(variables, ({ gathered, gradient }) => gathered ?? gradient);
    const length = Math.sqrt(squares) * mean;
    // Shorter ones stay as they are.
    return length > clipNorm ? (clipNorm / length) * mean : mean;
  }

  #sumOfSquares(variables: readonly Variable[], of: (place: Place) => Block): number {
    let sum = 0;
    // Neighbours are walked over in one go: what is between them is nought.
    let [start, end] = [0, 0];
    for (const variable of variables) {
      const { address, length } = of(this.#place(variable));
      if (address !== end) {
        if (end > start) sum += this.#squares(start, end - start);
        start = address;
      }
      end = address + padded(length) * 4;
    }
    return end > start ? sum + this.#squares(start, end - start) : sum;
  }

  async state(): Promise<UpdateState> {
    const copy = (block: Block): Float32Array => this.#heap.floats(block).slice();
    const places = [...this.#places.values()];
    const state: UpdateState = { updates: this.#updates, slots: places.map(({ memory }) => memory.map(copy)) };
    if (this.#calls === 0) return state;
    return {
      ...state,
      gathered: { calls: this.#calls, gradients: places.map((place) => copy(place.gathered ?? place.gradient)) },
    };
  }

  restore(state: UpdateState): void {
    checkState(state, this.#variables, this.#rule.memory.length);
    for (const [index, place] of [...this.#places.values()].entries()) {
      for (const [slot, block] of place.memory.entries()) {
        const values = state.slots[index]?.[slot];
        if (values) this.#heap.floats(block).set(values);
      }
      const gradient = state.gathered?.gradients[index];
      if (place.gathered) {
        if (gradient) this.#heap.floats(place.gathered).set(gradient);
        else this.#heap.floats(place.gathered).fill(0);
      }
      place.fresh = gradient !== undefined;
    }
    this.#updates = state.updates;
    this.#calls = state.gathered?.calls ?? 0;
  }

  dispose(): void {
    for (const slab of this.#slabs.splice(0)) this.#heap.free(slab);
    this.#places.clear();
    this.#variables = [];
  }

  #place(variable: Variable): Place {
    const place = this.#places.get(variable);
    if (!place) throw new Error(`the optimizer does not know the weight ${variable.name}`);
    return place;
  }
}

/** Stretches are multiples of sixteen bytes. */
const padded = (size: number): number => Math.ceil(size / 4) * 4;

/**
 * Address of a variable's numbers, which may be changed in place: what others hold too is copied first, for theirs must
 * not change.
 * @throws Error when the variable lives on another backend
 */
export function own(tf: TensorFlow, heap: Heap, variable: Variable): number {
  if (tf.backend().refCount(variable.dataId) > 1) {
    const copy = tf.tensor(variable.dataSync(), variable.shape, variable.dtype);
    variable.assign(copy);
    copy.dispose();
  }
  const address = heap.addressOf(variable.dataId);
  if (address === undefined) throw new Error(`the weight ${variable.name} is not in WebAssembly's memory`);
  return address;
}
