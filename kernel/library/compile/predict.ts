/** `compilePredict`: a model's predictions over many examples, for evaluation in a loop or for serving. */
import { prepareBackend } from '../../backend/choose.ts';
import { loadTensorFlow } from '../../backend/tensorflow.ts';
import { Caller, examplesOf, partOf } from './batches.ts';
import type { Model, Predict } from './contract.ts';
import { viewOf } from './model.ts';
import { withProperties } from './properties.ts';
import { listOf } from './runner.ts';

/**
 * Compiles a model's predictions. Weights are read as they are at each call.
 * @example
 * const predict = await compilePredict(model);
 * const [probabilities] = await predict(images, { batchSize: 256 });
 */
export async function compilePredict(
  model: Model,
  { compiled = true }: { compiled?: boolean } = {},
): Promise<Predict & { dispose(): void }> {
  const tf = loadTensorFlow();
  const { name } = await prepareBackend(tf);
  const view = viewOf(tf, model);
  const caller = new Caller({
    tf,
    view,
    reason: compiled && name === 'compiled' ? view.obstacle : `the engine is ${name}`,
    work: (inputs) => view.apply(inputs, false),
  });
  const predict: Predict = async (given, { batchSize = 32 } = {}) => {
    const inputs = listOf(tf, given);
    view.check(inputs);
    const examples = examplesOf(inputs, batchSize);
    return caller.run(
      (calls) => calls.batches(inputs, batchSize),
      (work) =>
        tf.tidy(() => {
          const parts: ReturnType<typeof work>[] = [];
          for (let from = 0; from < examples; from += batchSize) {
            parts.push(work(partOf(inputs, from, Math.min(batchSize, examples - from))));
          }
          return (parts[0] ?? []).map((_, output) => tf.concat(parts.flatMap((part) => part[output] ?? [])));
        }),
    );
  };
  return withProperties(predict, { dispose: () => caller.dispose() });
}
