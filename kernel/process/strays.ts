/**
 * What an interrupt leaves behind: an async loop of the stopped execution that a timer, a file or a socket would wake
 * again. Each such awakening is stopped before a line of it runs. Costs nothing until the first interrupt.
 */
import { createHook, executionAsyncResource } from 'node:async_hooks';
import { SHARED, type ToSupervisor } from './channel.ts';
import { executions } from './output.ts';

/** Keeps stopped executions stopped. */
export class Strays {
  #stopped = new Set<string>();
  #post: (message: ToSupervisor) => void;
  #shared: Int32Array<SharedArrayBuffer>;
  #hook = createHook({ before: () => this.#before() });

  constructor(post: (message: ToSupervisor) => void, shared: Int32Array<SharedArrayBuffer>) {
    this.#post = post;
    this.#shared = shared;
  }

  /** From now on no code of this execution runs any more. */
  stop(execution: string): void {
    if (this.#stopped.size === 0) this.#hook.enable();
    this.#stopped.add(execution);
  }

  #before(): void {
    const execution = executions.getStore();
    if (execution === undefined || !this.#stopped.has(execution)) return;
    const resource = executionAsyncResource();
    // A timer is disarmed without violence; whoever awaits it then waits for ever, which costs nothing.
    for (const key of ['_onTimeout', '_onImmediate']) {
      if (typeof Reflect.get(resource, key) === 'function') {
        Reflect.set(resource, key, () => {});
        Reflect.set(resource, '_repeat', null);
        return;
      }
    }
    for (;;) {
      this.#post({ op: 'kill' });
      Atomics.wait(this.#shared, SHARED.never, 0, 250);
    }
  }
}
