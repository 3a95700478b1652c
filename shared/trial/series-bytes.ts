/**
 * Series of many trials as one piece of bytes, which a browser draws from without parsing a number: a head in JSON, then
 * columns. Whole numbers, as most steps are, take four bytes, and places that are the steps are not said again; every
 * number comes out exactly as it went in.
 *
 * Bytes: the head's length as uint32, the head, zeros to an eighth byte, then the columns of each series in its order,
 * each filled up to an eighth byte. All numbers are little-endian, as on every machine that Node or a browser runs on.
 */
import { z } from 'zod';

/** Points of one metric of one trial, merged or not; the columns have one length. NaN and the infinities are themselves. */
export interface TrialSeries {
  trial: string;
  key: string;
  /** Points that exist in the window. */
  total: number;
  steps: Float64Array;
  /** Places on the horizontal axis. */
  xs: Float64Array;
  values: Float64Array;
  /** Wall times, where they were asked for: ms since the epoch. */
  walls?: Float64Array | undefined;
}

/** How a column is written: int32, float64, as the steps are, or not at all. */
const Form = z.enum(['int', 'float', 'steps', 'none']);
type Form = z.infer<typeof Form>;

const Head = z.array(
  z.object({
    trial: z.string(),
    key: z.string(),
    total: z.number().int(),
    points: z.number().int().min(0),
    /** Of steps, places on the horizontal axis, values and wall times. */
    forms: z.tuple([Form, Form, Form, Form]),
  }),
);

const eighth = (bytes: number): number => Math.ceil(bytes / 8) * 8;
const sizeOf = (form: Form, points: number): number =>
  form === 'float' ? points * 8 : form === 'int' ? eighth(points * 4) : 0;

/** Writes series; the columns of each have one length. */
export function writeSeries(series: readonly TrialSeries[]): Uint8Array<ArrayBuffer> {
  const columnsOf = ({ steps, xs, values, walls }: TrialSeries) => [steps, xs, values, walls] as const;
  const head = series.map((one): z.infer<typeof Head>[number] => {
    const { trial, key, total, steps, xs, values, walls } = one;
    const place = same(xs, steps) ? 'steps' : formOf(xs);
    const forms: [Form, Form, Form, Form] = [formOf(steps), place, formOf(values), walls ? formOf(walls) : 'none'];
    return { trial, key, total, points: steps.length, forms };
  });
  const said = new TextEncoder().encode(JSON.stringify(head));
  const begin = eighth(4 + said.length);
  const size = head.reduce(
    (sum, { forms, points }) => forms.reduce((all, one) => all + sizeOf(one, points), sum),
    begin,
  );
  const bytes = new Uint8Array(size);
  new DataView(bytes.buffer).setUint32(0, said.length, true);
  bytes.set(said, 4);
  let at = begin;
  head.forEach(({ forms, points }, i) => {
    const one = series[i];
    if (!one) return;
    columnsOf(one).forEach((column, nth) => {
      const form = forms[nth] ?? 'none';
      if (column && form === 'float') new Float64Array(bytes.buffer, at, points).set(column);
      if (column && form === 'int') new Int32Array(bytes.buffer, at, points).set(column);
      at += sizeOf(form, points);
    });
  });
  return bytes;
}

/**
 * Reads what {@link writeSeries} wrote. Columns may lie in the bytes that were given, and share them.
 * @throws Error when the bytes are something else, or not all of it
 */
export function readSeries(bytes: Uint8Array): TrialSeries[] {
  // Columns are read in place, which only works from an eighth byte.
  const whole = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  const { buffer, byteOffset: start, byteLength: length } = whole;
  const view = new DataView(buffer, start, length);
  const said = length < 4 ? 0 : view.getUint32(0, true);
  if (length < 4 + said) throw new RangeError(`series of ${length} bytes are cut off within their head`);
  const head = Head.parse(JSON.parse(new TextDecoder().decode(whole.subarray(4, 4 + said))));
  let at = eighth(4 + said);
  const column = (form: Form, points: number): Float64Array | undefined => {
    const from = at;
    at += sizeOf(form, points);
    if (at > length) throw new RangeError(`series of ${length} bytes are cut off: a column ends at byte ${at}`);
    if (form === 'float') return new Float64Array(buffer, start + from, points);
    return form === 'int' ? Float64Array.from(new Int32Array(buffer, start + from, points)) : undefined;
  };
  return head.map(({ trial, key, total, points, forms }) => {
    const [steps, xs, values, walls] = forms.map((form) => column(form, points));
    if (!steps || !values) throw new RangeError(`the series ${key} has no steps or no values`);
    return { trial, key, total, steps, xs: xs ?? steps, values, ...(walls ? { walls } : {}) };
  });
}

function formOf(column: Float64Array): Form {
  for (let i = 0; i < column.length; i++) {
    const value = column[i] ?? 0;
    if ((value | 0) !== value || Object.is(value, -0)) return 'float';
  }
  return 'int';
}

function same(a: Float64Array, b: Float64Array): boolean {
  if (a === b) return true;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return a.length === b.length;
}
