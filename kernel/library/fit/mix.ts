/** What is done to a batch before its step: weights by class, and mixing examples with one another. */
import { gaussian, type Random, randomOf, range, shuffle } from '../data/dataset/chance.ts';
import type { HostArray, HostBatch } from '../data/source.ts';
import { select } from './arrays.ts';

/** How much each class counts, by its number; 1 where nothing is said. */
export type ClassWeights = readonly number[] | Readonly<Record<number, number>>;

/** Weighs each example by its class, on top of weights it has. @throws Error when the targets are no classes */
export function weighClasses(batch: HostBatch, weights: ClassWeights): HostBatch {
  const [target] = batch.targets;
  if (!target || batch.targets.length > 1) throw new Error('classWeights need one target, and that of classes');
  const each = new Float32Array(batch.size);
  const before = batch.weights?.values;
  for (let row = 0; row < batch.size; row++) each[row] = (weights[classOf(target, row)] ?? 1) * (before?.[row] ?? 1);
  return { ...batch, weights: { dtype: 'float32', shape: [batch.size], values: each } };
}

/** The class of a row: the number itself, or where the greatest number is. */
function classOf({ shape, values }: HostArray, row: number): number {
  const width = shape.slice(1).reduce((size, length) => size * length, 1);
  if (shape.length > 2)
    throw new Error(`classWeights need a class for each example, and targets are [${shape.join()}]`);
  if (width === 1) return values[row] ?? 0;
  let best = 0;
  for (let at = 1; at < width; at++) {
    if ((values[row * width + at] ?? 0) > (values[row * width + best] ?? 0)) best = at;
  }
  return best;
}

/**
 * Mixes each example with another of its batch, inputs and targets alike (Zhang et al. 2018).
 * @param alpha of the Beta(α, α) distribution that the share of the first is drawn from, one for the batch
 * @throws Error when inputs or targets are not numbers that can be mixed
 */
export function mixup(batch: HostBatch, alpha: number, random: Random): HostBatch {
  const share = beta(alpha, random);
  const others = shuffle(range(batch.size), random);
  const mixed = (array: HostArray): HostArray => mixRows(array, select(array, others), share);
  const targets = batch.targets.map((target) => {
    if (target.dtype === 'float32' || target.shape.slice(1).some((length) => length > 1)) return mixed(target);
    throw new Error('mixup needs targets that can be mixed, and these are class numbers: give them one-hot');
  });
  const inputs = batch.inputs.map((input) => {
    if (input.dtype === 'float32') return mixed(input);
    throw new Error(`mixup needs inputs that can be mixed (float32), and these are ${input.dtype}`);
  });
  return { ...batch, inputs, targets, ...(batch.weights ? { weights: mixed(batch.weights) } : {}) };
}

function mixRows(first: HostArray, second: HostArray, share: number): HostArray {
  const values = new Float32Array(first.values.length);
  for (let at = 0; at < values.length; at++) {
    values[at] = share * (first.values[at] ?? 0) + (1 - share) * (second.values[at] ?? 0);
  }
  return { dtype: 'float32', shape: first.shape, values };
}

/** The random numbers of a batch's mixing. */
export const mixingOf = (seed: number, epoch: number, batch: number): Random => randomOf(seed, MIXUP, epoch, batch);
const MIXUP = 0x313c;

/** A draw of Beta(α, α). */
export function beta(alpha: number, random: Random): number {
  const [x, y] = [gamma(alpha, random), gamma(alpha, random)];
  // Both vanish where α is tiny: then it is one example or the other.
  return x + y > 0 ? x / (x + y) : Math.round(random());
}

/** A draw of Gamma(shape, 1) (Marsaglia & Tsang 2000; below 1 by their remark at the end). */
function gamma(shape: number, random: Random): number {
  if (shape < 1) return gamma(shape + 1, random) * (1 - random()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = gaussian(random);
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}
