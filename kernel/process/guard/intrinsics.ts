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
import { keepRemovable } from './removable.ts';
import { enter, leave, unprotected } from './whole.ts';

const { defineProperty, deleteProperty, get, getOwnPropertyDescriptor, getPrototypeOf, ownKeys, setPrototypeOf } =
  Reflect;

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

/** What each of the holders had for a prototype. */
const prototypes: { holder: object; prototype: object | null }[] = [];

/** Whatever a cell adds to these means something to any object or array. */
const { prototype: ofAll } = Object;
const { prototype: ofArrays } = Array;
const EVERYWHERE = [ofAll, ofArrays];
const known = new Set<PropertyKey>(EVERYWHERE.flatMap((holder) => ownKeys(holder)));
/** Number of own keys of the prototype of all objects. */
let keysOfAll = ownKeys(ofAll).length;
/** Keys that mean something on an array, beside its elements. */
const MEANINGFUL = ['then', 'toJSON'];

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
    add(holder, key, bare(descriptor));
  }
}

function add(holder: object, key: PropertyKey, descriptor: PropertyDescriptor | undefined): void {
  originals.push({ holder, key, descriptor });
  // An accessor is compared where it is cheap: by what it gives, on the global object and on samples.
  if (!descriptor || 'value' in descriptor || holder === globalThis) compare(holder, key);
}

function compare(holder: object, key: PropertyKey): void {
  holders.push(holder);
  keys.push(key);
  values.push(Reflect.get(holder, key));
}

const leantOn = new WeakSet<object>();
/** Of the global object only these: what else cells define there is theirs. */
const globals = new Set<unknown>();
const isHolder = leantOn.has.bind(leantOn);
const isGlobal = globals.has.bind(globals);
const isKnown = known.has.bind(known);

const isLeantOn = (holder: object, key?: unknown): boolean =>
  isHolder(holder) && (holder !== globalThis || (key !== undefined && isGlobal(key)));

