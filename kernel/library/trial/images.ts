/** Pictures that a trial's code logs: from tensors, arrays of pixels, or files. */
import type { Tensor } from '@tensorflow/tfjs';
import type { SaidEvent } from '@trialroom/shared/trial/event';
import { MOST_MEDIA_BYTES, MOST_PIXELS } from '@trialroom/shared/trial/media';
import { encode } from 'fast-png';
import { checkKey, type MediaOptions, mediaSaid } from './media.ts';

/** Numbers of a picture, row by row. */
export interface Pixels {
  data: ArrayLike<number>;
  width: number;
  height: number;
  /** Samples a pixel; told from the length of `data` when not given. */
  channels?: 1 | 3 | 4;
}

export interface ImageOptions {
  /** What is black and what is white. Told from the type when not given: 0 to 255 for whole numbers, else 0 to 1. */
  range?: readonly [black: number, white: number];
}

/** A tensor, nested arrays, {@link Pixels}, or the bytes of a PNG, JPEG or WebP file. */
export type ImageSource = Tensor | readonly unknown[] | Pixels | Uint8Array;

/** @throws TypeError or RangeError that says what cannot be drawn, and what could */
export function imageSaid(
  key: string,
  picture: ImageSource,
  options: MediaOptions & ImageOptions,
  newest: number,
): SaidEvent {
  checkKey('image', key);
  const { bytes, type, ...size } = picture instanceof Uint8Array ? fileOf(key, picture) : drawn(key, picture, options);
  if (bytes.length > MOST_MEDIA_BYTES) {
    const mb = (bytes.length / 1024 / 1024).toFixed(1);
    throw new RangeError(`trial.image: "${key}" has ${mb} MB, and 4 MB are the most; make it smaller`);
  }
  return mediaSaid(
    { media: 'image', key, type, ...size, base64: Buffer.from(bytes).toString('base64') },
    options,
    newest,
  );
}

function fileOf(key: string, bytes: Uint8Array) {
  const type = typeOf(bytes);
  if (type) return { bytes, type };
  throw new TypeError(
    `trial.image: the bytes of "${key}" are no PNG, JPEG or WebP file; give pixels as { data, width, height }`,
  );
}

function typeOf(bytes: Uint8Array): 'image/png' | 'image/jpeg' | 'image/webp' | undefined {
  const head = Buffer.from(bytes.subarray(0, 12)).toString('latin1');
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (head.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  return head.startsWith('RIFF') && head.slice(8) === 'WEBP' ? 'image/webp' : undefined;
}

function drawn(key: string, picture: Exclude<ImageSource, Uint8Array>, { range }: ImageOptions) {
  const { data, shape, whole } = numbersOf(key, picture);
  const [height = 0, width = 0, channels = 1] = shape;
  if (shape.length < 2 || shape.length > 3) throw badShape(key, shape);
  if (!(width >= 1 && height >= 1 && width <= MOST_PIXELS && height <= MOST_PIXELS)) {
    throw new RangeError(`trial.image: "${key}" is ${width} × ${height} pixels; give 1 to ${MOST_PIXELS} each way`);
  }
  if (channels !== 1 && channels !== 3 && channels !== 4) throw badShape(key, shape);
  if (data.length !== width * height * channels) {
    throw new RangeError(
      `trial.image: "${key}" has ${data.length} numbers, and [${shape.join(', ')}] needs ${width * height * channels}`,
    );
  }
  const [black, white] = range ?? [0, whole ? 255 : 1];
  if (!(white > black)) throw new RangeError(`trial.image: range is [${black}, ${white}]; white comes after black`);
  const samples = new Uint8Array(data.length);
  // NaN is drawn as black.
  for (let at = 0; at < samples.length; at++) {
    const level = ((Number(data[at]) - black) / (white - black)) * 255;
    samples[at] = level >= 255 ? 255 : level > 0 ? Math.round(level) : 0;
  }
  return {
    bytes: Buffer.from(encode({ data: samples, width, height, channels })),
    type: 'image/png' as const,
    width,
    height,
  };
}

const badShape = (key: string, shape: readonly number[]): TypeError =>
  new TypeError(
    `trial.image: "${key}" has the shape [${shape.join(', ')}]; give [height, width] or [height, width, 1, 3 or 4]`,
  );

function numbersOf(
  key: string,
  picture: Exclude<ImageSource, Uint8Array>,
): { data: ArrayLike<number>; shape: readonly number[]; whole: boolean } {
  if (isTensor(picture)) {
    return { data: picture.dataSync(), shape: picture.shape, whole: picture.dtype === 'int32' };
  }
  if (Array.isArray(picture)) {
    const shape: number[] = [];
    for (let inner: unknown = picture; Array.isArray(inner); inner = inner[0]) shape.push(inner.length);
    const data: unknown[] = picture.flat(Number.POSITIVE_INFINITY);
    const wrong = data.find((value) => typeof value !== 'number');
    if (wrong !== undefined) throw new TypeError(`trial.image: "${key}" holds a ${typeof wrong}; give numbers`);
    return { data: data.map(Number), shape, whole: data.some((value) => Number(value) > 1) };
  }
  if (typeof picture === 'object' && picture !== null && 'width' in picture && 'data' in picture) {
    const { data, width, height } = picture;
    const channels = picture.channels ?? data.length / (width * height);
    const whole = data instanceof Uint8Array || data instanceof Uint8ClampedArray || data instanceof Int32Array;
    return { data, shape: [height, width, channels], whole };
  }
  throw new TypeError(`trial.image: "${key}" is no picture; give a tensor, arrays, { data, width, height } or a file`);
}

const isTensor = (value: unknown): value is Tensor =>
  typeof value === 'object' && value !== null && 'dataSync' in value && 'shape' in value && 'dtype' in value;
