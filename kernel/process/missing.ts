/**
 * What to say of an import that leads nowhere: where it was looked for, and what would help.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What the kernel brings for notebooks whose folder has no such package. */
export const BROUGHT = /^(trialroom|@tensorflow\/tfjs[^/]*)(\/|$)/;

/** An error for a module that does not exist. */
export const notFound = (message: string): Error => Object.assign(new Error(message), { code: 'ERR_MODULE_NOT_FOUND' });

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined;

/** A better error where a package was not found; undefined where something else went wrong. */
export function missingPackage(error: unknown, specifier: string, folder: string): Error | undefined {
  const code = codeOf(error);
  if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') return undefined;
  const [name, subpath] = split(specifier);
  // Node names a file only where the package is there and the file in it is not.
  if (subpath !== undefined && error instanceof Error && /Cannot find module/.test(error.message)) {
    return notFound(`Package "${name}" is there, but it has no file "${subpath}" (looked up from ${folder})`);
  }
  return notInstalled(specifier, folder);
}

/** An error for a package that is in no folder from this one upward. */
export function notInstalled(specifier: string, folder: string): Error {
  const [name] = split(specifier);
  return notFound(`Cannot find package "${name}" from ${folder}. Install it there: npm install ${name}`);
}

/**
 * True for a package that is certainly not there for a file. To be asked before Node is: it remembers for good that there
 * was no such package, also when it has been installed since.
 */
export function isAbsent(specifier: string, file: string): boolean {
  if (!/^[^./#\\]/.test(specifier) || /^[a-z][a-z\d+.-]*:/i.test(specifier) || isBuiltin(specifier)) return false;
  const [name] = split(specifier);
  if (ownName(dirname(file)) === name) return false;
  const folders = createRequire(file).resolve.paths(name) ?? [];
  // CommonJS also takes a file for a package.
  return !folders.some((folder) => [name, `${name}.js`].some((each) => existsSync(join(folder, each))));
}

/** Name of the package that a folder belongs to: it may import itself. */
function ownName(folder: string): unknown {
  for (let at = folder; ; at = dirname(at)) {
    try {
      const { name }: { name?: unknown } = JSON.parse(readFileSync(join(at, 'package.json'), 'utf8'));
      return name;
    } catch {
      if (at === dirname(at)) return undefined;
    }
  }
}

/** A better error where a package does not offer a path inside it. */
export function unexportedPath(error: unknown, specifier: string): Error | undefined {
  if (codeOf(error) !== 'ERR_PACKAGE_PATH_NOT_EXPORTED') return undefined;
  const [name, subpath] = split(specifier);
  const text = error instanceof Error ? error.message : '';
  const file = /(?:file:\/\/)?(\/\S+package\.json|[A-Za-z]:\\\S+package\.json)/.exec(text)?.[0];
  const path = file?.startsWith('file:') ? fileURLToPath(file) : file;
  const offered = path === undefined ? [] : exportsOf(path).map((key) => name + key.slice(1));
  const asked = subpath === undefined ? `anything under the name "${name}" alone` : `"${name}/${subpath}"`;
  const list = offered.slice(0, 12).join(', ') + (offered.length > 12 ? `, and ${offered.length - 12} more` : '');
  return notFound(
    `Package "${name}"${path === undefined ? '' : ` (${path})`} does not export ${asked}.${
      offered.length > 0 ? ` It offers: ${list}` : ''
    }`,
  );
}

function split(specifier: string): [name: string, subpath: string | undefined] {
  const parts = specifier.split('/');
  const name = parts.splice(0, specifier.startsWith('@') ? 2 : 1).join('/');
  return [name, parts.length > 0 ? parts.join('/') : undefined];
}

function exportsOf(packageFile: string): string[] {
  try {
    const { exports }: { exports?: unknown } = JSON.parse(readFileSync(packageFile, 'utf8'));
    return typeof exports === 'object' && exports !== null
      ? Object.keys(exports).filter((key) => key.startsWith('.'))
      : [];
  } catch {
    return [];
  }
}
