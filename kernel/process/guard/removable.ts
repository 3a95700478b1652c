/**
 * Whatever a cell does to the objects that the kernel leans on can be taken back: what it defines there as fixed stays
 * configurable, and they do not freeze. Else a setter that throws, fixed on the prototype of all arrays, would be the end
 * of the process, as Node's own code meets it too.
 */

type Call = (...args: unknown[]) => unknown;

const { apply, defineProperty, get, getOwnPropertyDescriptor, ownKeys, setPrototypeOf } = Reflect;

/** The parts of a property descriptor, without `configurable`. */
const PARTS = ['value', 'writable', 'get', 'set', 'enumerable'];

/** `isLeantOn` says for which properties of which objects this holds; without a key, for any of an object's. */
export function keepRemovable(isLeantOn: (holder: object, key?: unknown) => boolean): void {
  const removable = (holder: object, key: unknown, descriptor: unknown): unknown => {
    if (!isObject(descriptor) || !isLeantOn(holder, key)) return descriptor;
    const kept: PropertyDescriptor = bare({ configurable: true });
    for (let index = 0; index < PARTS.length; index++) {
      const part = PARTS[index];
      if (part !== undefined && part in descriptor) put(kept, part, get(descriptor, part));
    }
    return kept;
  };
  const all = (holder: object, descriptors: object): object => {
    const kept = bare({});
    const keys = ownKeys(descriptors);
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index];
      if (key === undefined || !getOwnPropertyDescriptor(descriptors, key)?.enumerable) continue;
      put(kept, key, removable(holder, key, get(descriptors, key)));
    }
    return kept;
  };
  for (const [holder, given] of [
    [Object, (target: object): unknown => target],
    [Reflect, (): unknown => true],
  ] as const) {
    replace(
      holder,
      'defineProperty',
      (original) => (target, key, descriptor) =>
        original(target, key, isObject(target) ? removable(target, key, descriptor) : descriptor),
    );
    replace(
      holder,
      'preventExtensions',
      (original) => (target) => (isObject(target) && isLeantOn(target) ? given(target) : original(target)),
    );
  }
  replace(
    Object,
    'defineProperties',
    (original) => (target, descriptors) =>
      original(
        target,
        isObject(target) && isObject(descriptors) && isLeantOn(target) ? all(target, descriptors) : descriptors,
      ),
  );
  for (const name of ['freeze', 'seal']) {
    replace(
      Object,
      name,
      (original) => (target) => (isObject(target) && isLeantOn(target) ? target : original(target)),
    );
  }
}

function replace(holder: object, name: string, make: (original: Call) => Call): void {
  const original: unknown = get(holder, name);
  if (typeof original !== 'function') return;
  const value = make((...args) => apply(original, holder, args));
  defineProperty(value, 'name', { value: name, configurable: true });
  defineProperty(value, 'length', { value: original.length, configurable: true });
  defineProperty(holder, name, { value, configurable: true, writable: true, enumerable: false });
}

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

/** Without a prototype, since a cell may have put anything on that of all objects. */
function bare<T extends object>(value: T): T {
  setPrototypeOf(value, null);
  return value;
}

const OPEN = bare({ configurable: true, writable: true, enumerable: true });

function put(into: object, key: PropertyKey, value: unknown): void {
  defineProperty(into, key, bare({ ...OPEN, value }));
}
