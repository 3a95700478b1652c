/** PNG and JPEG files as numbers of one size, synchronously, for the thread that prepares batches. */
import { createRequire } from 'node:module';
import { DataError, reasonOf } from '../error.ts';

/** Pixels row by row, each 1 to 4 channels from 0 to 255. */
export interface Picture {
  width: number;
  height: number;
  channels: number;
  data: Uint8Array;
}

const require = createRequire(import.meta.url);
const PNG = [0x89, 0x50, 0x4e, 0x47];

/** @throws DataError when the bytes are neither PNG nor JPEG, or are cut short */
export function decodePicture(bytes: Uint8Array, file: string): Picture {
  const isPng = PNG.every((byte, index) => bytes[index] === byte);
  const isJpeg = bytes[0] === 0xff && bytes[1] === 0xd8;
  if (!isPng && !isJpeg) {
    const start = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
    throw new DataError(`it is neither PNG nor JPEG (it begins with ${start || 'nothing'})`, {
      place: { file },
      advice: 'Convert it, or take it out of the folder',
    });
  }
  try {
    return isPng ? fromPng(bytes) : fromJpeg(bytes);
  } catch (error) {
    throw new DataError(`the ${isPng ? 'PNG' : 'JPEG'} cannot be decoded: ${reasonOf(error)}`, {
      place: { file },
      advice: 'It is probably cut short or damaged; replace it',
      cause: error,
    });
  }
}

function fromPng(bytes: Uint8Array): Picture {
  // Loaded, as the decoder below, when the first such file is met.
  const { convertIndexedToRgb, decode }: typeof import('fast-png') = require('fast-png');
  const decoded = decode(bytes);
  const { width, height, depth } = decoded;
  if (decoded.palette) {
    const rgb = convertIndexedToRgb(decoded);
    return { width, height, channels: rgb.length / (width * height), data: Uint8Array.from(rgb) };
  }
  const { channels } = decoded;
  if (depth < 8) return { width, height, channels, data: unpackBits(decoded.data, width, height, depth) };
  // Of 16 bits the upper eight are kept.
  const data = depth === 16 ? Uint8Array.from(decoded.data, (value) => value >> 8) : Uint8Array.from(decoded.data);
  return { width, height, channels, data };
}

/** Grey values of 1, 2 or 4 bits, each row beginning with a byte of its own, as bytes from 0 to 255. */
function unpackBits(packed: ArrayLike<number>, width: number, height: number, depth: number): Uint8Array {
  const values = new Uint8Array(width * height);
  const rowBytes = Math.ceil((width * depth) / 8);
  const most = 2 ** depth - 1;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const bit = column * depth;
      const byte = packed[row * rowBytes + (bit >> 3)] ?? 0;
      values[row * width + column] = (((byte >> (8 - depth - (bit & 7))) & most) * 255) / most;
    }
  }
  return values;
}

function fromJpeg(bytes: Uint8Array): Picture {
  const { decode }: typeof import('jpeg-js') = require('jpeg-js');
  const { width, height, data } = decode(bytes, {
    useTArray: true,
    formatAsRGBA: false,
    tolerantDecoding: false,
    maxMemoryUsageInMB: 2048,
  });
  return { width, height, channels: data.length / (width * height), data };
}

/** What pictures are made into. */
export interface PictureSize {
  height: number;
  width: number;
  /** 1: grey, 3: red, green, blue; 4: with opacity. */
  channels: number;
}

/**
 * The picture in another size, values from 0 to 255: each pixel the mean of the area that it covers, or between its
 * neighbours where the picture grows. Grey is the luma of Rec. 601.
 */
export function resize(picture: Picture, size: PictureSize): Float32Array {
  const { height, width, channels } = size;
  const source = withChannels(picture, channels);
  if (picture.width === width && picture.height === height) return source;
  const narrow = resample(source, picture.height, picture.width, width, channels, true);
  return resample(narrow, picture.height, width, height, channels, false);
}

function withChannels({ width, height, channels: own, data }: Picture, wanted: number): Float32Array {
  const out = new Float32Array(width * height * wanted);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const at = pixel * own;
    const grey = own < 3;
    const red = data[at] ?? 0;
    const green = grey ? red : (data[at + 1] ?? 0);
    const blue = grey ? red : (data[at + 2] ?? 0);
    const to = pixel * wanted;
    if (wanted === 1) {
      out[to] = grey ? red : 0.299 * red + 0.587 * green + 0.114 * blue;
      continue;
    }
    out[to] = red;
    out[to + 1] = green;
    out[to + 2] = blue;
    if (wanted === 4) out[to + 3] = own === 2 ? (data[at + 1] ?? 255) : own === 4 ? (data[at + 3] ?? 255) : 255;
  }
  return out;
}

/** Resamples along one axis with a triangle as wide as the change of scale. */
function resample(
  from: Float32Array,
  height: number,
  width: number,
  length: number,
  channels: number,
  horizontal: boolean,
): Float32Array {
  const before = horizontal ? width : height;
  const [rows, columns] = horizontal ? [height, length] : [length, width];
  const out = new Float32Array(rows * columns * channels);
  const scale = before / length;
  const reach = Math.max(1, scale);
  for (let index = 0; index < length; index++) {
    const centre = (index + 0.5) * scale - 0.5;
    const first = Math.max(0, Math.ceil(centre - reach));
    const last = Math.min(before - 1, Math.floor(centre + reach));
    const weights: number[] = [];
    for (let at = first; at <= last; at++) weights.push(Math.max(0, 1 - Math.abs(at - centre) / reach));
    const total = weights.reduce((sum, weight) => sum + weight, 0) || 1;
    for (let other = 0; other < (horizontal ? rows : columns); other++) {
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0;
        for (const [step, weight] of weights.entries()) {
          const at = first + step;
          const pixel = horizontal ? other * width + at : at * width + other;
          sum += weight * (from[pixel * channels + channel] ?? 0);
        }
        const to = horizontal ? other * columns + index : index * columns + other;
        out[to * channels + channel] = sum / total;
      }
    }
  }
  return out;
}
