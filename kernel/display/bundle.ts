/**
 * Any value → a MIME bundle: the same value in the forms that a page, a terminal and an `.ipynb` file can show.
 * There is always `text/plain`. Big values are summarised, and the summary says so; nothing here runs a loop over more
 * than a preview of what it is given.
 */
import { inspect } from 'node:util';
import type { MimeBundle } from '@trialroom/shared/notebook/outputs';
import { isRecords, tableBundle } from './table.ts';

/** A MIME bundle with the metadata that goes with it. */
export interface Shown {
  data: MimeBundle;
  metadata: MimeBundle;
}

/** The method by which an object says how it is shown. It returns a MIME bundle; an empty one shows nothing. */
export const DISPLAY = Symbol.for('Jupyter.display');

/** Longest plain text of one value, in characters. */
const LONGEST_TEXT = 100_000;

/** How a value is shown by `display(value)`: text is shown as it is. */
export function toBundle(value: unknown): Shown {
  if (typeof value === 'string') return plain(cut(value));
  return own(value) ?? picture(value) ?? (isRecords(value) ? tableBundle(value) : undefined) ?? plain(describe(value));
}

/** How a value is shown as the result of a cell: a string keeps its quotes, so that `"1"` is not taken for 1. */
export function resultBundle(value: unknown): Shown {
  return typeof value === 'string' ? plain(describe(value)) : toBundle(value);
}

/** A value as plain text, with limits on depth and length. */
export function describe(value: unknown): string {
  return cut(
    inspect(value, {
      depth: 4,
      maxArrayLength: 100,
      maxStringLength: 10_000,
      breakLength: 100,
      numericSeparator: false,
    }),
  );
}

const plain = (text: string): Shown => ({ data: { 'text/plain': text }, metadata: {} });

const cut = (text: string): string =>
  text.length <= LONGEST_TEXT
    ? text
    : `${text.slice(0, LONGEST_TEXT)}\n… ${(text.length - LONGEST_TEXT).toLocaleString('en-US')} characters not shown`;

/** What the object itself says. */
function own(value: unknown): Shown | undefined {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined;
  const bundle = call(value, DISPLAY);
  if (typeof bundle === 'object' && bundle !== null) {
    const data: MimeBundle = { ...bundle };
    if (Object.keys(data).length > 0) data['text/plain'] ??= Object.keys(data).join(', ');
    return { data, metadata: {} };
  }
  const html = call(value, 'toHtml');
  if (typeof html !== 'string') return undefined;
  return { data: { 'text/html': html, 'text/plain': describe(value) }, metadata: {} };
}

function call(value: object, key: string | symbol): unknown {
  const method: unknown = Reflect.get(value, key);
  return typeof method === 'function' ? Reflect.apply(method, value, []) : undefined;
}

const MAGIC: [mime: string, bytes: number[]][] = [
  ['image/png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['image/jpeg', [0xff, 0xd8, 0xff]],
  ['image/gif', [0x47, 0x49, 0x46, 0x38]],
];

/** Bytes of an image file are shown as the image. */
function picture(value: unknown): Shown | undefined {
  if (!(value instanceof Uint8Array)) return undefined;
  for (const [mime, bytes] of MAGIC)
    if (bytes.every((byte, index) => value[index] === byte)) return imageBundle(mime, value);
  return undefined;
}

/** An image file's bytes as a bundle. */
export function imageBundle(mime: string, bytes: Uint8Array, note = ''): Shown {
  const base64 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  return {
    data: {
      [mime]: base64,
      'text/plain': `<${mime.replace('image/', '').toUpperCase()} image${note}, ${bytes.length} bytes>`,
    },
    metadata: {},
  };
}
