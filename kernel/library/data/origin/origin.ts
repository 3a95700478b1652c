/**
 * Where data come from: files of the notebook's folder, addresses, bytes at hand, or what a person has given. Whatever is
 * compressed with gzip is unpacked. Nothing is fetched that was not named.
 */
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { sha256 } from '../dataset/hash.ts';
import { DataError, reasonOf } from '../error.ts';
import { likeNames } from './alike.ts';

/**
 * A path (from the notebook's folder, or absolute), a URL (`file:`, `http:` or `https:`), bytes, or a file that a person
 * gave to a `file()` widget.
 */
export type Origin = string | URL | Uint8Array | ArrayBuffer | { readonly name: string; readonly content: Uint8Array };

/** What was read, to say exactly which data a result rests on. */
export interface SourceFile {
  /** Path, address or name. */
  name: string;
  /** As it is stored, before it is unpacked. */
  bytes: number;
  /** In hex, of the bytes as they are stored. */
  sha256: string;
}

/** The bytes of a file, unpacked. */
export interface LoadedFile {
  name: string;
  bytes: Uint8Array;
  source: SourceFile;
}

/** Path of an origin on this machine, absolute; undefined when it is none. */
export function pathOf(origin: Origin): string | undefined {
  if (typeof origin === 'string') {
    if (/^https?:\/\//i.test(origin)) return undefined;
    return origin.startsWith('file:') ? fileURLToPath(origin) : resolve(origin);
  }
  return origin instanceof URL && origin.protocol === 'file:' ? fileURLToPath(origin) : undefined;
}

/** The name by which an origin is spoken of in errors. */
export function nameOf(origin: Origin): string {
  if (typeof origin === 'string') return origin;
  if (origin instanceof URL) return pathOf(origin) ?? origin.href;
  return 'content' in origin ? origin.name : 'bytes';
}

/** Reads all of it. @throws DataError when there is no such file, or it cannot be read or unpacked */
export async function load(origin: Origin): Promise<LoadedFile> {
  const name = nameOf(origin);
  const stored = await bytesOf(origin, name);
  const source = { name, bytes: stored.byteLength, sha256: sha256(stored) };
  return { name, bytes: await unpacked(stored, name), source };
}

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;
const unzip = promisify(gunzip);

/** Bytes as they are, or what gzip has made of them. @throws DataError when they are cut short or damaged */
export async function unpacked(bytes: Uint8Array, name: string): Promise<Uint8Array> {
  if (!isGzip(bytes)) return bytes;
  try {
    return await unzip(bytes);
  } catch (error) {
    throw new DataError(`it is compressed with gzip and cannot be unpacked: ${reasonOf(error)}`, {
      place: { file: name },
      advice: 'The file is probably cut short; get it again',
      cause: error,
    });
  }
}

async function bytesOf(origin: Origin, name: string): Promise<Uint8Array> {
  if (origin instanceof Uint8Array) return origin;
  if (origin instanceof ArrayBuffer) return new Uint8Array(origin);
  if (typeof origin === 'object' && 'content' in origin) return origin.content;
  const path = pathOf(origin);
  if (path === undefined) return fetched(origin instanceof URL ? origin : new URL(origin));
  await checkFile(path, name);
  return readFile(path);
}

/** Most bytes that Node reads at once. */
const MOST_AT_ONCE = 2 ** 31 - 1;

/** @throws DataError when there is no such file, or it is too big to be read at once */
async function checkFile(path: string, name: string): Promise<void> {
  const found = await existing(path, name);
  if (found.isDirectory()) {
    throw new DataError('it is a folder; a file was expected', { place: { file: name }, advice: 'Name a file in it' });
  }
  if (found.size > MOST_AT_ONCE) {
    throw new DataError(`it has ${Math.round(Number(found.size) / 2 ** 20)} MB, which is too much to be held at once`, {
      place: { file: name },
      advice: 'Stream it instead, with data.csv.stream, data.npy.stream or data.idx.stream',
    });
  }
}

/** What the file system says of a path. @throws DataError when there is nothing; names that are like it are given */
export async function existing(path: string, name = path): Promise<Awaited<ReturnType<typeof stat>>> {
  try {
    return await stat(path);
  } catch (error) {
    const like = await likeNames(path);
    throw new DataError(`there is no such file (looked for "${basename(path)}" in ${dirname(path)})`, {
      place: { file: name },
      advice: like.length > 0 ? `There are ${like.map((each) => `"${each}"`).join(', ')}` : 'Check path and folder',
      cause: error,
    });
  }
}

async function fetched(url: URL): Promise<Uint8Array> {
  if (!/^https?:$/.test(url.protocol)) {
    throw new DataError(`addresses that begin with "${url.protocol}" cannot be read`, {
      place: { file: url.href },
      advice: 'Give a path, or an address that begins with file:, http: or https:',
    });
  }
  let answer: Response;
  try {
    answer = await fetch(url);
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new DataError(`it cannot be fetched: ${reasonOf(cause)}`, {
      place: { file: url.href },
      advice: 'Is there a network, and does the address exist? A copy in the folder of the notebook always works',
      cause: error,
    });
  }
  if (!answer.ok) {
    throw new DataError(`the server answered ${answer.status} ${answer.statusText}`, { place: { file: url.href } });
  }
  return new Uint8Array(await answer.arrayBuffer());
}
