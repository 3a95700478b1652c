/**
 * The main thread's half of a look at its variables. V8 can watch over code that must not change anything, but is slow
 * at it; this code is the kernel's own, calls nothing of the user's, and uses what it needs as it was in the beginning,
 * so it needs no watching. Getters and proxies are handed on untouched.
 */
import { types } from 'node:util';
import { GLIMPSE_NAME } from '../channel.ts';

const { getOwnPropertyDescriptor, getOwnPropertyNames, getPrototypeOf, freeze } = Object;
const { apply } = Reflect;
const { isArray } = Array;
const { isProxy, isTypedArray } = types;
const asObject = Object;
const { slice } = String.prototype;
const { join } = Array.prototype;

/** Longest text that is handed on. */
const LONGEST = 200;
const BIG = 2n ** 80n;

/** A property that no getter stands behind. */
function own(object: object, name: string): unknown {
  const property = getOwnPropertyDescriptor(object, name);
  return property && 'value' in property ? property.value : undefined;
}

/** Most names that are read of one value; whoever asks sorts them out. */
const MOST_NAMES = 1000;
/** Elements of longer lists are not listed. */
const LONG = 1000;
const MOST_PROTOTYPES = 20;

/**
 * The property that `value.name` would find. Where finding it could run code of the user's, or it is a getter, that is
 * for V8 to watch over: undefined.
 */
function find(value: unknown, name: string): PropertyDescriptor | undefined {
  if (value === undefined || value === null) return undefined;
  for (let object = asObject(value), depth = 0; object !== null && depth < MOST_PROTOTYPES; depth++) {
    if (isProxy(object)) return undefined;
    const property = getOwnPropertyDescriptor(object, name);
    if (property) return 'value' in property ? property : undefined;
    object = getPrototypeOf(object);
  }
  return undefined;
}

/** True where a name of the global object has a getter, which reading a variable of that name might call. */
function hasGetter(name: string): boolean {
  for (let object: object | null = globalThis; object !== null; object = getPrototypeOf(object)) {
    const property = getOwnPropertyDescriptor(object, name);
    if (property) return !('value' in property);
  }
  return false;
}

/** True for a list whose elements are too many to be listed. */
function isLong(object: object): boolean {
  if (isTypedArray(object)) return true;
  const length = own(object, 'length');
  return (isArray(object) || length !== undefined) && typeof length === 'number' && length > LONG;
}

/** Names with their kinds, one behind the other: `['map', 'function', …]`. */
function namesOf(value: unknown): string[] | undefined {
  const found: string[] = [];
  if (value === undefined || value === null) return found;
  const seen: Record<string, true> = Object.create(null);
  for (let object = asObject(value), depth = 0; object !== null && depth < MOST_PROTOTYPES; depth++) {
    if (isProxy(object)) return undefined;
    const names = isLong(object) ? ['length'] : getOwnPropertyNames(object);
    for (let index = 0; index < names.length && found.length < 2 * MOST_NAMES; index++) {
      const name = names[index];
      if (name === undefined || seen[name]) continue;
      seen[name] = true;
      const held = own(object, name);
      const made = typeof held === 'function' ? getOwnPropertyDescriptor(held, 'prototype') : undefined;
      found[found.length] = name;
      found[found.length] = typeof held !== 'function' ? 'property' : made && !made.writable ? 'class' : 'function';
    }
    object = getPrototypeOf(object);
  }
  return found;
}

/** Defines the functions that `variables.ts` calls. To be called when all globals of the kernel's are there. */
export function installGlimpse(): void {
  const known: Record<string, true> = Object.create(null);
  for (const name of getOwnPropertyNames(globalThis)) known[name] = true;
  known[GLIMPSE_NAME] = true;
  const glimpse = {
    /** Names on the global object that cells have made; those with `_` in front are packages' own affairs. */
    globals(): string[] {
      const found: string[] = [];
      const names = getOwnPropertyNames(globalThis);
      for (let index = 0; index < names.length; index++) {
        const name = names[index];
        if (name === undefined || known[name] || name[0] === '_') continue;
        const property = getOwnPropertyDescriptor(globalThis, name);
        if (property && 'value' in property) found[found.length] = name;
      }
      return found;
    },
    /**
     * Puts a value beside its name. Long text does not cross over whole; its length stands beside it, under a name that
     * no variable can have. A variable that has no value yet is left out.
     */
    put(values: Record<string, unknown>, name: string, read: () => unknown): void {
      try {
        const value = read();
        if (typeof value === 'string' && value.length > LONGEST) {
          values[`${name} length`] = value.length;
          values[name] = apply(slice, value, [0, LONGEST]);
        } else if (typeof value === 'bigint' && (value > BIG || value < -BIG)) {
          values[`${name} big`] = true;
          values[name] = 0n;
        } else values[name] = value;
      } catch {
        // It is declared below the line that failed or runs now.
      }
    },
    /**
     * What can follow `root.path.`: see `complete.ts`. `read` reads the variable `root`. Undefined where V8 must watch.
     */
    members(root: string, read: () => unknown, path: string[]): string[] | undefined {
      if (hasGetter(root)) return undefined;
      let value: unknown;
      try {
        value = read();
      } catch {
        // There is none, or it has no value yet.
        return undefined;
      }
      for (let index = 0; index < path.length; index++) {
        const property = find(value, path[index] ?? '');
        if (!property) return undefined;
        value = property.value;
      }
      return namesOf(value);
    },
    /** Shape, element type and size of things that are like tensors. */
    measure(tensors: object[]): object[] {
      const measured: object[] = [];
      for (let index = 0; index < tensors.length; index++) {
        const tensor = tensors[index];
        if (tensor === undefined) continue;
        const shape = own(tensor, 'shape') ?? own(tensor, 'dims');
        let plain = isArray(shape);
        if (isArray(shape)) for (let at = 0; at < shape.length; at++) plain &&= typeof own(shape, `${at}`) === 'number';
        measured[index] = {
          shape: plain ? apply(join, shape, [', ']) : undefined,
          dtype: own(tensor, 'dtype') ?? own(tensor, 'type'),
          size: own(tensor, 'size'),
          gone: own(tensor, 'isDisposedInternal') === true,
        };
      }
      return measured;
    },
  };
  Object.defineProperty(globalThis, GLIMPSE_NAME, { value: freeze(glimpse) });
}
