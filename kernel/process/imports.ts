/**
 * How cells import. A name is looked up from the notebook's folder upward, as if the cell were a file there; only what
 * every notebook may count on (`trialroom`, TensorFlow.js) is found beside the kernel when the folder lacks it.
 * Modules belong to the process, not to the cell that happened to load them, so an interrupt leaves them whole.
 */
import { existsSync, statSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { withoutExecution } from './output.ts';

/** Called after a module was imported by a cell, before the cell goes on; a promise is awaited. */
export type ImportHook = (specifier: string, namespace: object) => void | Promise<void>;

const hooks: ImportHook[] = [];

/** Registers a hook for every import that a cell makes. It may be called more than once for one specifier. */
export const registerImportHook = (hook: ImportHook): void => {
  hooks.push(hook);
};

/** What the kernel brings for notebooks whose folder has no such package. */
const BROUGHT = /^(trialroom|@tensorflow\/tfjs[^/]*)(\/|$)/;
const EXTENSIONS = ['.ts', '.js', '.mjs', '.cjs', '.json', '/index.ts', '/index.js'];

/** Imports for cells of a notebook in `folder`. */
export class Imports {
  readonly #base: string;
  /** When each file of the user's was last changed at its first import. */
  readonly #known = new Map<string, number>();
  /** What `import.meta` is in a cell. */
  readonly meta: { url: string; filename: string; dirname: string; main: boolean; resolve(specifier: string): string };

  constructor(folder: string) {
    const filename = join(folder, 'notebook.ts');
    this.#base = pathToFileURL(filename).href;
    this.meta = {
      url: this.#base,
      filename,
      dirname: folder,
      main: true,
      resolve: (specifier) => this.resolve(specifier),
    };
  }

  /**
   * URL of what a cell names.
   * @throws Error when there is no such module; the message says where it was looked for
   */
  resolve(specifier: string): string {
    if (builtinModules.includes(specifier)) return `node:${specifier}`;
    if (/^\.{0,2}\//.test(specifier)) return this.#file(new URL(specifier, this.#base).href, specifier);
    try {
      const url = import.meta.resolve(specifier, this.#base);
      return url.startsWith('file:') ? this.#file(url, specifier) : url;
    } catch (error) {
      if (BROUGHT.test(specifier)) return import.meta.resolve(specifier);
      if (codeOf(error) !== 'ERR_MODULE_NOT_FOUND') throw error;
      const name = specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1);
      throw notFound(
        `Cannot find package "${name.join('/')}" from ${this.meta.dirname}. Install it there: npm install ${name.join('/')}`,
      );
    }
  }

  /**
   * Imports a module and lets the hooks see it. JSON needs no `with { type: 'json' }`.
   * @throws whatever resolving, parsing or evaluating the module throws
   */
  async load(specifier: string, options?: ImportCallOptions): Promise<object> {
    const url = this.#fresh(this.resolve(String(specifier)));
    const json = /\.json($|\?)/.test(url) && options?.with === undefined;
    const namespace: object = await withoutExecution(() => import(url, json ? { with: { type: 'json' } } : options));
    for (const hook of hooks) await withoutExecution(() => hook(specifier, namespace));
    return namespace;
  }

  /**
   * The values behind `import { … }`, in order. `wanted` holds [exported name, is it used as a value here].
   * A name that is not exported and not used is taken for a type and left undefined.
   * @throws SyntaxError when a used name is not exported
   */
  pick(namespace: object, specifier: string, wanted: readonly (readonly [string, boolean])[]): unknown[] {
    return wanted.map(([name, used]) => {
      if (name in namespace) return Reflect.get(namespace, name);
      const whole: unknown = Reflect.get(namespace, 'default');
      const bag = (typeof whole === 'object' && whole !== null) || typeof whole === 'function' ? whole : undefined;
      if (bag && name in bag) return Reflect.get(bag, name);
      if (!used) return undefined;
      throw new SyntaxError(`The module "${specifier}" does not export "${name}"`);
    });
  }

  /** A file that was edited since it was imported is a new module; what it imports itself is not looked at. */
  #fresh(url: string): string {
    if (!url.startsWith('file:') || url.includes('/node_modules/')) return url;
    const path = fileURLToPath(url);
    const changed = statSync(path).mtimeMs;
    const known = this.#known.get(path) ?? changed;
    this.#known.set(path, known);
    return known === changed ? url : `${url}?changed=${changed}`;
  }

  #file(url: string, specifier: string): string {
    const path = fileURLToPath(url);
    if (existsSync(path) && !EXTENSIONS.some((end) => end.startsWith('/') && existsSync(path + end))) return url;
    for (const end of EXTENSIONS) if (existsSync(path + end)) return pathToFileURL(path + end).href;
    throw notFound(`Cannot find "${specifier}": there is no file ${path} (folder ${dirname(path)})`);
  }
}

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined;

const notFound = (message: string): Error => Object.assign(new Error(message), { code: 'ERR_MODULE_NOT_FOUND' });
