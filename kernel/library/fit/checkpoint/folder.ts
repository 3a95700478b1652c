/**
 * Checkpoints in a folder. Each run that begins anew gets the next number, so that nothing of an earlier one is
 * overwritten; files are `RUN-STEP.safetensors`, and each is whole from the moment it has its name.
 */
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { writeWhole } from '../../model-files/atomic.ts';
import { BadModelFile } from '../../model-files/safetensors.ts';
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from './file.ts';

interface Named {
  file: string;
  run: number;
  step: number;
}

const NAME = /^(\d{4,})-(\d{8,})\.safetensors$/;
const UNFINISHED = /^\.\d{4,}-\d{8,}\.safetensors\..*\.tmp$/;

/** What a checkpoint was loaded from. */
export interface Loaded extends Checkpoint {
  path: string;
}

export class CheckpointFolder {
  readonly #folder: string;
  readonly #keep: number;
  readonly #keepBest: number;
  #run = 0;
  #kept: { path: string; step: number; value: number | null }[] = [];

  /**
   * @param keep how many of the newest to keep
   * @param keepBest how many of the best to keep beside them
   */
  constructor(folder: string, keep: number, keepBest: number) {
    this.#folder = folder;
    this.#keep = keep;
    this.#keepBest = keepBest;
  }

  /** Makes the folder ready for a run from the beginning. */
  async begin(): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    this.#run = Math.max(0, ...(await this.#files()).map(({ run }) => run)) + 1;
    this.#kept = [];
  }

  /**
   * The newest checkpoint that is whole, of the newest run; undefined when there is none at all. What is to be written
   * from now on belongs to that run.
   * @param note told of each file that had to be passed over, and why
   * @throws Error when there are checkpoints, and all of them are broken
   */
  async newest(note: (message: string) => void): Promise<Loaded | undefined> {
    await mkdir(this.#folder, { recursive: true });
    const files = await this.#files();
    const run = files[0]?.run;
    if (run === undefined) return undefined;
    const mine = files.filter((file) => file.run === run);
    for (const [index, { file }] of mine.entries()) {
      try {
        const loaded = await load(join(this.#folder, file));
        await this.#join(run, mine.slice(index));
        return loaded;
      } catch (error) {
        if (!(error instanceof BadModelFile)) throw error;
        note(`${error.message}; ${mine[index + 1] ? 'the one before it is used' : 'there is none before it'}`);
      }
    }
    throw new Error(`all checkpoints of the newest run in ${this.#folder} are broken; remove them to begin anew`);
  }

  /** Writes a checkpoint, then removes those that are not to be kept. @returns where it is */
  async write(checkpoint: Checkpoint): Promise<string> {
    const { state, monitor } = checkpoint.header;
    const name = `${String(this.#run).padStart(4, '0')}-${String(state.steps).padStart(8, '0')}.safetensors`;
    const path = join(this.#folder, name);
    await writeWhole(path, encodeCheckpoint(checkpoint));
    this.#kept = this.#kept.filter((other) => other.path !== path);
    this.#kept.push({ path, step: state.steps, value: monitor.value });
    await this.#tidy(monitor.direction);
    return path;
  }

  async #tidy(direction: 'min' | 'max'): Promise<void> {
    const sign = direction === 'min' ? 1 : -1;
    const newest = [...this.#kept].sort((a, b) => b.step - a.step).slice(0, this.#keep);
    const best = this.#kept
      .filter(({ value }) => value !== null && !Number.isNaN(value))
      .sort((a, b) => sign * ((a.value ?? 0) - (b.value ?? 0)))
      .slice(0, this.#keepBest);
    const kept = new Set([...newest, ...best]);
    for (const each of this.#kept) if (!kept.has(each)) await rm(each.path, { force: true });
    this.#kept = this.#kept.filter((each) => kept.has(each));
  }

  async #join(run: number, files: readonly Named[]): Promise<void> {
    this.#run = run;
    this.#kept = [];
    for (const { file, step } of files) {
      const path = join(this.#folder, file);
      this.#kept.push({ path, step, value: await worthOf(path) });
    }
  }

  /** The newest first. Removes what a process that was killed has left unfinished. */
  async #files(): Promise<Named[]> {
    const files: Named[] = [];
    for (const file of await readdir(this.#folder)) {
      const [, run, step] = NAME.exec(file) ?? [];
      if (run !== undefined && step !== undefined) files.push({ file, run: Number(run), step: Number(step) });
      else if (UNFINISHED.test(file)) await rm(join(this.#folder, file), { force: true });
    }
    return files.sort((a, b) => b.run - a.run || b.step - a.step);
  }
}

/** Reads one checkpoint. @throws BadModelFile, which names it */
export async function load(path: string): Promise<Loaded> {
  const bytes = await readFile(path);
  try {
    return { ...decodeCheckpoint(bytes), path };
  } catch (error) {
    if (error instanceof BadModelFile) throw new BadModelFile(`the checkpoint ${basename(path)}: ${error.message}`);
    throw error;
  }
}

/** What a checkpoint was judged to be worth; null when it does not say. */
async function worthOf(path: string): Promise<number | null> {
  try {
    return (await load(path)).header.monitor.value;
  } catch (error) {
    if (error instanceof BadModelFile) return null;
    throw error;
  }
}
