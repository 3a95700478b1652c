/**
 * An optimizer's rule computed with tensors: on any engine, a graphics card's too, and with the same formulas that
 * compiled steps run over memory.
 */
import type { Tensor, Variable } from '@tensorflow/tfjs';
import type { TensorFlow } from '../../tensorflow.ts';
import { type Rule, ruleOf } from './rules.ts';
import type { Formula } from './simd.ts';
import { checkState, type Update, type UpdateSettings, type UpdateState } from './update.ts';

/** A number that is known, or a tensor that is not yet. */
type Value = number | Tensor;

/** The update of steps that are not compiled, and of graphics cards. */
export class TensorUpdate implements Update {
  readonly #tf: TensorFlow;
  readonly #settings: UpdateSettings;
  readonly #rule: Rule;
  readonly #variables: Variable[] = [];
  readonly #slots = new Map<Variable, Tensor[]>();
  readonly #gathered = new Map<Variable, Tensor>();
  #calls = 0;
  #updates = 0;

  constructor(tf: TensorFlow, variables: readonly Variable[], settings: UpdateSettings) {
    this.#tf = tf;
    this.#settings = settings;
    this.#rule = ruleOf(settings.spec, settings.clipValue);
    this.know(variables);
  }

  get updates(): number {
    return this.#updates;
  }

  get variables(): readonly Variable[] {
    return this.#variables;
  }

  know(variables: readonly Variable[]): void {
    const tf = this.#tf;
    for (const variable of variables) {
      if (this.#slots.has(variable)) continue;
      this.#variables.push(variable);
      this.#slots.set(
        variable,
        this.#rule.memory.map((value) => tf.keep(tf.fill(variable.shape, value))),
      );
    }
  }

  take(variables: readonly Variable[], gradients: readonly (Tensor | undefined)[]): void {
    const tf = this.#tf;
    this.know(variables);
    this.#calls++;
    const { accumulate } = this.#settings;
    if (accumulate > 1) {
      for (const [index, variable] of variables.entries()) {
        const gradient = gradients[index];
        if (!gradient) continue;
        const before = this.#gathered.get(variable);
        this.#gathered.set(variable, tf.keep(before ? tf.add(before, gradient) : gradient.clone()));
        before?.dispose();
      }
      if (this.#calls < accumulate) return;
      this.#change([...this.#gathered]);
      for (const gradient of this.#gathered.values()) gradient.dispose();
      this.#gathered.clear();
    } else {
      this.#change(
        variables.flatMap((variable, index) => {
          const gradient = gradients[index];
          return gradient ? [[variable, gradient] as const] : [];
        }),
      );
    }
    this.#calls = 0;
  }

  #change(pairs: readonly (readonly [Variable, Tensor])[]): void {
    const tf = this.#tf;
    this.#updates++;
    const scalars = this.#rule.scalars(this.#updates);
    tf.tidy(() => {
      const scale = this.#scale(pairs.map(([, gradient]) => gradient));
      for (const [variable, gradient] of pairs) {
        const slots = this.#slots.get(variable) ?? [];
        const vectors = this.#sweep([variable, gradient, ...slots], [scale, ...scalars]);
        const [weight, , ...kept] = vectors;
        if (weight) variable.assign(weight);
        this.#slots.set(
          variable,
          kept.map((tensor) => tf.keep(tensor)),
        );
        for (const [index, slot] of slots.entries()) if (slot !== kept[index]) slot.dispose();
      }
    });
  }

  /** What gradients are multiplied by: the mean over the calls, then down to the greatest length. */
  #scale(gradients: readonly Tensor[]): Value {
    const tf = this.#tf;
    const { clipNorm, accumulate } = this.#settings;
    const mean = 1 / accumulate;
    if (clipNorm === undefined) return mean;
    const squares = gradients.map((gradient) => gradient.square().sum());
    if (squares.length === 0) return mean;
    const length = tf.addN(squares).sqrt().mul(mean);
    // Shorter ones stay as they are.
    return tf.div(clipNorm * mean, tf.maximum(length, clipNorm));
  }

  /** One round of the rule. */
  #sweep(given: readonly Tensor[], scalars: readonly Value[]): Tensor[] {
    const tf = this.#tf;
    const vectors = [...given];
    const locals: Value[] = [];
    const at = <T>(list: readonly T[], index: number): T => {
      const value = list[index];
      if (value === undefined) throw new Error(`the rule has no value ${index}`);
      return value;
    };
    const compute = (formula: Formula): Value => {
      switch (formula.op) {
        case 'vector':
          return at(vectors, formula.index);
        case 'scalar':
          return at(scalars, formula.index);
        case 'local':
          return at(locals, formula.index);
        case 'constant':
          return formula.value;
        case 'sqrt':
        case 'abs':
        case 'neg':
        case 'sign':
          return tf[formula.op](compute(formula.of));
        default: {
          const [left, right] = [compute(formula.left), compute(formula.right)];
          // Times one, as most gradients are: not worth a kernel.
          if (formula.op === 'mul' && right === 1) return left;
          return tf[TWO[formula.op]](left, right);
        }
      }
    };
    for (const formula of this.#rule.program.locals) locals.push(compute(formula));
    for (const { to, value } of this.#rule.program.stores) {
      const result = compute(value);
      vectors[to] = typeof result === 'number' ? tf.fill(at(given, to).shape, result) : result;
    }
    return vectors;
  }

  async state(): Promise<UpdateState> {
    const read = async (tensor: Tensor): Promise<Float32Array> => Float32Array.from(await tensor.data());
    const slots = await Promise.all(
      this.#variables.map((variable) => Promise.all((this.#slots.get(variable) ?? []).map(read))),
    );
    const state: UpdateState = { updates: this.#updates, slots };
    if (this.#calls === 0) return state;
    const gradients = await Promise.all(
      this.#variables.map(async (variable) => {
        const gradient = this.#gathered.get(variable);
        return gradient ? read(gradient) : new Float32Array(variable.size);
      }),
    );
    return { ...state, gathered: { calls: this.#calls, gradients } };
  }

  restore(state: UpdateState): void {
    const tf = this.#tf;
    checkState(state, this.#variables, this.#rule.memory.length);
    const make = (values: Float32Array, { shape }: Variable): Tensor => tf.keep(tf.tensor(values.slice(), shape));
    this.#free();
    for (const [index, variable] of this.#variables.entries()) {
      this.#slots.set(
        variable,
        (state.slots[index] ?? []).map((values) => make(values, variable)),
      );
      const gradient = state.gathered?.gradients[index];
      if (gradient) this.#gathered.set(variable, make(gradient, variable));
    }
    this.#updates = state.updates;
    this.#calls = state.gathered?.calls ?? 0;
  }

  dispose(): void {
    this.#free();
    this.#variables.length = 0;
  }

  #free(): void {
    for (const tensor of [...[...this.#slots.values()].flat(), ...this.#gathered.values()]) tensor.dispose();
    this.#slots.clear();
    this.#gathered.clear();
  }
}

/** TensorFlow.js's names. */
const TWO = { add: 'add', sub: 'sub', mul: 'mul', div: 'div', max: 'maximum', min: 'minimum' } as const;
