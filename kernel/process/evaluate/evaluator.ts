/**
 * Runs cells on the main thread, one after another, through V8's own REPL mode: hot loops over top-level variables run
 * as fast as in a module, and any cell can declare a name again. It decides when an execution has ended and says so;
 * it cannot stop anything, since it is what gets stopped (see `interrupt.ts`).
 */
import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers';
import { types } from 'node:util';
import { getHeapStatistics } from 'node:v8';
import type { ExecutionEnd } from '@trialroom/shared/kernel/protocol';
import type { StackFrame } from '@trialroom/shared/notebook/outputs';
import { describeFailure } from '../../cell/failure.ts';
import { rememberCell } from '../../cell/trace.ts';
import { resultBundle, toBundle } from '../../display/bundle.ts';
import type { ToSupervisor } from '../channel.ts';
import { unharmed } from '../guard/intrinsics.ts';
import { isGivenBack } from '../host.ts';
import { type Stop, stopError } from '../interrupt/stop.ts';
import type { Output } from '../output.ts';
import type { RunnableCell } from '../rows.ts';
import { currentScope, newScope, runInScope, type Scope, withoutExecution } from '../scope.ts';
import { beginSteps, stepPlace } from './runtime.ts';
import { Scripts } from './script.ts';

interface Running {
  execution: string;
  scope: Scope;
  /** Why it shall end before its time. */
  stopped: Stop | undefined;
  compiled: RunnableCell;
  startedAt: number;
  value: unknown;
  /** True once the end is being told: it is told once. */
  ended: boolean;
}

/** Bytes of JavaScript objects that are gone through in some ten ms. */
const SMALL_HEAP = 150 * 1024 * 1024;

/**
 * After so many executions their scripts are let go of. V8 keeps each until it goes through everything, which it puts
 * off while there is memory: ten thousand short cells would hold some 80 MB.
 */
const TIDY_EVERY = 500;

/** Evaluates cells for one kernel process. */
export class Evaluator {
  #scripts = new Scripts();
  /** Executions since garbage was last collected on purpose. */
  #uncollected = 0;
  #running: Running | undefined;
  #latest = '';
  /** The execution whose end was told last. */
  #told = '';
  #output: Output;
  #post: (message: ToSupervisor) => void;
  #onEnd: (scope: Scope, end: ExecutionEnd) => void;
  #isOver: (scope: Scope) => boolean;

  constructor(
    output: Output,
    post: (message: ToSupervisor) => void,
    onEnd: (scope: Scope, end: ExecutionEnd) => void,
    isOver: (scope: Scope) => boolean,
  ) {
    this.#output = output;
    this.#post = post;
    this.#onEnd = onEnd;
    this.#isOver = isOver;
  }

  /** The execution that what happens now belongs to: its own, or failing that, what runs or ran last. */
  origin(): string {
    return currentScope()?.execution ?? this.#running?.execution ?? this.#latest;
  }

  /** The execution that runs now. */
  get running(): string | undefined {
    return this.#running?.execution;
  }

  /** The signal of the execution that the calling code belongs to: aborted when that is stopped. */
  signal(): AbortSignal {
    const scope = currentScope() ?? this.#running?.scope;
    if (scope === undefined) return new AbortController().signal;
    scope.controller ??= new AbortController();
    return scope.controller.signal;
  }

  /** Keeps the value of the last expression of what runs. */
  show(value: unknown): void {
    const running = this.#running;
    if (running && (currentScope() ?? running.scope) === running.scope) running.value = value;
  }

