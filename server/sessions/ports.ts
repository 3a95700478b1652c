/** What a session needs from the rest of the server. */
import type { Output } from '@trialroom/shared/notebook/outputs';
import type { Blobs } from '../blobs/blobs.ts';
import type { Documents } from '../documents/documents.ts';
import type { Hub } from '../live/hub.ts';
import type { Log } from '../log.ts';
import type { TrialSink } from '../trials/sink.ts';
import type { SessionStore } from './store.ts';

/** Notebooks as sessions see them: files with outputs. */
export interface SessionNotebooks {
  /** Path of the notebook's file within the notebooks folder. Throws a `Refusal` when there is no such notebook. */
  pathOf(notebook: string): Promise<string>;
  /** Outputs that the file holds, by cell id; empty when it cannot be read. */
  fileOutputs(notebook: string): Promise<Record<string, { outputs: Output[]; count: number | null }>>;
}

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
