/**
 * The timers of cells. What a stopped execution has set does not go off. No stop comes while Node changes its lists of them,
 * which are everybody's: all timers could hang. And an immediate does not run where Node runs it, in the middle of going
 * through its list: code that is ended there leaves an entry that is neither to be run nor over, and every turn of the
 * thread fails on it, for ever. It runs in the tick after, which Node may lose.
 */
import { createRequire } from 'node:module';
import process from 'node:process';
import { whole } from '../guard/whole.ts';
import { currentScope, runInScope, type Scope, withoutExecution } from '../scope.ts';

const { apply, defineProperty, get, getOwnPropertyDescriptor, getPrototypeOf, ownKeys, set } = Reflect;
const nextTick = process.nextTick.bind(process);

/** Where Node has them. */
const HOLDERS: object[] = [globalThis, Object(createRequire(import.meta.url)('node:timers'))];

/** A function that sets a timer; the first of what it is given is to be called. */
type Setter = (given: unknown[]) => unknown;
type Callback = (...args: unknown[]) => unknown;

/**
 * Puts guarded timers in the place of Node's, also for who imports them. To be followed by `syncBuiltinESMExports`.
 * @param isOver true for a scope that is stopped or being stopped
 */
export function guardTimers(isOver: (scope: Scope | undefined) => boolean): void {
  const put = (name: string, guard: (original: Setter, callback: Callback, given: unknown[]) => unknown): void =>
    replace(HOLDERS, name, (original, _, given) => {
      const callback = given[0];
      return isCallback(callback) ? guard(original, callback, given) : original(given);
    });
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
  guardChanges();
}

/** The other ways in which a list of timers is changed. */
function guardChanges(): void {
  for (const name of ['clearTimeout', 'clearInterval', 'clearImmediate']) {
    replace(HOLDERS, name, (original, _, given) => original(given));
  }
  const timeout = setTimeout(() => {});
  const immediate = setImmediate(() => {});
  clearTimeout(timeout);
  clearImmediate(immediate);
  for (const sample of [timeout, immediate]) {
    const methods = Object(getPrototypeOf(sample));
    for (const name of ['refresh', 'close', 'ref', 'unref', Symbol.dispose]) {
      replace([methods], name, (original, itself, given) => original(given, itself));
    }
  }
}

/** Puts a function in the place of one that these objects share; `original` calls that, and no stop comes meanwhile. */
function replace(
  holders: readonly object[],
  name: PropertyKey,
  by: (original: (given: unknown[], itself?: unknown) => unknown, itself: unknown, given: unknown[]) => unknown,
): void {
  const node: unknown = holders[0] && get(holders[0], name);
  if (!isCallback(node)) return;
  const original = (given: unknown[], itself?: unknown): unknown => whole(() => apply(node, itself, given));
  // No list is spread here: what iterates them may be a cell's own, that breaks the kernel's timers too.
  const { value } = {
    value(this: unknown, ...given: unknown[]): unknown {
      return by(original, this, given);
    },
  };
  for (const key of ownKeys(node)) {
    const descriptor = getOwnPropertyDescriptor(node, key);
    if (descriptor && key !== 'prototype') defineProperty(value, key, descriptor);
  }
  for (const holder of holders) defineProperty(holder, name, { ...getOwnPropertyDescriptor(holder, name), value });
}

const isCallback = (value: unknown): value is Callback => typeof value === 'function';
