/**
 * The user's own files, as cells import them: TypeScript with all that cells may hold, and always as they are on the
 * disk. A file that changed, or that imports one which did, is a new module under a URL of its own; one that did not is
 * the module it was. Packages and the kernel's own files are left to Node.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire, type LoadFnOutput, type ResolveFnOutput, registerHooks } from 'node:module';
import { dirname, join, resolve as resolvePath, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { lineAndColumn } from '../cell/excerpt.ts';
import { isDeep } from '../cell/nesting.ts';
import { attachFrames, inCallersName, linkPlace, prependFrame, rememberModule } from '../cell/trace.ts';
import type { Transpiled } from '../cell/transpile.ts';
import { BROUGHT, isAbsent, missingPackage, notInstalled, unexportedPath } from './missing.ts';
import { withoutExecution } from './scope.ts';
import { findFile, leadsToForgotten, lookAgain, nameAlso, refresh, stamp, versionOf } from './versions.ts';

const require = createRequire(import.meta.url);
const OURS = ['../', '../../shared/'].map((folder) => fileURLToPath(new URL(folder, import.meta.url)));

/** The library as its package names it, and where it is loaded from. */
const LIBRARY = new URL('../library/index.ts', import.meta.url).href;
let loadedLibrary = LIBRARY;

/** From now on the user's files are loaded as said above, and `trialroom` from the URL given. */
export function installModules(library: string): void {
  loadedLibrary = library;
  registerHooks({ resolve, load });
}

/** The path of a URL, if it is that of a file of the user's. */
function localPath(url: string | undefined): string | undefined {
  if (!url?.startsWith('file:') || url.includes('/node_modules/')) return undefined;
  const path = fileURLToPath(url);
  return isOurs(path) ? undefined : path;
}

const isOurs = (path: string): boolean => OURS.some((folder) => path.startsWith(folder));

/** The path of a TypeScript file of a package. Node runs none of those; many a package of a workspace has nothing else. */
function packagedPath(url: string | undefined): string | undefined {
  if (!url?.startsWith('file:') || !/\/node_modules\/.*\.[cm]?tsx?$/.test(url)) return undefined;
  const path = fileURLToPath(url);
  return isOurs(path) ? undefined : path;
}

/**
 * Stands before the URL of a changed module that is required. Node's `require` leaves out of a URL what tells one version
 * from another: it gets a module that passes the right one on.
 */
const AGAIN = 'trialroom-again:';

type Context = Parameters<NonNullable<Parameters<typeof registerHooks>[0]['resolve']>>[1];
type Next = Parameters<NonNullable<Parameters<typeof registerHooks>[0]['resolve']>>[2];

function resolve(specifier: string, context: Context, next: Next): ResolveFnOutput {
  const found = find(specifier, context, next);
  if (found.url === LIBRARY && loadedLibrary !== LIBRARY) return { ...found, url: loadedLibrary, format: 'module' };
  const path = localPath(found.url);
  if (path === undefined) return found;
  const url = stamp(found.url, path);
  if (isRequired(context) && url.includes('?') && isModule(path)) {
    nameAlso(path, AGAIN + url);
    return { url: AGAIN + url, format: 'module', shortCircuit: true };
  }
  if (!path.endsWith('.json') || Object.hasOwn(context.importAttributes ?? {}, 'type')) return { ...found, url };
  return { ...found, url, importAttributes: { ...context.importAttributes, type: 'json' } };
}

/** True where `require` asks, which knows files by their paths. */
const isRequired = ({ conditions }: Pick<Context, 'conditions'>): boolean => conditions.includes('require');

