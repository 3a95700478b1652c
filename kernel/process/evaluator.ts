/**
 * Runs cells on the main thread, one after another, through V8's own REPL mode: hot loops over top-level variables run
 * as fast as in a module, and any cell can declare a name again. It decides when an execution has ended and says so;
 * it cannot stop anything, since it is what gets stopped (see `interrupt.ts`).
 */
import inspector from 'node:inspector';
import { types } from 'node:util';
import { promiseHooks } from 'node:v8';
import type { ExecutionEnd } from '@trialroom/shared/kernel/protocol';
import type { StackFrame } from '@trialroom/shared/notebook/outputs';
import type { CompiledCell } from '../cell/compile.ts';
import { describeFailure } from '../cell/failure.ts';
import { locate, rememberCell } from '../cell/trace.ts';
import { resultBundle } from '../display/bundle.ts';
import type { ToSupervisor } from './channel.ts';
import { executions, type Output, withoutExecution } from './output.ts';

interface Running {
  execution: string;
  compiled: CompiledCell;
  startedAt: number;
  value: unknown;
  /** V8's promise for the end of the cell, held so that it is not collected. */
  ending: Promise<unknown> | undefined;
  /** True once the end is being told: it is told once. */
  ended: boolean;
}

const EVALUATE = { replMode: true, awaitPromise: true, silent: true };

/** Evaluates cells for one kernel process. */
export class Evaluator {
  #session = new inspector.Session();
  #running: Running | undefined;
  #latest = '';
  #output: Output;
  #post: (message: ToSupervisor) => void;
  #onEnd: (execution: string, end: ExecutionEnd) => void;

  constructor(
    output: Output,
    post: (message: ToSupervisor) => void,
    onEnd: (execution: string, end: ExecutionEnd) => void,
  ) {
    this.#output = output;
    this.#post = post;
    this.#onEnd = onEnd;
    this.#session.connect();
  }

  /** The execution that what happens now belongs to: its own, or failing that, what runs or ran last. */
  origin(): string {
    return executions.getStore() ?? this.#running?.execution ?? this.#latest;
  }

  /** Keeps the value of the last expression of what runs. */
  show(value: unknown): void {
    const running = this.#running;
    if (running && (executions.getStore() ?? running.execution) === running.execution) running.value = value;
  }

  /** Starts an execution; returns when its synchronous part is over. */
  run(execution: string, compiled: CompiledCell): void {
    rememberCell(compiled);
    const running: Running = {
      execution,
      compiled,
      startedAt: performance.now(),
      value: undefined,
      ending: undefined,
      ended: false,
    };
    this.#running = running;
    this.#latest = execution;
    this.#output.send({ type: 'started', execution, at: Date.now() });
    const parameters: inspector.Runtime.EvaluateParameterType = {
      ...EVALUATE,
      expression: compiled.script,
      objectGroup: execution,
    };
    // The first promise is the one for the end of the cell. Were it dropped, as happens when a cell awaits what nobody
    // else holds, the inspector would call back during garbage collection, and V8 would abort the process.
    const holdFirst = (promise: Promise<unknown>): void => {
      running.ending ??= promise;
    };
    const release = promiseHooks.onInit(holdFirst);
    try {
      executions.run(execution, () => {
        this.#session.post('Runtime.evaluate', parameters, (error, answer) =>
          withoutExecution(() => this.#settle(running, error, answer)),
        );
      });
    } finally {
      release();
    }
  }

  /** Ends an execution that was stopped, or that waits for something that shall not come. */
  abort(execution: string): void {
    const running = this.#running;
    if (running?.execution !== execution) return;
    running.ended = false;
    const error = { name: 'Interrupted', message: 'The cell was stopped; what it had changed is kept.', frames: [] };
    this.#output.send({ type: 'error', execution, error });
    this.#end(running, 'aborted');
    // Its promise will never settle: this makes the inspector forget it before it is collected.
    this.#session.disconnect();
    this.#session = new inspector.Session();
    this.#session.connect();
  }

  #settle(running: Running, error: Error | null, answer: inspector.Runtime.EvaluateReturnType | undefined): void {
    if (this.#running !== running) return;
    if (error || !answer) {
      this.#post({ op: 'broken', execution: running.execution });
      return;
    }
    const { exceptionDetails } = answer;
    if (exceptionDetails) {
      this.#fail(running, this.#valueOf(exceptionDetails.exception), placeOf(exceptionDetails));
      return;
    }
    const { value } = running;
    if (!types.isPromise(value)) {
      this.#finish(running, value);
      return;
    }
    // A promise as the last expression is awaited, as if the cell had said `await`.
    value.then(
      (settled) => this.#finish(running, settled),
      (reason: unknown) => this.#fail(running, reason, []),
    );
  }

  #finish(running: Running, value: unknown): void {
    if (this.#running !== running || running.ended) return;
    const { execution } = running;
    if (value !== undefined) {
      try {
        const { data, metadata } = executions.run(execution, () => resultBundle(value));
        if (Object.keys(data).length > 0) {
          this.#output.send({ type: 'result', execution, data, metadata, count: running.compiled.count });
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
    this.#output.send({ type: 'error', execution: running.execution, error: describeFailure(thrown, fallback) });
    this.#end(running, 'error');
  }

  #end(running: Running, end: ExecutionEnd): void {
    if (running.ended) return;
    running.ended = true;
    const { execution } = running;
    executions.run(execution, () => this.#onEnd(execution, end));
    this.#running = undefined;
    this.#output.done(execution, end, performance.now() - running.startedAt);
    this.#session.post('Runtime.releaseObjectGroup', { objectGroup: execution });
  }

  /** The value itself, where the inspector only describes it. */
  #valueOf(remote: inspector.Runtime.RemoteObject | undefined): unknown {
    if (remote?.objectId === undefined) return remote?.value ?? remote?.unserializableValue ?? remote?.description;
    const box: { value?: unknown } = {};
    Object.defineProperty(globalThis, BOX, { value: box, configurable: true });
    try {
      this.#session.post('Runtime.callFunctionOn', {
        objectId: remote.objectId,
        functionDeclaration: `function () { globalThis[Symbol.for('${BOX_NAME}')].value = this; }`,
        silent: true,
      });
    } finally {
      Reflect.deleteProperty(globalThis, BOX);
    }
    return box.value ?? new Error(remote.description);
  }
}

const BOX_NAME = 'trialroom.thrown';
const BOX = Symbol.for(BOX_NAME);

/** Errors of V8's parser have no frame; the inspector knows their place. */
function placeOf({ url, lineNumber, columnNumber, stackTrace }: inspector.Runtime.ExceptionDetails): StackFrame[] {
  const first = stackTrace?.callFrames[0];
  const found = url
    ? locate(url, lineNumber + 1, columnNumber + 1)
    : first && locate(first.url, first.lineNumber + 1, first.columnNumber + 1);
  return found ? [found.frame] : [];
}
