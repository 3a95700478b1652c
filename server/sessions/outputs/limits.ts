/**
 * Keeps what a page must hold within bounds, whatever a cell says, and loses none of it: big values become blobs, long
 * streams and messages go whole to a spill file, and the page gets what it would show of them.
 */
import { inBrief, MESSAGE_SHOWN } from '@trialroom/shared/notebook/brief';
import {
  boundedStream,
  type CellError,
  foldOutput,
  MIME,
  type MimeBundle,
  type Output,
  type OutputEvent,
  STREAM_SHOWN,
  type StreamOutput,
} from '@trialroom/shared/notebook/outputs';
import { type Blobs, type SpillFile, spillUrl } from '../../blobs/blobs.ts';

/** Most characters of one value of a bundle in a page. */
export const VALUE_SHOWN = 1024 * 1024;
/** Most characters of all bundles that one execution displays, before values over {@link SMALL_VALUE} become blobs. */
const BUNDLES_SHOWN = 16 * 1024 * 1024;
const SMALL_VALUE = 16 * 1024;
/** Most things one execution displays as such; what follows is shown as text. */
const DISPLAYS_SHOWN = 2000;
const PREVIEW = 2000;

/** Which of several big values stands for the bundle: what a reader would have seen. */
const RICHEST = ['text/html', 'image/svg+xml', 'image/png', 'image/jpeg', 'application/json', 'text/plain'];

interface Stream {
  characters: number;
  /** The text so far, until it is too long to be kept here. */
  kept: string[] | null;
  file: SpillFile | null;
}

/** The bounds of one execution. */
export class OutputLimits {
  readonly #execution: string;
  readonly #blobs: Blobs | null;
  readonly #streams = new Map<StreamOutput['name'], Stream>();
  #bundles = 0;
  #displays = 0;

  /** Without blobs, values are kept whole, and of a long stream the middle is lost. */
  constructor(execution: string, blobs: Blobs | null) {
    this.#execution = execution;
    this.#blobs = blobs;
  }

