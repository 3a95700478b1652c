/**
 * How cells import. A name is looked up from the notebook's folder upward, as if the cell were a file there; only what
 * every notebook may count on (`trialroom`, TensorFlow.js) is found beside the kernel when the folder lacks it.
 * Modules belong to the process, not to the cell that happened to load them, so an interrupt leaves them whole.
 */
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { inCallersName } from '../cell/trace.ts';
import { notFound } from './missing.ts';
import { isRequiring, placeSyntaxError, requiringModules } from './modules.ts';
import { withoutExecution } from './output.ts';
import { findFile, unstamped } from './versions.ts';

/** Called after a module was imported by a cell, before the cell goes on; a promise is awaited. */
export type ImportHook = (specifier: string, namespace: object) => void | Promise<void>;

const hooks: ImportHook[] = [];

/** Registers a hook for every import that a cell makes. It may be called more than once for one specifier. */
export const registerImportHook = (hook: ImportHook): void => {
  hooks.push(hook);
};

/** Imports for cells of a notebook in `folder`. */
export class Imports {
  #base: string;
  #loading = 0;
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
      resolve: (specifier) => inCallersName(() => this.resolve(specifier)),
    };
  }

  /** True while modules are being loaded, which is nobody's work. */
  get loading(): boolean {
    return this.#loading > 0 || isRequiring();
  }

  /** From now on, imports are looked up from another folder. */
  enter(folder: string): void {
    const filename = join(folder, 'notebook.ts');
    this.#base = pathToFileURL(filename).href;
    Object.assign(this.meta, { url: this.#base, filename, dirname: folder });
  }

  /**
   * URL of what a cell names.
   * @throws Error when there is no such module; the message says where it was looked for
   */
  resolve(specifier: string): string {
    if (isBuiltin(specifier)) return specifier.startsWith('node:') ? specifier : `node:${specifier}`;
    if (/^\.{0,2}\//.test(specifier)) return this.#file(new URL(specifier, this.#base).href, specifier);
    const url = unstamped(import.meta.resolve(specifier, this.#base));
    return url.startsWith('file:') ? this.#file(url, specifier) : url;
  }

  /**
   * Imports a module and lets the hooks see it. JSON needs no `with { type: 'json' }`.
   * @throws whatever resolving, parsing or evaluating the module throws
   */
  async load(specifier: string, options?: ImportCallOptions): Promise<object> {
    const url = requiringModules(() => this.resolve(String(specifier)));
    const json = /\.json($|\?)/.test(url) && options?.with === undefined;
    const given = json ? { with: { type: 'json' } } : options;
    return await withoutExecution(() => this.#load(specifier, url, given));
  }

  async #load(specifier: string, url: string, options: ImportCallOptions | undefined): Promise<object> {
    this.#loading++;
    try {
      const namespace: object = await import(url, options);
      for (const hook of hooks) await hook(specifier, namespace);
      return namespace;
    } catch (error) {
      if (url.startsWith('file:')) placeSyntaxError(error, fileURLToPath(url));
      throw error;
    } finally {
      this.#loading--;
    }
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

  #file(url: string, specifier: string): string {
    const path = fileURLToPath(url);
    const file = findFile(path);
    if (file !== undefined) return file === path ? url : pathToFileURL(file).href;
    throw notFound(`Cannot find "${specifier}": there is no file ${path} (folder ${dirname(path)})`);
  }
}
