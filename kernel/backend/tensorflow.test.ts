import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { loadTensorFlow } from './tensorflow.ts';

it('prints tensors readably, at the top and within other values', async () => {
  const tf = loadTensorFlow();
  await tf.setBackend('cpu');
  expect(inspect(tf.tensor2d([1, 2, 3, 4], [2, 2]))).toBe(
    'Tensor float32 [2, 2], from 1 to 4, mean 2.5\n[[1, 2],\n [3, 4]]',
  );
  expect(inspect({ deep: { x: tf.zeros([4]) } })).toBe('{ deep: { x: Tensor float32 [4] } }');
  const gone = tf.ones([2]);
  gone.dispose();
  expect(inspect(gone)).toBe('Tensor float32 [2], disposed');
});
