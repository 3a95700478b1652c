/** Inputs made small enough to travel in a list. */
import type { Preview } from '@trialroom/shared/trial/evaluation';
import { encode } from 'fast-png';
import type { Inputs } from './options.ts';
import { isTensor, mustPair } from './read.ts';

/** Longest side of a shown image, in pixels. */
const SIDE = 96;
/** Bytes of all previews together. */
const ROOM = 3_000_000;
const MOST_FIELDS = 50;

export interface Previews {
  /** The input of an example; null when there is none, or no room is left. */
  of(index: number): Preview | null;
  /** How many were left out for want of room. */
  readonly leftOut: number;
  /** Inputs as rows of numbers, for distances; null when they are no tensor. */
  readonly features: { values: Float32Array; width: number } | null;
}

const NOTHING: Previews = { of: () => null, leftOut: 0, features: null };

/** @throws RangeError when inputs and examples do not pair */
export async function previewsOf(inputs: Inputs | undefined, count: number): Promise<Previews> {
  if (inputs === undefined) return NOTHING;
  const made = new Map<number, Preview | null>();
  let room = ROOM;
  let leftOut = 0;
  const limited = (make: (index: number) => Preview): Previews['of'] => {
    return (index) => {
      const known = made.get(index);
      if (known !== undefined) return known;
      const preview = make(index);
      const size = preview.kind === 'image' ? preview.png.length : JSON.stringify(preview).length;
      const fits = size <= room;
      if (fits) room -= size;
      else leftOut++;
      made.set(index, fits ? preview : null);
      return fits ? preview : null;
    };
  };
  const result = (of: Previews['of'], features: Previews['features']): Previews => ({
    of,
    features,
    get leftOut() {
      return leftOut;
    },
  });
  if (!isTensor(inputs)) {
    mustPair('inputs', inputs.length, count);
    return result(
      limited((index) => {
        const input = inputs[index];
        return typeof input === 'string'
          ? { kind: 'text', text: clip(input) }
          : { kind: 'row', row: rowOf(input ?? {}) };
      }),
      null,
    );
  }
  const { shape } = inputs;
  mustPair('inputs', shape[0] ?? 0, count);
  const values = Float32Array.from(await inputs.data());
  const width = values.length / Math.max(1, count);
  const features = { values, width };
  const [, height = 1, across = 1, channels = 1] = shape;
  const isImage = (shape.length === 3 || (shape.length === 4 && [1, 3, 4].includes(channels))) && height > 1;
  const scale = isImage && values.every((value) => value <= 1) ? 255 : 1;
  return result(
    limited((index) => {
      const row = values.subarray(index * width, (index + 1) * width);
      if (isImage) return imageOf(row, height, across, channels, scale);
      const cells = Array.from(row.subarray(0, MOST_FIELDS), (value, at): [string, number | null] => [
        String(at),
        Number.isFinite(value) ? value : null,
      ]);
      return { kind: 'row', row: Object.fromEntries(cells) };
    }),
    features,
  );
}

/** A PNG no larger than {@link SIDE} a side; larger images are averaged down. */
function imageOf(pixels: Float32Array, height: number, width: number, channels: number, scale: number): Preview {
  const step = Math.max(1, Math.ceil(Math.max(width, height) / SIDE));
  const [rows, columns] = [Math.ceil(height / step), Math.ceil(width / step)];
  const data = new Uint8Array(rows * columns * channels);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      for (let channel = 0; channel < channels; channel++) {
        let [sum, count] = [0, 0];
        for (let dy = y * step; dy < Math.min(height, (y + 1) * step); dy++) {
          for (let dx = x * step; dx < Math.min(width, (x + 1) * step); dx++, count++) {
            sum += pixels[(dy * width + dx) * channels + channel] ?? 0;
          }
        }
        const value = Math.round((sum / count) * scale);
        data[(y * columns + x) * channels + channel] = Math.min(255, Math.max(0, value));
      }
    }
  }
  const png = encode({ width: columns, height: rows, data, channels: channels === 1 ? 1 : channels === 3 ? 3 : 4 });
  return { kind: 'image', png: Buffer.from(png).toString('base64'), width, height };
}

const clip = (text: string): string => (text.length > 2000 ? `${text.slice(0, 1999)}…` : text);

function rowOf(row: Readonly<Record<string, unknown>>): Record<string, number | string | boolean | null> {
  return Object.fromEntries(
    Object.entries(row)
      .slice(0, MOST_FIELDS)
      .map(([key, value]) => [key.slice(0, 200), cell(value)]),
  );
}

function cell(value: unknown): number | string | boolean | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return value;
  return String(value).slice(0, 500);
}
