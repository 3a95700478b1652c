/**
 * Shared documents: loads, keeps durable, compacts, hands to editors over `/yjs/notebook/<id>`, and projects to the
 * `.ipynb` file. The server is a peer like any other, but the only one that touches the file.
 */
import type { FileState } from '@trialroom/shared/live/events';
import type { OutputsByCell } from '@trialroom/shared/notebook/transfer';
import type { Person } from '@trialroom/shared/policy/policy';
import type * as Y from 'yjs';
import type { OnMoved, OnRenew, Written } from './store.ts';

/** A document that stays loaded until it is released. */
export interface OpenDocument {
  readonly doc: Y.Doc;
  /** Takes over what its file says now, without waiting until a change of it is noticed. */
  reread(): Promise<void>;
  /** Makes a change because a person asked for it, in one transaction; it counts as theirs. */
  edit(person: Pick<Person, 'id'>, change: (doc: Y.Doc) => void): void;
  /** Resolves when all that the document holds is stored. @throws when the store does not take it */
  stored(): Promise<void>;
  /** Resolves when all that the document holds is stored, and its file is written as far as it can be. */
  saved(): Promise<void>;
  release(): void;
}

/** Follows one document from when it is loaded here until it is let go. */
export interface Follower {
  /** The document is about to be let go, and all it holds is stored. It is let go when this resolves. */
  left(): Promise<void>;
}

/** Outputs to be written to the file, by cell id. */
export type OutputsForFile = (notebook: string) => Promise<OutputsByCell>;

export interface Documents {
  /** Loads the document (from the store; from the file only if it has never been opened). Throws a `Refusal` when it cannot be read. */
  open(notebook: string): Promise<OpenDocument>;
  /** Says where outputs come from when the file is written. Called once, by sessions. */
  outputsFrom(source: OutputsForFile): void;
  /** The outputs that the file would be written with. */
  outputsOf: OutputsForFile;
  /** Has every document followed that is loaded from now on. The document holds all that is stored, and nobody is in it yet. */
  follow(follow: (notebook: string, doc: Y.Doc) => Follower): void;
  /** Told of a document that is made anew, in the transaction that does so: Yjs ids kept of it must be exchanged now. */
  onRenew(handler: OnRenew): void;
  /** Told of text that went from one cell to another, or came back, in the transaction that stores it. */
  onMoved(handler: OnMoved): void;
  /** Who wrote what, as far as it is stored. */
  writers(notebook: string): Promise<Written>;
  /** Outputs changed: write the file soon. */
  touch(notebook: string): void;
  fileState(notebook: string): FileState;
  /** Called on every change of a cell's source or its disappearance, local or remote. */
  onCellChange(handler: (notebook: string, cell: string, change: 'edited' | 'deleted') => void): void;
  /** Everything durable and every file written. */
  flush(): Promise<void>;
  close(): Promise<void>;
}
