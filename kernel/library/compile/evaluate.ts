/** `compileEvaluate`: loss and metrics over many examples. */
import { prepareBackend } from '../../backend/choose.ts';
import { loadTensorFlow } from '../../backend/tensorflow.ts';
import { Caller, examplesOf, partOf } from './batches.ts';
import type { CompileOptions, Evaluate, Model } from './contract.ts';
import { viewOf } from './model.ts';
import { Objective } from './objective.ts';
import { withProperties } from './properties.ts';
import { listOf } from './runner.ts';

/**
 * Compiles a model's evaluation: its losses as `model.evaluate` counts them, without the regularizers' part.
 * @throws Error when a loss or a metric does not exist
 * @example
 * const evaluate = await compileEvaluate(model, { loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
 * const { loss, accuracy } = await evaluate(images, labels);
 */
export async function compileEvaluate(
  model: Model,
  options: Pick<CompileOptions, 'loss' | 'lossWeights' | 'metrics' | 'compiled'>,
): Promise<Evaluate & { dispose(): void }> {
  const tf = loadTensorFlow();
  const { name } = await prepareBackend(tf);
  const view = viewOf(tf, model);
  const objective = new Objective(tf, view, options);
  let inputCount = 1;
  const caller = new Caller({
    tf,
    view,
    reason: options.compiled !== false && name === 'compiled' ? view.obstacle : `the engine is ${name}`,
    work: (tensors) => {
      const batch = { inputs: tensors.slice(0, inputCount), targets: tensors.slice(inputCount), weights: undefined };
      const { loss, others } = objective.measure(batch, false);
      return [tf.stack([loss, ...others].map((figure) => figure.toFloat()))];
    },
  });
  const evaluate: Evaluate = async (givenInputs, givenTargets, { batchSize = 32 } = {}) => {
    const [inputs, targets] = [listOf(tf, givenInputs), listOf(tf, givenTargets)];
    view.check(inputs);
    inputCount = inputs.length;
    const tensors = [...inputs, ...targets];
    const examples = examplesOf(tensors, batchSize);
    const sums: number[] = [];
    for (let from = 0; from < examples; from += batchSize) {
      const count = Math.min(batchSize, examples - from);
      const part = partOf(tensors, from, count);
      const [figures] = caller.run(
        (calls) => calls.call(part),
        (work) => work(part),
      );
      const values = (await figures?.data()) ?? [];
      for (const [index, value] of values.entries()) sums[index] = (sums[index] ?? 0) + value * count;
      tf.dispose([...part, ...(figures ? [figures] : [])]);
    }
    return objective.figures(sums.map((sum) => sum / examples));
  };
  return withProperties(evaluate, { dispose: () => caller.dispose() });
}
