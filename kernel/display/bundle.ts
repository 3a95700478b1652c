/**
 * Any value → a MIME bundle: the same value in the forms that a page, a terminal and an `.ipynb` file can show.
 * There is always `text/plain`. Big values are summarised, and the summary says so; hostile ones (getters and proxies
 * that throw, methods that fail) are shown as well as they can be, and never make the cell fail.
 */
import { types } from 'node:util';
import type { MimeBundle } from '@trialroom/shared/notebook/outputs';
import { host } from '../process/host.ts';
import { clearBeforeOutput } from './clear.ts';
import { describe } from './describe.ts';
import { newDisplayId } from './ids.ts';
import { isRecords, tableBundle } from './table.ts';
import { describeTensor, isTensor } from './tensor.ts';
import { cut, grouped, placeOf, reasonOf } from './words.ts';

/** A MIME bundle with the metadata that goes with it. */
export interface Shown {
  data: MimeBundle;
  metadata: MimeBundle;
  /** The value says itself how it is shown, and has not said so yet. */
  waits?: true;
}

/** Called with how a value is shown, when it took its time to say so. */
type Later = (shown: Shown) => void;

/**
 * The method by which an object says how it is shown. It returns a MIME bundle, or a promise of one; an empty bundle
 * shows nothing.
 */
export const DISPLAY = Symbol.for('Jupyter.display');

/** Most characters sent of one form of a value. What is too big for a page becomes a file on the way there. */
export const MOST_SENT = 64 * 1024 * 1024;

/** How a value is shown by `display(value)`: text is shown as it is. `later` is told what a value says after a while. */
export function toBundle(value: unknown, later?: Later): Shown {
  if (typeof value === 'string') return plain(cut(value, MOST_SENT));
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return plain(describe(value));
  try {
    const said = own(value, later);
    if (said) return said;
    // A proxy may stand for anything; what it does not say itself is not asked of it.
    if (types.isProxy(value)) return plain(describe(value));
    return (
      picture(value) ??
      (isTensor(value) ? plain(describeTensor(value)) : undefined) ??
      (isRecords(value) ? tableBundle(value) : undefined) ??
      plain(describe(value))
    );
  } catch {
    return plain(describe(value));
  }
}

/** How a value is shown as the result of a cell: a string keeps its quotes, so that `"1"` is not taken for 1. */
export function resultBundle(value: unknown): Shown {
  if (typeof value === 'string') {
    clearBeforeOutput();
    return plain(describe(value));
  }
  const id = newDisplayId();
  const kernel = host();
  const shown = toBundle(value, kernel && (({ data, metadata }) => kernel.update(id, data, metadata)));
  if (Object.keys(shown.data).length > 0) clearBeforeOutput();
  if (!shown.waits || !kernel) return shown;
  // A result cannot be updated; what is displayed can.
  kernel.display(shown.data, shown.metadata, id);
  return { data: {}, metadata: {} };
}

const plain = (text: string): Shown => ({ data: { 'text/plain': text }, metadata: {} });

/** What the object itself says. */
function own(value: object, later: Later | undefined): Shown | undefined {
  const failed = (error: unknown): Shown =>
    plain(`${describe(value)}\n(how it shows itself failed: ${reasonOf(error)}${placeOf(error)})`);
  try {
    // A proxy that answers every question with a function answers this one too; `in` finds what is really there.
    if (DISPLAY in value) {
      const said = call(value, DISPLAY);
      if (types.isPromise(said)) {
        said
          .then(
            (bundle: unknown) => (typeof bundle === 'object' && bundle !== null ? bundleOf(bundle) : undefined),
            failed,
          )
          .then((shown) => shown && later?.(shown));
        return { ...plain(describe(value)), waits: true };
      }
      if (typeof said === 'object' && said !== null) return bundleOf(said);
    }
    if (!('toHtml' in value)) return undefined;
    const html = call(value, 'toHtml');
    if (typeof html !== 'string') return undefined;
    return bundleOf({ 'text/html': html, 'text/plain': describe(value) });
  } catch (error) {
    return failed(error);
  }
}

function call(value: object, key: string | symbol): unknown {
  const method: unknown = Reflect.get(value, key);
  return typeof method === 'function' ? Reflect.apply(method, value, []) : undefined;
}

/** What an object said of itself, as far as it can be sent: a bundle, or a bundle and its metadata. */
function bundleOf(said: object): Shown {
  const [forms, about]: unknown[] = Array.isArray(said) ? said : [said, {}];
  const data: MimeBundle = {};
  const left: string[] = [];
  for (const [mime, form] of Object.entries(Object(forms))) {
    const sent = sendable(form);
    if (sent !== undefined && sent.size <= MOST_SENT) data[mime] = sent.value;
    else if (sent) left.push(`${mime} of ${grouped(sent.size)} characters is over the limit of 64 MB`);
    else left.push(`${mime} has no JSON form`);
  }
  const remark = left.map((why) => `(left out: ${why})`).join('\n');
  if (Object.keys(data).length > 0 || remark !== '') {
    const text = data['text/plain'] ?? Object.keys(data).join(', ');
    data['text/plain'] = remark === '' ? text : [text, remark].filter(Boolean).join('\n');
  }
  const metadata = sendable(about)?.value;
  return { data, metadata: typeof metadata === 'object' && metadata !== null ? { ...metadata } : {} };
}

/** One form of a bundle as it can be sent: text, bytes as base64, or JSON; with its length. */
function sendable(form: unknown): { value: unknown; size: number } | undefined {
  if (typeof form === 'string') return { value: form, size: form.length };
  if (form instanceof Uint8Array) {
    const value = base64(form);
    return { value, size: value.length };
  }
  try {
    const text = JSON.stringify(form);
    return text === undefined ? undefined : { value: JSON.parse(text), size: text.length };
  } catch {
    return undefined;
  }
}

const MAGIC: [mime: string, bytes: number[]][] = [
  ['image/png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['image/jpeg', [0xff, 0xd8, 0xff]],
  ['image/gif', [0x47, 0x49, 0x46, 0x38]],
];

/** Bytes of an image file are shown as the image. */
function picture(value: unknown): Shown | undefined {
  if (!(value instanceof Uint8Array) || value.length * (4 / 3) > MOST_SENT) return undefined;
  for (const [mime, bytes] of MAGIC)
    if (bytes.every((byte, index) => value[index] === byte)) return imageBundle(mime, value);
  return undefined;
}

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');

/** An image file's bytes as a bundle. */
export function imageBundle(mime: string, bytes: Uint8Array, note = ''): Shown {
  return {
    data: {
      [mime]: base64(bytes),
      'text/plain': `<${mime.replace('image/', '').toUpperCase()} image${note}, ${bytes.length} bytes>`,
    },
    metadata: {},
  };
}
