/**
 * What the two threads of a kernel say to each other. The main thread runs cells and may be blocked for hours; the
 * supervisor owns the socket and is always awake. Messages for the parent are framed on the main thread, so that their
 * size is known where printing must block; the supervisor only passes them on.
 */
import type { ExecutionEnd } from '@trialroom/shared/kernel/protocol';
import type { CompiledCell } from '../cell/compile.ts';

/** Supervisor → main thread. */
export type ToMain =
  | { op: 'run'; execution: string; compiled: CompiledCell }
  /** Answered by `pong` at once unless JavaScript runs. */
  | { op: 'ping'; serial: number }
  /** Ends the execution, which has been stopped or waits for something. */
  | { op: 'abort'; execution: string }
  | { op: 'reply'; request: number; ok: true; value: unknown; slot: number | undefined }
  | { op: 'reply'; request: number; ok: false; error: string }
  | { op: 'ack'; trial: string; seq: number }
  | { op: 'probe' }
  | { op: 'shutdown' };

/** Main thread → supervisor. */
export type ToSupervisor =
  | { op: 'frame'; frame: Uint8Array }
  | { op: 'done'; execution: string; end: ExecutionEnd; frame: Uint8Array }
  /** Text has been printed that is not sent yet. */
  | { op: 'pending' }
  | { op: 'pong'; serial: number }
  /** The evaluation ended without a word on how; an `abort` is needed unless one is coming. */
  | { op: 'broken'; execution: string }
  /** The main thread waits to be stopped: code of an execution that was interrupted has come back to life. */
  | { op: 'kill' }
  | { op: 'bye' };

/** What the supervisor thread is started with. */
export interface SupervisorData {
  socket: string;
  memoryMb: number | undefined;
  shared: Int32Array<SharedArrayBuffer>;
}

/** Layout of the memory both threads share: 32-bit words, by index. */
export const SHARED = {
  /** Bytes sent to the parent and not credited yet. */
  outstanding: 0,
  /** Never changes: what a thread waits on that wants to be stopped. */
  never: 1,
  /** First of the stop flags, one for each trial opened (used round and round). */
  stop: 2,
} as const;

/** How many trials can have a stop flag at a time. */
export const STOP_SLOTS = 1022;

/** Memory for {@link SHARED}. */
export const allocateShared = (): Int32Array<SharedArrayBuffer> =>
  new Int32Array(new SharedArrayBuffer((SHARED.stop + STOP_SLOTS) * 4));

/** Global symbol of the main thread's function that sends what was printed. */
export const FLUSH_KEY = 'trialroom.flush';
