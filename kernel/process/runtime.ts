/**
 * What rewritten cells call, under one hidden global name. It is the contract between `kernel/cell/rewrite.ts`, which
 * writes these calls, and the evaluator, which answers them; users never see it.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { RUNTIME } from '../cell/contract.ts';
import { attachFrames, userFrames } from '../cell/trace.ts';
import { display } from '../display/display.ts';
import type { Imports } from './imports.ts';

/** The calls that rewriting produces. */
export interface CellRuntime {
  /** Value of `import.meta`. */
  readonly meta: Imports['meta'];
  /** Takes the value of a cell's last expression. */
  show(value: unknown): void;
  /** `import()`, and the loading half of static imports. */
  load(specifier: string, options?: ImportCallOptions): Promise<object>;
  /** The binding half of static imports. */
  pick: Imports['pick'];
}

/** Defines the globals that cells have beyond Node's: the runtime, `display` and `require`. */
export function installRuntime(imports: Imports, folder: string, show: (value: unknown) => void): void {
  const runtime: CellRuntime = {
    meta: imports.meta,
    show,
    load(specifier, options) {
      const place = new Error('import');
      return imports.load(specifier, options).catch((error: unknown) => {
        if (typeof error === 'object' && error !== null) attachFrames(error, userFrames(place));
        throw error;
      });
    },
    pick: (namespace, specifier, wanted) => imports.pick(namespace, specifier, wanted),
  };
  Object.defineProperty(globalThis, RUNTIME, { value: Object.freeze(runtime) });
  const open = { configurable: true, writable: true, enumerable: false };
  Object.defineProperty(globalThis, 'display', { ...open, value: display });
  Object.defineProperty(globalThis, 'require', { ...open, value: createRequire(join(folder, 'notebook.ts')) });
}
