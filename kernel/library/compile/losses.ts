/** Losses and metrics by the names that `model.compile` takes: the very functions of TensorFlow.js. */
import type { Tensor } from '@tensorflow/tfjs';
import type { TensorFlow } from '../../backend/tensorflow.ts';
import type { Loss, Metric } from './contract.ts';

/** From targets and predictions to numbers: one in all, or one for each example. */
export type Compare = (target: Tensor, prediction: Tensor) => Tensor;

const LOSSES = [
  'meanSquaredError',
  'meanAbsoluteError',
  'meanAbsolutePercentageError',
  'meanSquaredLogarithmicError',
  'squaredHinge',
  'hinge',
  'categoricalHinge',
  'logcosh',
  'categoricalCrossentropy',
  'sparseCategoricalCrossentropy',
  'binaryCrossentropy',
  'kullbackLeiblerDivergence',
  'poisson',
  'cosineProximity',
];

/** Short names, in lower case. */
const SHORT: Readonly<Record<string, string>> = {
  mse: 'meanSquaredError',
  mae: 'meanAbsoluteError',
  mape: 'meanAbsolutePercentageError',
  msle: 'meanSquaredLogarithmicError',
  kld: 'kullbackLeiblerDivergence',
  cosine: 'cosineProximity',
};
const longName = (name: string): string => SHORT[name.toLowerCase()] ?? name;

/** Losses that take class numbers instead of one number for each class. */
export const isSparse = (loss: Loss): boolean => typeof loss === 'string' && /^sparse_?categorical/i.test(loss);

/** Losses that want a target of the prediction's shape. */
export const wantsEqualShapes = (loss: Loss): boolean => typeof loss === 'string' && !isSparse(loss);

const found = new Map<string, Compare>();

/** @throws Error that lists the names when there is no such loss */
export function lossOf(tf: TensorFlow, loss: Loss): Compare {
  if (typeof loss !== 'string') return loss;
  const name = longName(loss);
  const known = found.get(name) ?? findLoss(tf, name);
  found.set(name, known);
  return known;
}

/** The table of losses is private to the library; a model that is compiled with one gives it out. */
function findLoss(tf: TensorFlow, loss: string): Compare {
  const input = tf.input({ shape: [1] });
  const probe = tf.model({ inputs: input, outputs: input });
  try {
    probe.compile({ optimizer: 'sgd', loss });
  } catch {
    throw new Error(`there is no loss "${loss}"; there are ${LOSSES.join(', ')}, or give a function`);
  }
  const functions: unknown = Reflect.get(probe, 'lossFunctions');
  probe.dispose();
  const compare: unknown = Array.isArray(functions) ? functions[0] : undefined;
  if (!isCompare(compare)) throw new Error(`the loss "${loss}" cannot be reached in this TensorFlow.js`);
  // Its first kernel takes no integers, which is what class numbers are.
  return isSparse(loss) ? (target, prediction) => compare(target.toFloat(), prediction) : compare;
}

const isCompare = (value: unknown): value is Compare => typeof value === 'function';

/**
 * A metric; `accuracy` and `crossentropy` mean what suits the loss, as in `model.compile`.
 * @throws Error that lists the names when there is no such metric
 */
export function metricOf(tf: TensorFlow, metric: Metric, loss: Loss): Compare {
  if (typeof metric !== 'string') return metric;
  const { metrics } = tf;
  const kind = (prediction: Tensor): 'binary' | 'sparse' | 'categorical' => {
    if (loss === 'binaryCrossentropy' || prediction.shape.at(-1) === 1) return 'binary';
    return isSparse(loss) ? 'sparse' : 'categorical';
  };
  if (metric === 'accuracy' || metric === 'acc') {
    const byKind = {
      binary: metrics.binaryAccuracy,
      sparse: metrics.sparseCategoricalAccuracy,
      categorical: metrics.categoricalAccuracy,
    };
    return (target, prediction) => byKind[kind(prediction)](target, prediction);
  }
  if (metric === 'crossentropy' || metric === 'ce') {
    const byKind = {
      binary: metrics.binaryCrossentropy,
      sparse: lossOf(tf, 'sparseCategoricalCrossentropy'),
      categorical: metrics.categoricalCrossentropy,
    };
    return (target, prediction) => byKind[kind(prediction)](target, prediction);
  }
  const found: unknown = Reflect.get(metrics, longName(metric));
  if (isCompare(found)) return found;
  try {
    return lossOf(tf, metric);
  } catch {
    const names = ['accuracy', 'crossentropy', ...Object.keys(metrics), ...LOSSES];
    throw new Error(
      `there is no metric "${metric}"; there are ${[...new Set(names.map(longName))].join(', ')}, or give a function`,
    );
  }
}
