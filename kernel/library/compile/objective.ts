/** What is made small: from a model and its options to loss and metrics of a batch. */
import type { Tensor } from '@tensorflow/tfjs';
import type { TensorFlow } from '../../backend/tensorflow.ts';
import type { CompileOptions, Figures, Loss, Metric } from './contract.ts';
import type { Labels } from './labels.ts';
import { type Compare, isSparse, lossOf, metricOf, wantsEqualShapes } from './losses.ts';
import { spellShape, type View } from './model.ts';

/** One batch. */
export interface Batch {
  inputs: readonly Tensor[];
  targets: readonly Tensor[];
  /** Of the examples, `[batch]`. */
  weights: Tensor | undefined;
}

/** Loss and metrics as tensors of one number. */
export interface Measured {
  loss: Tensor;
  /** By the names of {@link Objective.names}, without the loss. */
  others: Tensor[];
}

/** One output's loss and metrics. */
interface Aim {
  name: string;
  loss: Loss;
  compare: Compare;
  weight: number;
  metrics: { name: string; compare: Compare }[];
}

export class Objective {
  readonly #tf: TensorFlow;
  readonly #view: View;
  readonly #options: Pick<CompileOptions, 'loss' | 'lossWeights' | 'metrics'>;
  readonly #classes = new Map<Aim, number>();
  #aims: Aim[] | undefined;
  #names: readonly string[] | undefined;

  /** @throws Error when a loss or metric does not exist, or their number does not fit the model's outputs */
  constructor(tf: TensorFlow, view: View, options: Pick<CompileOptions, 'loss' | 'lossWeights' | 'metrics'>) {
    this.#tf = tf;
    this.#view = view;
    this.#options = options;
    if (view.outputs) this.#aims = this.#aim(view.outputs);
    else {
      // All are looked up now: a step that is being recorded is no place for it.
      for (const loss of lossesIn(options.loss)) {
        lossOf(tf, loss);
        for (const metric of options.metrics ?? []) metricOf(tf, metric, loss);
      }
    }
  }

  /** True when a loss or a metric is a function of the user's: it may do something else the next time. */
  get handwritten(): boolean {
    const { loss, metrics = [] } = this.#options;
    return [...lossesIn(loss), ...metrics].some((one) => typeof one === 'function');
  }

