/**
 * Tensors, known by what they can do and not by whose they are: anything with a `shape` and a `dataSync()`. They are
 * shown as a summary that costs no more than a look at a million numbers, and drawn as pictures when they have its shape.
 */
import { grouped, reasonOf } from './words.ts';

/** What is used of a tensor. */
export interface TensorLike {
  readonly shape: readonly number[];
  readonly dtype?: string;
  dataSync(): ArrayLike<number | string>;
}

/** Most values that are read for a summary: above it, reading would take longer than a look is worth. */
const READ_AT_MOST = 1_000_000;
/** Items shown from each end of a longer dimension. */
const EDGE = 3;
/** Rows, matrices and so on shown in all. */
const MOST_LINES = 40;

/** True for a tensor of TensorFlow.js or anything that behaves as one. */
export function isTensor(value: unknown): value is TensorLike {
  if (typeof value !== 'object' || value === null) return false;
  const shape: unknown = Reflect.get(value, 'shape');
  return (
    Array.isArray(shape) &&
    shape.every((size) => Number.isSafeInteger(size) && size >= 0) &&
    typeof Reflect.get(value, 'dataSync') === 'function'
  );
}

/** What a tensor is, without its values. */
export function nameTensor({ shape, dtype }: TensorLike): string {
  return `Tensor${typeof dtype === 'string' ? ` ${dtype}` : ''} [${shape.join(', ')}]`;
}

/** A tensor in words: kind, shape, range and mean, and the values at its corners. */
export function describeTensor(tensor: TensorLike): string {
  const { shape } = tensor;
  const head = nameTensor(tensor);
  if (Reflect.get(tensor, 'isDisposed') === true) return `${head}, disposed`;
  const size = shape.reduce((product, length) => product * length, 1);
  if (size === 0) return `${head}, empty`;
  if (size > READ_AT_MOST) {
    const first = firstValues(tensor).map(figure);
    return `${head}, ${grouped(size)} values${first.length > 0 ? `\n[${first.join(', ')}, …]` : ''}`;
  }
  let values: ArrayLike<number | string>;
  try {
    values = tensor.dataSync();
  } catch (error) {
    return `${head}, whose values cannot be read: ${reasonOf(error)}`;
  }
  if (values.length !== size) return head;
  const lines: string[] = [];
  writeLines(values, shape, lines);
  return `${head}${statistics(values)}\n${lines.join('\n')}`;
}

/** The first few values of a big tensor, where it can be cut without reading all of it; nothing is left behind. */
function firstValues(tensor: TensorLike): (number | string)[] {
  const parts: unknown[] = [];
  const derive = (from: unknown, method: string, ...args: unknown[]): unknown => {
    const call: unknown = typeof from === 'object' && from !== null ? Reflect.get(from, method) : undefined;
    const made: unknown = typeof call === 'function' ? Reflect.apply(call, from, args) : undefined;
    parts.push(made);
    return made;
  };
  try {
    const cut = derive(derive(tensor, 'flatten'), 'slice', [0], [2 * EDGE]);
    return isTensor(cut) ? Array.from(cut.dataSync()) : [];
  } catch {
    return [];
  } finally {
    for (const part of parts) if (isTensor(part) && part !== tensor) derive(part, 'dispose');
  }
}

function statistics(values: ArrayLike<number | string>): string {
  let [min, max, sum, finite] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (typeof value !== 'number') return '';
    if (!Number.isFinite(value)) continue;
    finite++;
    sum += value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (values.length === 1) return '';
  const odd = values.length - finite;
  const oddities = odd === 0 ? '' : `, ${grouped(odd)} not finite`;
  if (finite === 0) return oddities;
  return `, from ${figure(min)} to ${figure(max)}, mean ${figure(sum / finite)}${oddities}`;
}

/** Values as nested lists, the middle of long dimensions left out, at most so many lines. */
function writeLines(values: ArrayLike<number | string>, shape: readonly number[], lines: string[]): void {
  const write = (dimension: number, offset: number, indent: string): string => {
    if (dimension >= shape.length) return figure(values[offset] ?? 0);
    const length = shape[dimension] ?? 0;
    const stride = shape.slice(dimension + 1).reduce((product, each) => product * each, 1);
    const last = dimension === shape.length - 1;
    const edge = last ? 2 * EDGE : EDGE;
    const shown: string[] = [];
    for (let index = 0; index < length; index++) {
      if (length > 2 * edge && index === edge) {
        shown.push('…');
        index = length - edge;
      }
      shown.push(write(dimension + 1, offset + index * stride, `${indent} `));
    }
    return last ? `[${shown.join(', ')}]` : `[${shown.join(`,\n${indent} `)}]`;
  };
  const written = write(0, 0, '').split('\n');
  lines.push(...written.slice(0, MOST_LINES));
  if (written.length > MOST_LINES) lines.push(`… ${written.length - MOST_LINES} more lines`);
}

const figure = (value: number | string): string => {
  if (typeof value !== 'number') return JSON.stringify(String(value).slice(0, 40));
  return Number.isInteger(value) || !Number.isFinite(value) ? String(value) : String(Number(value.toPrecision(4)));
};

/** Most pixels of a picture made of a tensor. */
const MOST_PIXELS = 64_000_000;

/**
 * A tensor `[height, width]` or `[height, width, 1, 3 or 4]` as pixels. Floats go from 0 to 1, whole numbers from 0 to
 * 255, booleans are black and white.
 * @throws RangeError for another shape
 */
export function tensorPixels(tensor: TensorLike): { width: number; height: number; data: Uint8Array } {
  const [height = 0, width = 0, channels = 1] = tensor.shape;
  const fits = (tensor.shape.length === 2 || tensor.shape.length === 3) && [1, 3, 4].includes(channels);
  if (!fits || width === 0 || height === 0 || width * height > MOST_PIXELS) {
    throw new RangeError(
      `image() draws a tensor [height, width] or [height, width, 1, 3 or 4] of at most 64 million pixels; this one is [${tensor.shape.join(', ')}]`,
    );
  }
  const values = tensor.dataSync();
  const scale = tensor.dtype === 'int32' || /^u?int(8|16|32)?/.test(tensor.dtype ?? '') ? 1 : 255;
  const data = new Uint8Array(width * height * channels);
  for (let index = 0; index < data.length; index++) {
    const value = Number(values[index]) * scale;
    data[index] = value > 0 ? Math.min(255, Math.round(value)) : 0;
  }
  return { width, height, data };
}
