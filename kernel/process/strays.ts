/**
 * What an interrupt leaves behind: an async loop of the stopped execution that a timer, a file or a socket would wake
 * again. A timer's callback is skipped; any other awakening is stopped before a line of it runs. Until the first
 * interrupt this costs nothing but one comparison a timer.
 *
 * Node's async hooks would see more, but abort the process when code is stopped between their two halves.
 */
import { promisify } from 'node:util';
import { promiseHooks } from 'node:v8';
import { SHARED, type ToSupervisor } from './channel.ts';
import { executions } from './output.ts';

/** Keeps stopped executions stopped. */
export class Strays {
  #stopped = new Set<string>();
  #post: (message: ToSupervisor) => void;
  #shared: Int32Array<SharedArrayBuffer>;

  constructor(post: (message: ToSupervisor) => void, shared: Int32Array<SharedArrayBuffer>) {
    this.#post = post;
    this.#shared = shared;
    for (const name of ['setTimeout', 'setInterval', 'setImmediate'] as const) this.#guard(name);
  }

  /** From now on no code of this execution runs any more. */
  stop(execution: string): void {
    if (this.#stopped.size === 0) promiseHooks.onBefore(() => this.#before());
    this.#stopped.add(execution);
  }

  #isStray(): boolean {
    if (this.#stopped.size === 0) return false;
    const execution = executions.getStore();
    return execution !== undefined && this.#stopped.has(execution);
  }

  #guard(name: 'setTimeout' | 'setInterval' | 'setImmediate'): void {
    const original: unknown = globalThis[name];
    if (typeof original !== 'function') return;
    const isStray = (): boolean => this.#isStray();
    const guarded = function (this: unknown, callback: unknown, ...rest: unknown[]): unknown {
      if (typeof callback !== 'function') return Reflect.apply(original, this, [callback, ...rest]);
      const run = function (this: unknown, ...args: unknown[]): void {
        if (!isStray()) Reflect.apply(callback, this, args);
        else if (name === 'setInterval') Reflect.set(Object(this), '_repeat', null);
      };
      return Reflect.apply(original, this, [run, ...rest]);
    };
    Object.defineProperty(guarded, 'name', { value: name });
    Object.defineProperty(guarded, promisify.custom, { value: Reflect.get(original, promisify.custom) });
    Object.defineProperty(globalThis, name, { value: guarded, configurable: true, writable: true, enumerable: true });
  }

  #before(): void {
    if (!this.#isStray()) return;
    for (;;) {
      this.#post({ op: 'kill' });
      Atomics.wait(this.#shared, SHARED.never, 0, 250);
    }
  }
}
