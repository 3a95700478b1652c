/**
 * Files too big for the database. Blobs are named by the SHA-256 of their content and never change; spills are the
 * streams of one execution, which only grow. Nothing is trusted to be safe to show: see `routes.ts` for how it is served.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A file that can be sent. */
export interface StoredFile {
  path: string;
  bytes: number;
}

/** A stream that is kept whole, in a file that grows. */
export interface SpillFile {
  /** Adds text at the end; resolves when the operating system has it. Appends are made in the order of the calls. */
  append(text: string): Promise<void>;
  /** Bytes and lines so far. */
  readonly bytes: number;
  readonly lines: number;
  close(): Promise<void>;
}

export interface Blobs {
  /** Stores bytes (text as UTF-8) and returns their name. Storing the same bytes again costs nothing. */
  put(content: Uint8Array | string): Promise<{ sha256: string; bytes: number }>;
  /** {@link put} for what may not fit into memory; the file appears whole, or not at all. */
  putStream(pieces: AsyncIterable<Uint8Array>): Promise<{ sha256: string; bytes: number }>;
  /** The file of a blob, or null when there is none. */
  find(sha256: string): Promise<StoredFile | null>;
  /** A new spill file for a stream of an execution, or for its `error`; an old one of that name is replaced. */
  spill(execution: string, stream: string): Promise<SpillFile>;
  findSpill(execution: string, stream: string): Promise<StoredFile | null>;
  /** Removes all spills of these executions. */
  dropSpills(executions: readonly string[]): Promise<void>;
}

/** Address of a blob. */
export const blobUrl = (sha256: string): string => `/api/blobs/${sha256}`;
/** What of an execution may be spilled: its streams, and the message of its error. */
const SPILLED = new Set(['stdout', 'stderr', 'error']);

/** Address of a spilled stream or message. */
export const spillUrl = (execution: string, stream: string): string => `/api/outputs/${execution}/${stream}`;

const SHA256 = /^[0-9a-f]{64}$/;
const NAME = /^[0-9A-Za-z_-]{1,64}$/;

/** The store in this folder (made when the first file is). */
export function createBlobs(folder: string): Blobs {
  const blobPath = (sha256: string): string => join(folder, 'sha256', sha256.slice(0, 2), sha256);
  const spillFolder = (execution: string): string => {
    if (!NAME.test(execution)) throw new RangeError(`"${execution}" is not the id of an execution`);
    // The end of an id is random, its beginning is the clock: the end spreads files evenly.
    return join(folder, 'spills', execution.slice(-2), execution);
  };
  return {
    put: async (content) => {
      const bytes = typeof content === 'string' ? Buffer.from(content) : content;
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const path = blobPath(sha256);
      // What is stored again is as young as what is new, so that a sweep leaves it alone.
      if (!(await touched(path))) {
        await mkdir(join(path, '..'), { recursive: true });
        const made = `${path}.${randomUUID()}`;
        await writeFile(made, bytes, { mode: 0o600, flush: true });
        await rename(made, path);
      }
      return { sha256, bytes: bytes.length };
    },
    putStream: async (pieces) => {
      await mkdir(folder, { recursive: true });
      const made = join(folder, `.${randomUUID()}`);
      const hash = createHash('sha256');
      let bytes = 0;
      const file = await open(made, 'wx', 0o600);
      try {
        for await (const piece of pieces) {
          hash.update(piece);
          bytes += piece.length;
          await file.writeFile(piece);
        }
        await file.sync();
        await file.close();
        const sha256 = hash.digest('hex');
        const path = blobPath(sha256);
        await mkdir(join(path, '..'), { recursive: true });
        await rename(made, path);
        return { sha256, bytes };
      } catch (error) {
        await file.close().catch(() => {});
        await rm(made, { force: true });
        throw error;
      }
    },
    find: async (sha256) => (SHA256.test(sha256) ? fileAt(blobPath(sha256)) : null),
    spill: async (execution, stream) => {
      const path = join(spillFolder(execution), stream);
      await mkdir(join(path, '..'), { recursive: true });
      return openSpill(path);
    },
    findSpill: async (execution, stream) =>
      NAME.test(execution) && SPILLED.has(stream) ? fileAt(join(spillFolder(execution), stream)) : null,
    dropSpills: async (executions) => {
      await Promise.all(executions.map((id) => rm(spillFolder(id), { recursive: true, force: true })));
    },
  };
}

/** False when there is no such file. */
async function touched(path: string): Promise<boolean> {
  const now = new Date();
  try {
    await utimes(path, now, now);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

async function fileAt(path: string): Promise<StoredFile | null> {
  try {
    const found = await stat(path);
    return found.isFile() ? { path, bytes: found.size } : null;
  } catch {
    return null;
  }
}

async function openSpill(path: string): Promise<SpillFile> {
  const file = await open(path, 'w', 0o600);
  let last: Promise<unknown> = Promise.resolve();
  let bytes = 0;
  let lines = 0;
  return {
    append: (text) => {
      const write = last.then(async () => {
        const content = Buffer.from(text);
        await file.writeFile(content);
        bytes += content.length;
        for (let at = content.indexOf(10); at >= 0; at = content.indexOf(10, at + 1)) lines++;
      });
      last = write.catch(() => {});
      return write;
    },
    get bytes() {
      return bytes;
    },
    get lines() {
      return lines;
    },
    close: () => last.then(() => file.close()),
  };
}

/** Names of all blobs stored in a folder made by {@link createBlobs}; for checks and clean-up. */
export async function listBlobs(folder: string): Promise<string[]> {
  const names = await readdir(join(folder, 'sha256'), { recursive: true }).catch(() => []);
  return names.map((name) => name.split(/[\\/]/).at(-1) ?? '').filter((name) => SHA256.test(name));
}
