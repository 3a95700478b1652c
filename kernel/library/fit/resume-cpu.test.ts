/** Going on after a stop, computed in plain JavaScript. */
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { prepareBackend } from '../../backend/choose.ts';
import { loadTensorFlow, type TensorFlow } from '../../backend/tensorflow.ts';
import { type Course, train } from './going-on.ts';

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
