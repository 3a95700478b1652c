/** Folders of files, in which the name of the folder that a file is in is its class. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DISPLAY } from '../../../display/bundle.ts';
import { Dataset } from '../dataset/dataset.ts';
import { labelField } from '../dataset/fields.ts';
import type { Field, Stored } from '../dataset/plan.ts';
import { DataError } from '../error.ts';
import { existing, load, pathOf } from '../origin/origin.ts';
import { decodePicture, type Picture } from './pictures.ts';
import { decodeWav, type Sound } from './wav.ts';

/** Files of one sort, and the class of each. */
export class FileFolder {
  readonly folder: string;
  /** Paths, in the order of the alphabet, class after class. */
  readonly paths: readonly string[];
  /** Name of the class of each file; empty where files lie in the folder itself. */
  readonly labels: readonly string[];
  /** Names of the classes. */
  readonly classes: readonly string[];

  constructor(folder: string, files: readonly { path: string; label: string }[]) {
    this.folder = folder;
    this.paths = files.map(({ path }) => path);
    this.labels = files.map(({ label }) => label);
    this.classes = [...new Set(this.labels)].filter((label) => label !== '').sort();
  }

  /** Number of files. */
  get length(): number {
    return this.paths.length;
  }

  [DISPLAY](): Record<string, unknown> {
    const counts = this.classes.map((name) => `${name}: ${this.labels.filter((label) => label === name).length}`);
    return {
      'text/plain': `${this.folder}: ${this.length} files${counts.length > 0 ? ` · ${counts.join(', ')}` : ''}`,
    };
  }

  /** Inputs out of the files, and their classes. */
  protected examples(stored: Stored, shape: readonly number[], scale: number | undefined, oneHot: boolean): Dataset {
    const [height = 1, ...rest] = shape;
    const size = rest.reduce((product, length) => product * length, height);
    const input: Field = { stored, size, shape, dtype: 'float32', ...(scale === undefined ? {} : { scale }) };
    const common = { kind: 'indexed', stored: this.length, inputs: [input] } as const;
    if (this.classes.length === 0) return new Dataset({ ...common, targets: [] });
    const { field, classes } = labelField(this.labels, {
      oneHot,
      ...(this.classes.length > 1 ? { classes: this.classes } : {}),
    });
    return new Dataset({ ...common, targets: [field] }, { classes });
  }
}

/** PNG and JPEG files. */
export class ImageFolder extends FileFolder {
  /** One picture, in its own size. */
  async picture(index: number): Promise<Picture> {
    const { bytes, name } = await load(this.paths[index] ?? '');
    return decodePicture(bytes, name);
  }

  /**
   * A data set of the pictures `[height, width, channels]`, each scaled to the size given, values from 0 to 1. Files are
   * decoded as they are needed, in the thread that prepares batches.
   * @throws DataError when all files are of one class
   */
  dataset(options: { height: number; width: number; channels?: 1 | 3 | 4; oneHot?: boolean }): Dataset {
    const { height, width, channels = 3, oneHot = true } = options;
    for (const [name, value] of Object.entries({ height, width })) {
      if (!Number.isInteger(value) || value < 1) throw new RangeError(`${name}: ${value} is no number of pixels`);
    }
    return this.examples({ kind: 'images', paths: this.paths }, [height, width, channels], 1 / 255, oneHot);
  }
}

/** WAV files. */
export class SoundFolder extends FileFolder {
  /** One sound, in its own length. */
  async sound(index: number): Promise<Sound> {
    const { bytes, name } = await load(this.paths[index] ?? '');
    return decodeWav(bytes, name);
  }

  /**
   * A data set of the sounds `[frames, channels]`, each cut or filled up with silence, values from -1 to 1.
   * @throws DataError when all files are of one class
   */
  dataset(options: { frames: number; channels?: number; oneHot?: boolean }): Dataset {
    const { frames, channels = 1, oneHot = true } = options;
    if (!Number.isInteger(frames) || frames < 1) throw new RangeError(`frames: ${frames} is no number of frames`);
    return this.examples({ kind: 'sounds', paths: this.paths }, [frames, channels], undefined, oneHot);
  }
}

/**
 * Lists PNG and JPEG files: each folder in the folder given is a class, files in it directly have none.
 * @throws DataError when there is no such folder, or no picture in it
 * @example const pets = await data.images('pets'); const set = pets.dataset({ height: 64, width: 64 });
 */
export async function images(folder: string | URL): Promise<ImageFolder> {
  return new ImageFolder(...(await filesIn(folder, /\.(png|jpe?g)$/i, 'PNG or JPEG')));
}

/** Lists WAV files, as {@link images} does. @throws DataError when there is no such folder, or no sound in it */
export async function sounds(folder: string | URL): Promise<SoundFolder> {
  return new SoundFolder(...(await filesIn(folder, /\.wav$/i, 'WAV')));
}

async function filesIn(
  given: string | URL,
  ending: RegExp,
  what: string,
): Promise<[folder: string, files: { path: string; label: string }[]]> {
  const folder = pathOf(given);
  if (folder === undefined)
    throw new DataError('a folder of this machine was expected', { place: { file: String(given) } });
  const found = await existing(folder, String(given));
  if (!found.isDirectory()) {
    throw new DataError('it is a file; a folder was expected', { place: { file: String(given) } });
  }
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && ending.test(entry.name) && !entry.name.startsWith('.'))
    .map((entry) => {
      const inside = entry.parentPath.slice(folder.length).split(/[\\/]/).filter(Boolean);
      return { path: join(entry.parentPath, entry.name), label: inside[0] ?? '' };
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  if (files.length === 0) {
    throw new DataError(`there is no ${what} file in it, nor in the folders in it`, {
      place: { file: String(given) },
      advice: 'Put each class into a folder of its own: cats/1.png, dogs/1.png, …',
    });
  }
  const loose = files.find(({ label }) => label === '');
  if (loose && files.some(({ label }) => label !== '')) {
    throw new DataError('it lies beside the folders of the classes, so its class is not known', {
      place: { file: loose.path },
      advice: 'Move it into a folder, or away',
    });
  }
  return [folder, files];
}
