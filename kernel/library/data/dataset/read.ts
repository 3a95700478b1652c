/** Reads single examples of one field, from memory or files, in the thread that prepares batches. */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { DataError } from '../error.ts';
import { BYTES, decodeNumbers } from '../formats/numbers.ts';
import { decodePicture, resize } from '../formats/pictures.ts';
import { decodeWav, fitSound } from '../formats/wav.ts';
import type { HostArray } from '../source.ts';
import type { Field, NumberValues, Stored } from './plan.ts';

/** Reads examples of a field by their numbers. */
export interface FieldReader {
  /** Writes example `index` into `out` from position `at` on. */
  read(index: number, out: HostArray['values'], at: number): void;
  close(): void;
}

/** Numbers up to which copying them one by one is faster than asking for a view. */
const FEW = 16;

/** Opens what a field is read from. Files stay open until the reader is closed. */
export function openField(field: Field): FieldReader {
  const { size, scale = 1, offset = 0, oneHot } = field;
  const { load, close } = openStored(field.stored, field);
  if (oneHot !== undefined) {
    return {
      read(index, out, at) {
        const { values, start } = load(index);
        for (let part = 0; part < size; part++) out[at + part * oneHot + (values[start + part] ?? 0)] = 1;
      },
      close,
    };
  }
  const scaled = scale !== 1 || offset !== 0;
  return {
    read(index, out, at) {
      const { values, start } = load(index);
      // A loop over arrays of one type alone is several times as fast as one that meets many.
      if (scaled && values instanceof Uint8Array && out instanceof Float32Array) {
        scaleBytes(values, start, size, out, at, scale, offset);
      } else if (size > FEW) out.set(values.subarray(start, start + size), at);
      else for (let part = 0; part < size; part++) out[at + part] = values[start + part] ?? 0;
      if (scaled && !(values instanceof Uint8Array) && out instanceof Float32Array)
        rescale(out, at, size, scale, offset);
    },
    close,
  };
}

function scaleBytes(
  bytes: Uint8Array,
  start: number,
  size: number,
  out: Float32Array,
  at: number,
  scale: number,
  offset: number,
): void {
  for (let part = 0; part < size; part++) out[at + part] = (bytes[start + part] ?? 0) * scale + offset;
}

function rescale(values: Float32Array, at: number, size: number, scale: number, offset: number): void {
  for (let index = at; index < at + size; index++) values[index] = (values[index] ?? 0) * scale + offset;
}

const nothing = (): void => {};

/** Some numbers, of which an example's are those from `start` on. */
interface Loaded {
  values: NumberValues;
  start: number;
}

interface Opened {
  load(index: number): Loaded;
  close(): void;
}

function openStored(stored: Stored, field: Field): Opened {
  switch (stored.kind) {
    case 'memory': {
      const loaded = { values: stored.values, start: 0 };
      return {
        load(index) {
          loaded.start = index * field.size;
          return loaded;
        },
        close: nothing,
      };
    }
    case 'file':
      return openFile(stored, field);
    case 'images': {
      const [height = 1, width = 1, channels = 1] = field.shape;
      return {
        load(index) {
          const path = stored.paths[index] ?? '';
          return { values: resize(decodePicture(readFileSync(path), path), { height, width, channels }), start: 0 };
        },
        close: nothing,
      };
    }
    case 'sounds': {
      const [frames = 1, channels = 1] = field.shape;
      return {
        load(index) {
          const path = stored.paths[index] ?? '';
          return { values: fitSound(decodeWav(readFileSync(path), path), { frames, channels }), start: 0 };
        },
        close: nothing,
      };
    }
  }
}

/** Most bytes that are read ahead at once, for examples that are wanted in the order of the file. */
const AHEAD = 1 << 18;

function openFile(stored: Extract<Stored, { kind: 'file' }>, { size }: Field): Opened {
  const { path, start, type, littleEndian } = stored;
  const bytesEach = size * BYTES[type];
  const descriptor = openSync(path, 'r');
  const block = Math.max(1, Math.floor(AHEAD / bytesEach));
  const bytes = new Uint8Array(block * bytesEach);
  let held: { first: number; count: number; values: NumberValues } | undefined;
  let expected = -1;
  return {
    load(index) {
      if (!held || index < held.first || index >= held.first + held.count) {
        // Reading ahead pays only where the next examples are wanted too.
        const wanted = index === expected ? block : 1;
        let got = 0;
        for (;;) {
          const read = readSync(descriptor, bytes, got, wanted * bytesEach - got, start + index * bytesEach + got);
          got += read;
          if (read === 0 || got === wanted * bytesEach) break;
        }
        const count = Math.floor(got / bytesEach);
        if (count === 0) {
          throw new DataError(`example ${index} should be here, but the file has ended: it changed while it was read`, {
            place: { file: path, offset: start + index * bytesEach },
            advice: 'Open the data set again',
          });
        }
        held = { first: index, count, values: decodeNumbers(bytes.subarray(0, count * bytesEach), type, littleEndian) };
      }
      expected = index + 1;
      return { values: held.values, start: (index - held.first) * size };
    },
    close: () => closeSync(descriptor),
  };
}
