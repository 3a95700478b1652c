/**
 * Tells the page of values that code sets, at most every so many ms: the newest of them, and the last before the
 * execution ends. A loop may set a widget a million times.
 */
import { clearTimeout, setTimeout } from 'node:timers';
import type { KernelHost } from '../../process/host.ts';

const EVERY_MS = 50;

/** What waits to be sent, by widget. */
const waiting = new Map<string, { value: unknown; timer: NodeJS.Timeout }>();
const sentAt = new Map<string, number>();
const attended = new WeakSet<KernelHost>();

/** The value of a widget is now this one. */
export function push(kernel: KernelHost, id: string, value: unknown): void {
  if (!attended.has(kernel)) {
    attended.add(kernel);
    kernel.onEnd(() => {
      for (const each of [...waiting.keys()]) flush(kernel, each);
    });
  }
  const now = performance.now();
  const late = now - (sentAt.get(id) ?? Number.NEGATIVE_INFINITY) >= EVERY_MS;
  const before = waiting.get(id);
  if (late) {
    drop(id);
    sentAt.set(id, now);
    kernel.setWidget(id, value);
  } else if (before) before.value = value;
  else {
    const timer = setTimeout(() => flush(kernel, id), EVERY_MS);
    timer.unref();
    waiting.set(id, { value, timer });
  }
}

/** Forgets what waits: someone else has set another value since. */
export function drop(id: string): void {
  const before = waiting.get(id);
  if (before) clearTimeout(before.timer);
  waiting.delete(id);
}

/** Sends what waits. */
export function flush(kernel: KernelHost, id: string): void {
  const before = waiting.get(id);
  if (!before) return;
  drop(id);
  sentAt.set(id, performance.now());
  kernel.setWidget(id, before.value);
}

/** The widget is closed. */
export function forget(kernel: KernelHost, id: string): void {
  flush(kernel, id);
  sentAt.delete(id);
}
