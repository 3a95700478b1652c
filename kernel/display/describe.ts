/**
 * Any value as plain text, within bounds of time and length that hold whatever it is given: it looks at a value's size
 * before it writes it out, runs no getter and no trap of a proxy, and what fails to be shown is said, never thrown.
 */
import { inspect, types } from 'node:util';
import { isTensor, nameTensor } from './tensor.ts';
import { cut, grouped, reasonOf } from './words.ts';

/** Longest plain text of one value, in characters. */
const LONGEST_TEXT = 100_000;
/** Longest text within a value, in characters. */
const LONGEST_STRING = 10_000;
/** Most items or properties shown of one object. */
const MOST_ITEMS = 100;
/** Most levels of nesting shown. */
const MOST_DEPTH = 4;
/** Most values written out in all; a level of nesting that would need more is left out. */
const MOST_VALUES = 5000;
/** Characters of text that count as one value. */
const TEXT_VALUE = 250;

/** A value as plain text. Never throws, save for what a person's own `inspect.custom` never returns from. */
export function describe(value: unknown): string {
  try {
    if (typeof value !== 'object' || value === null) return cut(inspectAt(value, 0), LONGEST_TEXT);
    const keys = sizedKeys(value);
    if (keys && keys.length > MOST_ITEMS) {
      const more = keys.length - MOST_ITEMS;
      const part = firstOf(value, keys);
      return `${cut(write(part), LONGEST_TEXT)}\n… ${grouped(more)} more ${more === 1 ? 'property' : 'properties'}`;
    }
    return cut(write(value), LONGEST_TEXT);
  } catch (error) {
    return `<${kindOf(value)} that cannot be shown: ${reasonOf(error)}>`;
  }
}

/** An object as text, as deep as fits. */
function write(value: object): string {
  const { depth, tensors } = survey(value);
  const named: object[] = [];
  try {
    for (const tensor of tensors) {
      const owner = ownerOf(tensor, 'dataSync');
      if (!owner || ownerOf(tensor, inspect.custom)) continue;
      // What a tensor is made of inside tells nobody anything: for as long as this takes, its kind says its name.
      Object.defineProperty(owner, inspect.custom, {
        configurable: true,
        value(this: unknown): string {
          return isTensor(this) ? nameTensor(this) : '[Tensor]';
        },
      });
      named.push(owner);
    }
    return inspectAt(value, depth);
  } finally {
    for (const owner of named) Reflect.deleteProperty(owner, inspect.custom);
  }
}

/** Which object of the prototype chain has this property itself. */
function ownerOf(value: object, key: PropertyKey): object | undefined {
  let owner: object | null = value;
  while (owner && !types.isProxy(owner) && !Object.hasOwn(owner, key)) owner = Object.getPrototypeOf(owner);
  return owner && !types.isProxy(owner) ? owner : undefined;
}

const inspectAt = (value: unknown, depth: number): string =>
  inspect(value, {
    depth,
    maxArrayLength: MOST_ITEMS,
    maxStringLength: LONGEST_STRING,
    breakLength: 100,
    numericSeparator: false,
  });

/**
 * How many levels of an object can be written out within {@link MOST_VALUES}, and the tensors among what it holds. Looks
 * at no more than that many values.
 */
function survey(root: object): { depth: number; tensors: object[] } {
  const tensors: object[] = [];
  let level: object[] = [root];
  let values = 0;
  for (let depth = 0; depth <= MOST_DEPTH && level.length > 0; depth++) {
    const next: object[] = [];
    for (const each of level) {
      values += 1;
      for (const child of childrenOf(each)) {
        values += typeof child === 'string' ? 1 + Math.min(child.length, LONGEST_STRING) / TEXT_VALUE : 1;
        if (typeof child !== 'object' || child === null) continue;
        (seemsTensor(child) ? tensors : next).push(child);
      }
      if (values > MOST_VALUES) return { depth: Math.max(0, depth - 1), tensors };
    }
    level = next;
  }
  return { depth: MOST_DEPTH, tensors };
}

/** A tensor as far as can be told without running anything of it: its shape is a property, no getter. */
const seemsTensor = (value: object): boolean =>
  !types.isProxy(value) && Array.isArray(plainProperty(value, 'shape')) && ownerOf(value, 'dataSync') !== undefined;

/** What `inspect` would write out of an object, one level down. */
function* childrenOf(value: object): Generator<unknown> {
  // What is behind a proxy cannot be seen without running its traps: a guess.
  if (types.isProxy(value)) yield* new Array<unknown>(MOST_ITEMS).fill(undefined);
  else if (Array.isArray(value)) {
    const length = Math.min(value.length, MOST_ITEMS);
    for (let index = 0; index < length; index++) yield plainProperty(value, String(index));
  } else if (types.isMap(value)) yield* firstItems(Map.prototype.values.call(value));
  else if (types.isSet(value)) yield* firstItems(Set.prototype.values.call(value));
  else {
    const keys = sizedKeys(value);
    if (!keys) return;
    // An object this wide fits nowhere but at the top, where its first properties are shown.
    if (keys.length > MOST_ITEMS) yield* new Array<unknown>(MOST_VALUES).fill(undefined);
    else for (const key of keys) yield plainProperty(value, key);
  }
}

function* firstItems(items: Iterator<unknown>): Generator<unknown> {
  for (let index = 0; index < MOST_ITEMS; index++) {
    const { done, value } = items.next();
    if (done) return;
    yield value;
  }
}

/** Names of the properties of an object that is shown by them; undefined for the kinds that `inspect` itself bounds. */
function sizedKeys(value: object): string[] | undefined {
  if (types.isProxy(value) || Array.isArray(value) || ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) {
    return undefined;
  }
  if (types.isMap(value) || types.isSet(value) || types.isModuleNamespaceObject(value)) return undefined;
  return Object.keys(value);
}

/** The value of a property that is no getter. */
const plainProperty = (value: object, key: string): unknown => Object.getOwnPropertyDescriptor(value, key)?.value;

/** The same object with only its first properties. */
function firstOf(value: object, keys: readonly string[]): object {
  const part: object = Object.create(Object.getPrototypeOf(value));
  for (const key of keys.slice(0, MOST_ITEMS)) {
    const property = Object.getOwnPropertyDescriptor(value, key);
    if (property) Object.defineProperty(part, key, property);
  }
  return part;
}

function kindOf(value: unknown): string {
  if (typeof value === 'function') return 'function';
  try {
    return Object.prototype.toString
      .call(value)
      .slice(1, -1)
      .replace(/^object /, '');
  } catch {
    return 'object';
  }
}
