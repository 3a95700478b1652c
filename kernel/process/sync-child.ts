/**
 * Child processes that a cell waits for with `execSync` and its like. The wait is native code, which nothing of V8's can
 * end; so an interrupt reaches the child itself, as Ctrl-C in a terminal would. Where children cannot be listed (outside
 * Linux) it is for the parent to end the kernel once it has lost patience.
 */
import { readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { SHARED } from './channel.ts';

// As they are now: cells may put other things in their places.
const { load, store } = Atomics;

/** Main thread: notes when a child is waited for. All ways to do that lead through one binding of Node's. */
export function noteSyncChildren(shared: Int32Array<SharedArrayBuffer>): void {
  const bindings: unknown = Reflect.get(process, 'binding');
  if (typeof bindings !== 'function') return;
  const binding: unknown = Reflect.apply(bindings, process, ['spawn_sync']);
  if (typeof binding !== 'object' || binding === null) return;
  const spawn: unknown = Reflect.get(binding, 'spawn');
  if (typeof spawn !== 'function') return;
  Reflect.set(binding, 'spawn', (...options: unknown[]): unknown => {
    store(shared, SHARED.child, 1);
    try {
      return Reflect.apply(spawn, binding, options);
    } finally {
      forgetSyncChild(shared);
    }
  });
}

/** Main thread: no child is waited for, also where the wait was stopped so that nothing after it was run. */
export function forgetSyncChild(shared: Int32Array<SharedArrayBuffer>): void {
  store(shared, SHARED.child, 0);
}

/** A child that has not ended after so many requests, some 10 ms each, does not listen to them. */
const REQUESTS = 150;

/** The child that was asked last, and how often. */
const asked = { child: 0, times: 0 };

/**
 * Supervisor: interrupts the child that the main thread waits for, and all that it has started. To be called again and
 * again: one that does not listen is killed, before it costs the variables of the kernel.
 */
export function interruptSyncChild(shared: Int32Array<SharedArrayBuffer>): void {
  if (load(shared, SHARED.child) === 0) return;
  // The main thread's own children are listed in the order in which they were started.
  const child = childrenOf(process.pid, String(process.pid)).at(-1);
  if (child === undefined) return;
  asked.times = child === asked.child ? asked.times + 1 : 1;
  asked.child = child;
  for (const pid of [child, ...descendants(child)]) {
    try {
      process.kill(pid, asked.times > REQUESTS ? 'SIGKILL' : 'SIGINT');
    } catch {
      // It has ended meanwhile.
    }
  }
}

function descendants(pid: number): number[] {
  return threadsOf(pid)
    .flatMap((thread) => childrenOf(pid, thread))
    .flatMap((child) => [child, ...descendants(child)]);
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

function childrenOf(pid: number, thread: string): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
