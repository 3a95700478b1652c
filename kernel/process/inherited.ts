/**
 * What cells write to the standard streams of the process itself: by child processes that inherit them, and by the file
 * descriptors 1 and 2, as loggers do. They lead to whoever started the kernel, who shows them to nobody. Here it is
 * printed instead, in the cell that it comes from, as it is written (for children that the thread waits for:
 * `sync-relay.ts`).
 *
 * What native code writes by itself is out of reach.
 */
import { Buffer } from 'node:buffer';
import { ChildProcess, type StdioOptions } from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import process, { nextTick } from 'node:process';
import { Readable } from 'node:stream';
import type { Output } from './output.ts';
import { currentScope, withoutExecution } from './scope.ts';
import type { SyncRelay } from './sync-relay.ts';

type Name = 'stdout' | 'stderr';
type Write = (bytes: Uint8Array) => unknown;

/** The standard stream that a descriptor or a stream stands for. */
function nameOf(target: unknown): Name | undefined {
  const fd = typeof target === 'object' && target !== null ? Reflect.get(target, 'fd') : target;
  return fd === 1 ? 'stdout' : fd === 2 ? 'stderr' : undefined;
}

/** From now on it is printed; `origin` says to which execution what happens now belongs. */
export function printInherited(output: Output, origin: () => string, relay: SyncRelay): void {
  const writer = (name: Name): Write => {
    const execution = origin();
    return output.writer(name, () => execution);
  };
  printChildren(writer);
  printSyncChildren(writer, (names, child) => {
    output.flush();
    return relay.run(origin(), names, child);
  });
  printDescriptors({ stdout: output.writer('stdout', origin), stderr: output.writer('stderr', origin) });
}

function printChildren(writer: (name: Name) => Write): void {
  const holder: object = ChildProcess.prototype;
  const spawn: unknown = Reflect.get(holder, 'spawn');
  if (typeof spawn !== 'function') return;
  const printed = function (this: ChildProcess, options: { stdio?: StdioOptions }): unknown {
    const given = options?.stdio;
    const stdio: unknown[] = typeof given === 'string' ? [given, given, given] : Array.isArray(given) ? [...given] : [];
    const inherited = new Map<number, Name>();
    stdio.forEach((target, index) => {
      const name = index === 0 ? undefined : nameOf(target === 'inherit' ? index : target);
      if (name !== undefined) inherited.set(index, name);
    });
    if (inherited.size === 0) return Reflect.apply(spawn, this, [options]);
    for (const index of inherited.keys()) stdio[index] = 'pipe';
    const result: unknown = Reflect.apply(spawn, this, [{ ...options, stdio }]);
    const streams: (object | null | undefined)[] = this.stdio ?? [];
    for (const [index, name] of inherited) {
      const write = writer(name);
      const stream = streams[index];
      if (stream instanceof Readable) withoutExecution(() => stream.on('data', write));
      // To the cell it is as if there were none.
      streams[index] = null;
      if (index < 3) Reflect.set(this, index === 1 ? 'stdout' : 'stderr', null);
    }
    return result;
  };
  Reflect.set(holder, 'spawn', Object.defineProperty(printed, 'name', { value: 'spawn' }));
}

interface SyncOptions {
  stdio?: { type: string; fd?: unknown; readable?: boolean; writable?: boolean }[];
  maxBuffer?: number;
}

