/**
 * One checkpoint of each file: a copy in the data folder, made and put back when a client says so. It is kept under a
 * name: the id of a notebook, the path of any other file.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf } from '../../notebooks/files.ts';
import { missing } from './place.ts';

/** The only id there is. */
const CHECKPOINT = 'checkpoint';

/** A checkpoint as clients see it. */
export interface CheckpointModel {
  id: string;
  last_modified: string;
}

/** Keeps checkpoints in a folder that nothing else writes to. */
export class Checkpoints {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The checkpoint there is; empty where none was made. */
  async list(name: string): Promise<CheckpointModel[]> {
    const kept = await stat(this.#place(name)).catch(() => null);
    return kept ? [{ id: CHECKPOINT, last_modified: kept.mtime.toISOString() }] : [];
  }

  /** Keeps these bytes in place of what was kept before. */
  async keep(name: string, bytes: Uint8Array | string): Promise<CheckpointModel> {
    const place = this.#place(name);
    await mkdir(dirname(place), { recursive: true, mode: 0o700 });
    const temporary = `${place}.${randomBytes(4).toString('hex')}`;
    try {
      await writeFile(temporary, bytes, { mode: 0o600 });
      await rename(temporary, place);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    return (await this.list(name))[0] ?? { id: CHECKPOINT, last_modified: new Date().toISOString() };
  }

  /** @throws Refusal (404) */
  async read(name: string, id: string): Promise<Buffer> {
    if (id !== CHECKPOINT) throw missing(`checkpoint ${id}`);
    try {
      return await readFile(this.#place(name));
    } catch (error) {
      if (codeOf(error) === 'ENOENT') throw missing(`checkpoint ${id}`);
      throw error;
    }
  }

  /** @throws Refusal (404) */
  async remove(name: string, id: string): Promise<void> {
    await this.read(name, id);
    await this.drop(name);
  }

  /** Forgets it, if there is one. */
  async drop(name: string): Promise<void> {
    await rm(this.#place(name), { force: true });
  }

  /** The file has another name now. */
  async move(from: string, to: string): Promise<void> {
    await rename(this.#place(from), this.#place(to)).catch((error: unknown) => {
      if (codeOf(error) !== 'ENOENT') throw error;
    });
  }

  #place(name: string): string {
    return join(this.#folder, createHash('sha256').update(name).digest('hex'));
  }
}
