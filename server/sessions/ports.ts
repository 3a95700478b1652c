/** What a session needs from the rest of the server. */
import type { Blobs } from '../blobs/blobs.ts';
import type { Documents } from '../documents/documents.ts';
import type { Hub } from '../live/hub.ts';
import type { Log } from '../log.ts';
import type { Notebooks } from '../notebooks/notebooks.ts';
import type { TrialSink } from '../trials/sink.ts';
import type { SessionStore } from './store.ts';

/** Notebooks as sessions see them: files with outputs, in a list that shows kernels. */
export type SessionNotebooks = Pick<Notebooks, 'get' | 'readFileOutputs' | 'kernelFrom' | 'changed'>;

export interface SessionPorts {
  store: SessionStore;
  hub: Hub;
  documents: Documents;
  trials: TrialSink;
  blobs: Blobs;
  log: Log;
  /** Folder that a notebook's cells run in. */
  folderOf(notebook: string): Promise<string>;
  /** The kernel's state changed. */
  changed(notebook: string): void;
  kernelMemoryMb: number | undefined;
  /** How long an interrupted cell has to stop, in ms. */
  interruptGraceMs: number;
  /** How long a stopped trial has to end, in ms. */
  stopGraceMs: number | undefined;
}