  /** Starts an execution; returns when its synchronous part is over. */
  run(execution: string, compiled: RunnableCell, serial: number): void {
    rememberCell(compiled);
    const running: Running = {
      execution,
      scope: newScope(execution, serial, compiled.cell),
      stopped: undefined,
      compiled,
      startedAt: performance.now(),
      value: undefined,
      ended: false,
    };
    this.#running = running;
    this.#latest = execution;
    beginSteps();
    try {
      this.#scripts.run(compiled, execution, running.scope, {
        ok: () => this.#settle(running),
        fail: (thrown, place) => this.#fail(running, thrown, place),
        lost: () => this.#post({ op: 'broken', execution }),
      });
    } catch (error) {
      // Cells may change more than can be mended.
      this.#fail(running, error, []);
    }
  }

  /** Does what beginning an execution takes, but for the execution. */
  rouse(): void {
    if (!this.#running) this.#scripts.rouse();
  }

  /** Runs a cell without a trace, so that the first real one finds everything loaded. */
  warm(compiled: RunnableCell): void {
    rememberCell(compiled);
    this.#scripts.warm(compiled, () => {
      for (const value of [1, 'text', { a: [1] }, [{ a: 1, b: 'x' }], new Map([[1, 2]])]) toBundle(value);
      describeFailure(new RangeError('warm', { cause: 1 }));
    });
  }

  /**
   * Ends an execution that was stopped, or that waits for something that shall not come. Code that asked for its signal
   * is told first, and what that sets in motion has its turn; called again, it is over at once.
   */
  abort(execution: string, stop: Stop): void {
    const running = this.#running;
    if (running?.execution !== execution) {
      // A stop may strike while an execution is being begun, or its end being told: it ends here then.
      if (this.#told !== execution) this.#tellDone(execution, this.#tellStopped(execution, stop), 0);
      return;
    }
    this.#scripts.recover();
    running.stopped ??= stop;
    const { controller } = running.scope;
    if (controller && !controller.signal.aborted) {
      withoutExecution(() => setImmediate(() => this.abort(execution, stop)));
      const { name, message } = stopError(running.stopped);
      runInScope(running.scope, () => controller.abort(new DOMException(message, name)));
      return;
    }
    running.ended = false;
    this.#stop(running, running.stopped);
    // Its promise will never settle.
    this.#scripts.forget();
  }

  /**
   * Ends an execution by an error that its code did not take from whoever met with it: it waits for what cannot come.
   * @returns false where it does not run
   */
  giveUp(execution: string, thrown: unknown): boolean {
    const running = this.#running;
    if (running?.execution !== execution) return false;
    this.#fail(running, thrown, []);
    // Its promise will never settle.
    this.#scripts.forget();
    return true;
  }

  #stop(running: Running, stop: Stop): void {
    this.#end(running, this.#tellStopped(running.execution, stop));
  }

  /** Says why an execution was stopped, and how it ends by that. */
  #tellStopped(execution: string, stop: Stop): ExecutionEnd {
    this.#output.send({ type: 'error', execution, error: { ...stopError(stop), frames: [] } });
    return stop.limitMs === undefined ? 'aborted' : 'error';
  }

  #tellDone(execution: string, end: ExecutionEnd, ms: number): void {
    this.#output.done(execution, end, ms);
    this.#told = execution;
  }

  /** Collects garbage, where nobody waits for the thread and it takes no time worth mentioning. */
  collect(): void {
    if (this.#running) return;
    this.#uncollected = 0;
    if (getHeapStatistics().used_heap_size > SMALL_HEAP) return;
    this.#scripts.collectGarbage();
  }

  #settle(running: Running): void {
    if (this.#running !== running) return;
    const { value } = running;
    if (!types.isPromise(value)) {
      this.#finish(running, value);
      return;
    }
    // A promise as the last expression is awaited, as if the cell had said `await`.
    value.then(
      (settled) => unharmed(() => this.#finish(running, settled)),
      (reason: unknown) => unharmed(() => this.#fail(running, reason, [])),
    );
  }

  #finish(running: Running, value: unknown): void {
    if (this.#running !== running || running.ended) return;
    if (running.stopped) {
      this.#stop(running, running.stopped);
      return;
    }
    const { execution } = running;
    if (value !== undefined) {
      try {
        const { data, metadata } = runInScope(running.scope, () => resultBundle(value));
        if (Object.keys(data).length > 0) {
          this.#output.hold({ type: 'result', execution, data, metadata, count: running.compiled.count });
        }
      } catch (error) {
        this.#fail(running, error, []);
        return;
      }
    }
    this.#end(running, 'ok');
  }

  #fail(running: Running, thrown: unknown, fallback: StackFrame[]): void {
    if (this.#running !== running || running.ended) return;
    if (running.stopped) {
      this.#stop(running, running.stopped);
      return;
    }
    // What fails because it is being stopped (a child process was, say) has been stopped: `abort` is on its way.
    if (this.#isOver(running.scope)) return;
    const { execution } = running;
    if (isGivenBack(thrown)) {
      const { name, message } = thrown;
      this.#output.send({ type: 'error', execution, error: { name, message, frames: [] } });
      this.#end(running, 'aborted');
      return;
    }
    const place = fallback.length > 0 ? fallback : stepPlace(running.compiled);
    this.#output.send({ type: 'error', execution, error: describeFailure(thrown, place) });
    this.#end(running, 'error');
  }

  #end(running: Running, end: ExecutionEnd): void {
    if (running.ended) return;
    running.ended = true;
    const { execution } = running;
    if (running.stopped) running.scope.stopped = true;
    this.#onEnd(running.scope, end);
    this.#running = undefined;
    this.#tellDone(execution, end, performance.now() - running.startedAt);
    if (++this.#uncollected >= TIDY_EVERY) this.collect();
  }
}
