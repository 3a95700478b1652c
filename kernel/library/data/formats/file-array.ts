/** Arrays that stay in their file: of any size, since only the examples of a batch are ever in memory. */
import { DISPLAY } from '../../../display/bundle.ts';
import type { FieldOptions } from '../dataset/fields.ts';
import { sha256OfFile } from '../dataset/hash.ts';
import { type Field, type StoredType, sizeOf } from '../dataset/plan.ts';
import { DataError } from '../error.ts';
import { existing, nameOf, type Origin, pathOf, type SourceFile } from '../origin/origin.ts';
import { BYTES } from './numbers.ts';

/** Where the numbers are in the file. */
export interface FileLayout {
  type: StoredType;
  littleEndian: boolean;
  shape: readonly number[];
  /** Byte at which they begin. */
  start: number;
}

/** An array in a file. Its first dimension counts the examples. */
export class FileArray {
  readonly path: string;
  readonly shape: readonly number[];
  /** Type of the numbers in the file. */
  readonly dtype: StoredType;
  readonly #layout: FileLayout;
  #source: Promise<SourceFile> | undefined;

  constructor(path: string, layout: FileLayout) {
    this.path = path;
    this.shape = layout.shape;
    this.dtype = layout.type;
    this.#layout = layout;
  }

  /** Number of examples. */
  get length(): number {
    return this.shape[0] ?? 0;
  }

  /** The file and its hash, which is worked out when it is first asked for: it takes reading all of it. */
  source(): Promise<SourceFile> {
    this.#source ??= Promise.all([sha256OfFile(this.path), existing(this.path)]).then(([sha256, { size }]) => ({
      name: this.path,
      bytes: Number(size),
      sha256,
    }));
    return this.#source;
  }

  /** An input or target of it. @throws RangeError when only float32 could be scaled */
  field({ dtype = 'float32', scale, offset }: FieldOptions = {}): Field {
    const { type, littleEndian, start, shape } = this.#layout;
    const [, ...own] = shape;
    return {
      stored: { kind: 'file', path: this.path, start, type, littleEndian },
      size: sizeOf(own),
      shape: own,
      dtype,
      ...(scale === undefined ? {} : { scale }),
      ...(offset === undefined ? {} : { offset }),
    };
  }

  [DISPLAY](): Record<string, unknown> {
    return { 'text/plain': `${this.path}: ${this.dtype} [${this.shape.join(', ')}], read as it is needed` };
  }
}

/**
 * Opens a file of numbers by its layout.
 * @throws DataError when it is no file of this machine, or of another length than its layout says
 */
export async function openFileArray(
  origin: Origin,
  layoutOf: (path: string, name: string) => Promise<FileLayout>,
): Promise<FileArray> {
  const name = nameOf(origin);
  const path = pathOf(origin);
  if (path === undefined) {
    throw new DataError('only files of this machine can be streamed', {
      place: { file: name },
      advice: 'Read all of it',
    });
  }
  const { size } = await existing(path, name);
  const layout = await layoutOf(path, name);
  const expected = layout.start + sizeOf(layout.shape) * BYTES[layout.type];
  if (Number(size) !== expected) {
    throw new DataError(
      `it has ${size} bytes, but ${layout.type} [${layout.shape.join(', ')}] takes ${expected}: it is ${Number(size) < expected ? 'cut short' : 'longer than its header says'}`,
      { place: { file: name, offset: Math.min(Number(size), expected) }, advice: 'Get or write it again' },
    );
  }
  if (layout.shape.length === 0 || layout.shape[0] === 0) {
    throw new DataError(`[${layout.shape.join(', ')}] holds no examples`, { place: { file: name } });
  }
  return new FileArray(path, layout);
}
