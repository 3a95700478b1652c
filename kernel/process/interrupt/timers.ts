/**
 * The timers of cells. What a stopped execution has set does not go off. And an immediate does not run where Node runs it,
 * in the middle of going through its list of them: code that is ended there leaves the list with an entry that is neither
 * to be run nor over, and every turn of the thread fails on it, for ever. It runs in the tick after, which Node may lose.
 */
import { createRequire } from 'node:module';
import process from 'node:process';
import { promisify } from 'node:util';
import { currentScope, runInScope, type Scope, withoutExecution } from '../scope.ts';

const { apply, get, set } = Reflect;
const nextTick = process.nextTick.bind(process);

/** A function that sets a timer; the first of what it is given is to be called. */
type Setter = (given: unknown[]) => unknown;
type Callback = (...args: unknown[]) => unknown;

/**
 * Puts guarded timers in the place of Node's, also for who imports them. To be followed by `syncBuiltinESMExports`.
 * @param isOver true for a scope that is stopped or being stopped
 */
export function guardTimers(isOver: (scope: Scope | undefined) => boolean): void {
  const timers: unknown = createRequire(import.meta.url)('node:timers');
  const put = (name: string, guard: (original: Setter, callback: Callback, given: unknown[]) => unknown): void => {
    const node: unknown = get(globalThis, name);
    if (typeof node !== 'function' || typeof timers !== 'object' || timers === null) return;
    const original: Setter = (given) => apply(node, undefined, given);
    // No list is spread here: what iterates them may be a cell's own, that breaks the kernel's timers too.
    const value = (...given: unknown[]): unknown => {
      const callback = given[0];
      return isCallback(callback) ? guard(original, callback, given) : original(given);
    };
    Object.defineProperty(value, 'name', { value: name });
    Object.defineProperty(value, promisify.custom, { value: get(node, promisify.custom) });
    for (const holder of [globalThis, timers]) {
      Object.defineProperty(holder, name, { value, configurable: true, writable: true, enumerable: true });
    }
  };
  const whileItLasts = (original: Setter, callback: Callback, given: unknown[]): unknown => {
    given[0] = function (this: unknown, ...args: unknown[]): void {
      if (!isOver(currentScope())) apply(callback, this, args);
      // An interval's end; it means nothing to other timers.
      else set(Object(this), '_repeat', null);
    };
    return original(given);
  };
  put('setTimeout', whileItLasts);
  put('setInterval', whileItLasts);
  put('setImmediate', (original, callback, given) => {
    const scope = currentScope();
    const tick = (itself: unknown, args: unknown[]): void => {
      if (!isOver(scope)) runInScope(scope, () => apply(callback, itself, args));
    };
    given[0] = function (this: unknown, ...args: unknown[]): void {
      nextTick(tick, this, args);
    };
    // What belongs to nobody is ended by no stop.
    return scope === undefined ? original(given) : withoutExecution(() => original(given));
  });
}

const isCallback = (value: unknown): value is Callback => typeof value === 'function';
