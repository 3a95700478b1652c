/** Going on after a stop, computed in plain JavaScript. */
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { prepareBackend } from '../../backend/choose.ts';
import { loadTensorFlow, type TensorFlow } from '../../backend/tensorflow.ts';
import { dataset } from '../data/dataset/make.ts';
import { type Course, smallData, train } from './going-on.ts';

let tf: TensorFlow;
let whole: Course;
beforeAll(async () => {
  process.env.TRIALROOM_BACKEND = 'cpu';
  tf = loadTensorFlow();
  await prepareBackend(tf);
  expect(tf.getBackend()).toBe('cpu');
  whole = await train(tf, []);
});

it('gives the same run for the same seed, and another for another', async () => {
  expect(whole.steps).toHaveLength(20);
  expect(await train(tf, [])).toEqual(whole);
  const other = await train(tf, [], { seed: 6 });
  expect(other.weights).not.toEqual(whole.weights);
});

it('goes on to the last bit as if it had never stopped, wherever it is stopped, and however often', async () => {
  const points = fc.uniqueArray(fc.integer({ min: 1, max: 19 }), { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(points, async (stops) => {
      expect(
        await train(
          tf,
          stops.sort((a, b) => a - b),
        ),
      ).toEqual(whole);
    }),
    { seed: 7, numRuns: 8, examples: [[[5]], [[4, 5, 6]]] },
  );
});

it.each(['main', 'worker'] as const)('goes on with batches that are prepared in the %s thread', async (thread) => {
  const [inputs, targets] = smallData();
  const set = dataset({ inputs, targets });
  const data = () => set.batches({ batchSize: 8, shuffle: true, augment: { noise: 0.1 }, thread });
  const run = (stops: number[]): Promise<Course> => train(tf, stops, { validation: smallData() }, data);
  const straight = await run([]);
  expect(straight.steps).toHaveLength(28);
  expect(await run([3, 5, 12])).toEqual(straight);
});
