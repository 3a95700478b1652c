/**
 * Shared documents: loads, keeps durable, compacts, hands to editors over `/yjs/notebook/<id>`, and projects to the
 * `.ipynb` file. The server is a peer like any other, but the only one that touches the file.
 */
import type { FileState } from '@trialroom/shared/live/events';
import type { Output } from '@trialroom/shared/notebook/outputs';
import type * as Y from 'yjs';

/** A document that stays loaded until it is released. */
export interface OpenDocument {
  readonly doc: Y.Doc;
  /** Takes over what its file says now, without waiting until a change of it is noticed. */
  reread(): Promise<void>;
  /** Resolves when all that the document holds is stored, and its file is written as far as it can be. */
  saved(): Promise<void>;
  release(): void;
}

/** Outputs to be written to the file, by cell id. */
export type OutputsForFile = (notebook: string) => Promise<Record<string, { outputs: Output[]; count: number | null }>>;

export interface Documents {
  /** Loads the document (from the store; from the file only if it has never been opened). Throws a `Refusal` when it cannot be read. */
  open(notebook: string): Promise<OpenDocument>;
  /** Says where outputs come from when the file is written. Called once, by sessions. */
  outputsFrom(source: OutputsForFile): void;
  /** Outputs changed: write the file soon. */
  touch(notebook: string): void;
  fileState(notebook: string): FileState;
  /** Called on every change of a cell's source or its disappearance, local or remote. */
  onCellChange(handler: (notebook: string, cell: string, change: 'edited' | 'deleted') => void): void;
  /** Everything durable and every file written. */
  flush(): Promise<void>;
  close(): Promise<void>;
}
