/** The same training compiled and kernel by kernel: whatever the model, the optimizer and the options. */
import type { Tensor } from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { prepareBackend } from '../../backend/choose.ts';
import { nativeFailure } from '../../backend/compiled/native.ts';
import { loadTensorFlow, type TensorFlow } from '../../backend/tensorflow.ts';
import { seed } from '../seed.ts';
import { compile } from './compile.ts';
import type { CompileOptions, Figures } from './contract.ts';

let tf: TensorFlow;
beforeAll(async () => {
  tf = loadTensorFlow();
  await prepareBackend(tf);
});

type LayerKind =
  | 'dense'
  | 'dropout'
  | 'noise'
  | 'batch norm'
  | 'layer norm'
  | 'activation'
  | 'convolution'
  | 'recurrent';

function build(kinds: readonly LayerKind[], regularized: boolean): ReturnType<TensorFlow['sequential']> {
  const { layers, initializers, regularizers } = tf;
  let number = 0;
  const kernelInitializer = () => initializers.glorotUniform({ seed: ++number });
  const model = tf.sequential({ layers: [layers.inputLayer({ inputShape: [6] })] });
  for (const kind of kinds) {
    switch (kind) {
      case 'dense': {
        const penalty = regularized ? { kernelRegularizer: regularizers.l2({ l2: 0.01 }) } : {};
        model.add(layers.dense({ units: 6, activation: 'tanh', kernelInitializer: kernelInitializer(), ...penalty }));
        break;
      }
      case 'dropout':
        model.add(layers.dropout({ rate: 0.3 }));
        break;
      case 'noise':
        model.add(layers.gaussianNoise({ stddev: 0.2 }));
        break;
      case 'batch norm':
        model.add(layers.batchNormalization());
        break;
      case 'layer norm':
        model.add(layers.layerNormalization());
        break;
      case 'activation':
        model.add(layers.elu());
        break;
      case 'convolution':
        model.add(layers.reshape({ targetShape: [6, 1] }));
        model.add(
          layers.conv1d({ filters: 2, kernelSize: 3, padding: 'same', kernelInitializer: kernelInitializer() }),
        );
        model.add(layers.flatten());
        model.add(layers.dense({ units: 6, kernelInitializer: kernelInitializer() }));
        break;
      case 'recurrent':
        model.add(layers.reshape({ targetShape: [3, 2] }));
        model.add(
          layers.gru({
            units: 6,
            kernelInitializer: kernelInitializer(),
            recurrentInitializer: initializers.orthogonal({ seed: ++number }),
          }),
        );
        break;
    }
  }
  model.add(layers.dense({ units: 3, activation: 'softmax', kernelInitializer: kernelInitializer() }));
  return model;
}

const kind = fc.constantFrom<LayerKind>(
  'dense',
  'dropout',
  'noise',
  'batch norm',
  'layer norm',
  'activation',
  'convolution',
  'recurrent',
);
const optimizer = fc.constantFrom<CompileOptions['optimizer']>(
  { kind: 'sgd', learningRate: (update) => 0.1 / update },
  { kind: 'momentum', learningRate: 0.05, momentum: 0.9, nesterov: true },
  { kind: 'rmsprop', learningRate: 0.01, epsilon: 1e-3 },
  { kind: 'adagrad', learningRate: 0.05 },
  { kind: 'adadelta', learningRate: 1, epsilon: 1e-3 },
  { kind: 'adam', learningRate: 0.01, epsilon: 1e-3 },
  { kind: 'adamw', learningRate: 0.01, epsilon: 1e-3, weightDecay: 0.1 },
  { kind: 'adamax', learningRate: 0.01, epsilon: 1e-3 },
);
const options = fc.record({
  kinds: fc.array(kind, { minLength: 1, maxLength: 4 }),
  regularized: fc.boolean(),
  optimizer,
  clipNorm: fc.option(fc.constantFrom(0.05, 10), { nil: undefined }),
  clipValue: fc.option(fc.constantFrom(0.02), { nil: undefined }),
  accumulate: fc.constantFrom(1, 1, 2, 3),
  loss: fc.constantFrom('categoricalCrossentropy', 'meanSquaredError', 'kullbackLeiblerDivergence'),
  weighted: fc.boolean(),
  freeze: fc.boolean(),
  chance: fc.nat(1000),
});

