/**
 * The user's own files, as cells import them: TypeScript with all that cells may hold, and always as they are on the
 * disk. A file that changed, or that imports one which did, is a new module under a URL of its own; one that did not is
 * the module it was. Packages and the kernel's own files are left to Node.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire, type LoadFnOutput, type ResolveFnOutput, registerHooks } from 'node:module';
import { dirname, join, resolve as resolvePath, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { lineAndColumn } from '../cell/excerpt.ts';
import { isDeep } from '../cell/nesting.ts';
import { attachFrames, inCallersName, prependFrame, rememberModule } from '../cell/trace.ts';
import { BROUGHT, isAbsent, missingPackage, notInstalled, unexportedPath } from './missing.ts';
import { withoutExecution } from './scope.ts';

const require = createRequire(import.meta.url);
const { queueMicrotask } = globalThis;
const OURS = ['../', '../../shared/'].map((folder) => fileURLToPath(new URL(folder, import.meta.url)));
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

/** The library as its package names it, and where it is loaded from. */
const LIBRARY = new URL('../library/index.ts', import.meta.url).href;
let loadedLibrary = LIBRARY;

/** From now on the user's files are loaded as said above, and `trialroom` from the URL given. */
export function installModules(library: string): void {
  loadedLibrary = library;
  registerHooks({ resolve, load });
}

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

/** The path of a URL, if it is that of a file of the user's. */
function localPath(url: string | undefined): string | undefined {
  if (!url?.startsWith('file:') || url.includes('/node_modules/')) return undefined;
  const path = fileURLToPath(url);
  return OURS.some((folder) => path.startsWith(folder)) ? undefined : path;
}

type Context = Parameters<NonNullable<Parameters<typeof registerHooks>[0]['resolve']>>[1];
type Next = Parameters<NonNullable<Parameters<typeof registerHooks>[0]['resolve']>>[2];

function resolve(specifier: string, context: Context, next: Next): ResolveFnOutput {
  const found = find(specifier, context, next);
  if (found.url === LIBRARY && loadedLibrary !== LIBRARY) return { ...found, url: loadedLibrary, format: 'module' };
  const path = localPath(found.url);
  if (path === undefined) return found;
  const url = stamp(found.url, path);
  if (!path.endsWith('.json') || Object.hasOwn(context.importAttributes ?? {}, 'type')) return { ...found, url };
  return { ...found, url, importAttributes: { ...context.importAttributes, type: 'json' } };
}

function find(specifier: string, context: Context, next: Next): ResolveFnOutput {
  const parent = localPath(context.parentURL);
  const absent = parent !== undefined && isAbsent(specifier, parent);
  if (absent && !BROUGHT.test(specifier)) throw notInstalled(specifier, dirname(parent));
  try {
    return next(specifier, absent ? { ...context, parentURL: import.meta.url } : context);
  } catch (error) {
    if (parent === undefined) throw error;
    if (/^(\.{1,2}|)\/|^file:/.test(specifier)) {
      const file = findFile(fileURLToPath(new URL(specifier, context.parentURL)));
      if (file === undefined) throw error;
      return next(pathToFileURL(file).href, context);
    }
    if (BROUGHT.test(specifier)) return next(specifier, { ...context, parentURL: import.meta.url });
    throw unexportedPath(error, specifier) ?? missingPackage(error, specifier, dirname(parent)) ?? error;
  }
}

/** The version of each file that was loaded first: it keeps the plain URL. */
const first = new Map<string, string>();
/** The version of each file that was met last. */
const latest = new Map<string, string>();

function stamp(url: string, path: string): string {
  const version = refresh(path);
  const known = first.get(path);
  if (known === undefined) first.set(path, version);
  if (known === undefined || known === version) return unstamped(url);
  const stamped = new URL(url);
  stamped.searchParams.set(PARAMETER, version);
  return stamped.href;
}

/** CommonJS knows a module by its path alone: it must forget what has changed. */
function refresh(path: string): string {
  const { version, files } = versionOf(path);
  if (latest.get(path) === version) return version;
  for (const file of files) {
    const now = versionOf(file).version;
    if (latest.get(file) !== now) delete require.cache[file];
    latest.set(file, now);
  }
  return version;
}

/** How many calls under way find or load modules. */
let requiring = 0;

/** True while modules are being found or loaded in this turn. */
export const isRequiring = (): boolean => requiring > 0;

/**
 * Finds or loads modules in nobody's name: stopped half-way, one of Node's own that is loaded on the way would be broken
 * for as long as the process lives.
 */
