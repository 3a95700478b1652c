/**
 * Shows values while a cell runs. `display` sends at once; `html`, `svg`, `markdown`, `latex`, `image`, `json`, `table`
 * and `vegaLite` make values that are shown when displayed, or as the last expression of a cell. Outside a kernel
 * everything still works: the plain text is printed.
 */
import { createRequire } from 'node:module';
import { MIME } from '@trialroom/shared/notebook/mime';
import { host } from '../process/host.ts';
import { DISPLAY, imageBundle, type Shown, toBundle } from './bundle.ts';
import { clearBeforeOutput } from './clear.ts';
import { describe } from './describe.ts';
import { newDisplayId } from './ids.ts';
import { isRecords, tableBundle } from './table.ts';
import { isTensor, type TensorLike, tensorPixels } from './tensor.ts';

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

/**
 * Shows a value in the output of the running cell. Displaying with the same `id` again adds a second output; the handle's
 * `update` replaces what all outputs of that id show.
 * @example const d = display('loading'); d.update(rows)
 */
export function display(value: unknown, options: { id?: string } = {}): DisplayHandle {
  const id = options.id ?? newDisplayId();
  let turn = 0;
  const update = (shown: Shown): void => send(shown, (data, metadata) => host()?.update(id, data, metadata));
  /** Shows what a value says of itself after a while, unless another value has come meanwhile. */
  const later = (mine: number) => (shown: Shown) => {
    if (mine === turn) update(shown);
  };
  const shown = toBundle(value, later(turn));
  clearBeforeOutput();
  send(shown, (data, metadata) => host()?.display(data, metadata, id));
  return {
    id,
    // It is shown already; as the last expression of a cell it adds nothing.
    [DISPLAY]: () => ({}),
    update(next) {
      update(toBundle(next, later(++turn)));
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

/** A formula in LaTeX, set on a line of its own; dollar signs around it may be left out. */
export function latex(formula: string): Displayable {
  const bare = formula
    .trim()
    .replace(/^\$+|\$+$/g, '')
    .trim();
  return made({ 'text/latex': `$$${bare}$$`, 'text/plain': bare });
}

/**
 * A Vega-Lite chart. Data must be within the spec: pages load none from elsewhere.
 * @throws TypeError when the spec is no object, or has no JSON form
 * @example vegaLite({ data: { values: rows }, mark: 'bar', encoding: { x: { field: 'a' }, y: { field: 'b', type: 'quantitative' } } })
 */
export function vegaLite(spec: object): Displayable {
  const text = JSON.stringify(spec);
  const parsed: unknown = text === undefined ? null : JSON.parse(text);
  if (typeof parsed !== 'object' || parsed === null) throw new TypeError('vegaLite() needs a specification, an object');
  const title: unknown = Reflect.get(parsed, 'title');
  const mark: unknown = Reflect.get(parsed, 'mark');
  const kind = typeof mark === 'string' ? `${mark} chart` : 'chart';
  return made({
    [MIME.vegaLite]: parsed,
    'text/plain': typeof title === 'string' ? `<Vega-Lite ${kind}: ${title}>` : `<Vega-Lite ${kind}>`,
  });
}

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
 * A picture: the bytes of a PNG, JPEG or GIF file, pixels, or a tensor `[height, width]` or `[height, width, 1, 3 or 4]`
 * whose values are floats from 0 to 1 or whole numbers from 0 to 255.
 * @throws RangeError when the number of values does not fit width × height
 */
export function image(picture: Uint8Array | Pixels | TensorLike): Displayable {
  if (picture instanceof Uint8Array) {
    const { data } = toBundle(picture);
    if (!Object.keys(data).some((mime) => mime.startsWith('image/'))) {
      throw new TypeError(
        'image() was given bytes that are no PNG, JPEG or GIF file; for pixels give { width, height, data }',
      );
    }
    return made(data);
  }
  if (isTensor(picture)) return image(tensorPixels(picture));
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
