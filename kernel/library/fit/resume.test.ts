/** Going on after a stop, on the best engine that is here. */
import { beforeAll, expect, it } from 'vitest';
import { prepareBackend } from '../../backend/choose.ts';
import { nativeFailure } from '../../backend/compiled/native.ts';
import { loadTensorFlow, type TensorFlow } from '../../backend/tensorflow.ts';
import { type Course, train } from './going-on.ts';

let tf: TensorFlow;
let whole: Course;
beforeAll(async () => {
  tf = loadTensorFlow();
  await prepareBackend(tf);
  whole = await train(tf, []);
  if (nativeFailure() === undefined) expect(whole.engine).toBe('compiled');
});

it('gives the same run for the same seed', async () => {
  expect(whole.steps).toHaveLength(20);
  expect(await train(tf, [])).toEqual(whole);
});

it.each([
  ['in the middle of an epoch', [7]],
  ['at the end of an epoch', [5]],
  ['between two updates, and again and again', [2, 3, 4]],
  ['in the last epoch', [19]],
])('goes on to the last bit after a stop %s', async (_where, stops) => {
  expect(await train(tf, stops)).toEqual(whole);
});

it.each(['momentum', 'rmsprop'] as const)('goes on with %s, without averages', async (kind) => {
  const options = {
    optimizer: { kind, learningRate: 0.02, momentum: 0.9 },
    schedule: { kind: 'plateau', patience: 1, factor: 0.5 },
  } as const;
  const run = (stops: number[]): Promise<Course> => train(tf, stops, options);
  expect(await run([8])).toEqual(await run([]));
});

it('gives nearly the same run kernel by kernel', async () => {
  const eager = await train(tf, [], { compiled: false });
  expect(eager.engine).toBe('eager');
  for (const [epoch, figures] of eager.history.entries()) {
    for (const key of ['loss', 'val_loss'] as const) {
      expect(Math.abs((figures[key] ?? 9) - (whole.history[epoch]?.[key] ?? -9)), `${key} of ${epoch}`).toBeLessThan(
        1e-4,
      );
    }
  }
});
