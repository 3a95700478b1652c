/** Gradients of folds and normalisation beside finite differences. */
import type { Tensor } from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { loadTensorFlow, type TensorFlow } from '../tensorflow.ts';
import { mendGradients } from './mend.ts';

let tf: TensorFlow;

beforeAll(async () => {
  tf = loadTensorFlow();
  mendGradients(tf);
  await tf.setBackend('cpu');
});

const wave = (shape: number[], shift: number): Tensor =>
  tf
    .range(
      0,
      shape.reduce((product, length) => product * length, 1),
    )
    .mul(1.3)
    .add(shift)
    .sin()
    .reshape(shape);

const rank = (shape: number[]) => ({ shape, positive: wave(shape, 2).abs().add(0.5) });

/** Functions to be weighted and summed up, and their inputs. */
const CASES: Record<string, () => { inputs: Tensor[]; work: (inputs: Tensor[]) => Tensor }> = {
  'a sum over some axes': () => ({ inputs: [wave([2, 3, 4], 0)], work: ([x]) => tf.sum(given(x), [0, 2]) }),
  'a sum over all': () => ({ inputs: [wave([2, 3], 0)], work: ([x]) => tf.sum(given(x)) }),
  'a mean that keeps its axes': () => ({ inputs: [wave([2, 3, 4], 0)], work: ([x]) => tf.mean(given(x), -1, true) }),
  'normalisation by channel': () => ({
    inputs: [wave([2, 3, 2, 4], 0), wave([4], 1), rank([4]).positive, wave([4], 3), wave([4], 5)],
    work: ([x, mean, variance, scale, offset]) =>
      tf.batchNorm4d(
        given(x).as4D(2, 3, 2, 4),
        given(mean).as1D(),
        given(variance).as1D(),
        given(offset).as1D(),
        given(scale).as1D(),
        0.01,
      ),
  }),
  'normalisation by whole tensors': () => ({
    inputs: [wave([2, 3, 4], 0), wave([2, 3, 4], 1), rank([2, 3, 4]).positive, wave([2, 3, 4], 3), wave([2, 3, 4], 5)],
    work: ([x, mean, variance, scale, offset]) =>
      tf.batchNorm(given(x), given(mean), given(variance), given(offset), given(scale), 0.01),
  }),
};

function given(tensor: Tensor | undefined): Tensor {
  if (!tensor) throw new Error('an input is missing');
  return tensor;
}

it.for(Object.entries(CASES))('%s', ([, make]) => {
  tf.tidy(() => {
    const { inputs, work } = make();
    const loss = (values: Tensor[]): Tensor => {
      const out = work(values);
      return out.mul(wave(out.shape, 0.7)).sum();
    };
    const gradients = tf.grads((...values: Tensor[]) => loss(values).asScalar())(inputs);
    const step = 1e-2;
    for (const [index, input] of inputs.entries()) {
      const numbers = Array.from(input.dataSync());
      const found = Array.from(gradients[index]?.dataSync() ?? []);
      expect(found).toHaveLength(numbers.length);
      for (const [at, number] of numbers.entries()) {
        const [above = 0, below = 0] = [step, -step].map((change) => {
          const changed = tf.tensor(numbers.with(at, number + change), input.shape);
          return Number(loss(inputs.with(index, changed)).dataSync()[0]);
        });
        expect(found[at]).toBeCloseTo((above - below) / (2 * step), 2);
      }
    }
  });
});
