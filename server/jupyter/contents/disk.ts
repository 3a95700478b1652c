/** Files and folders that are no notebooks: read, replaced in one step, copied. Places come from `place.ts`. */
import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { appendFile, chmod, copyFile, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Refusal } from '../../http/refusal.ts';
import { codeOf } from '../../notebooks/files.ts';
import { skipped } from '../../notebooks/paths.ts';
import { contentPath, type Grounds, type Thing } from './place.ts';

/** Most bytes of a file that are sent as JSON; the rest of the way there is `/files/…`, which streams. */
const LARGEST_READ = 64 * 1024 * 1024;

/** What is in a folder, sorted by name; what is hidden, leads out, or cannot be looked at is left out. */
export async function inFolder(grounds: Grounds, folder: Thing): Promise<Thing[]> {
  const names = (await readdir(folder.full)).filter((name) => !skipped(name)).sort();
  const things = await Promise.all(
    names.map(async (name) => {
      try {
        return await grounds.look(contentPath(folder.path === '' ? name : `${folder.path}/${name}`));
      } catch (error) {
        if (error instanceof Refusal) return null;
        throw error;
      }
    }),
  );
  return things.filter((thing) => thing !== null);
}

/** @throws Refusal (413) when it is too large to be sent at once */
export async function bytesOf(thing: Thing): Promise<Buffer> {
  if (thing.size > LARGEST_READ) {
    throw new Refusal(413, {
      error: 'too-large',
      message: `${thing.path} has ${Math.round(thing.size / 1024 / 1024)} MB; ${LARGEST_READ / 1024 / 1024} MB can be sent at once`,
      where: thing.path,
      fix: `load it from /files/${thing.path}`,
    });
  }
  return readFile(thing.full);
}

/** SHA-256 of a file, in hex, without holding it in memory. */
export async function hashOfFile(thing: Thing): Promise<string> {
  const hash = createHash('sha256');
  const file = await open(thing.full);
  for await (const chunk of file.createReadStream()) hash.update(chunk);
  return hash.digest('hex');
}

/** The text, or null when the bytes are not UTF-8. */
export function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Replaces a file in one step, keeping its mode. */
export async function replaceFile(grounds: Grounds, path: string, bytes: Uint8Array): Promise<void> {
  const target = await grounds.spot(path);
  const temporary = join(dirname(target), `.trialroom-${randomBytes(6).toString('hex')}.tmp`);
  try {
    const file = await open(temporary, 'wx', 0o666);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await settle(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw unwritable(path, error);
  }
}

/**
 * Takes one part of a file that comes in parts: the first is 1, the last is -1. The file is replaced when the last is there.
 * @param by whose upload it is: two people may send a file of one name at the same time
 */
export async function takePart(grounds: Grounds, path: string, bytes: Uint8Array, part: number, by: string) {
  const target = await grounds.spot(path);
  const name = createHash('sha256').update(`${by}\n${path}`).digest('hex').slice(0, 16);
  const growing = join(dirname(target), `.trialroom-${name}.part`);
  try {
    if (part === 1) await rm(growing, { force: true });
    else if (!(await stat(growing).catch(() => null))) {
      throw new Refusal(409, {
        error: 'no-first-part',
        message: `the beginning of ${path} is missing`,
        where: 'chunk',
      });
    }
    await appendFile(growing, bytes);
    if (part === -1) await settle(growing, target);
  } catch (error) {
    throw unwritable(path, error);
  }
}

async function settle(temporary: string, target: string): Promise<void> {
  const old = await stat(target).catch(() => null);
  if (old?.isDirectory()) throw taken(basename(target));
  if (old) await chmod(temporary, old.mode & 0o7777);
  await rename(temporary, target);
}

/** Makes a folder that may be there already. */
export async function makeFolder(grounds: Grounds, path: string): Promise<void> {
  const target = await grounds.spot(path);
  try {
    await mkdir(target);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw unwritable(path, error);
    if ((await grounds.find(path)).kind !== 'directory') throw taken(path);
  }
}

/** Copies a file to where nothing is. @throws Refusal (409) */
export async function copy(grounds: Grounds, from: Thing, to: string): Promise<void> {
  try {
    await copyFile(from.full, await grounds.spot(to), constants.COPYFILE_EXCL);
  } catch (error) {
    throw codeOf(error) === 'EEXIST' ? taken(to) : unwritable(to, error);
  }
}

/** Gives a file another name, where nothing is; a link is renamed itself, and what it leads to stays. @throws Refusal (409) */
export async function renameThing(grounds: Grounds, from: Thing, to: string): Promise<void> {
  const target = await grounds.spot(to);
  if (await stat(target).catch(() => null)) throw taken(to);
  await rename(await grounds.nameAt(from.path), target);
}

/** The refusal of a path that something has already. */
export const taken = (path: string): Refusal =>
  new Refusal(409, {
    error: 'path-taken',
    message: `${path} is there already`,
    where: 'path',
    fix: 'Choose another name.',
  });

function unwritable(path: string, error: unknown): unknown {
  const code = codeOf(error);
  if (error instanceof Refusal || code === null) return error;
  return new Refusal(503, {
    error: 'folder-unwritable',
    message: `${path} cannot be written (${code})`,
    where: 'path',
    fix: 'Check that the notebooks folder can be written to and that the disk is not full.',
  });
}
