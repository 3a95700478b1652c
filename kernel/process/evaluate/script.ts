/**
 * Runs the scripts of cells in the world as cells have made it, and tells how each came out. V8's REPL mode is reached
 * through the inspector alone; but what comes of a script is heard from its own promise, before the inspector writes it
 * out, and also where a cell has changed so much that the inspector's way does not work.
 */
import type inspector from 'node:inspector';
import { promiseHooks } from 'node:v8';
import { Script } from 'node:vm';
import type { StackFrame } from '@trialroom/shared/notebook/outputs';
import { asCell, unharmed } from '../guard/intrinsics.ts';
import type { RunnableCell } from '../rows.ts';
import { runInScope, type Scope, withoutExecution } from '../scope.ts';
import { asWritten, openInspector } from './own-inspector.ts';
import { isLong, placeOf, valueBehind } from './thrown.ts';

/** Hears how a script came out, once, with everything as it was in the beginning. */
export interface Outcome {
  /** It came to its end. */
  ok(): void;
  /** `place` is for what has no frames of its own. */
  fail(thrown: unknown, place: StackFrame[]): void;
  /** Nobody will ever tell. */
  lost(): void;
}

interface Run {
  group: string;
  /** Name of the script. */
  url: string;
  outcome: Outcome;
  /** V8's promise for the end of the script, held so that it is not collected. */
  ending: Promise<unknown> | undefined;
  /** What it threw, boxed as it may be anything. */
  thrown: { value: unknown } | undefined;
  /** True where the inspector will say nothing of it. */
  unwatched: boolean;
  told: boolean;
}

/** Node would write an excerpt into the stack of what is thrown. Without a prototype, to which a cell may add options. */
const NO_DECORATION = { __proto__: null, displayErrors: false };
const EVALUATE = { replMode: true, awaitPromise: true, silent: true };
// As they are now: a cell runs with what cells have made of them.
const { apply } = Reflect;
const { runInThisContext } = Script.prototype;
const nothing = Promise.resolve();

/** Runs scripts, one at a time. */
export class Scripts {
  #session = openInspector();
  #release: (() => void) | undefined;
  #roused = 0;

  /** Runs a script; returns when its synchronous part is over. `group` is for {@link Scripts.release}. */
  run(compiled: RunnableCell, group: string, scope: Scope, outcome: Outcome): void {
    const run: Run = {
      group,
      url: compiled.url,
      outcome,
      ending: undefined,
      thrown: undefined,
      unwatched: false,
      told: false,
    };
    if (!compiled.plain || !this.#runPlain(run, compiled, scope)) this.#runInRepl(run, compiled, scope);
  }

  /** Compiles a script that nobody runs, so that V8's compiler is at hand when one comes. Each time another: V8 knows the last. */
  rouse(): void {
    new Script(`"use strict";(${++this.#roused} + 1)\n;void 0;`, { __proto__: null, filename: '' } as object);
  }

  /** Code that is stopped skips the end of {@link Scripts.run}; its hook would slow down every promise from then on. */
  recover(): void {
    this.#release?.();
    this.#release = undefined;
  }

  /** Makes the inspector forget what it was to tell of: a promise that never settles, say, before it is collected. */
  forget(): void {
    this.#session.disconnect();
    this.#session = openInspector();
  }

  /** Lets go of what the inspector keeps of what was thrown. */
  release(group: string): void {
    this.#session.post('Runtime.releaseObjectGroup', { objectGroup: group });
  }

  /** Runs a script without a trace. */
  warm(compiled: RunnableCell, then: () => void): void {
    this.#session.post('Runtime.evaluate', { ...EVALUATE, expression: compiled.script }, then);
  }

  /** Lets V8 go through everything, which holds the thread up for as long. */
  collectGarbage(): void {
    this.#session.post('HeapProfiler.collectGarbage');
  }

  /**
   * Runs a script that needs nothing of the REPL mode, which takes a fraction of the time: no message to the inspector
   * and no promise. False where V8 refuses the script: the inspector knows the place.
   */
  #runPlain(run: Run, { script, url }: RunnableCell, scope: Scope): boolean {
    let compiled: Script;
    try {
      compiled = new Script(script, { __proto__: null, filename: url } as object);
    } catch {
      return false;
    }
    let settle = (): void => run.outcome.ok();
    try {
      runInScope(scope, () => asCell(() => apply(runInThisContext, compiled, [NO_DECORATION])));
    } catch (error) {
      settle = () => run.outcome.fail(error, []);
    }
    // As after the REPL mode, what the cell has put in line before comes first.
    withoutExecution(() => nothing.then(() => unharmed(settle)));
    return true;
  }

  #runInRepl(run: Run, { script }: RunnableCell, scope: Scope): void {
    const parameters = { __proto__: null, ...EVALUATE, expression: script, objectGroup: run.group };
    const ours = (work: () => void): void => unharmed(() => withoutExecution(work));
    // The first promise is the one for the end of the script. Were it dropped, as happens when a cell awaits what nobody
    // else holds, the inspector would call back during garbage collection, and V8 would abort the process.
    const holdFirst = (promise: Promise<unknown>): void => {
      if (run.ending) return;
      run.ending = promise;
      const ok = (): void => ours(() => this.#tell(run, () => run.outcome.ok()));
      const reject = (thrown: unknown): void => ours(() => this.#reject(run, thrown));
      ours(() => {
        this.recover();
        promise.then(ok, reject);
      });
    };
    const hear = (error: Error | null, answer: inspector.Runtime.EvaluateReturnType | undefined): void =>
      ours(() => this.#hear(run, error ? undefined : answer));
    const evaluate = (): void => asWritten(() => this.#session.post('Runtime.evaluate', parameters, hear));
    this.recover();
    const release = promiseHooks.onInit(holdFirst);
    this.#release = () => void release();
    try {
      runInScope(scope, () => {
        try {
          asCell(evaluate);
        } catch (error) {
          // What cells have changed is in the way of the question itself: they go without it for once.
          if (run.ending === undefined) evaluate();
          else this.#tell(run, () => run.outcome.fail(error, []));
        }
      });
    } finally {
      this.recover();
    }
  }

  #tell(run: Run, tell: () => void): void {
    if (run.told) return;
    run.told = true;
    tell();
  }

  #reject(run: Run, thrown: unknown): void {
    if (run.told) return;
    run.thrown = { value: thrown };
    const long = isLong(thrown);
    if (!long && !run.unwatched) return;
    if (long) this.forget();
    this.#tell(run, () => run.outcome.fail(thrown, []));
  }

  #hear(run: Run, answer: inspector.Runtime.EvaluateReturnType | undefined): void {
    if (run.told) return;
    const { thrown } = run;
    const details = answer?.exceptionDetails;
    if (details) {
      const value = thrown ? thrown.value : valueBehind(this.#session, details.exception);
      this.#tell(run, () => run.outcome.fail(value, placeOf(details, run.ending ? undefined : run.url)));
      this.release(run.group);
    } else if (answer) this.#tell(run, () => run.outcome.ok());
    else if (thrown) this.#tell(run, () => run.outcome.fail(thrown.value, []));
    else if (run.ending) run.unwatched = true;
    else this.#tell(run, () => run.outcome.lost());
  }
}