function find(specifier: string, context: Context, next: Next): ResolveFnOutput {
  const parent = localPath(context.parentURL) ?? packagedPath(context.parentURL);
  const absent = parent !== undefined && isAbsent(specifier, parent);
  if (absent && !BROUGHT.test(specifier)) throw notInstalled(specifier, dirname(parent));
  try {
    if (absent && isRequired(context)) return next(require.resolve(specifier), context);
    return next(specifier, absent ? { ...context, parentURL: import.meta.url } : context);
  } catch (error) {
    if (parent === undefined) throw error;
    if (/^(\.{1,2}|)\/|^file:/.test(specifier)) {
      const file = findFile(fileURLToPath(new URL(specifier, context.parentURL)));
      if (file === undefined) throw error;
      return next(isRequired(context) ? file : pathToFileURL(file).href, context);
    }
    if (BROUGHT.test(specifier)) return next(specifier, { ...context, parentURL: import.meta.url });
    throw unexportedPath(error, specifier) ?? missingPackage(error, specifier, dirname(parent)) ?? error;
  }
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
    lookAgain();
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
  const resolve = (...asked: Parameters<typeof node.resolve>): string =>
    inCallersName(() => {
      const found = node.resolve(...asked);
      return found.startsWith(AGAIN) ? fileURLToPath(found.slice(AGAIN.length)) : found;
    });
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
  const told = linkPlace(error);
  if (told) {
    prependFrame(error, told);
    return;
  }
  const { parseSync }: typeof import('oxc-parser') = require('oxc-parser');
  for (const file of versionOf(path).files) {
    if (!/\.[cm]?js$/.test(file) || !existsSync(file)) continue;
    const text = readFileSync(file, 'utf8');
    if (isDeep(text)) continue;
    const sourceType = formatOf(file, text);
    const offset = parseSync(file, text, { sourceType }).errors[0]?.labels[0]?.start;
    if (offset === undefined) continue;
    prependFrame(error, { file, ...lineAndColumn(text, offset) });
    return;
  }
}

type LoadContext = Parameters<NonNullable<Parameters<typeof registerHooks>[0]['load']>>[1];
type NextLoad = Parameters<NonNullable<Parameters<typeof registerHooks>[0]['load']>>[2];

function load(url: string, context: LoadContext, next: NextLoad): LoadFnOutput {
  if (url.startsWith(AGAIN)) {
    const source = `import * as whole from ${JSON.stringify(url.slice(AGAIN.length))}; export { whole as "module.exports" };`;
    return { format: 'module', source, shortCircuit: true };
  }
  const path = localPath(url) ?? packagedPath(url);
  if (path === undefined) return next(url, context);
  // To look at its exports, Node puts the files that a module of CommonJS passes on among those it has loaded; one that it
  // has met before, it then takes for one that is running, and shows nothing of it. So it runs before that.
  if (!isRequired(context) && context.format?.startsWith('commonjs') && leadsToForgotten(path)) require(path);
  if (!isCompiled(path)) return next(url, context);
  const { code, maps } = compiled(path);
  rememberModule(url, path, maps);
  return { format: formatOf(path, code), source: code, shortCircuit: true };
}

/** True for a file that Node does not run as it stands. */
const isCompiled = (path: string): boolean => /\.(?:[cm]?tsx?|[cm]?jsx)$/.test(path);

/** A file as JavaScript. @throws SyntaxError when it does not parse */
function compiled(path: string): Transpiled {
  const text = readFileSync(path, 'utf8');
  const { transpileAs, isRefusal }: typeof import('../cell/transpile.ts') = require('../cell/transpile.ts');
  const result = transpileAs(/\.[cm]?jsx$/.test(path) ? 'jsx' : path.endsWith('x') ? 'tsx' : 'ts', text, {
    cell: false,
  });
  if (!isRefusal(result)) return result;
  const error = new SyntaxError(result.message);
  attachFrames(error, [{ file: path, ...lineAndColumn(text, result.offset) }]);
  throw error;
}

/** True for a file that is a module, and not CommonJS or data. */
const isModule = (path: string): boolean =>
  /\.[cm]?[jt]sx?$/.test(path) &&
  formatOf(path, isCompiled(path) ? compiled(path).code : readFileSync(path, 'utf8')) === 'module';

/** Whether a file is a module or CommonJS: what it says, then what it is written in, then what its package says. */
function formatOf(path: string, code: string): 'module' | 'commonjs' {
  const kind = /\.([cm]?)[jt]sx?$/.exec(path)?.[1];
  if (kind) return kind === 'm' ? 'module' : 'commonjs';
  if (/^\s*(?:import\b[^(.]|export\b)|\bimport\.meta\b/m.test(code)) return 'module';
  if (!/\b(?:require|module|exports|__dirname|__filename)\b/.test(code)) return 'module';
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const file = `${folder}${sep}package.json`;
    if (existsSync(file)) return /"type"\s*:\s*"module"/.test(readFileSync(file, 'utf8')) ? 'module' : 'commonjs';
    if (folder === dirname(folder)) return 'commonjs';
  }
}
