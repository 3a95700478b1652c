/** Images of MNIST's form: a pair of IDX files, small grey squares and the class of each. */
import { readFile } from 'node:fs/promises';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs';
import { loadTensorFlow } from '../../../backend/tensorflow.ts';
import { Dataset } from '../dataset/dataset.ts';
import { sha256 } from '../dataset/hash.ts';
import { type Field, shareValues } from '../dataset/plan.ts';
import { DataError } from '../error.ts';
import { parseIdx } from '../formats/idx.ts';
import { type SourceFile, unpacked } from '../origin/origin.ts';

/** How examples are given to a model. */
export interface ImageDatasetOptions {
  /** True: `[784]` in place of `[28, 28, 1]`. */
  flat?: boolean;
  /** True (when not given): 1 in the place of the class. False: its number. */
  oneHot?: boolean;
}

/** Images and labels, as tensors for training and as the bytes they were made from. */
export interface LabelledImages {
  /** Number of images. */
  readonly count: number;
  /** `[count, 28, 28, 1]`, float32 from 0 (background) to 1 (ink). Made when it is first asked for. */
  readonly images: Tensor4D;
  /** `[count, 10]`, one-hot. Made when it is first asked for. */
  readonly labels: Tensor2D;
  /** `count` × 784 bytes, 0 to 255. */
  readonly pixels: Uint8Array;
  /** The class of each image, 0 to 9. */
  readonly digits: Uint8Array;
  /** Names of the classes. */
  readonly classes: readonly string[];
  /** The images as a data set, which takes a quarter of the memory of the tensors. */
  dataset(options?: ImageDatasetOptions): Dataset;
  /** Frees both tensors. */
  dispose(): void;
}

const SIDE = 28;

/** Images and classes as they are in the files. */
export interface ImageBytes {
  count: number;
  pixels: Uint8Array;
  digits: Uint8Array;
  sources: readonly SourceFile[];
}

/**
 * Reads a pair of files, compressed or not.
 * @param wanted how many images to take, from the first on; all when not given
 * @param call how the user asked for them, for errors
 * @throws RangeError when more images are asked for than there are
 * @throws DataError when the files do not belong together
 */
export async function readImages(
  paths: { images: string; labels: string },
  wanted: number | undefined,
  call: (count: number) => string,
): Promise<ImageBytes> {
  const [images, labels] = await Promise.all([read(paths.images), read(paths.labels)]);
  const [available = 0, height, width] = images.shape;
  if (height !== SIDE || width !== SIDE || labels.shape[0] !== available || labels.shape.length !== 1) {
    throw new DataError(
      `images [${images.shape.join(', ')}] and labels [${labels.shape.join(', ')}] do not match: [n, ${SIDE}, ${SIDE}] and [n] were expected`,
      { place: { file: paths.images }, advice: 'Get both files again, from the same place' },
    );
  }
  const count = wanted ?? available;
  if (!Number.isInteger(count) || count < 1 || count > available) {
    throw new RangeError(`${call(count)}: give a whole number from 1 to ${available}`);
  }
  return {
    count,
    pixels: images.values.subarray(0, count * SIDE * SIDE),
    digits: labels.values.subarray(0, count),
    sources: [images.source, labels.source],
  };
}

async function read(path: string): Promise<{ shape: number[]; values: Uint8Array; source: SourceFile }> {
  const stored = await readFile(path);
  const { shape, values } = parseIdx(await unpacked(stored, path), path);
  if (!(values instanceof Uint8Array)) {
    throw new DataError('its values are no bytes', { place: { file: path }, advice: 'Is it the right file?' });
  }
  return { shape, values, source: { name: path, bytes: stored.length, sha256: sha256(stored) } };
}

/** Images with their tensors, which nobody pays for who does not ask for them. The backend must be prepared. */
export function labelledImages(bytes: ImageBytes, classes: readonly string[]): LabelledImages {
  const { count, pixels, digits, sources } = bytes;
  const tf = loadTensorFlow();
  let images: Tensor4D | undefined;
  let labels: Tensor2D | undefined;
  return {
    count,
    pixels,
    digits,
    classes,
    // Kept: the first to ask may do so within a tidy.
    get images() {
      images ??= tf.keep(tf.tensor4d(inkOf(pixels), [count, SIDE, SIDE, 1]));
      return images;
    },
    get labels() {
      labels ??= tf.keep(tf.tensor2d(hotOf(digits, classes.length), [count, classes.length]));
      return labels;
    },
    dataset({ flat = false, oneHot = true } = {}) {
      const input: Field = {
        stored: { kind: 'memory', values: shareValues(pixels) },
        size: SIDE * SIDE,
        shape: flat ? [SIDE * SIDE] : [SIDE, SIDE, 1],
        dtype: 'float32',
        scale: 1 / 255,
      };
      const stored = { kind: 'memory', values: shareValues(digits) } as const;
      const target: Field = oneHot
        ? { stored, size: 1, shape: [classes.length], dtype: 'float32', oneHot: classes.length }
        : { stored, size: 1, shape: [], dtype: 'int32' };
      return new Dataset({ kind: 'indexed', stored: count, inputs: [input], targets: [target] }, { classes, sources });
    },
    dispose() {
      tf.dispose([images, labels].filter((tensor) => tensor !== undefined));
    },
  };
}

function inkOf(pixels: Uint8Array): Float32Array {
  const ink = new Float32Array(pixels.length);
  for (let index = 0; index < ink.length; index++) ink[index] = (pixels[index] ?? 0) / 255;
  return ink;
}

function hotOf(digits: Uint8Array, classes: number): Float32Array {
  const hot = new Float32Array(digits.length * classes);
  for (const [index, digit] of digits.entries()) hot[index * classes + digit] = 1;
  return hot;
}
