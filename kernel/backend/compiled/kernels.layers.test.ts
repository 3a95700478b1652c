/**
 * Every layer, loss and activation of TensorFlow.js: one step's loss and gradients, compiled, beside the same step on the
 * JavaScript backend. What draws by chance is in `kernels.random.test.ts`.
 */
import type { LayersModel, Scalar, Tensor, Tensor1D, Variable } from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TensorFlow } from '../tensorflow.ts';
import { LAYER_CASES } from './kernels.layers.ts';
import { nativeFailure } from './native.ts';
import { compiled, difference, eagerly, type Given, referenceTensorFlow } from './testing.ts';

let tf: TensorFlow;
beforeAll(async () => {
  tf = await referenceTensorFlow();
});

const BATCH = 3;
const sizeOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

/** One step's loss and gradients, both ways. */
function step(model: LayersModel, inputs: Given[], loss: (predictions: Tensor[], inputs: Tensor[]) => Tensor): void {
  const weights = model.trainableWeights.map((weight) => weight.read() as Variable);
  const work = (tensors: Tensor[]): Tensor[] => {
    const { value, grads } = tf.variableGrads(() => {
      const predictions = model.apply(tensors[0] as Tensor, { training: true });
      const regular = model.calculateLosses().reduce<Tensor>((sum, term) => sum.add(term), tf.scalar(0));
      return loss(Array.isArray(predictions) ? (predictions as Tensor[]) : [predictions as Tensor], tensors).add(
        regular,
      ) as Scalar;
    }, weights);
    return [value, ...weights.map(({ name }) => grads[name] ?? tf.scalar(0))];
  };
  const reference = eagerly(tf, inputs, work);
  expect(reference.some(({ values }) => values.some(Number.isNaN))).toBe(false);
  expect(difference(compiled(tf, inputs, work), reference, 1e-4)).toBeUndefined();
}

describe.skipIf(nativeFailure() !== undefined)('one step, compiled', () => {
  it.each(LAYER_CASES)('%s', (name, shape, build) => {
    const input = tf.input({ shape });
    const outputs = build(input, tf.layers);
    const model = tf.model({ inputs: input, outputs });
    const all = [BATCH, ...shape];
    const values = Array.from({ length: sizeOf(all) }, (_, i) =>
      name.startsWith('embedding') ? (i * 7) % 9 : Math.sin(i * 1.7),
    );
    // A loss whose gradient is another one at each place.
    step(model, [{ shape: all, values }], (predictions) =>
      predictions.reduce<Tensor>(
        (sum, prediction) =>
          sum.add(
            prediction
              .square()
              .mul(tf.cos(tf.range(0, prediction.size)).reshape(prediction.shape))
              .sum(),
          ),
        tf.scalar(0),
      ),
    );
    model.dispose();
  });

  /** Losses and metrics, of shares that add up to one. */
  const LOSSES: [string, (y: Tensor, p: Tensor) => Tensor][] = [
    ['meanSquaredError', (y, p) => tf.metrics.meanSquaredError(y, p)],
    ['meanAbsoluteError', (y, p) => tf.metrics.meanAbsoluteError(y, p)],
    ['meanAbsolutePercentageError', (y, p) => tf.metrics.meanAbsolutePercentageError(y, p)],
    ['categoricalCrossentropy', (y, p) => tf.metrics.categoricalCrossentropy(y, p)],
    ['binaryCrossentropy', (y, p) => tf.metrics.binaryCrossentropy(y, p)],
    ['cosineProximity', (y, p) => tf.metrics.cosineProximity(y, p)],
    ['softmaxCrossEntropy', (y, p) => tf.losses.softmaxCrossEntropy(y, p, undefined, 0.1)],
    ['sigmoidCrossEntropy', (y, p) => tf.losses.sigmoidCrossEntropy(y, p)],
    ['hingeLoss', (y, p) => tf.losses.hingeLoss(y, p)],
    ['huberLoss', (y, p) => tf.losses.huberLoss(y, p, undefined, 0.2)],
    ['logLoss', (y, p) => tf.losses.logLoss(y, p)],
    ['cosineDistance', (y, p) => tf.losses.cosineDistance(y, p, 1)],
    ['with accuracy', (y, p) => p.square().sum().add(tf.metrics.categoricalAccuracy(y, p).mean())],
    ['with binary accuracy', (y, p) => p.square().sum().add(tf.metrics.binaryAccuracy(y, p).mean())],
    [
      'with precision and recall',
      (y, p) =>
        p
          .square()
          .sum()
          .add(tf.metrics.precision(y, p).add(tf.metrics.recall(y, p))),
    ],
    [
      'with sparse accuracy',
      (y, p) =>
        p
          .square()
          .sum()
          .add(tf.metrics.sparseCategoricalAccuracy(y.argMax(1) as Tensor1D, p).mean()),
    ],
  ];
  it.each(LOSSES)('the loss %s', (_name, loss) => {
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 4, activation: 'softmax', inputShape: [4] })] });
    const values = Array.from({ length: 12 }, (_, i) => Math.sin(i * 1.7));
    const target = Array.from({ length: 12 }, (_, i) => (i % 4 === i >> 2 ? 1 : 0));
    const inputs: Given[] = [
      { shape: [3, 4], values },
      { shape: [3, 4], values: target },
    ];
    step(model, inputs, ([prediction], [, y]) => loss(y as Tensor, prediction as Tensor).mean());
    model.dispose();
  });
});
