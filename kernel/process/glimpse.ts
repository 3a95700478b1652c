/**
 * The main thread's half of a look at its variables. V8 can watch over code that must not change anything, but is slow
 * at it; this code is the kernel's own, calls nothing of the user's, and uses what it needs as it was in the beginning,
 * so it needs no watching. Getters and proxies are handed on untouched.
 */
import { GLIMPSE_NAME } from './channel.ts';

const { getOwnPropertyDescriptor, getOwnPropertyNames, freeze } = Object;
const { apply } = Reflect;
const { isArray } = Array;
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
