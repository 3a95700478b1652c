/** Divides examples into parts that share none: by chance, evenly over classes, keeping groups whole, or by time. */
import { randomOf, range, shuffle } from './chance.ts';

/** How examples are divided. At most one of `stratify`, `group` and `time`. */
export interface SplitNumbersOptions {
  /** Decides what chance decides; 0 when not given. */
  seed?: number;
  /** Each value is spread over the parts as evenly as whole examples allow. */
  stratify?: ArrayLike<unknown>;
  /** Examples of equal value stay together. */
  group?: ArrayLike<unknown>;
  /** Earlier examples go to earlier parts; those of the same moment stay together. No chance. */
  time?: ArrayLike<number>;
}

/**
 * Numbers of the examples in each part, ascending.
 * @param sizes shares of all examples (each at most 1, together at most 1), or whole numbers of examples
 * @throws RangeError when a part would be empty, or more is wanted than there is
 */
export function splitNumbers(
  count: number,
  sizes: Readonly<Record<string, number>>,
  options: SplitNumbersOptions,
): Int32Array[] {
  const shares = sharesOf(count, sizes);
  const { stratify, group, time } = checked(count, options);
  const random = randomOf(options.seed ?? 0);
  const parts = time
    ? byTime(time, shares)
    : group
      ? grouped(codesOf(group), shares, random)
      : stratified(stratify ? codesOf(stratify) : new Int32Array(count), shares, random);
  for (const [index, name] of Object.keys(sizes).entries()) {
    if (parts[index]?.length) continue;
    const why = time ? 'moments' : group ? 'groups' : 'examples';
    throw new RangeError(`split(): there are too few ${why} to give any to "${name}" (${count} examples in all)`);
  }
  return parts;
}

/**
 * For each of k folds, the numbers to validate with and the others, to train with. By time, training comes before
 * validation: the examples are cut into k + 1 stretches, and each one but the first is validated after all before it.
 * @throws RangeError when there are too few examples or groups for so many folds
 */
export function foldNumbers(
  count: number,
  folds: number,
  options: SplitNumbersOptions,
): { train: Int32Array; validation: Int32Array }[] {
  if (!Number.isInteger(folds) || folds < 2) throw new RangeError(`kFold(${folds}): give a whole number from 2 on`);
  const pieces = options.time ? folds + 1 : folds;
  const sizes = Object.fromEntries(Array.from({ length: pieces }, (_, piece) => [`part ${piece + 1}`, 1 / pieces]));
  const parts = splitNumbers(count, sizes, options);
  const validations = options.time ? parts.slice(1) : parts;
  return validations.map((validation, fold) => {
    const train = options.time ? parts.slice(0, fold + 1) : parts.filter((part) => part !== validation);
    return { train: merged(train), validation };
  });
}

function checked(count: number, options: SplitNumbersOptions): SplitNumbersOptions {
  const { stratify, group, time } = options;
  const given = Object.entries({ stratify, group, time }).filter(([, values]) => values !== undefined);
  if (given.length > 1) {
    throw new RangeError(`split(): ${given.map(([name]) => name).join(' and ')} exclude one another; give one of them`);
  }
  for (const [name, values] of given) {
    if (values?.length !== count) {
      throw new RangeError(`split({ ${name} }): ${values?.length} values were given for ${count} examples`);
    }
  }
  if (time) {
    const missing = Array.prototype.findIndex.call(time, Number.isNaN);
    if (missing >= 0) throw new RangeError(`split({ time }): example ${missing} has no time`);
  }
  return options;
}

function sharesOf(count: number, sizes: Readonly<Record<string, number>>): number[] {
  const given = Object.values(sizes);
  const text = JSON.stringify(sizes);
  if (given.length === 0) throw new RangeError('split(): name the parts, e.g. { train: 0.8, test: 0.2 }');
  if (given.some((size) => !(size > 0))) throw new RangeError(`split(${text}): each part must be above 0`);
  const sum = given.reduce((total, size) => total + size, 0);
  // A single 1 is all of it, not one example.
  const counts = given.some((size) => size > 1);
  if (counts && given.some((size) => !Number.isInteger(size))) {
    throw new RangeError(`split(${text}): give shares from 0 to 1, or whole numbers of examples; not both`);
  }
  if (sum > (counts ? count : 1 + 1e-9)) {
    throw new RangeError(`split(${text}): that is ${counts ? `${sum} of ${count} examples` : 'more than the whole'}`);
  }
  return counts ? given.map((size) => size / count) : given;
}

