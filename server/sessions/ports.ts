/** What a session needs from the rest of the server. */
import type { Blobs } from '../blobs/blobs.ts';
import type { Documents } from '../documents/documents.ts';
import type { Hub } from '../live/hub.ts';
import type { Log } from '../log.ts';
import type { Notebooks } from '../notebooks/notebooks.ts';
import type { ResultsSink } from '../results/sink.ts';
import type { TrialSink } from '../trials/sink.ts';
import type { KernelPool } from './kernels/pool.ts';
import type { SessionNews } from './news.ts';
import type { SessionStore } from './outputs/store.ts';

/** Notebooks as sessions see them: files with outputs, in a list that shows kernels. */
export type SessionNotebooks = Pick<Notebooks, 'get' | 'readFileOutputs' | 'kernelFrom' | 'changed'>;

/** The rest of the server, as one session sees it. */
export interface SessionPorts {
  store: SessionStore;
  hub: Hub;
  documents: Pick<Documents, 'open' | 'touch' | 'fileState'>;
  trials: TrialSink;
  /** Where evaluations and artifacts of trials go; without it they are dropped. */
  results?: ResultsSink | undefined;
  blobs: Blobs;
  log: Log;
  /** Folder that a notebook's cells run in. */
  folderOf(notebook: string): Promise<string>;
  /** Name of the tensor engine that a notebook asks for; undefined where it leaves the choice to the machine. */
  backendOf(notebook: string): Promise<string | undefined>;
  /** How many cores an execution that begins now may take; undefined where the environment says it. */
  threads(notebook: string): number | undefined;
  /** The kernel's state changed. */
  changed(notebook: string): void;
  /** Something happened, for whoever listens. */
  news(notebook: string, news: SessionNews): void;
  /** True for a kernel without a notebook: nothing of it is in a document or a store. */
  detached: boolean;
  kernelMemoryMb: number | undefined;
  /** Kernels that stand ready. */
  pool: Pick<KernelPool, 'take'>;
  /** How long an interrupted cell has to stop, in ms. */
  interruptGraceMs: number;
  /** Most ms that one execution may take; undefined: as long as it likes. */
  cellLimitMs: number | undefined;
  /** How long a stopped trial has to end, in ms. */
  stopGraceMs: number | undefined;
}
