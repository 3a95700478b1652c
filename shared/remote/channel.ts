/** What the thread that speaks of a trial and the thread that keeps and sends tell one another. */
import type { SpoolLimits, SpoolOpening } from './spool.ts';

/** Places of the shared numbers, which both read without waiting. */
export const SHARED = {
  /** What people want: {@link WISHES}. */
  wish: 0,
  /** How many `say` messages are in the spool. */
  written: 1,
  /** 1 once everything up to the end is with the server, 2 when that is not to be waited for. */
  ended: 2,
} as const;
export const SHARED_BYTES = 12;

/** By number, as `shared[SHARED.wish]` has them. */
export const WISHES = ['go', 'pause', 'stop'] as const;

/** What the thread that keeps and sends begins with. */
export interface ThreadStart {
  opening: SpoolOpening;
  folder: string;
  /** Null: nothing is sent; the spool is delivered by a later process. */
  server: { url: string; token: string | undefined } | null;
  limits: SpoolLimits;
  shared: SharedArrayBuffer;
  /** How long the end waits for a server that is away, in ms. */
  patience: number;
  /** When numbered messages are told to be kept: once they are with the server, or once they are in the spool. */
  keptBy: 'server' | 'spool';
}

/** Header of a message for the spool. */
export type SaidHeader = { type: string; seq?: number; keys?: readonly { count: number }[] };

export type ToThread =
  | { type: 'say'; header: SaidHeader; payload?: Uint8Array }
  /** Text that was printed; `at`: ms since the epoch. */
  | { type: 'text'; stream: 'stdout' | 'stderr'; text: string; at: number }
  /** Nothing more follows. */
  | { type: 'end' };

export type FromThread =
  | { type: 'opened'; room: string }
  /** The server will not take it, with what to do. */
  | { type: 'refused'; message: string }
  /** The server is not there, or there is none; what is said is kept meanwhile. */
  | { type: 'away'; message: string }
  /** Numbered messages up to `seq` are durable with the server, or in the spool; at the end, in the spool at least. */
  | { type: 'kept'; seq: number }
  | { type: 'wish' };
