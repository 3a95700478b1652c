/**
 * Keeps the kernel's own code whole on a thread where a cell may replace or delete anything that JavaScript has. What
 * the kernel leans on is remembered before the first cell runs; where a cell has changed some of it, the kernel's code
 * runs with the originals, and the cell's go back in place for the cells. A cell gets what it asked for, and still a
 * result, an error with a place, and a next cell.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import inspector from 'node:inspector';
import { MessagePort, Worker } from 'node:worker_threads';

const { defineProperty, deleteProperty, getOwnPropertyDescriptor, getPrototypeOf, ownKeys, setPrototypeOf } = Reflect;

interface Property {
  holder: object;
  key: PropertyKey;
  /** Undefined where there was none. Without a prototype, as the one it would have may be no more what it was. */
  descriptor: PropertyDescriptor | undefined;
}

/** Everything that is compared before the kernel's code runs. */
const holders: object[] = [];
const keys: PropertyKey[] = [];
const values: unknown[] = [];
/** The originals, in the same order. */
const originals: Property[] = [];

/** Keys that mean something on any object, once they are on the prototype of all. */
const POLLUTING = ['then', 'get', 'set', 'value', 'writable', 'enumerable', 'configurable', 'toJSON', '0', '1'];
const polluted: Property[] = [
  ...[Object.prototype, Array.prototype].flatMap((holder) =>
    POLLUTING.map((key) => ({ holder, key, descriptor: undefined })),
  ),
];

const GLOBALS =
  'Object Function Array String Number Boolean BigInt Symbol Map Set WeakMap WeakSet WeakRef Promise Proxy Reflect JSON ' +
  'Math Atomics Date RegExp Error TypeError RangeError SyntaxError AggregateError ArrayBuffer SharedArrayBuffer DataView ' +
  'Uint8Array Uint8ClampedArray Int32Array Float32Array Float64Array Buffer URL TextEncoder TextDecoder AbortController ' +
  'DOMException performance process setTimeout clearTimeout setImmediate setInterval clearInterval queueMicrotask ' +
  'structuredClone globalThis isNaN';

const iteratorOf = (value: Iterable<unknown>): object | null => getPrototypeOf(value[Symbol.iterator]());

function remember(holder: object | null, only?: readonly PropertyKey[]): void {
  if (!holder) return;
  for (const key of only ?? ownKeys(holder)) {
    const descriptor = getOwnPropertyDescriptor(holder, key);
    if (!descriptor) {
      // It is inherited, and could be covered.
      if (key in holder) add(holder, key, undefined);
      continue;
    }
    if (!descriptor.configurable && !descriptor.writable) continue;
    setPrototypeOf(descriptor, null);
    // An accessor is compared where it is cheap: by what it gives, on the global object alone.
    if (!('value' in descriptor) && holder !== globalThis) continue;
    add(holder, key, descriptor);
  }
}

function add(holder: object, key: PropertyKey, descriptor: PropertyDescriptor | undefined): void {
  holders.push(holder);
  keys.push(key);
  values.push(Reflect.get(holder, key));
  originals.push({ holder, key, descriptor });
}

/** Remembers how things are. To be called before any cell runs, when the kernel has set itself up. */
export function rememberIntrinsics(): void {
  remember(globalThis, GLOBALS.split(' '));
  for (const type of [Object, Array, String, Number, Symbol, Promise, Reflect, JSON, Atomics, Math, Date])
    remember(type);
  for (const type of [Object, Function, Array, String, Number, Promise, Map, Set, WeakMap, RegExp, Error, Symbol]) {
    remember(type.prototype);
  }
  remember(getPrototypeOf(Uint8Array.prototype));
  remember(iteratorOf([]));
  remember(iteratorOf(''));
  remember(iteratorOf(new Map()));
  remember(iteratorOf(new Set()));
  remember(iteratorOf('a'.matchAll(/a/g)));
  remember(getPrototypeOf(iteratorOf([]) ?? {}), [Symbol.iterator]);
  remember(getPrototypeOf(function* () {}.prototype), ['next', 'return', 'throw']);
  remember(Error, ['prepareStackTrace', 'stackTraceLimit', 'captureStackTrace']);
  remember(Buffer, ['from', 'alloc', 'allocUnsafe', 'byteLength', 'concat']);
  remember(Buffer.prototype, ['write', 'utf8Write', 'latin1Slice', 'utf8Slice', 'toString', 'copy']);
  remember(TextEncoder.prototype, ['encode', 'encodeInto']);
  remember(getPrototypeOf(performance), ['now']);
  remember(performance, ['now']);
  for (const bytes of [Uint8Array, Buffer, Int32Array]) {
    remember(bytes.prototype, ['set', 'slice', 'subarray', 'fill']);
  }
  for (const type of [AsyncLocalStorage, inspector.Session, Worker, MessagePort, EventEmitter])
    remember(type.prototype);
  isIntact = writeComparison();
}

