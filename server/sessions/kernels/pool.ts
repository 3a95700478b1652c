/**
 * Kernels started ahead of need, so that a new notebook's first cell need not wait for a process. A warm kernel belongs to
 * nobody: it runs nothing, is no session, and is replaced when it is taken or dies. It ends with the server, as every
 * kernel does, because its line to it closes.
 */
import { existsSync } from 'node:fs';
import type { Log } from '../../log.ts';
import { Handover, type Hello, type LinkHandlers } from './handover.ts';
import { type KernelLink, startKernel } from './link.ts';
import { KERNEL_NICENESS } from './share.ts';

/** How many kernels are kept, and what they are like. */
export interface PoolOptions {
  /** How many to keep; `auto`: one, while the machine has memory to spare. */
  size: number | 'auto';
  /** Where they stand until they are told otherwise; an existing folder. */
  folder: string;
  memoryMb?: number | undefined;
  log: Log;
  /** How long after a kernel was taken the next is started, in ms: its taker has the machine first. */
  pauseMs?: number;
}

/** Kernels that stand ready. */
export interface KernelPool {
  /** Begins to keep kernels, from now on. */
  begin(): void;
  /** Hands over a warm kernel, to work in `folder`; null when there is none. Nothing is called before this returns. */
  take(folder: string, handlers: LinkHandlers): KernelLink | null;
  /** Kernels that stand ready. */
  ready(): number;
  /** Resolves with the id of the process once one stands ready, now or later. */
  warm(): Promise<number | undefined>;
  /** Ends them all, and keeps no more. */
  close(): Promise<void>;
}

/** Least memory that must be free before a kernel is started that nobody asked for, in bytes. */
const TO_SPARE = 2 * 1024 ** 3;
const PAUSE_MS = 1000;
/** Pauses after kernels that died by themselves: doubled each time, so that a machine without room is left alone. */
const LONGEST_PAUSE_MS = 300_000;

interface Warm {
  link: KernelLink;
  /** What it said first; null until it is ready. */
  hello: Hello | null;
  /** Set once it was handed over. */
  owner: Handover | null;
}

/** Makes a pool that keeps nothing until it is told to begin. */
export function createPool(options: PoolOptions): KernelPool {
  const { size, folder, memoryMb, log, pauseMs = PAUSE_MS } = options;
  const kernels = new Set<Warm>();
  const waiting = new Set<(pid: number | undefined) => void>();
  let timer: NodeJS.Timeout | null = null;
  let begun = false;
  let closed = false;
  let deaths = 0;

  const later = (ms: number): void => {
    if (!begun || closed) return;
    timer ??= setTimeout(() => {
      timer = null;
      fill();
    }, ms);
    timer.unref();
  };

  const fill = (): void => {
    const wanted = size === 'auto' ? 1 : size;
    if (kernels.size >= wanted) return;
    if (size === 'auto' && process.availableMemory() < TO_SPARE) later(LONGEST_PAUSE_MS);
    else start();
    if (kernels.size < wanted) later(pauseMs);
  };

  const start = (): void => {
    const link = startKernel({
      cwd: folder,
      memoryMb,
      niceness: KERNEL_NICENESS,
      onReady: (hello) => {
        warm.hello = hello;
        deaths = 0;
        if (warm.owner) warm.owner.ready(hello);
        else for (const tell of [...waiting]) tell(link.pid);
      },
      onMessage: (message, payload, taken) => {
        if (warm.owner) warm.owner.heard(message, payload, taken);
        else taken();
      },
      onEnd: (reason) => {
        if (warm.owner) {
          warm.owner.ended(reason);
          return;
        }
        kernels.delete(warm);
        if (closed) return;
        log.warn({ reason }, 'a kernel that was kept ready ended');
        later(Math.min(LONGEST_PAUSE_MS, pauseMs * 2 ** deaths++));
      },
    });
    const warm: Warm = { link, hello: null, owner: null };
    kernels.add(warm);
  };

  return {
    begin: () => {
      if (begun || size === 0) return;
      begun = true;
      later(pauseMs);
    },
    take: (where, handlers) => {
      // One that is still starting is nearer to its work than one that has not begun to.
      const warm = [...kernels].find(({ hello }) => hello !== null) ?? [...kernels][0];
      // In a folder that is not there, a kernel of its own says so best.
      if (!warm || closed || !existsSync(where)) return null;
      kernels.delete(warm);
      const { link, hello } = warm;
      const startOther = (own: LinkHandlers): KernelLink =>
        startKernel({ cwd: where, memoryMb, niceness: KERNEL_NICENESS, ...own });
      const owner = new Handover({ link, owner: handlers, folder: where, startOther });
      warm.owner = owner;
      if (hello) queueMicrotask(() => owner.ready(hello));
      later(pauseMs);
      return owner;
    },
    ready: () => [...kernels].filter(({ hello }) => hello !== null).length,
    warm: () =>
      new Promise((resolve) => {
        const there = [...kernels].find(({ hello }) => hello !== null);
        if (there) {
          resolve(there.link.pid);
          return;
        }
        const tell = (pid: number | undefined): void => {
          waiting.delete(tell);
          resolve(pid);
        };
        waiting.add(tell);
      }),
    close: async () => {
      closed = true;
      if (timer) clearTimeout(timer);
      await Promise.all([...kernels].map(({ link }) => link.stop()));
    },
  };
}
