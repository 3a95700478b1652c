/** Runs of TensorBoard: each folder with event files is one, as there. */
import { createHash } from 'node:crypto';
import { basename, dirname } from 'node:path/posix';
import type { SaidEvent } from '@trialroom/shared/trial/event';
import { MOST_BINS, MOST_MEDIA_BYTES, type SaidMedia } from '@trialroom/shared/trial/media';
import { readEvent, readHparams, type SummaryValue } from './event-file.ts';
import { type ImportedFile, type ImportedRun, Series } from './imported.ts';
import { readTfRecords, type TfRecord } from './tfrecord.ts';

/** Tags of the hparams plugin. */
const HPARAMS = '_hparams_/';

/** Whether TensorBoard would take the file for its own. */
export const isEventFile = (path: string): boolean => basename(path).includes('tfevents');

/** The runs of event files, by folder. `fallback`: the name of a run whose files lie in no folder. */
export function readTensorBoard(files: readonly ImportedFile[], fallback: string): ImportedRun[] {
  const folders = Map.groupBy(files, ({ path }) => dirname(path));
  return [...folders].map(([folder, own]) =>
    // Files of one run go on from one another in the order of their names, which begin with a time.
    readRun(
      folder === '.' ? fallback : folder,
      own.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    ),
  );
}

function readRun(name: string, files: readonly ImportedFile[]): ImportedRun {
  const hash = createHash('sha256');
  const reading = new Reading();
  for (const { path, bytes } of files) {
    hash.update(bytes);
    const { records, fault } = readTfRecords(bytes);
    for (const record of records) reading.record(path, record);
    if (fault?.kind === 'cut') {
      reading.remarks.push(`${path} ends within a record that begins at byte ${fault.offset}; all before it is there`);
    } else if (fault) {
      reading.remarks.push(
        `${path} has a corrupt record at byte ${fault.offset} of ${bytes.length}; what stands before it is there, the rest cannot be read`,
      );
    }
  }
  return { name, ...reading.done(), hash: hash.digest('hex') };
}

class Reading {
  readonly remarks: string[] = [];
  readonly #series = new Series();
  readonly #events: SaidEvent[] = [];
  readonly #params: Record<string, unknown> = {};
  /** Which plugin shows a tag: only its first value says so. */
  readonly #plugins = new Map<string, string>();
  readonly #skipped = new Map<string, string>();

  record(path: string, { offset, data }: TfRecord): void {
    let event: ReturnType<typeof readEvent>;
    try {
      event = readEvent(data);
    } catch {
      this.remarks.push(`${path}: the record at byte ${offset} is no event, and was left out`);
      return;
    }
    if (event.restarted && event.step > 0) {
      this.#series.takeBack(event.step);
      this.remarks.push(
        `${path}: the run was begun again at step ${event.step}; what came before of later steps is left out`,
      );
    }
    const wall = event.wall * 1000;
    for (const value of event.values) this.#value(value, event.step, wall);
  }