/**
 * True where nothing of it has been changed. It is asked many times a second: written out, each comparison is a place in
 * the code of its own, and a hundred times as fast as the same place for all.
 */
let isIntact: () => boolean = () => true;

function writeComparison(): () => boolean {
  const different = [...new Set(holders)];
  const lines = keys.map((key, index) => {
    const holder = `h${different.indexOf(holders[index] ?? {})}`;
    return `${holder}${typeof key === 'string' ? `[${JSON.stringify(key)}]` : `[k[${index}]]`} === v${index}`;
  });
  const body = `const ${different.map((_, index) => `h${index} = h[${index}]`).join(',')};
    const ${values.map((_, index) => `v${index} = v[${index}]`).join(',')};
    return () => ${lines.join('\n&& ')};`;
  return new Function('h', 'v', 'k', body)(different, values, keys);
}

function isClean(): boolean {
  for (let index = 0; index < polluted.length; index++) if (isPolluted(index)) return false;
  return true;
}

function isPolluted(index: number): boolean {
  const property = polluted[index];
  return property !== undefined && getOwnPropertyDescriptor(property.holder, property.key) !== undefined;
}

/** What cells have made of it, while the kernel's code runs with the originals; undefined while they run. */
let theirs: Property[] | undefined;

function takeOver(): Property[] {
  const taken: Property[] = [];
  for (let index = 0; index < originals.length + polluted.length; index++) {
    const original = originals[index] ?? polluted[index - originals.length];
    if (!original) continue;
    const { holder, key, descriptor } = original;
    const now = getOwnPropertyDescriptor(holder, key);
    if (now === undefined ? descriptor === undefined : isSame(now, descriptor)) continue;
    // No method of an array: they may be what is missing.
    taken[taken.length] = { holder, key, descriptor: now && bare(now) };
    put(original);
  }
  return taken;
}

const isSame = (now: PropertyDescriptor, then: PropertyDescriptor | undefined): boolean =>
  then !== undefined && now.value === then.value && now.get === then.get && now.set === then.set;

function bare(descriptor: PropertyDescriptor): PropertyDescriptor {
  setPrototypeOf(descriptor, null);
  return descriptor;
}

function put({ holder, key, descriptor }: Property): void {
  // Both say false where a cell has frozen the holder; then there is nothing to be done.
  if (descriptor === undefined) deleteProperty(holder, key);
  else defineProperty(holder, key, descriptor);
}

function giveBack(): void {
  const taken = theirs ?? [];
  theirs = undefined;
  for (let index = 0; index < taken.length; index++) {
    const property = taken[index];
    if (property) put(property);
  }
}

/** True while the kernel's code runs with the originals, whether they had to be put in place or not. */
let safe = false;

function looksIntact(): boolean {
  try {
    return isIntact() && isClean();
  } catch {
    return false;
  }
}

/** Runs the kernel's code, with everything as it was in the beginning. It must not wait for anything. */
export function unharmed<T>(work: () => T): T {
  if (safe) return work();
  if (!looksIntact()) theirs = takeOver();
  safe = true;
  try {
    return work();
  } finally {
    recoverIntrinsics();
  }
}

/** Runs a cell's code from within the kernel's, with everything as cells have made it. */
export function asCell<T>(work: () => T): T {
  if (!safe) return work();
  recoverIntrinsics();
  try {
    return work();
  } finally {
    if (!looksIntact()) theirs = takeOver();
    safe = true;
  }
}

/** Also for when the thread was stopped, which skips the end of `unharmed`. */
export function recoverIntrinsics(): void {
  safe = false;
  if (theirs !== undefined) giveBack();
}

/** A listener for the kernel's code. Node calls it by `apply`, which it therefore has itself. */
export function listener<A extends unknown[]>(work: (...args: A) => void): (...args: A) => void {
  const call = (...args: A): void => unharmed(() => work(...args));
  const { apply } = Function.prototype;
  defineProperty(call, 'apply', { value: apply });
  return call;
}
