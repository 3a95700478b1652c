/**
 * What cells read from the descriptor 0. `readFileSync(0)` asks people once, and the answer is all there is; `readSync(0)`
 * asks for a line when it has none left. Where nobody can answer, both fail and say so.
 */
import { Buffer } from 'node:buffer';
import fs from 'node:fs';
import { EndOfInput, type KernelHost } from '../host.ts';
import { currentScope } from '../scope.ts';
import { LINE } from './stdin.ts';

type Host = Pick<KernelHost, 'ask' | 'askSync'>;
type Callback = (error: unknown, ...given: unknown[]) => void;

const NOTHING = Buffer.alloc(0);

const isStdin = (target: unknown): boolean => target === 0 || target === '/dev/stdin';

/** From now on it asks. To be followed by `syncBuiltinESMExports`. */
export function readStdin(host: Host): void {
  /** What is left of a line, and whose it is. */
  let left: { execution: string; bytes: Buffer } = { execution: '', bytes: NOTHING };
  const keep = (bytes: Buffer): Buffer => {
    left = { execution: currentScope()?.execution ?? '', bytes };
    return bytes;
  };
  const rest = (): Buffer => (left.execution === currentScope()?.execution ? left.bytes : NOTHING);
  const take = ({ into }: Place): number => {
    const bytes = rest();
    const count = Math.min(into.length, bytes.length);
    into.set(bytes.subarray(0, count));
    keep(bytes.subarray(count));
    return count;
  };
  const all = (): Buffer => Buffer.concat([rest(), lineOf(() => host.askSync(LINE))]);
  const allLater = async (): Promise<Buffer> => {
    const before = rest();
    keep(NOTHING);
    return Buffer.concat([before, await lineOfLater(() => host.ask(LINE))]);
  };

  replace('readFileSync', isStdin, ([options]) => {
    const bytes = all();
    keep(NOTHING);
    return encoded(bytes, options);
  });
  replace('readFile', isStdin, (given) => {
    const called = callbackOf(given);
    allLater().then(
      (bytes) => called(null, encoded(bytes, given[0])),
      (error: unknown) => called(error),
    );
  });
  replace('readSync', isZero, (given) => {
    const place = placeOf(given);
    if (place.into.length > 0 && rest().length === 0) keep(lineOf(() => host.askSync(LINE)));
    return take(place);
  });
  replace('read', isZero, (given) => {
    const called = callbackOf(given);
    const place = placeOf(given);
    const ready =
      place.into.length > 0 && rest().length === 0 ? lineOfLater(() => host.ask(LINE)).then(keep) : undefined;
    Promise.resolve(ready).then(
      () => called(null, take(place), place.buffer),
      (error: unknown) => called(error),
    );
  });
}

const isZero = (target: unknown): boolean => target === 0;

/** Where it is a cell that reads. */
function replace(
  name: keyof typeof fs,
  isOurs: (target: unknown) => boolean,
  read: (given: unknown[]) => unknown,
): void {
  const original: unknown = Reflect.get(fs, name);
  if (typeof original !== 'function') return;
  const replaced = (target: unknown, ...given: unknown[]): unknown =>
    isOurs(target) && currentScope() ? read(given) : Reflect.apply(original, fs, [target, ...given]);
  // `util.promisify` knows some by what they carry, and their names are seen in errors.
  Object.defineProperties(replaced, Object.getOwnPropertyDescriptors(original));
  Reflect.set(fs, name, replaced);
}

function lineOf(ask: () => string): Buffer {
  try {
    return Buffer.from(`${ask()}\n`);
  } catch (error) {
    if (error instanceof EndOfInput) return NOTHING;
    throw error;
  }
}

async function lineOfLater(ask: () => Promise<string>): Promise<Buffer> {
  try {
    return Buffer.from(`${await ask()}\n`);
  } catch (error) {
    if (error instanceof EndOfInput) return NOTHING;
    throw error;
  }
}

const callbackOf = (given: readonly unknown[]): Callback => {
  const called = given.at(-1);
  if (typeof called !== 'function') throw new TypeError('The "cb" argument must be of type function');
  return (...answer) => void Reflect.apply(called, undefined, answer);
};

function encoded(bytes: Buffer, options: unknown): string | Buffer {
  const encoding = typeof options === 'object' && options !== null ? Reflect.get(options, 'encoding') : options;
  return typeof encoding === 'string' && Buffer.isEncoding(encoding) ? bytes.toString(encoding) : bytes;
}

/** Where to put bytes. */
interface Place {
  buffer: ArrayBufferView;
  into: Uint8Array;
}

/** What the arguments behind a descriptor mean: a buffer and a part of it, or the same as options. */
function placeOf([first, second, third]: readonly unknown[]): Place {
  const isObject = (each: unknown): each is object => typeof each === 'object' && each !== null;
  const given = ArrayBuffer.isView(first) ? first : isObject(first) && Reflect.get(first, 'buffer');
  const buffer = ArrayBuffer.isView(given) ? given : Buffer.alloc(16 * 1024);
  const options = [first, second].find((each): each is object => isObject(each) && !ArrayBuffer.isView(each));
  const start = Number((options ? Reflect.get(options, 'offset') : second) ?? 0);
  const length = options ? Reflect.get(options, 'length') : third;
  const bytes = new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  return { buffer, into: bytes.subarray(start, typeof length === 'number' ? start + length : undefined) };
}
