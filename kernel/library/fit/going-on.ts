/** For tests: a run with everything that chance has a hand in, whole and in parts. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LayersModel, Variable } from '@tensorflow/tfjs';
import type { TensorFlow } from '../../backend/tensorflow.ts';
import type { Figures, Trainable } from '../compile/contract.ts';
import type { FitData } from './arrays.ts';
import { fit } from './fit.ts';
import type { FitOptions } from './options.ts';

/** What a run came to, to the last bit. */
export interface Course {
  /** The figures of each batch of the whole run. */
  steps: Figures[];
  history: readonly Figures[];
  weights: number[];
  ending: string;
  engine: string | undefined;
}

/** A small model with masks and moving averages of its own. */
export function smallModel(tf: TensorFlow, seed = 1, units = 6): LayersModel {
  const { layers, initializers } = tf;
  const kernelInitializer = (): ReturnType<typeof initializers.glorotUniform> => initializers.glorotUniform({ seed });
  return tf.sequential({
    layers: [
      layers.dense({ inputShape: [4], units, activation: 'relu', kernelInitializer: kernelInitializer() }),
      layers.batchNormalization({}),
      layers.dropout({ rate: 0.3 }),
      layers.dense({ units: 3, activation: 'softmax', kernelInitializer: kernelInitializer() }),
    ],
  });
}

/** 50 examples of three classes. */
export function smallData(): [number[][], number[][]] {
  const inputs = Array.from({ length: 50 }, (_, row) =>
    Array.from({ length: 4 }, (_, at) => Math.sin(row * 3.1 + at * (1 + (row % 3)))),
  );
  return [inputs, inputs.map((_, row) => [0, 1, 2].map((label) => (label === row % 3 ? 1 : 0)))];
}

/** y = w · x with one weight, which begins at 0. */
export function lineModel(tf: TensorFlow): Trainable & { weight: Variable } {
  const weight = tf.tidy(() => tf.variable(tf.zeros([1, 1])));
  return { weight, trainable: () => [weight], apply: ([x]) => tf.matMul(x ?? weight, weight) };
}

/** What w = 2 explains. */
export const LINE: FitData = [
  [[1], [2], [3], [4]],
  [[2], [4], [6], [8]],
];

/** 4 epochs of 5 batches (40 examples to learn from in eights), with an update for every three batches. */
export const EVERYTHING: FitOptions = {
  optimizer: 'adam',
  loss: 'categoricalCrossentropy',
  metrics: ['accuracy'],
  clipNorm: 1,
  accumulate: 3,
  epochs: 4,
  batchSize: 8,
  validation: 0.2,
  schedule: { kind: 'cosine', warmup: 2, rate: 0.05 },
  earlyStopping: { patience: 3 },
  ema: 0.9,
  classWeights: [1, 2, 0.5],
  mixup: 0.4,
  progress: false,
};

/**
 * Trains, leaving off after each of these batches to go on with a model that was made anew.
 * @param stops in ascending order
 */
export async function train(
  tf: TensorFlow,
  stops: readonly number[],
  over: FitOptions = {},
  data: () => FitData = smallData,
): Promise<Course> {
  const folder = await mkdtemp(join(tmpdir(), 'trialroom-fit-'));
  const steps: Figures[] = [];
  const course: Course = { steps, history: [], weights: [], ending: '', engine: undefined };
  try {
    for (const [part, stop] of [...stops, Number.POSITIVE_INFINITY].entries()) {
      const model = smallModel(tf, part + 1);
      const { history, ending, engine } = await fit(model, data(), {
        ...EVERYTHING,
        ...(part === 0 ? { seed: 5 } : { resume: true }),
        ...over,
        checkpoints: { folder, everyMinutes: 1000 },
        callbacks: [
          {
            onStep: ({ step, figures }) => {
              steps[step - 1] = figures;
              return step === stop ? 'stop' : undefined;
            },
          },
        ],
      });
      course.history = history;
      course.ending = ending;
      course.engine = engine;
      course.weights = model.getWeights().flatMap((weight) => Array.from(weight.dataSync()));
      model.dispose();
    }
    return course;
  } finally {
    await rm(folder, { recursive: true });
  }
}
