/**
 * The spool of one trial: a folder with its opening (`trial.json`) and its records in numbered segments that are only
 * ever appended to. One process writes it; others may read it when that process is gone. A write that was cut by a kill
 * leaves a cut record at the end of a segment, which is read up to there.
 *
 * Disk is bounded. Over the limit the oldest system samples are given up first, then new points; both are counted, and
 * whoever writes is told, so that it can say so. What else a trial says (events, its end, …) is small and always kept.
 */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { TrialOpen } from '../kernel/protocol.ts';
import { encodeRecord, readRecords } from './records.ts';

/** What a trial was opened with. The token is not in it. */
export const SpoolOpening = z.object({
  id: z.string(),
  open: TrialOpen,
  /** ms since the epoch. */
  startedAt: z.number(),
  /** Address of the server that it is meant for; null: the script was told of none. */
  url: z.string().nullable(),
  /** The process that writes. */
  pid: z.number().int(),
  host: z.string(),
});
export type SpoolOpening = z.infer<typeof SpoolOpening>;

export const OPENING = 'trial.json';

/** What was given up because the disk that the spool may use was full. */
export interface Dropped {
  samples: number;
  points: number;
}

export interface SpoolLimits {
  /** Most bytes that all segments take together. */
  bytes: number;
  /** A segment is closed at this size. */
  segment: number;
}

export const SPOOL_LIMITS: SpoolLimits = { bytes: 1024 ** 3, segment: 8 * 1024 * 1024 };

const segmentName = (index: number): string => `${String(index).padStart(6, '0')}.records`;

/** The segments of a spool, oldest first. */
export const segmentsOf = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => /^\d{6,}\.records$/.test(name))
    .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));

/** @throws Error when there is no opening, or it is broken */
export function readOpening(folder: string): SpoolOpening {
  return SpoolOpening.parse(JSON.parse(readFileSync(join(folder, OPENING), 'utf8')));
}

interface Segment {
  name: string;
  bytes: number;
  /** Number of its last record. */
  last: number;
  /** Bytes of system samples in it. */
  samples: number;
}

export class SpoolWriter {
  readonly folder: string;
  readonly dropped: Dropped = { samples: 0, points: 0 };
  readonly #limits: SpoolLimits;
  #closed: Segment[] = [];
  #open: Segment;
  #file: number;
  #made = 1;
  #number = 0;

  /** Makes the folder, which must not be there yet. */
  constructor(folder: string, opening: SpoolOpening, limits: SpoolLimits = SPOOL_LIMITS) {
    this.folder = folder;
    this.#limits = limits;
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${OPENING}.new`), JSON.stringify(opening));
    renameSync(join(folder, `${OPENING}.new`), join(folder, OPENING));
    this.#open = { name: segmentName(this.#made), bytes: 0, last: 0, samples: 0 };
    this.#file = openSync(join(folder, this.#open.name), 'wx');
  }

  /** The number of the newest record; 0: none yet. */
  get last(): number {
    return this.#number;
  }

  get bytes(): number {
    return this.#closed.reduce((sum, { bytes }) => sum + bytes, this.#open.bytes);
  }

  /**
   * Appends a record; it survives a kill of this process when this returns. Returns false when it was given up, see
   * {@link SpoolWriter.dropped}.
   * @throws RangeError when it is too long for a record
   */
  append(header: { type: string; keys?: readonly { count: number }[] }, payload?: Uint8Array): boolean {
    const record = encodeRecord(this.#number + 1, header, payload);
    const sample = header.type === 'remote.samples';
    if (this.bytes + record.length > this.#limits.bytes) {
      this.#giveUpSamples(record.length);
      if (this.bytes + record.length > this.#limits.bytes) {
        if (sample) this.dropped.samples++;
        else if (header.type === 'trial.points') {
          this.dropped.points += header.keys?.reduce((sum, { count }) => sum + count, 0) ?? 0;
        }
        if (sample || header.type === 'trial.points') return false;
      }
    }
    if (this.#open.bytes > 0 && this.#open.bytes + record.length > this.#limits.segment) this.#turn();
    for (let written = 0; written < record.length; ) {
      written += writeSync(this.#file, record, written);
    }
    this.#number++;
    this.#open.bytes += record.length;
    this.#open.last = this.#number;
    if (sample) this.#open.samples += record.length;
    return true;
  }

  /** Lets go of segments that hold nothing beyond this number. */
  delivered(number: number): void {
    this.#closed = this.#closed.filter(({ name, last }) => {
      if (last > number) return true;
      unlinkSync(join(this.folder, name));
      return false;
    });
  }

  /** Ends writing. What was written is on the disk itself then, not only with the system. */
  close(): void {
    fsyncSync(this.#file);
    closeSync(this.#file);
  }

  /** Deletes the spool: all was delivered. */
  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #turn(): void {
    closeSync(this.#file);
    this.#closed.push(this.#open);
    this.#open = { name: segmentName(++this.#made), bytes: 0, last: this.#number, samples: 0 };
    this.#file = openSync(join(this.folder, this.#open.name), 'wx');
  }

  /** Makes room for so many bytes by giving up system samples, oldest first, a segment at a time. */
  #giveUpSamples(room: number): void {
    if (this.#open.samples > 0) this.#turn();
    for (const segment of this.#closed) {
      if (this.bytes + room <= this.#limits.bytes) return;
      if (segment.samples === 0) continue;
      const path = join(this.folder, segment.name);
      const bytes = readFileSync(path);
      const kept: Uint8Array[] = [];
      for (const { header, offset, bytes: length } of readRecords(bytes).records) {
        if (isSample(header)) this.dropped.samples++;
        else kept.push(bytes.subarray(offset, offset + length));
      }
      // Whole or not at all: who reads after a kill finds the one or the other.
      writeFileSync(`${path}.new`, Buffer.concat(kept));
      renameSync(`${path}.new`, path);
      segment.bytes = statSync(path).size;
      segment.samples = 0;
    }
  }
}

const isSample = (header: unknown): boolean =>
  typeof header === 'object' && header !== null && 'type' in header && header.type === 'remote.samples';
