/**
 * The states in which the user's files were met: a file that changed, or that leads to one which did, gets another URL,
 * since Node never loads one twice. It knows files by what is written in them, and loads nothing itself.
 */
import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const require = createRequire(import.meta.url);
const { queueMicrotask } = globalThis;
const EXTENSIONS = [
  '.ts',
  '.tsx',
  '.js',
  '.mts',
  '.jsx',
  '.mjs',
  '.cts',
  '.cjs',
  '.json',
  '/index.ts',
  '/index.tsx',
  '/index.js',
];
const PARAMETER = 'changed';

/** The file that a path without an ending stands for, or one with the ending of what it will be compiled to. */
export function findFile(path: string): string | undefined {
  if (isFile(path)) return path;
  const compiled = /\.([cm]?)js(x?)$/.exec(path);
  if (compiled) {
    for (const end of [`.${compiled[1]}ts${compiled[2]}`, `.${compiled[1]}ts`, '.tsx']) {
      const source = path.slice(0, compiled.index) + end;
      if (isFile(source)) return source;
    }
  }
  return EXTENSIONS.map((end) => path + end).find(isFile);
}

/** A URL without what marks the version of its file. */
export function unstamped(url: string): string {
  if (!url.includes(`${PARAMETER}=`)) return url;
  const bare = new URL(url);
  bare.searchParams.delete(PARAMETER);
  return bare.href;
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

/** The version of each file that was loaded first: it keeps the plain URL. */
const first = new Map<string, string>();
/** The version of each file that was met last. */
const latest = new Map<string, string>();

/** The URL under which Node loads a file as it is now. */
export function stamp(url: string, path: string): string {
  const version = refresh(path);
  const known = first.get(path);
  if (known === undefined) first.set(path, version);
  if (known === undefined || known === version) return unstamped(url);
  const stamped = new URL(url);
  stamped.searchParams.set(PARAMETER, version);
  return stamped.href;
}

/** Files that CommonJS had loaded and was made to forget. */
const forgotten = new Set<string>();
/** Under what else CommonJS knows a file. */
const otherNames = new Map<string, string>();

/** Says under what else CommonJS will know a file, until it changes. */
export function nameAlso(path: string, name: string): void {
  otherNames.set(path, name);
}

/** True where a file leads to others that CommonJS was made to forget. */
export const leadsToForgotten = (path: string): boolean =>
  forgotten.size > 0 && versionOf(path).files.some((file) => file !== path && forgotten.has(file));

/** From now on files are looked at again. */
export const lookAgain = (): void => versions.clear();

/** CommonJS knows a module by its path alone: it must forget what has changed. */
export function refresh(path: string): string {
  const { version, files } = versionOf(path);
  if (latest.get(path) === version) return version;
  for (const file of files) {
    const now = versionOf(file).version;
    if (latest.get(file) !== now) {
      if (file in require.cache) forgotten.add(file);
      delete require.cache[file];
      delete require.cache[otherNames.get(file) ?? file];
    }
    latest.set(file, now);
  }
  return version;
}

/** A state of a file. */
interface Version {
  version: string;
  /** The file and all files that it imports, and they. */
  files: string[];
}

/** Versions that were just found; while modules are being linked, files are taken not to change. */
const versions = new Map<string, Version>();

/** What tells one state of a file, and of all that it imports, from another. */
export function versionOf(path: string): Version {
  const known = versions.get(path);
  if (known) return known;
  if (versions.size === 0) queueMicrotask(() => versions.clear());
  const reached = new Map<string, string>();
  const visit = (file: string): void => {
    if (reached.has(file)) return;
    const state = stateOf(file);
    reached.set(file, state);
    if (state !== '') for (const imported of importsOf(file, state)) visit(imported);
  };
  visit(path);
  const files = [...reached.keys()].sort();
  const { createHash }: typeof import('node:crypto') = require('node:crypto');
  const hash = createHash('sha1');
  for (const file of files) hash.update(`${file}\0${reached.get(file)}\0`);
  const found = { version: hash.digest('hex').slice(0, 12), files };
  versions.set(path, found);
  return found;
}

function stateOf(file: string): string {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats ? `${stats.mtimeMs}:${stats.ctimeMs}:${stats.size}` : '';
}

const scanned = new Map<string, { state: string; imports: string[] }>();
const SPECIFIER = /\b(?:from|import|require)\s*\(?\s*(["'`])((?:\.{1,2}\/|\/|file:)[^"'`\n]*)\1/g;
const CODE = /\.[cm]?[jt]sx?$/;

/** The files that a file imports. A comment that looks like an import does no harm. */
function importsOf(file: string, state: string): string[] {
  if (!CODE.test(file)) return [];
  const known = scanned.get(file);
  if (known?.state === state) return known.imports;
  const imports: string[] = [];
  for (const [, , specifier = ''] of readFileSync(file, 'utf8').matchAll(SPECIFIER)) {
    const path = fileURLToPath(new URL(specifier, pathToFileURL(file)));
    // One that is missing may come.
    if (!path.includes(`${sep}node_modules${sep}`)) imports.push(findFile(path) ?? path);
  }
  scanned.set(file, { state, imports });
  return imports;
}
