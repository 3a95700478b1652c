/**
 * Shows values while a cell runs. `display` sends at once; `html`, `svg`, `markdown`, `image`, `json` and `table` make
 * values that are shown when displayed, or as the last expression of a cell. Outside a kernel everything still works:
 * the plain text is printed.
 */
import { createRequire } from 'node:module';
import { host } from '../process/host.ts';
import { DISPLAY, describe, imageBundle, type Shown, toBundle } from './bundle.ts';
import { isRecords, tableBundle } from './table.ts';

/** Something that is shown in a form of its own. */
export interface Displayable {
  [DISPLAY](): Record<string, unknown>;
}

/** What `display` gives back: a hold on the output, to replace what it shows. */
export interface DisplayHandle extends Displayable {
  readonly id: string;
  /** Shows another value in the same place. */
  update(value: unknown): void;
}

let handles = 0;
const PREFIX = `${process.pid.toString(36)}-${Date.now().toString(36)}`;

/** An id for an output that may be updated; unique across kernels. */
export const newDisplayId = (): string => `display-${PREFIX}-${++handles}`;

/**
 * Shows a value in the output of the running cell. Displaying with the same `id` again adds a second output; the handle's
 * `update` replaces what all outputs of that id show.
 * @throws RangeError when the value's forms together are too big to be sent
 */
export function display(value: unknown, options: { id?: string } = {}): DisplayHandle {
  const id = options.id ?? newDisplayId();
  send(toBundle(value), (data, metadata) => host()?.display(data, metadata, id));
  return {
    id,
    // It is shown already; as the last expression of a cell it adds nothing.
    [DISPLAY]: () => ({}),
    update(next) {
      send(toBundle(next), (data, metadata) => host()?.update(id, data, metadata));
    },
  };
}

function send({ data, metadata }: Shown, deliver: (data: Shown['data'], metadata: Shown['metadata']) => void): void {
  if (host()) deliver(data, metadata);
  else console.log(data['text/plain']);
}

const made = (data: Record<string, unknown>): Displayable => ({ [DISPLAY]: () => data });

/** HTML, shown in a frame of its own: its scripts cannot reach the page. */
export const html = (text: string): Displayable =>
  made({ 'text/html': text, 'text/plain': text.replace(/<[^>]*>/g, '').trim() });

/** An SVG picture. @throws TypeError when the text has no `<svg>` element */
export function svg(text: string): Displayable {
  if (!/<svg[\s>]/.test(text)) throw new TypeError('svg() needs the text of an <svg> element');
  return made({ 'image/svg+xml': text, 'text/plain': '<SVG picture>' });
}

/** Markdown, drawn as in a text cell. */
export const markdown = (text: string): Displayable => made({ 'text/markdown': text, 'text/plain': text });

/** A JSON value as a tree. @throws TypeError when the value has no JSON form (cycles, BigInt) */
export function json(value: unknown): Displayable {
  const text = JSON.stringify(value);
  const parsed: unknown = text === undefined ? null : JSON.parse(text);
  return made({ 'application/json': parsed, 'text/plain': describe(parsed) });
}

/**
 * An array of records as a table.
 * @throws TypeError when it is not an array of plain objects
 */
export function table(
  rows: readonly Readonly<Record<string, unknown>>[],
  options: { limit?: number } = {},
): Displayable {
  if (rows.length > 0 && !isRecords(rows)) throw new TypeError('table() needs an array of plain objects');
  return made(tableBundle(rows, options.limit).data);
}

/** Pixels, row by row. `data` has 1 (grey), 3 (RGB) or 4 (RGBA) values a pixel: bytes, or floats from 0 to 1. */
export interface Pixels {
  width: number;
  height: number;
  data: Uint8Array | Uint8ClampedArray | Float32Array | Float64Array | readonly number[];
}

/**
 * A picture: the bytes of a PNG, JPEG or GIF file, or pixels.
 * @throws RangeError when the number of values does not fit width × height
 */
export function image(picture: Uint8Array | Pixels): Displayable {
  if (picture instanceof Uint8Array) {
    const { data } = toBundle(picture);
    if (!Object.keys(data).some((mime) => mime.startsWith('image/'))) {
      throw new TypeError(
        'image() was given bytes that are no PNG, JPEG or GIF file; for pixels give { width, height, data }',
      );
    }
    return made(data);
  }
  const { width, height, data } = picture;
  const channels = data.length / (width * height);
  if (channels !== 1 && channels !== 3 && channels !== 4) {
    throw new RangeError(
      `image() of ${width} × ${height} needs 1, 3 or 4 values a pixel; ${data.length} values were given`,
    );
  }
  const bytes =
    data instanceof Uint8Array || data instanceof Uint8ClampedArray
      ? new Uint8Array(data)
      : Uint8Array.from(data, (value) => Math.round(Math.min(1, Math.max(0, value)) * 255));
  // Loaded when first needed: most kernels never draw a picture, and all of them have to start.
  const { encode }: typeof import('fast-png') = createRequire(import.meta.url)('fast-png');
  const png = encode({ width, height, data: bytes, channels, depth: 8 });
  return made(imageBundle('image/png', png, ` ${width} × ${height}`).data);
}

/** Takes away all outputs of the running cell so far. */
export function clear(): void {
  const kernel = host();
  const execution = kernel?.execution();
  if (kernel && execution !== undefined) kernel.send({ type: 'clear', execution });
}
