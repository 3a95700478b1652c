/**
 * What the two threads of a kernel say to each other. The main thread runs cells and may be blocked for hours; the
 * supervisor owns the socket and is always awake. Messages for the parent are framed on the main thread, so that their
 * size is known where printing must block; the supervisor only passes them on.
 */

import type { MessagePort } from 'node:worker_threads';
import type { DoneRow, RunRow } from './rows.ts';

/** Supervisor → main thread. */
export type ToMain =
  /** `warm`: runs as a cell would, but nobody sees it. */
  | { op: 'run' | 'warm'; row: RunRow }
  /** An execution may be coming. */
  | { op: 'rouse' }
  /** Nothing has run for a while. */
  | { op: 'rest' }
  /** {@link SHARED.threads} is another now. */
  | { op: 'share' }
  /** The line to the parent stands. Sent before any `run`. */
  | { op: 'connected' }
  /** Answered by `pong` at once unless JavaScript runs. */
  | { op: 'ping'; serial: number }
  /**
   * Ends the execution, which has been stopped or waits for something; `limitMs` says that it took longer than that.
   * Code that listens to its signal gets a moment; sent again, the end is at once.
   */
  | { op: 'abort'; execution: string; limitMs: number | undefined }
  /** The folder to work in, before any `run`. */
  | { op: 'enter'; folder: string }
  | {
      op: 'widget';
      widget: string;
      value: unknown;
      payload: Uint8Array | undefined;
      by: { id: string; name: string } | undefined;
    }
  | { op: 'reply'; request: number; ok: true; value: unknown; allotted: Allotted | undefined }
  | { op: 'reply'; request: number; ok: false; error: string }
  | { op: 'ack'; trial: string; seq: number }
  /** The wish of {@link SHARED.wish} for this trial is another now. */
  | { op: 'wish'; trial: string }
  | { op: 'probe' }
  | { op: 'shutdown' }
  /** Ends the process, a turn later. */
  | { op: 'exit'; code: number };

/** Main thread → supervisor. */
export type ToSupervisor =
  | { op: 'frame'; frame: Uint8Array }
  | DoneRow
  /** The main thread blocks until the reply to this request is in the port {@link SupervisorData.replies}. */
  | { op: 'blocking'; request: number }
  /** Text has been printed that is not sent yet. */
  | { op: 'pending' }
  | { op: 'pong'; serial: number }
  /** The evaluation ended without a word on how; an `abort` is needed unless one is coming. */
  | { op: 'broken'; execution: string }
  /** The main thread waits to be stopped, which it cannot do by itself. */
  | { op: 'kill' }
  | ({ op: 'relay' } & RelayOpened)
  /** The child has ended; {@link SHARED}`.relay` shall say when all it wrote is sent. */
  | { op: 'relayed'; serial: number }
  | { op: 'bye' };

/** What the supervisor thread is started with. */
export interface SupervisorData {
  /** Path of the parent's socket. */
  socket: string | undefined;
  /** Jupyter's connection file, where there is no socket. */
  connection: string | undefined;
  memoryMb: number | undefined;
  shared: Int32Array<SharedArrayBuffer>;
  /** Where replies go that the main thread blocks for: it looks there itself, since no event would reach it. */
  replies: MessagePort;
}

/** A reply to a call that the main thread blocks for. */
export type BlockingReply =
  | { request: number; ok: true; value: unknown }
  | { request: number; ok: false; error: string };

/** Layout of the memory both threads share: 32-bit words, by index. */
export const SHARED = {
  /** Bytes sent to the parent and not credited yet. */
  outstanding: 0,
  /** Never changes: what a thread waits on that wants to be stopped. */
  never: 1,
  /** How many replies have been put into the port for a blocked main thread. */
  replies: 2,
  /** 1 while the main thread waits for a child process. */
  child: 3,
  /** Number of the execution that is being stopped, or 0: its timers shall not run any more. */
  stopping: 4,
  /** How many cores native work may take, as the parent has said last; 0: it has said nothing. */
  threads: 5,
  /** How far the line stands by which a child is heard that is waited for: its number times four, and a {@link RELAY}. */
  relay: 6,
  /** First of what people want of trials (a {@link WISH} each), one for each trial opened (used round and round). */
  wish: 7,
} as const;

/** States of the line to a child that is waited for, in this order. */
export const RELAY = { open: 1, ended: 2, failed: 3 } as const;

/** A child is about to be waited for: the supervisor shall listen at `path` for one connection for each name, in order. */
export interface RelayOpened {
  serial: number;
  path: string;
  execution: string;
  names: readonly ('stdout' | 'stderr')[];
}

/** What people want of a trial, as a word. */
export const WISH = { none: 0, stop: 1, pause: 2, release: 3, released: 4 } as const;

/** A trial and which of the words behind {@link SHARED}`.wish` is its own. */
export interface Allotted {
  trial: string;
  slot: number;
}

/** Of how many trials a wish can be known at a time. */
export const WISH_SLOTS = 1017;

/** Memory for {@link SHARED}. */
export const allocateShared = (): Int32Array<SharedArrayBuffer> =>
  new Int32Array(new SharedArrayBuffer((SHARED.wish + WISH_SLOTS) * 4));

/**
 * Global name of the main thread's function that sends what was printed. Like the other three a bare name, which nothing
 * that a cell can replace stands before.
 */
export const FLUSH_NAME = '__trialroomFlush';

/** Global name of the function that ends the code of a stopped execution, if that is what an inspector's question interrupts. */
export const STRIKE_NAME = '__trialroomStrike';

/** What a question by {@link STRIKE_NAME} meets with. */
export const MET = {
  /** Nothing that is to be stopped. */
  other: 0,
  /** It is being ended. */
  struck: 1,
  /** Something of it that must not be ended half-way; it will be when that is done. */
  later: 2,
} as const;
/** One of them. */
export type Met = (typeof MET)[keyof typeof MET];

/** Global name of the function that ends the process with an exit code. */
export const EXIT_NAME = '__trialroomExit';

/** Global name of the functions by which variables are read. */
export const GLIMPSE_NAME = '__trialroomGlimpse';