export function requiringModules<T>(work: () => T): T {
  requiring++;
  try {
    return withoutExecution(work);
  } finally {
    requiring--;
  }
}

/**
 * Lets go of CommonJS modules that are half loaded, so that whoever requires one loads it anew. Called where nothing is
 * being loaded: their code was stopped, where Node has no word on it and would hand out what is there for ever.
 */
export function forgetBrokenModules(): void {
  requiring = 0;
  for (const [path, module] of Object.entries(require.cache)) if (module?.loaded === false) delete require.cache[path];
}

/** A `require` for cells in a folder. Node's own does not look at a file again. */
export function requireFrom(folder: string): NodeJS.Require {
  const node = createRequire(join(folder, 'notebook.ts'));
  const fresh = (specifier: string): unknown => {
    const file = /^\.{0,2}\//.test(specifier) ? findFile(resolvePath(folder, specifier)) : undefined;
    versions.clear();
    return inCallersName(() =>
      requiringModules(() => {
        try {
          if (file !== undefined) refresh(file);
          return node(specifier);
        } catch (error) {
          if (file !== undefined) placeSyntaxError(error, file);
          throw error;
        }
      }),
    );
  };
  const resolve = (...asked: Parameters<typeof node.resolve>): string => inCallersName(() => node.resolve(...asked));
  return Object.assign(fresh, {
    resolve: Object.assign(resolve, node.resolve),
    cache: node.cache,
    extensions: node.extensions,
    main: node.main,
  });
}

/**
 * Says of an error in the grammar of a JavaScript file where it is. V8 keeps that to itself where the file was reached
 * by way of others; so it is looked for in `path` and in all that it imports.
 */
export function placeSyntaxError(error: unknown, path: string): void {
  if (!(error instanceof SyntaxError)) return;
  const { parseSync }: typeof import('oxc-parser') = require('oxc-parser');
  for (const file of versionOf(path).files) {
    if (!/\.[cm]?js$/.test(file) || !existsSync(file)) continue;
    const text = readFileSync(file, 'utf8');
    if (isDeep(text)) continue;
    const sourceType = formatOf(/\.([cm]?)js$/.exec(file)?.[1], file, text);
    const offset = parseSync(file, text, { sourceType }).errors[0]?.labels[0]?.start;
    if (offset === undefined) continue;
    prependFrame(error, { file, ...lineAndColumn(text, offset) });
    return;
  }
}

interface Version {
  version: string;
  /** The file and all files that it imports, and they. */
  files: string[];
}

/** Versions that were just found; while modules are being linked, files are taken not to change. */
const versions = new Map<string, Version>();

/** What tells one state of a file, and of all that it imports, from another. */
function versionOf(path: string): Version {
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

type LoadContext = Parameters<NonNullable<Parameters<typeof registerHooks>[0]['load']>>[1];
type NextLoad = Parameters<NonNullable<Parameters<typeof registerHooks>[0]['load']>>[2];

function load(url: string, context: LoadContext, next: NextLoad): LoadFnOutput {
  const path = localPath(url);
  const [, kind, language, jsx] = (path !== undefined && /\.([cm]?)(ts|js)(x?)$/.exec(path)) || [];
  if (path === undefined || !language || (language === 'js' && !jsx)) return next(url, context);
  const text = readFileSync(path, 'utf8');
  const { transpileAs, isRefusal }: typeof import('../cell/transpile.ts') = require('../cell/transpile.ts');
  const result = transpileAs(language === 'js' ? 'jsx' : jsx ? 'tsx' : 'ts', text, { cell: false });
  if (isRefusal(result)) {
    const error = new SyntaxError(result.message);
    attachFrames(error, [{ file: path, ...lineAndColumn(text, result.offset) }]);
    throw error;
  }
  rememberModule(url, path, result.maps);
  return { format: formatOf(kind, path, result.code), source: result.code, shortCircuit: true };
}

/** Whether a file is a module or CommonJS: what it says, then what it is written in, then what its package says. */
function formatOf(kind: string | undefined, path: string, code: string): 'module' | 'commonjs' {
  if (kind) return kind === 'm' ? 'module' : 'commonjs';
  if (/^\s*(?:import\b[^(.]|export\b)|\bimport\.meta\b/m.test(code)) return 'module';
  if (!/\b(?:require|module|exports|__dirname|__filename)\b/.test(code)) return 'module';
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const file = `${folder}${sep}package.json`;
    if (existsSync(file)) return /"type"\s*:\s*"module"/.test(readFileSync(file, 'utf8')) ? 'module' : 'commonjs';
    if (folder === dirname(folder)) return 'commonjs';
  }
}