  done(): Omit<ImportedRun, 'name' | 'hash'> {
    for (const [tag, why] of this.#skipped) this.remarks.push(`${tag}: ${why}`);
    const times = this.#events.map(({ at }) => at);
    const { points, began, ended } = this.#series.done(times[0] ?? Date.now());
    return {
      ...{ points, events: this.#events, params: this.#params, remarks: this.remarks },
      began: began ?? times[0] ?? null,
      ended: ended ?? times.at(-1) ?? null,
    };
  }

  #value(value: SummaryValue, step: number, wall: number): void {
    const { tag, simple, tensor, image, histogram } = value;
    if (value.plugin !== undefined) this.#plugins.set(tag, value.plugin);
    const plugin = this.#plugins.get(tag);
    if (tag.startsWith(HPARAMS) || plugin === 'hparams') {
      if (value.content) Object.assign(this.#params, readHparams(value.content));
    } else if (simple !== undefined) this.#series.add(tag, step, wall, simple);
    else if (image) this.#image(tag, step, wall, image);
    else if (histogram) {
      const { min, max, limits, counts } = histogram;
      const lows = limits.map((_, index) => (index === 0 ? min : Math.max(min, limits[index - 1] ?? min)));
      this.#histogram(tag, step, wall, lows, Math.max(max, lows.at(-1) ?? max), counts);
    } else if (!tensor) this.#skip(tag, 'is of a kind that a trial does not show (audio, for one)');
    else if (tensor.texts.length > 0 && plugin === 'images') {
      const [width, height, ...pictures] = tensor.texts;
      const size = (bytes: Uint8Array | undefined): number => Number(new TextDecoder().decode(bytes));
      for (const bytes of pictures) this.#image(tag, step, wall, { width: size(width), height: size(height), bytes });
    } else if (tensor.texts.length > 0) {
      const text = tensor.texts.map((bytes) => new TextDecoder().decode(bytes)).join('\n\n');
      this.#media(step, wall, { media: 'text', key: tag.replace(/\/text_summary$/, ''), text });
    } else if (plugin === 'histograms' && tensor.shape.length === 2 && tensor.shape[1] === 3) {
      const rows = Array.from({ length: tensor.shape[0] ?? 0 }, (_, row) => tensor.numbers.slice(row * 3, row * 3 + 3));
      this.#histogram(
        tag,
        step,
        wall,
        rows.map(([low = 0]) => low),
        rows.at(-1)?.[1] ?? 0,
        rows.map(([, , count = 0]) => count),
      );
    } else {
      const [only] = tensor.numbers;
      if (tensor.numbers.length === 1 && only !== undefined) this.#series.add(tag, step, wall, only);
      else this.#skip(tag, `is a tensor of shape [${tensor.shape.join(', ')}] for the plugin "${plugin ?? 'none'}"`);
    }
  }

  #image(
    tag: string,
    step: number,
    wall: number,
    { width, height, bytes }: { width: number; height: number; bytes: Uint8Array },
  ): void {
    const type = pictureType(bytes);
    if (!type) this.#skip(tag, 'is a picture that is neither PNG, JPEG nor WebP');
    else if (bytes.length > MOST_MEDIA_BYTES) this.#skip(tag, `has pictures of more than ${MOST_MEDIA_BYTES} bytes`);
    else {
      const base64 = Buffer.from(bytes).toString('base64');
      this.#media(step, wall, {
        media: 'image',
        key: tag,
        type,
        base64,
        ...(width > 0 && height > 0 && { width, height }),
      });
    }
  }

  /** `lows`: where each bin begins; `high`: where the last one ends. */
  #histogram(
    tag: string,
    step: number,
    wall: number,
    lows: readonly number[],
    high: number,
    given: readonly number[],
  ): void {
    // As many bins as are shown: neighbours are counted together.
    const together = Math.ceil(lows.length / MOST_BINS);
    const edges: number[] = [];
    const counts: number[] = [];
    for (let from = 0; from < lows.length; from += together) {
      edges.push(lows[from] ?? 0);
      counts.push(given.slice(from, from + together).reduce((sum, count) => sum + count, 0));
    }
    if (counts.length === 0 || ![...edges, high].every(Number.isFinite)) {
      this.#skip(tag, 'has histograms without finite edges');
      return;
    }
    this.#media(step, wall, { media: 'histogram', key: tag, edges: [...edges, high], counts, nan: 0, infinite: 0 });
  }

  #media(step: number, at: number, data: SaidMedia): void {
    this.#events.push({ kind: 'media', at, step, text: '', data });
  }

  #skip(tag: string, why: string): void {
    this.#skipped.set(tag, `${why}, and was left out`);
  }
}

function pictureType(bytes: Uint8Array): 'image/png' | 'image/jpeg' | 'image/webp' | undefined {
  const begins = (...magic: number[]): boolean => magic.every((byte, at) => bytes[at] === byte);
  if (begins(0x89, 0x50, 0x4e, 0x47)) return 'image/png';
  if (begins(0xff, 0xd8)) return 'image/jpeg';
  return begins(0x52, 0x49, 0x46, 0x46) && String.fromCharCode(...bytes.slice(8, 12)) === 'WEBP'
    ? 'image/webp'
    : undefined;
}