/** Each distinct value as a number, in the order of their first appearance. */
export function codesOf(values: ArrayLike<unknown>): Int32Array {
  const codes = new Map<unknown, number>();
  const numbers = new Int32Array(values.length);
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    const key = value instanceof Date ? value.getTime() : value;
    let code = codes.get(key);
    if (code === undefined) {
      code = codes.size;
      codes.set(key, code);
    }
    numbers[index] = code;
  }
  return numbers;
}

/**
 * Divides each stratum by largest remainders; where remainders are to be placed, the part that has fallen behind most
 * comes first. So each part has its share of each stratum within one example, and of the whole within one.
 */
function stratified(strata: Int32Array, shares: readonly number[], random: () => number): Int32Array[] {
  const members: number[][] = [];
  for (const number of shuffle(range(strata.length), random)) {
    const stratum = strata[number] ?? 0;
    members[stratum] ??= [];
    members[stratum].push(number);
  }
  const parts = shares.map((): number[] => []);
  const left = Math.max(0, 1 - shares.reduce((sum, share) => sum + share, 0));
  // What is given to nobody is a part too, so that it does not swallow the remainders of the others.
  const all = left > 1e-9 ? [...shares, left] : shares;
  const owed = all.map(() => 0);
  for (const stratum of members) {
    if (!stratum) continue;
    const exact = all.map((share) => share * stratum.length);
    const given = exact.map((size) => Math.floor(size + 1e-9));
    const order = all
      .map((_, part) => part)
      .filter((part) => (exact[part] ?? 0) - (given[part] ?? 0) > 1e-9)
      .sort((a, b) => need(b) - need(a));
    function need(part: number): number {
      return (owed[part] ?? 0) + (exact[part] ?? 0) - (given[part] ?? 0);
    }
    let rest = stratum.length - given.reduce((sum, size) => sum + size, 0);
    for (const part of order) {
      if (rest-- <= 0) break;
      given[part] = (given[part] ?? 0) + 1;
    }
    let start = 0;
    for (const [part, size] of given.entries()) {
      owed[part] = (owed[part] ?? 0) + (exact[part] ?? 0) - size;
      parts[part]?.push(...stratum.slice(start, start + size));
      start += size;
    }
  }
  return parts.map(ascending);
}

/** Groups in an order by chance, the largest first among equals of need, each to the part that lacks most. */
function grouped(codes: Int32Array, shares: readonly number[], random: () => number): Int32Array[] {
  const members: number[][] = [];
  for (const [number, code] of codes.entries()) {
    members[code] ??= [];
    members[code].push(number);
  }
  const order = [...shuffle(range(members.length), random)].sort(
    (a, b) => (members[b]?.length ?? 0) - (members[a]?.length ?? 0),
  );
  const parts = shares.map((): number[] => []);
  const left = Math.max(0, 1 - shares.reduce((sum, share) => sum + share, 0));
  const wanted = [...shares, ...(left > 1e-9 ? [left] : [])].map((share) => share * codes.length);
  const got = wanted.map(() => 0);
  for (const group of order) {
    const lack = wanted.map((size, part) => (size - (got[part] ?? 0)) / size);
    const part = lack.indexOf(Math.max(...lack));
    got[part] = (got[part] ?? 0) + (members[group]?.length ?? 0);
    parts[part]?.push(...(members[group] ?? []));
  }
  return parts.map(ascending);
}

function byTime(times: ArrayLike<number>, shares: readonly number[]): Int32Array[] {
  const at = (number: number): number => times[number] ?? 0;
  const order = range(times.length).sort((a, b) => at(a) - at(b) || a - b);
  let [start, share] = [0, 0];
  return shares.map((each) => {
    share += each;
    let end = Math.min(order.length, Math.round(share * order.length));
    while (end > 0 && end < order.length && at(order[end] ?? 0) === at(order[end - 1] ?? 0)) end++;
    const part = order.slice(start, Math.max(start, end));
    start = Math.max(start, end);
    return part.sort();
  });
}

const ascending = (numbers: readonly number[]): Int32Array => Int32Array.from(numbers).sort();

function merged(parts: readonly Int32Array[]): Int32Array {
  const all = new Int32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all.sort();
}