  /** True once more was said than a page shows: there is no hurry in showing the rest. */
  get spilling(): boolean {
    return [...this.#streams.values()].some(({ kept }) => kept === null);
  }

  /** The events that a page gets for what was said. Files are written when it resolves. */
  async bound(events: readonly OutputEvent[]): Promise<OutputEvent[]> {
    const bounded: OutputEvent[] = [];
    for (const event of events) {
      switch (event.type) {
        case 'stream':
          bounded.push(...(await this.#stream(event.name, event.text)));
          break;
        case 'display':
        case 'result': {
          // Text can go on in a file; without one, everything stays as it is.
          if (this.#blobs && ++this.#displays > DISPLAYS_SHOWN) {
            bounded.push(...(await this.#stream('stdout', `${plain(event.data)}\n`)));
            break;
          }
          const data = await this.#bundle(event.data);
          this.#bundles += sizeOf(data);
          bounded.push({ ...event, data });
          break;
        }
        case 'update':
          bounded.push({ ...event, data: await this.#bundle(event.data) });
          break;
        case 'error':
          bounded.push({ type: 'error', error: await this.#error(event.error) });
          break;
        case 'uncaught':
          // The file of that name is for the error that ended the run.
          bounded.push({ ...event, error: inBrief(event.error) });
          break;
        default:
          bounded.push(event);
      }
    }
    return bounded;
  }

  /** The same, together with what the page shows after it. */
  async take(
    shown: readonly Output[],
    events: readonly OutputEvent[],
  ): Promise<{ events: OutputEvent[]; outputs: Output[] }> {
    const bounded = await this.bound(events);
    return { events: bounded, outputs: bounded.reduce<Output[]>(foldOutput, [...shown]) };
  }

  /** Outputs from elsewhere as a page gets them; the same objects where nothing is too big. Text stays as it is. */
  async boundShown(outputs: readonly Output[]): Promise<Output[]> {
    const bounded: Output[] = [];
    for (const output of outputs) {
      const data = output.type === 'display' || output.type === 'result' ? await this.#bundle(output.data) : null;
      if (data) this.#bundles += sizeOf(data);
      bounded.push(data && output.type !== 'stream' && output.type !== 'error' ? { ...output, data } : output);
    }
    return bounded;
  }

  /** Closes the files that streams were written to. */
  async close(): Promise<void> {
    await Promise.all([...this.#streams.values()].map(({ file }) => file?.close()));
    for (const stream of this.#streams.values()) stream.file = null;
  }

  async #stream(name: StreamOutput['name'], text: string): Promise<OutputEvent[]> {
    const stream = this.#streams.get(name) ?? { characters: 0, kept: [], file: null };
    this.#streams.set(name, stream);
    stream.characters += text.length;
    const shown: OutputEvent[] = boundedStream(name, text);
    const blobs = this.#blobs;
    if (!blobs) return shown;
    if (stream.kept) {
      stream.kept.push(text);
      if (stream.characters <= STREAM_SHOWN) return shown;
    }
    try {
      stream.file ??= stream.kept ? await blobs.spill(this.#execution, name) : null;
      const { file } = stream;
      if (!file) return shown;
      await file.append(stream.kept ? stream.kept.join('') : text);
      const { bytes, lines } = file;
      shown.push({ type: 'spill', name, spill: { url: spillUrl(this.#execution, name), bytes, lines } });
    } catch (error) {
      stream.file = null;
      const reason = error instanceof Error ? error.message : String(error);
      shown.push({ type: 'stream', name: 'stderr', text: `\nThe whole of ${name} could not be kept: ${reason}\n` });
    }
    stream.kept = null;
    return shown;
  }

  /** A long message is kept whole beside the streams; a page gets its beginning. */
  async #error(error: CellError): Promise<CellError> {
    const { name, message } = error;
    const shown = inBrief(error);
    if (message.length <= MESSAGE_SHOWN || !this.#blobs) return shown;
    try {
      const file = await this.#blobs.spill(this.#execution, 'error');
      try {
        await file.append(`${name}: ${message}\n`);
        const { bytes, lines } = file;
        return { ...shown, spill: { url: spillUrl(this.#execution, 'error'), bytes, lines } };
      } finally {
        await file.close();
      }
    } catch (problem) {
      const reason = problem instanceof Error ? problem.message : String(problem);
      return { ...shown, message: `${shown.message}\nThe whole of it could not be kept: ${reason}` };
    }
  }

  /** Big values become blobs. What the disk does not take is shown as far as a page would show it; nothing else is held up. */
  async #bundle(data: MimeBundle): Promise<MimeBundle> {
    const blobs = this.#blobs;
    if (!blobs) return data;
    const limit = this.#bundles > BUNDLES_SHOWN ? SMALL_VALUE : VALUE_SHOWN;
    const big = Object.keys(data).filter((mime) => lengthOf(data[mime]) > limit);
    if (big.length === 0) return data;
    big.sort((a, b) => rank(a) - rank(b));
    const bounded = { ...data };
    let lost: string | undefined;
    const stored: { sha256: string; bytes: number; mime: string; preview: string; json?: true }[] = [];
    for (const mime of big) {
      const value = data[mime];
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      const binary = isBinary(mime);
      const bytes = binary ? Buffer.from(text, 'base64') : Buffer.from(text);
      const preview = binary ? '' : text.slice(0, PREVIEW);
      delete bounded[mime];
      try {
        const { sha256 } = await blobs.put(bytes);
        const json = typeof value === 'string' ? {} : { json: true as const };
        stored.push({ sha256, bytes: bytes.length, mime, preview, ...json });
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        lost ??= `${sized(mime, bytes.length)} could not be kept: ${reason}\n${preview}`;
      }
    }
    const [first, ...others] = stored;
    if (first) bounded[MIME.blob] = others.length === 0 ? first : { ...first, others };
    bounded['text/plain'] ??= lost ?? (first && `${sized(first.mime, first.bytes)}\n${first.preview}`);
    return bounded;
  }
}

/** True for types whose values in a bundle are base64. */
export const isBinary = (mime: string): boolean => mime.startsWith('image/') && mime !== 'image/svg+xml';

const sized = (mime: string, bytes: number): string => `${mime} of ${bytes.toLocaleString('en-US')} bytes`;

const rank = (mime: string): number => (RICHEST.includes(mime) ? RICHEST.indexOf(mime) : RICHEST.length);

function lengthOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  return typeof value === 'object' && value !== null ? (JSON.stringify(value)?.length ?? 0) : 0;
}

const sizeOf = (data: MimeBundle): number =>
  Object.values(data).reduce<number>((sum, value) => sum + lengthOf(value), 0);

const plain = (data: MimeBundle): string => {
  const text = data['text/plain'];
  return typeof text === 'string' ? text : JSON.stringify(data);
};