describe.skipIf(nativeFailure() !== undefined)('compiled and uncompiled steps', () => {
  it('give the same figures and weights', async () => {
    const warn = vi.spyOn(console, 'warn');
    await fc.assert(
      fc.asyncProperty(options, async ({ kinds, regularized, weighted, freeze, chance, ...given }) => {
        const run = async (compiled: boolean): Promise<{ figures: Figures[]; weights: number[] }> => {
          const model = build(kinds, regularized);
          const { clipNorm, clipValue, ...rest } = given;
          const step = await compile(model, {
            ...rest,
            ...(clipNorm ? { clipNorm } : {}),
            ...(clipValue ? { clipValue } : {}),
            metrics: ['accuracy', 'mae'],
            compiled,
          });
          seed(chance);
          const figures: Figures[] = [];
          for (const [round, size] of [5, 5, 2, 5].entries()) {
            const last = model.layers.at(-1);
            if (freeze && last) last.trainable = round % 2 === 0;
            const [x, y, w] = batch(size, round);
            figures.push(await step(x, y, ...(weighted ? [w] : [])));
            tf.dispose([x, y, w]);
          }
          expect(step.engine).toBe(compiled ? 'compiled' : 'eager');
          const weights = model.getWeights().flatMap((weight) => Array.from(weight.dataSync()));
          step.dispose();
          model.dispose();
          return { figures, weights };
        };
        const [mine, reference] = [await run(true), await run(false)];
        for (const [index, figures] of reference.figures.entries()) {
          for (const [name, value] of Object.entries(figures)) {
            expect(Math.abs((mine.figures[index]?.[name] ?? 9) - value), name).toBeLessThan(2e-4);
          }
        }
        for (const [index, weight] of reference.weights.entries()) {
          expect(Math.abs((mine.weights[index] ?? 9) - weight)).toBeLessThan(2e-4);
        }
      }),
      { numRuns: 8, seed: 4 },
    );
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });

  it.each(['alpha dropout', 'gaussian dropout', 'recurrent dropout', 'dropout of one number'])(
    'draw the same numbers: %s',
    async (kind) => {
      const { layers } = tf;
      const noisy = {
        'alpha dropout': [layers.alphaDropout({ rate: 0.3, inputShape: [24] })],
        'gaussian dropout': [layers.gaussianDropout({ rate: 0.3, inputShape: [24] })],
        'recurrent dropout': [
          layers.reshape({ targetShape: [6, 4], inputShape: [24] }),
          layers.gru({ units: 4, dropout: 0.2, recurrentDropout: 0.2 }),
        ],
        'dropout of one number': [layers.dense({ units: 1, inputShape: [24] }), layers.dropout({ rate: 0.5 })],
      }[kind];
      const size = kind === 'dropout of one number' ? 1 : 5;
      const model = tf.sequential({ layers: [...(noisy ?? []), layers.dense({ units: 1 })] });
      const start = model.getWeights().map((weight) => weight.clone());
      const [x, y] = [tf.randomNormal([size, 24]), tf.ones([size, 1])];
      const losses: number[][] = [];
      for (const compiled of [true, false]) {
        model.setWeights(start);
        const step = await compile(model, { optimizer: 'sgd', loss: 'mse', compiled });
        seed(3);
        const mine: number[] = [];
        for (let round = 0; round < 4; round++) mine.push((await step(x, y)).loss);
        expect(step.engine).toBe(compiled ? 'compiled' : 'eager');
        losses.push(mine);
        step.dispose();
      }
      for (const [index, loss] of (losses[1] ?? []).entries()) {
        expect(Math.abs((losses[0]?.[index] ?? 9) - loss)).toBeLessThan(1e-4 * Math.max(1, loss));
      }
      tf.dispose([x, y, ...start]);
      model.dispose();
    },
  );
});

function batch(size: number, round: number): [Tensor, Tensor, Tensor] {
  const numbers = Array.from({ length: size * 6 }, (_, index) => Math.sin(index * 1.7 + round));
  const classes = tf.tensor1d(
    Array.from({ length: size }, (_, index) => (index + round) % 3),
    'int32',
  );
  const target = tf.oneHot(classes, 3).toFloat();
  classes.dispose();
  const weights = tf.tensor1d(Array.from({ length: size }, (_, index) => 0.5 + (index % 2)));
  return [tf.tensor2d(numbers, [size, 6]), target, weights];
}
