/**
 * Dawn tells what a graphics card has finished only in a turn of its own, which it asks for with `setImmediate`. Here it
 * finds one of ours in that place, for three reasons. The process can wait for the card without leaving the running code
 * (`dataSync`), for which WebGPU has no way. The turns belong to no execution: an interrupt would take those of the
 * stopped one away, after which no promise of Dawn's would ever settle. And a long wait leaves the processor to others.
 */
import { setImmediate, setTimeout } from 'node:timers';
import { currentScope, withoutExecution } from '../../process/scope.ts';
import { withUndo } from '../compiled/undo.ts';

type Turn = () => void;

/** Turns without a pause in between, before the processor is left to others. */
const EAGER = 200;
/** Pause between two turns from then on, in ms: while the code waits, and while it does something else. */
const PAUSE_MS = { blocked: 0.2, free: 1 };

/** What begins work that Dawn needs turns for, by class. */
const BEGINNERS: Readonly<Record<string, readonly string[]>> = {
  GPUAdapter: ['requestDevice'],
  GPUBuffer: ['mapAsync'],
  GPUDevice: ['createComputePipelineAsync', 'createRenderPipelineAsync', 'popErrorScope'],
  GPUQueue: ['onSubmittedWorkDone'],
  GPUShaderModule: ['getCompilationInfo'],
};

/** Gives Dawn its turns. */
export class Turns {
  /** What Dawn wants to be called, in order. */
  readonly #due: Turn[] = [];
  /** The first of all; such a turn may be given at any time, again and again. */
  #any: Turn | undefined;
  /** How many turns have been given since something was begun. */
  #given = 0;
  #scheduled = false;
  /** Turns that were scheduled before this changed are not given: there is one row of them at a time. */
  #row = 0;
  readonly #never = new Int32Array(new SharedArrayBuffer(4));
  readonly #want = (turn: Turn): void => {
    this.#any ??= turn;
    this.#due.push(turn);
  };

  /** Sees to it that all that is begun with these classes of Dawn's, by anyone, gets its turns from here. */
  adopt(classes: object): void {
    for (const [name, methods] of Object.entries(BEGINNERS)) {
      const prototype: unknown = Reflect.get(Object(Reflect.get(classes, name)), 'prototype');
      if (typeof prototype !== 'object' || prototype === null) continue;
      for (const method of methods) {
        const original: unknown = Reflect.get(prototype, method);
        if (typeof original !== 'function') continue;
        const begin = (self: object, args: unknown[]): unknown =>
          this.#begin(() => Reflect.apply(original, self, args));
        Object.defineProperty(prototype, method, {
          configurable: true,
          writable: true,
          value(this: object, ...args: unknown[]): unknown {
            return begin(this, args);
          },
        });
      }
    }
  }

  /** Blocks until `isDone`, which Dawn changes in one of its turns. */
  wait(isDone: () => boolean): void {
    exchanged(this.#want, () => {
      for (let turns = 0; !isDone(); turns++) {
        this.#give();
        if (turns > EAGER && !isDone()) Atomics.wait(this.#never, 0, 0, PAUSE_MS.blocked);
      }
    });
    this.#schedule();
  }

  /** Gives turns from now on, whatever an interrupt took away. */
  recover(): void {
    this.#row++;
    this.#scheduled = false;
    if (this.#due.length === 0 && this.#any) this.#due.push(this.#any);
    this.#schedule();
  }

  #begin(work: () => unknown): unknown {
    this.#given = 0;
    const begun = exchanged(this.#want, work);
    // An interrupt may have cost the turn that Dawn believes is coming, or the one that was going to be given.
    this.recover();
    return begun instanceof Promise ? untilStopped(begun) : begun;
  }

  #give(): void {
    this.#given++;
    if (this.#due.length === 0 && this.#any) this.#any();
    // What is wanted meanwhile has its turn the next time.
    for (let count = this.#due.length; count > 0; count--) this.#due.shift()?.();
  }

  #schedule(): void {
    if (this.#scheduled || this.#due.length === 0) return;
    this.#scheduled = true;
    const row = this.#row;
    const turn = (): void => {
      if (row !== this.#row) return;
      this.#scheduled = false;
      exchanged(this.#want, () => this.#give());
      this.#schedule();
    };
    withoutExecution(() => (this.#given > EAGER ? setTimeout(turn, PAUSE_MS.free) : setImmediate(turn)));
  }
}

/**
 * The promise as code may see it that an interrupt may stop: from then on it never settles. Otherwise that code would have
 * to be stopped again when it comes back to life, and with it all that was to follow from the same turn of Dawn's.
 */
function untilStopped(begun: Promise<unknown>): Promise<unknown> {
  const scope = currentScope();
  return new Promise((resolve, reject) => {
    const unlessOver = <T>(settle: (value: T) => void) => {
      return (value: T): void => {
        if (scope?.stopped !== true) settle(value);
      };
    };
    withoutExecution(() => begun.then(unlessOver(resolve), unlessOver(reject)));
  });
}

/** Runs `work` while Dawn finds `instead` where it looks for `setImmediate`. */
function exchanged<T>(instead: (turn: Turn) => void, work: () => T): T {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'setImmediate');
  return withUndo(
    () => {
      if (before) Object.defineProperty(globalThis, 'setImmediate', before);
    },
    () => {
      Object.defineProperty(globalThis, 'setImmediate', { value: instead, configurable: true, writable: true });
      return work();
    },
  );
}
