import fc from 'fast-check';
import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { loadTensorFlow } from '../backend/tensorflow.ts';
import { resultBundle, toBundle } from './bundle.ts';
import { image } from './display.ts';

const tensor = (shape: number[], values: ArrayLike<number>, dtype = 'float32') => ({
  shape,
  dtype,
  dataSync: () => values,
});
const text = (value: unknown): unknown => resultBundle(value).data['text/plain'];

describe('tensors', () => {
  it('are summarised: kind, shape, range, mean and corners', async () => {
    const tf = loadTensorFlow();
    await tf.setBackend('cpu');
    expect(text(tf.tensor2d([1, 2, 3, 4.5], [2, 2]))).toBe(
      'Tensor float32 [2, 2], from 1 to 4.5, mean 2.625\n[[1, 2],\n [3, 4.5]]',
    );
    expect(text(tf.scalar(7, 'int32'))).toBe('Tensor int32 []\n7');
    expect(text(tf.tensor1d(['a', 'b']))).toBe('Tensor string [2]\n["a", "b"]');
    expect(text(tf.zeros([0, 3]))).toBe('Tensor float32 [0, 3], empty');
    const gone = tf.zeros([1]);
    gone.dispose();
    expect(text(gone)).toBe('Tensor float32 [1], disposed');
    expect(text(tf.variable(tf.ones([3])))).toBe('Tensor float32 [3], from 1 to 1, mean 1\n[1, 1, 1]');
  });

  it('within other values are told by their kind', async () => {
    const tf = loadTensorFlow();
    await tf.setBackend('cpu');
    expect(text([tf.ones([2, 3]), { weights: tf.variable(tf.ones([4])) }])).toBe(
      '[ Tensor float32 [2, 3], { weights: Tensor float32 [4] } ]',
    );
    expect(text({ own: tensor([1], [1]) })).toMatch(/own: Tensor float32 \[1\]/);
  });

  it('are never dumped', () => {
    const big = text(tensor([60, 28, 28], new Float32Array(60 * 28 * 28)));
    expect(String(big).split('\n').length).toBeLessThan(45);
    expect(text(tensor([60000, 784], new Float32Array(0)))).toBe('Tensor float32 [60000, 784], 47,040,000 values');
    expect(
      text(
        tensor(
          [100],
          Float32Array.from({ length: 100 }, (_, index) => index),
        ),
      ),
    ).toBe('Tensor float32 [100], from 0 to 99, mean 49.5\n[0, 1, 2, 3, 4, 5, …, 94, 95, 96, 97, 98, 99]');
  });

  it('that are big are cut, not read, and leave nothing behind', async () => {
    const tf = loadTensorFlow();
    await tf.setBackend('cpu');
    const big = tf.fill([2000, 1000], 0.5);
    const before = tf.memory().numTensors;
    expect(text(big)).toBe('Tensor float32 [2000, 1000], 2,000,000 values\n[0.5, 0.5, 0.5, 0.5, 0.5, 0.5, …]');
    expect(tf.memory().numTensors).toBe(before);
  });

  it('say how many values are not finite, and what cannot be read', () => {
    expect(text(tensor([3], [1, Number.NaN, Number.POSITIVE_INFINITY]))).toMatch(/from 1 to 1, mean 1, 2 not finite/);
    const failing = {
      shape: [2],
      dtype: 'float32',
      dataSync: () => {
        throw new Error('on the GPU');
      },
    };
    expect(text(failing)).toBe('Tensor float32 [2], whose values cannot be read: Error: on the GPU');
  });

  it('of any shape are written within bounds', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 5 }), (shape) => {
        const size = shape.reduce((product, each) => product * each, 1);
        expect(String(text(tensor(shape, new Float32Array(size)))).length).toBeLessThan(20_000);
      }),
    );
  });
});

describe('tensors as pictures', () => {
  const pixels = (value: Parameters<typeof image>[0]) => {
    const png = decode(Buffer.from(String(toBundle(image(value)).data['image/png']), 'base64'));
    return { size: [png.width, png.height, png.channels], data: [...png.data] };
  };

  it('take floats from 0 to 1, whole numbers from 0 to 255 and booleans', () => {
    expect(pixels(tensor([1, 4], [0, 0.5, 1, 2]))).toEqual({ size: [4, 1, 1], data: [0, 128, 255, 255] });
    expect(pixels(tensor([2, 1, 3], [0, 1, 2, 253, 254, 300], 'int32'))).toEqual({
      size: [1, 2, 3],
      data: [0, 1, 2, 253, 254, 255],
    });
    expect(pixels(tensor([1, 2, 1], [0, 1], 'bool')).data).toEqual([0, 255]);
    expect(pixels(tensor([1, 1, 4], [1, Number.NaN, -1, 1])).data).toEqual([255, 0, 0, 255]);
  });

  it('refuse other shapes with the shape', () => {
    expect(() => image(tensor([2, 2, 2], new Float32Array(8)))).toThrow('[2, 2, 2]');
    expect(() => image(tensor([4], new Float32Array(4)))).toThrow('[4]');
  });
});
