/**
 * Runs compiled cells in this very process, in V8's REPL mode, for tests: what a kernel does, without its two threads.
 * Each one has the same global scope, as the process has only one; names must not be shared between tests.
 */
import inspector from 'node:inspector';
import { createRequire } from 'node:module';
import { Script } from 'node:vm';
import { Fragment, jsx } from '../display/element.ts';
import { CellCompiler, type CompiledCell } from './compile.ts';
import { RUNTIME } from './contract.ts';

/** How a cell ended. */
export type Ended = { ok: true; value: unknown } | { ok: false; error: string };

/** Cells that run one after another. */
export class Repl {
  #compiler = new CellCompiler();
  readonly #session = new inspector.Session();
  #shown: unknown;

  constructor() {
    this.#session.connect();
    const open = { configurable: true, writable: true, enumerable: false };
    Object.defineProperty(globalThis, 'require', { ...open, value: createRequire(import.meta.url) });
    Object.defineProperty(globalThis, RUNTIME, {
      ...open,
      value: {
        show: (value: unknown): void => {
          this.#shown = value;
        },
        constant: (value: unknown) => ({
          get value() {
            return value;
          },
          set value(_: unknown) {
            throw new TypeError('Assignment to constant variable.');
          },
        }),
        load: (specifier: string) => import(specifier),
        pick: (from: object, _: string, wanted: [string, boolean][]) => wanted.map(([name]) => Reflect.get(from, name)),
        step: new Int32Array(1),
        meta: { url: 'file:///notebook.ts' },
        jsx,
        Fragment,
      },
    });
  }

  /** From now on nothing is known of the cells that ran; what they have declared is still there. */
  forget(): void {
    this.#compiler = new CellCompiler();
  }

  /** @throws CellSyntaxError when the source does not parse */
  compile(source: string): CompiledCell {
    return this.#compiler.compile('cell', 1, source);
  }

  /** Runs a cell; gives what its last expression came to. */
  async run(source: string): Promise<Ended> {
    const { script, plain } = this.compile(source);
    const ended = await (plain ? this.#executePlain(script) : this.execute(script));
    if (ended.ok) this.#compiler.completed();
    return ended;
  }

  async #executePlain(script: string): Promise<Ended> {
    this.#shown = undefined;
    try {
      new Script(script).runInThisContext({ displayErrors: false });
    } catch (error) {
      return { ok: false, error: String(error) };
    }
    return { ok: true, value: await this.#shown };
  }

  /** Runs a script that was compiled. */
  async execute(expression: string): Promise<Ended> {
    this.#shown = undefined;
    const options = { replMode: true, awaitPromise: true, silent: true };
    const parameters: inspector.Runtime.EvaluateParameterType = { ...options, expression };
    const problem = await new Promise<string | undefined>((resolve) => {
      this.#session.post('Runtime.evaluate', parameters, (error, answer) => {
        const thrown = answer?.exceptionDetails?.exception;
        if (error) resolve(error.message);
        else if (!answer?.exceptionDetails) resolve(undefined);
        else resolve(String(thrown?.description ?? thrown?.value).split('\n    at ')[0]);
      });
    });
    if (problem !== undefined) return { ok: false, error: problem };
    return { ok: true, value: await this.#shown };
  }

  /** Lets go of the inspector. */
  close(): void {
    this.#session.disconnect();
  }
}
