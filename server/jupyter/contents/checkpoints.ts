/** One checkpoint of each file: a copy in the data folder, made and put back when a client says so. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf } from '../../notebooks/files.ts';
import { missing } from './place.ts';

/** The only id there is. */
export const CHECKPOINT = 'checkpoint';

export interface CheckpointModel {
  id: string;
  last_modified: string;
}

export class Checkpoints {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async list(path: string): Promise<CheckpointModel[]> {
    const kept = await stat(this.#place(path)).catch(() => null);
    return kept ? [{ id: CHECKPOINT, last_modified: kept.mtime.toISOString() }] : [];
  }

  async keep(path: string, bytes: Uint8Array | string): Promise<CheckpointModel> {
    const place = this.#place(path);
    await mkdir(dirname(place), { recursive: true, mode: 0o700 });
    const temporary = `${place}.${randomBytes(4).toString('hex')}`;
    await writeFile(temporary, bytes, { mode: 0o600 });
    await rename(temporary, place);
    return (await this.list(path))[0] ?? { id: CHECKPOINT, last_modified: new Date().toISOString() };
  }

  /** @throws Refusal (404) */
  async read(path: string, id: string): Promise<Buffer> {
    if (id !== CHECKPOINT) throw missing(`checkpoint ${id} of ${path}`);
    try {
      return await readFile(this.#place(path));
    } catch (error) {
      if (codeOf(error) === 'ENOENT') throw missing(`checkpoint of ${path}`);
      throw error;
    }
  }

  /** @throws Refusal (404) */
  async remove(path: string, id: string): Promise<void> {
    await this.read(path, id);
    await this.drop(path);
  }

  /** Forgets it, if there is one. */
  async drop(path: string): Promise<void> {
    await rm(this.#place(path), { force: true });
  }

  /** The file has another path now. */
  async move(from: string, to: string): Promise<void> {
    await rename(this.#place(from), this.#place(to)).catch((error: unknown) => {
      if (codeOf(error) !== 'ENOENT') throw error;
    });
  }

  #place(path: string): string {
    return join(this.#folder, createHash('sha256').update(path).digest('hex'));
  }
}
