/**
 * Files that arrive in pieces. Each piece is a file of its own until the last one is there; then they become one blob. What
 * is never ended is never seen, and is removed when the server starts after a day.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Uploads {
  /** Keeps a piece; resolves when it is on disk. The first piece of a file takes away what is left of one that was not ended. */
  keep(upload: string, piece: number, bytes: Uint8Array): Promise<void>;
  /** The pieces in order, one at a time. @throws MissingPiece */
  pieces(upload: string, count: number): AsyncIterable<Uint8Array>;
  /** The file is a blob now, or nobody wants it. */
  drop(upload: string): Promise<void>;
  /** Removes what nobody has added to for a day. */
  sweep(now: number): Promise<void>;
}

/** A file was ended whose pieces are not all here. */
export class MissingPiece extends Error {
  readonly piece: number;

  constructor(piece: number) {
    super(`piece ${piece} of the file has not arrived`);
    this.name = 'MissingPiece';
    this.piece = piece;
  }
}

const FORGOTTEN = 24 * 60 * 60 * 1000;

/** Uploads in this folder, which is made when it is needed. `upload` may be any text. */
export function createUploads(folder: string): Uploads {
  const folderOf = (upload: string): string => join(folder, createHash('sha256').update(upload).digest('hex'));
  const pathOf = (upload: string, piece: number): string => join(folderOf(upload), String(piece));
  return {
    keep: async (upload, piece, bytes) => {
      if (piece === 0) await rm(folderOf(upload), { recursive: true, force: true });
      await mkdir(folderOf(upload), { recursive: true });
      const path = pathOf(upload, piece);
      await writeFile(`${path}.part`, bytes, { mode: 0o600, flush: true });
      await rename(`${path}.part`, path);
    },
    async *pieces(upload, count) {
      for (let piece = 0; piece < count; piece++) {
        yield await readFile(pathOf(upload, piece)).catch(() => {
          throw new MissingPiece(piece);
        });
      }
    },
    drop: (upload) => rm(folderOf(upload), { recursive: true, force: true }),
    sweep: async (now) => {
      for (const name of await readdir(folder).catch(() => [])) {
        const path = join(folder, name);
        const { mtimeMs } = await stat(path);
        if (now - mtimeMs > FORGOTTEN) await rm(path, { recursive: true, force: true });
      }
    },
  };
}
