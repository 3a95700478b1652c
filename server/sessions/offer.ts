/** What sessions offer to the rest of the server. `notebook` is the id of a notebook, or of a session without one. */
import type { LiveMember, Variable } from '@trialroom/shared/kernel/protocol';
import type { NotebookSnapshot } from '@trialroom/shared/live/events';
import type { Execution, KernelStatus, SessionState } from '@trialroom/shared/notebook/session';
import { z } from 'zod';
import type { Holder } from '../notebooks/forgetting.ts';
import type { KernelPool } from './kernels/pool.ts';
import type { Listener } from './listeners.ts';
import type { SourceRequest } from './news.ts';

/** A value as it was seen in a live kernel. */
export const Inspected = z.object({ type: z.string(), text: z.string() });
export type Inspected = z.infer<typeof Inspected>;

/** Who does something in a session. */
export type Asker = { id: string; name: string };

/** A session in a list. */
export interface SessionListing {
  /** What all functions here take for `notebook`. */
  id: string;
  /** Null: a session without a notebook. */
  notebook: string | null;
  /** Given at its making, for a session without a notebook. */
  name: string | null;
  kernel: KernelStatus;
  /** ms since the epoch */
  lastActivity: number;
  /** Programs that listen. */
  connections: number;
}

/** All sessions, for every capability that has cells run or looks on. */
export interface Sessions {
  /** Kernels that stand ready for sessions to come. */
  readonly pool: KernelPool;
  /**
   * Queues code cells in the given order, with the source that the server's document holds now.
   * @returns the ids of the executions
   * @throws Refusal when there is no such notebook or none of the cells exists
   */
  run(notebook: string, cells: readonly string[], by: Execution['by']): Promise<string[]>;
  /**
   * Queues code that is not a cell's saved text.
   * @returns the id of the execution
   * @throws Refusal when there is no such session or notebook
   */
  runSource(notebook: string, request: SourceRequest): Promise<string>;
  /** Calls `handler` with everything that happens in this session, in order. The returned function ends that. */
  listen(notebook: string, handler: Listener): () => void;
  /** A value of the live kernel, read without side effects; null when it cannot be told. */
  inspect(notebook: string, expression: string): Promise<Inspected | null>;
  /** What can follow `expression.` in the live kernel; its top-level names for an empty expression. */
  complete(notebook: string, expression: string): Promise<LiveMember[]>;
  /** Says where the type checker's remarks in snapshots come from. Called once, by the language service. */
  remarksFrom(source: (notebook: string) => NotebookSnapshot['diagnostics']): void;
  /** Top-level variables of the live kernel, also while a cell runs. */
  variables(notebook: string): Promise<Variable[]>;
  /** The widgets there are, in a session that was looked at since the server started. */
  widgets(notebook: string): NotebookSnapshot['widgets'];
  /**
   * Sets a widget for everyone. `content` is the file, for file widgets.
   * @throws Refusal when there is no such widget, nobody listens to it, or the value does not fit
   */
  setWidget(notebook: string, widget: string, value: unknown, by: Asker, content?: Uint8Array): Promise<void>;
  /**
   * Answers what a cell asks for. What was answered, and by whom, is kept nowhere: it may be a password.
   * @throws Refusal when nobody waits for this answer
   */
  answerInput(notebook: string, request: number, value: string, by: Asker): Promise<void>;
  /** Tells a cell that asks why nobody will answer. @throws Refusal when nobody waits for an answer */
  refuseInput(notebook: string, request: number, why: string): Promise<void>;
  /** Makes a session without a notebook and returns its id; its kernel starts with its first run. */
  detached(name: string): Promise<string>;
  /** Ends the kernel of a session; one without a notebook is forgotten. Resolves when the process is gone. */
  shutdown(notebook: string): Promise<void>;
  /** The session of a notebook, and all that ever ran in it, goes with the notebook. */
  readonly holder: Holder;
  /** The sessions there are, those without a kernel included. */
  list(): SessionListing[];
  /** Stops what runs and drops what waits. */
  interrupt(notebook: string): Promise<void>;
  /** Takes runs that wait out of the queue. */
  withdraw(notebook: string, executions: readonly string[]): Promise<void>;
  /** Lets a run wait just before another; null: behind all. */
  reorder(notebook: string, execution: string, before: string | null): Promise<void>;
  /** Replaces the kernel. */
  restart(notebook: string): Promise<void>;
  /** `none` when nobody has run anything since the server started. */
  status(notebook: string): KernelStatus;
  /** The state of a session that was looked at since the server started. */
  state(notebook: string): SessionState | null;
  /** How many kernels there are. */
  live(): number;
  /** Called when the kernel of a notebook changes its status. The returned function ends that. */
  onChange(handler: (notebook: string) => void): () => void;
  /** Ends all kernels and makes everything durable. */
  close(): Promise<void>;
}
