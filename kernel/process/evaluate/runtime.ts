/**
 * What rewritten cells call, under one hidden global name. It is the contract between `kernel/cell/rewrite.ts`, which
 * writes these calls, and the evaluator, which answers them; users never see it.
 */
import type { StackFrame } from '@trialroom/shared/notebook/outputs';
import type { CompiledCell } from '../../cell/compile.ts';
import { RUNTIME, stepCode } from '../../cell/contract.ts';
import { lineAndColumn } from '../../cell/excerpt.ts';
import { attachFrames, locate, userFrames } from '../../cell/trace.ts';
import { display } from '../../display/display.ts';
import { Fragment, jsx } from '../../display/element.ts';
import type { Imports } from '../imports.ts';
import { installModules, requireFrom } from '../modules.ts';

/** The calls that rewriting produces. */
export interface CellRuntime {
  /** Value of `import.meta`. */
  readonly meta: Imports['meta'];
  /** Which statement of the cell's top level runs: see {@link stepCode}. A typed array cannot be frozen. */
  readonly step: Int32Array;
  /** Takes the value of a cell's last expression. */
  show(value: unknown): void;
  /** `import()`, and the loading half of static imports. */
  load(specifier: string, options?: ImportCallOptions): Promise<object>;
  /** The binding half of static imports. */
  pick: Imports['pick'];
  /** Stands for a name that must not be assigned to: it can be read, and refuses any other value. */
  constant(value: unknown): { value: unknown };
  /** Makes an element of JSX. */
  readonly jsx: typeof jsx;
  /** The type of `<>…</>`. */
  readonly Fragment: typeof Fragment;
}

const step = new Int32Array(1);

/** From now on another cell's statements are counted. */
export const beginSteps = (): void => {
  step[0] = 0;
};

/** Where the statement begins that runs, or ran last, of the cell that was begun last. */
export function stepPlace({ script, url }: Pick<CompiledCell, 'script' | 'url'>): StackFrame[] {
  const code = step[0] ? stepCode(step[0]) : '';
  const at = Math.max(0, script.indexOf(code)) + code.length;
  const { line, column } = lineAndColumn(script, at);
  const found = locate(url, line, column, true);
  return found ? [found.frame] : [];
}

/**
 * Defines the globals that cells have beyond Node's: the runtime, `display` and `require`.
 * @param library URL from which `trialroom` is loaded
 * @returns what moves them to another folder
 */
export function installRuntime(
  imports: Imports,
  folder: string,
  library: string,
  show: (value: unknown) => void,
): { enter(folder: string): void } {
  const runtime: CellRuntime = {
    meta: imports.meta,
    step,
    show,
    load(specifier, options) {
      const place = new Error('import');
      return imports.load(specifier, options).catch((error: unknown) => {
        if (typeof error === 'object' && error !== null) attachFrames(error, userFrames(place));
        throw error;
      });
    },
    pick: (namespace, specifier, wanted) => imports.pick(namespace, specifier, wanted),
    constant: (value) => new Constant(value),
    jsx,
    Fragment,
  };
  Object.defineProperty(globalThis, RUNTIME, { value: Object.freeze(runtime) });
  const open = { configurable: true, writable: true, enumerable: false };
  Object.defineProperty(globalThis, 'display', { ...open, value: display });
  const defineRequire = (from: string): void => {
    Object.defineProperty(globalThis, 'require', { ...open, value: requireFrom(from) });
  };
  defineRequire(folder);
  installModules(library);
  return {
    enter(to) {
      imports.enter(to);
      defineRequire(to);
    },
  };
}

class Constant {
  readonly #value: unknown;
  constructor(value: unknown) {
    this.#value = value;
  }
  get value(): unknown {
    return this.#value;
  }
  set value(_: unknown) {
    throw new TypeError('Assignment to constant variable.');
  }
}
