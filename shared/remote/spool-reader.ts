/** Reads the records of a spool in the order of their numbers, as bytes that can be sent as they are. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { nextRecord, type RecordFault, readRecords, type SaidRecord } from './records.ts';
import { segmentsOf } from './spool.ts';

/** Records that follow one another. */
export interface Piece {
  /** Whole records, as they stand in the file. */
  bytes: Uint8Array;
  /** Number of the last one. */
  last: number;
}

/** How many bytes of a file are read at a time; a longer record is read whole. */
const WINDOW = 4 * 1024 * 1024;
/** A record and its head. */
const LONGEST = 16 * 1024 * 1024 + 16;

export class SpoolReader {
  readonly #folder: string;
  #segment: string | undefined;
  #offset = 0;
  /** Bytes that could not be read as records, of segments that are closed. */
  damaged = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Begins again with the oldest segment. */
  rewind(): void {
    this.#segment = undefined;
    this.#offset = 0;
  }

  /**
   * The next records with numbers beyond `after`, about `most` bytes of them. Null: there is nothing more to read now; what
   * is appended later is read by the next call.
   */
  next(after: number, most = WINDOW): Piece | null {
    const parts: Uint8Array[] = [];
    let size = 0;
    let last = after;
    while (size < most) {
      const segments = segmentsOf(this.#folder);
      const at = this.#segment === undefined ? 0 : segments.findIndex((name) => !before(name, this.#segment));
      const name = segments[at];
      if (at < 0 || name === undefined) break;
      if (name !== this.#segment) {
        this.#segment = name;
        this.#offset = 0;
      }
      const closed = at < segments.length - 1;
      const bytes = read(join(this.#folder, name), this.#offset, WINDOW);
      if (bytes.length === 0) {
        if (!closed) break;
        this.#segment = segments[at + 1];
        this.#offset = 0;
        continue;
      }
      const { records, fault } = readWhole(join(this.#folder, name), this.#offset, bytes);
      for (const { number, offset, bytes: length, whole } of records) {
        if (number <= last) continue;
        parts.push(whole.subarray(offset, offset + length));
        size += length;
        last = number;
      }
      const end = records.at(-1);
      if (end) this.#offset += end.offset + end.bytes;
      else if (fault && !this.#stepOver(join(this.#folder, name), fault, closed)) break;
    }
    return parts.length === 0 ? null : { bytes: new Uint8Array(Buffer.concat(parts)), last };
  }

  /** Steps over what is no record. Returns false when it may be one that is not written to its end yet. */
  #stepOver(path: string, { kind }: RecordFault, closed: boolean): boolean {
    const bytes = read(path, this.#offset, LONGEST);
    const next = nextRecord(bytes, 1);
    if (next === bytes.length && kind === 'cut' && !closed) return false;
    this.damaged += next;
    this.#offset += next;
    return true;
  }
}

/** Reads records from bytes that begin at `from`, or, where not even one is whole in them, from as many as one may have. */
function readWhole(
  path: string,
  from: number,
  bytes: Uint8Array,
): { records: (SaidRecord & { whole: Uint8Array })[]; fault: RecordFault | null } {
  let whole = bytes;
  let { records, fault } = readRecords(bytes);
  if (records.length === 0 && fault?.kind === 'cut' && bytes.length === WINDOW) {
    whole = read(path, from, LONGEST);
    ({ records, fault } = readRecords(whole));
  }
  return { records: records.map((record) => ({ ...record, whole })), fault };
}

const before = (a: string, b: string | undefined): boolean =>
  b !== undefined && Number.parseInt(a, 10) < Number.parseInt(b, 10);

/** Bytes of a file from an offset, at most so many. */
function read(path: string, from: number, most: number): Uint8Array {
  const file = openSync(path, 'r');
  try {
    const length = Math.min(most, Math.max(0, fstatSync(file).size - from));
    const bytes = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const got = readSync(file, bytes, filled, length - filled, from + filled);
      if (got === 0) break;
      filled += got;
    }
    return bytes.subarray(0, filled);
  } finally {
    closeSync(file);
  }
}
