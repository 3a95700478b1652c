/** How many numbers a model has learned, or can learn. */
import type { LayersModel } from '@tensorflow/tfjs';

/** Weights counted. */
export interface ParameterCount {
  total: number;
  /** Changed by training. */
  trainable: number;
  /** Not changed by the optimizer: of frozen layers, and statistics such as those of batch normalisation. */
  frozen: number;
  /** Memory that they take. */
  bytes: number;
  /** The same by layer; layers without weights are left out. */
  layers: { name: string; kind: string; total: number; trainable: number }[];
}

/** Counts the weights of a model. A layer that is used twice counts once. */
export function parameters(model: LayersModel): ParameterCount {
  const trainable = new Set(model.trainableWeights.map(({ id }) => id));
  const count: ParameterCount = { total: 0, trainable: 0, frozen: 0, bytes: 0, layers: [] };
  for (const layer of model.layers) {
    const own = { name: layer.name, kind: layer.getClassName(), total: 0, trainable: 0 };
    for (const weight of layer.weights) {
      const size = weight.shape.reduce<number>((product, length) => product * (length ?? 1), 1);
      own.total += size;
      if (trainable.has(weight.id)) own.trainable += size;
    }
    if (own.total > 0) count.layers.push(own);
    count.total += own.total;
    count.trainable += own.trainable;
  }
  count.frozen = count.total - count.trainable;
  count.bytes = count.total * 4;
  return count;
}
