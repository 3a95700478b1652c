/** Judging a model by a source of batches. */
import type { Tensor } from '@tensorflow/tfjs';
import type { TensorFlow } from '../../backend/tensorflow.ts';
import type { CompileOptions, Evaluate, Figures, Model } from '../compile/contract.ts';
import { compileEvaluate } from '../compile/evaluate.ts';
import { viewOf } from '../compile/model.ts';
import { Objective } from '../compile/objective.ts';
import type { BatchSource, HostBatch } from '../data/source.ts';
import { copiesNumbers, tensorOf } from './weights.ts';

/** A batch's figures. The tensors stay the caller's. */
export interface Judge {
  (inputs: Tensor[], targets: Tensor[], weights: Tensor | undefined): Promise<Figures>;
  dispose?(): void;
}

/** Judges batches by loss and metrics, compiled where that can be. */
export async function judgeOf(
  tf: TensorFlow,
  model: Model,
  options: Pick<CompileOptions, 'loss' | 'lossWeights' | 'metrics' | 'compiled'>,
): Promise<Judge> {
  const evaluate = await compileEvaluate(model, options);
  const objective = new Objective(tf, viewOf(tf, model), options);
  const judge: Judge = async (inputs, targets, weights) => {
    if (!weights) return evaluate(inputs, targets, { batchSize: inputs[0]?.shape[0] ?? 1 });
    const values = tf.tidy(() => {
      const { loss, others } = objective.measure({ inputs, targets, weights }, false);
      return tf.stack([loss, ...others].map((figure) => figure.toFloat()));
    });
    try {
      return objective.figures(await values.data());
    } finally {
      values.dispose();
    }
  };
  return Object.assign(judge, { dispose: () => evaluate.dispose() });
}

/** Judges batches by what the caller has compiled. */
export const judgeBy =
  (evaluate: Evaluate): Judge =>
  (inputs, targets) =>
    evaluate(inputs, targets, { batchSize: inputs[0]?.shape[0] ?? 1 });

/** Tensors of a batch for the time of `work`. */
export async function withTensors<T>(
  tf: TensorFlow,
  { inputs, targets, weights }: HostBatch,
  work: (inputs: Tensor[], targets: Tensor[], weights: Tensor | undefined) => Promise<T>,
): Promise<T> {
  const all = {
    inputs: inputs.map((array) => tensorOf(tf, array)),
    targets: targets.map((array) => tensorOf(tf, array)),
    weights: weights && tensorOf(tf, weights),
  };
  try {
    return await work(all.inputs, all.targets, all.weights);
  } finally {
    tf.dispose([...all.inputs, ...all.targets]);
    all.weights?.dispose();
  }
}

/**
 * Means over all examples of a source, by names that begin with `val_`.
 * @param goOn asked before each batch; `false` leaves off, and gives undefined
 * @throws Error when there are no examples
 */
export async function validate(
  tf: TensorFlow,
  source: BatchSource,
  judge: Judge,
  goOn: () => Promise<boolean>,
): Promise<Record<string, number> | undefined> {
  const sums: Record<string, number> = {};
  let examples = 0;
  for await (const batch of source.epoch({ epoch: 0, seed: 0, lent: copiesNumbers(tf) })) {
    if (!(await goOn())) return undefined;
    const figures = await withTensors(tf, batch, judge);
    for (const [key, value] of Object.entries(figures)) sums[key] = (sums[key] ?? 0) + value * batch.size;
    examples += batch.size;
  }
  if (examples === 0) throw new Error('the validation data hold no examples');
  return Object.fromEntries(Object.entries(sums).map(([key, sum]) => [`val_${key}`, sum / examples]));
}