  /** Names of the figures, the loss first. Known once the outputs are: after a hand-written model has run once. */
  get names(): readonly string[] {
    if (this.#names) return this.#names;
    const aims = this.#aims ?? [];
    const several = aims.length > 1;
    const names = [
      'loss',
      ...(several ? aims.map(({ name }) => `${name}_loss`) : []),
      ...aims.flatMap(({ name, metrics }) => metrics.map((one) => (several ? `${name}_${one.name}` : one.name))),
    ];
    if (this.#aims) this.#names = names;
    return names;
  }

  /** Loss and metrics of a batch. @throws Error that names the layer and both shapes when targets do not fit */
  measure({ inputs, targets, weights }: Batch, training: boolean): Measured {
    const tf = this.#tf;
    const outputs = this.#view.apply(inputs, training);
    this.#aims ??= this.#aim(outputs.map((_, index) => `output${index}`));
    const aims = this.#aims;
    if (targets.length !== aims.length) {
      throw new Error(`${this.#view.name} has ${aims.length} outputs, and was given ${targets.length} targets`);
    }
    const losses: Tensor[] = [];
    const metrics: Tensor[] = [];
    let loss: Tensor | undefined;
    for (const [index, aim] of aims.entries()) {
      const [target, prediction] = [targets[index], outputs[index]];
      if (!target || !prediction) throw new Error(`${this.#view.name} gave no output ${aim.name}`);
      this.#checkTarget(aim, target, prediction);
      const compared = weighted(aim.compare(target, prediction), weights).mean();
      losses.push(compared);
      const counted = aim.weight === 1 ? compared : compared.mul(aim.weight);
      loss = loss ? tf.add(loss, counted) : counted;
      for (const { compare } of aim.metrics) metrics.push(compare(target, prediction).mean());
    }
    if (!loss) throw new Error(`${this.#view.name} has no outputs`);
    if (training) for (const penalty of this.#view.penalties()) loss = tf.add(loss, penalty);
    return { loss: loss.asScalar(), others: [...(aims.length > 1 ? losses : []), ...metrics] };
  }

  /** Figures by their names. */
  figures(values: ArrayLike<number>): Figures {
    const figures: Figures = { loss: values[0] ?? Number.NaN };
    const { names } = this;
    for (let index = 1; index < names.length; index++) figures[names[index] ?? ''] = values[index] ?? Number.NaN;
    return figures;
  }

  /** Targets that must be class numbers, with how many classes there are. */
  labels(targets: readonly Tensor[]): Labels[] {
    const labels: Labels[] = [];
    for (const [aim, classes] of this.#classes) {
      const target = targets[this.#aims?.indexOf(aim) ?? -1];
      if (target) labels.push({ target, classes, name: aim.name });
    }
    return labels;
  }

  #checkTarget(aim: Aim, target: Tensor, prediction: Tensor): void {
    const { shape } = prediction;
    const said = `${this.#view.name}: ${aim.name} gives ${spellShape(shape)}, and its target is ${spellShape(target.shape)}`;
    if (isSparse(aim.loss)) {
      this.#classes.set(aim, shape.at(-1) ?? 1);
      const wanted = shape.slice(0, -1);
      const fits = same(target.shape, wanted) || same(target.shape, [...wanted, 1]);
      if (!fits) throw new Error(`${said}; ${String(aim.loss)} takes class numbers, ${spellShape(wanted)}`);
    } else if (wantsEqualShapes(aim.loss) && !same(target.shape, shape)) {
      const hint = /categorical_?crossentropy/i.test(String(aim.loss))
        ? ' (sparseCategoricalCrossentropy takes class numbers)'
        : '';
      throw new Error(`${said}; ${String(aim.loss)} wants them equal${hint}`);
    }
  }

  #aim(outputs: readonly string[]): Aim[] {
    const { loss, lossWeights, metrics = [] } = this.#options;
    const losses = lossesFor(loss, outputs, this.#view.name);
    if (lossWeights && lossWeights.length !== outputs.length) {
      throw new Error(
        `${this.#view.name} has ${outputs.length} outputs, and ${lossWeights.length} loss weights were given`,
      );
    }
    return outputs.map((name, index) => {
      const mine = losses[index] ?? 'meanSquaredError';
      return {
        name,
        loss: mine,
        compare: lossOf(this.#tf, mine),
        weight: lossWeights?.[index] ?? 1,
        metrics: metrics.map((metric) => ({ name: metricName(metric), compare: metricOf(this.#tf, metric, mine) })),
      };
    });
  }
}

function lossesFor(loss: CompileOptions['loss'], outputs: readonly string[], model: string): Loss[] {
  if (typeof loss === 'string' || typeof loss === 'function') return outputs.map(() => loss);
  if (isList(loss)) {
    if (loss.length === outputs.length) return [...loss];
    throw new Error(`${model} has ${outputs.length} outputs, and ${loss.length} losses were given`);
  }
  return outputs.map((name) => {
    const mine = loss[name];
    if (mine !== undefined) return mine;
    throw new Error(`${model} has the outputs ${outputs.join(', ')}, and no loss was given for ${name}`);
  });
}

const lossesIn = (loss: CompileOptions['loss']): readonly Loss[] =>
  typeof loss === 'string' || typeof loss === 'function' ? [loss] : Object.values(loss);

const isList = (loss: object): loss is readonly Loss[] => Array.isArray(loss);

const metricName = (metric: Metric): string => (typeof metric === 'string' ? metric : metric.name || 'metric');

/** A loss for each example, times its weight. */
function weighted(loss: Tensor, weights: Tensor | undefined): Tensor {
  if (!weights) return loss;
  if (loss.rank <= 1) return loss.mul(weights);
  return loss.mul(weights.reshape([weights.size, ...loss.shape.slice(1).fill(1)]));
}

const same = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((length, axis) => length === b[axis]);
