/** What all sessions of a server are made of, and within what bounds they run. */
import type { Blobs } from '../blobs/blobs.ts';
import type { Database } from '../database/database.ts';
import type { Documents } from '../documents/documents.ts';
import type { Hub } from '../live/hub.ts';
import type { Log } from '../log.ts';
import type { ResultsSink } from '../results/sink.ts';
import type { TrialSink } from '../trials/sink.ts';
import type { Shares } from './kernels/share.ts';
import type { SessionNotebooks } from './ports.ts';

/** The server around the sessions, and their bounds. */
export interface SessionsOptions {
  db: Database;
  hub: Hub;
  documents: Documents;
  notebooks: SessionNotebooks;
  trials: TrialSink;
  /** Where evaluations and artifacts of trials go; without it they are dropped. */
  results?: ResultsSink | undefined;
  blobs: Blobs;
  log: Log;
  /** How kernels share the cores of the machine. */
  shares: Shares;
  /** Folder of the notebooks; a kernel works in the folder of its notebook's file. */
  notebooksDir: string;
  /** Most memory of one kernel, in MB; absent: no limit but the machine's. */
  kernelMemoryMb?: number | undefined;
  /** How many kernels to keep ready, once `pool.begin` was called; absent: none. */
  warmKernels?: number | 'auto' | undefined;
  /** How long after one was taken the next is made ready, in ms. */
  warmPauseMs?: number;
  /** How long a kernel may stand idle with nobody watching before it is ended, in ms; absent: for ever. */
  idleLimitMs?: number | undefined;
  /** Most ms that one execution may take; absent: as long as it likes. */
  cellLimitMs?: number | undefined;
  /** How long an interrupted cell has to stop before its kernel is ended, in ms. */
  interruptGraceMs?: number;
  /** How long a trial has to end after a stop before its cell is interrupted, in ms. */
  stopGraceMs?: number;
}