/** All ways to wait for a child lead through one binding of Node's. */
function printSyncChildren(
  writer: (name: Name) => Write,
  relayed: (names: Name[], child: (fds: readonly number[]) => unknown) => { result: unknown } | undefined,
): void {
  const bindings: unknown = Reflect.get(process, 'binding');
  const binding: unknown = typeof bindings === 'function' && Reflect.apply(bindings, process, ['spawn_sync']);
  const spawn: unknown = typeof binding === 'object' && binding !== null && Reflect.get(binding, 'spawn');
  if (typeof spawn !== 'function') return;
  Reflect.set(Object(binding), 'spawn', (options: SyncOptions): unknown => {
    const inherited = new Map<number, Name>();
    options.stdio?.forEach((entry, index) => {
      const name = index > 0 && (entry.type === 'inherit' || entry.type === 'fd') ? nameOf(entry) : undefined;
      if (name !== undefined) inherited.set(index, name);
    });
    if (inherited.size === 0) return Reflect.apply(spawn, binding, [options]);
    const indexes = [...inherited.keys()];
    const given = (instead: (at: number) => object): SyncOptions['stdio'] =>
      options.stdio?.map((entry, index) =>
        inherited.has(index) ? { ...entry, ...instead(indexes.indexOf(index)) } : entry,
      );
    const ran = relayed([...inherited.values()], (fds) =>
      Reflect.apply(spawn, binding, [{ ...options, stdio: given((at) => ({ type: 'fd', fd: fds[at] })) }]),
    );
    if (ran) return ran.result;
    const stdio = given(() => ({ type: 'pipe', readable: false, writable: true }));
    // There is no limit to what a child prints.
    const result: { output?: (Uint8Array | null)[] | null } = Reflect.apply(spawn, binding, [
      { ...options, stdio, maxBuffer: Number.POSITIVE_INFINITY },
    ]);
    for (const [index, name] of inherited) {
      const said = result.output?.[index];
      if (said) writer(name)(said);
      if (result.output) result.output[index] = null;
    }
    return result;
  });
}

/** Where it is a cell that writes; the kernel's own complaints go where they went. */
function printDescriptors(writers: Record<Name, Write>): void {
  const print = (fd: unknown, chunks: () => Uint8Array[]): number | undefined => {
    const name = typeof fd === 'number' && currentScope() ? nameOf(fd) : undefined;
    if (name === undefined) return undefined;
    let bytes = 0;
    for (const chunk of chunks()) {
      writers[name](chunk);
      bytes += chunk.byteLength;
    }
    return bytes;
  };
  const replace = (name: keyof typeof fs, chunks: (given: unknown[]) => Uint8Array[], called = false): void => {
    const original: unknown = Reflect.get(fs, name);
    if (typeof original !== 'function') return;
    const replaced = (fd: unknown, ...given: unknown[]): unknown => {
      const bytes = print(fd, () => chunks(given));
      if (bytes === undefined) return Reflect.apply(original, fs, [fd, ...given]);
      if (!called) return name.endsWith('FileSync') ? undefined : bytes;
      const callback = given.at(-1);
      nextTick(() => typeof callback === 'function' && callback(null, bytes, given[0]));
      return undefined;
    };
    // `util.promisify` knows some by what they carry, and their names are seen in errors.
    Object.defineProperties(replaced, Object.getOwnPropertyDescriptors(original));
    Reflect.set(fs, name, replaced);
  };
  const one = (given: unknown[]): Uint8Array[] => [bytesOf(given)];
  const several = ([views]: unknown[]): Uint8Array[] =>
    Array.isArray(views) ? views.filter(ArrayBuffer.isView).map(bytesOfView) : [];
  for (const name of ['writeSync', 'writeFileSync', 'appendFileSync'] as const) replace(name, one);
  replace('writevSync', several);
  replace('write', one, true);
  replace('writev', several, true);
  syncBuiltinESMExports();
}

const bytesOfView = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** The bytes that the arguments behind a descriptor mean: a text and its encoding, or bytes and a part of them. */
function bytesOf([given, offset, length]: readonly unknown[]): Uint8Array {
  if (!ArrayBuffer.isView(given)) {
    const encoding = [offset, length].find((each) => typeof each === 'string' && Buffer.isEncoding(each));
    return Buffer.from(String(given), encoding as BufferEncoding | undefined);
  }
  const bytes = bytesOfView(given);
  const part = typeof offset === 'object' && offset !== null ? offset : { offset, length };
  const start = Number(Reflect.get(part, 'offset') ?? 0);
  const size = Reflect.get(part, 'length');
  return bytes.subarray(start, typeof size === 'number' ? start + size : undefined);
}