/** Remembers how things are. To be called before any cell runs, when the kernel has set itself up. */
export function rememberIntrinsics(): void {
  keepRemovable(isLeantOn);
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
  for (const type of [
    FinalizationRegistry,
    WeakRef,
    AsyncLocalStorage,
    inspector.Session,
    Worker,
    MessagePort,
    EventEmitter,
  ])
    remember(type.prototype);
  for (const bytes of [new Uint8Array(1), new Int32Array(1)]) {
    for (const key of ['length', 'byteLength', 'byteOffset', 'buffer', Symbol.toStringTag]) compare(bytes, key);
  }
  remember(ArrayBuffer.prototype);
  compare(new ArrayBuffer(1), 'byteLength');
  compare(new Map(), 'size');
  compare(new Set(), 'size');
  for (const type of [Array, Promise, RegExp, Map, Set]) {
    remember(type, [Symbol.species]);
    compare(type, Symbol.species);
  }
  for (const key of ['flags', 'source', 'global', 'unicode', 'sticky']) compare(/a/, key);
  for (const holder of new Set(originals.map((original) => original.holder))) {
    prototypes.push({ holder, prototype: getPrototypeOf(holder) });
    leantOn.add(holder);
  }
  for (const { holder, key } of originals) if (holder === globalThis) globals.add(key);
  for (const holder of EVERYWHERE) for (const key of ownKeys(holder)) known.add(key);
  keysOfAll = ownKeys(ofAll).length;
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
    const g = o.getPrototypeOf, ${prototypes.map((_, index) => `o${index} = p[${index}].holder, q${index} = p[${index}].prototype`).join(',')};
    return () => ${[...lines, ...prototypes.map((_, index) => `g(o${index}) === q${index}`)].join('\n&& ')};`;
  return new Function('h', 'v', 'k', 'p', 'o', body)(different, values, keys, prototypes, { getPrototypeOf });
}

/** True where nothing was added that means something everywhere. Elements of the prototype of arrays show in its length. */
function isClean(): boolean {
  if (ownKeys(ofAll).length !== keysOfAll || ofArrays.length !== 0) return false;
  for (let index = 0; index < MEANINGFUL.length; index++) {
    if (getOwnPropertyDescriptor(ofArrays, MEANINGFUL[index] ?? '') !== undefined) return false;
  }
  return true;
}

/** What cells have made of it, as a chain: an array would have the methods and elements that they gave to arrays. */
interface Taken {
  restore: () => void;
  next: Taken | undefined;
}

/** What the cells have, while the kernel's code runs with the originals; undefined while they run. */
let theirs: Taken | undefined;

function takeOver(): Taken | undefined {
  let taken: Taken | undefined;
  const take = (property: Property, now: PropertyDescriptor | undefined): void => {
    const { holder, key } = property;
    put(property);
    taken = { restore: () => put({ holder, key, descriptor: now }), next: taken };
  };
  for (let at = 0; at < EVERYWHERE.length; at++) {
    const holder = EVERYWHERE[at];
    const names = holder ? ownKeys(holder) : EVERYWHERE;
    for (let index = 0; index < names.length; index++) {
      const key = names[index];
      if (!holder || (typeof key !== 'string' && typeof key !== 'symbol') || isKnown(key)) continue;
      take({ holder, key, descriptor: undefined }, bare(getOwnPropertyDescriptor(holder, key)));
    }
  }
  defineProperty(ofArrays, 'length', EMPTY);
  for (let index = 0; index < prototypes.length; index++) {
    const { holder, prototype } = prototypes[index] ?? NO_PROTOTYPE;
    const now = getPrototypeOf(holder);
    if (now === prototype) continue;
    setPrototypeOf(holder, prototype);
    taken = { restore: () => void setPrototypeOf(holder, now), next: taken };
  }
  for (let index = 0; index < originals.length; index++) {
    const original = originals[index];
    if (!original || isUntouched(original)) continue;
    const now = bare(getOwnPropertyDescriptor(original.holder, original.key));
    if (now === undefined ? original.descriptor !== undefined : !isSame(now, original.descriptor)) take(original, now);
  }
  return taken;
}

/** Told as {@link isIntact} tells it: to look at each descriptor would take some ms, at each turn of the kernel's. */
function isUntouched({ holder, key, descriptor }: Property): boolean {
  try {
    return descriptor !== undefined && 'value' in descriptor && get(holder, key) === descriptor.value;
  } catch {
    return false;
  }
}

const EMPTY = bare({ value: 0 });
const NO_PROTOTYPE = { holder: {}, prototype: ofAll };

const isSame = (now: PropertyDescriptor, then: PropertyDescriptor | undefined): boolean =>
  then !== undefined && now.value === then.value && now.get === then.get && now.set === then.set;

function bare<T extends object | undefined>(descriptor: T): T {
  if (descriptor) setPrototypeOf(descriptor, null);
  return descriptor;
}

function put({ holder, key, descriptor }: Property): void {
  if (descriptor === undefined) deleteProperty(holder, key);
  else defineProperty(holder, key, descriptor);
}

function giveBack(): void {
  let taken = theirs;
  theirs = undefined;
  for (; taken; taken = taken.next) taken.restore();
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

/**
 * Runs the kernel's code, with everything as it was in the beginning. It must not wait for anything, and a stop takes effect
 * when it is done.
 */
export function unharmed<T>(work: () => T): T {
  if (safe) return work();
  enter();
  try {
    if (!looksIntact()) theirs = takeOver();
    safe = true;
    return work();
  } finally {
    recoverIntrinsics();
    leave();
  }
}

/** Runs a cell's code from within the kernel's, with everything as cells have made it. */
export function asCell<T>(work: () => T): T {
  if (!safe) return work();
  recoverIntrinsics();
  try {
    return unprotected(work);
  } finally {
    if (!looksIntact()) theirs = takeOver();
    safe = true;
  }
}

/** Gives an object the methods that it has for good, whatever becomes of those of its prototype. */
export function fasten<T extends object>(object: T, methods: readonly (keyof T & string)[]): T {
  for (const name of methods) defineProperty(object, name, { value: object[name] });
  return object;
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
