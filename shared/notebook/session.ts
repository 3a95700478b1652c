/**
 * The words of a session: a notebook joined to a running kernel. All changes go through `applyToSession`
 * (`session-reducer.ts`), a pure function of state and operation that returns the new state and the effects to carry out;
 * it refuses to do anything itself, so that the order of runs is decided in one place and can be tested without a kernel.
 */
import { z } from 'zod';
import { BackendReport, type ExecutionEnd } from '../kernel/protocol.ts';

/** Whether the shown outputs belong to the shown source. */
export const Validity = z.enum(['fresh', 'evaluated', 'stale', 'aborted', 'failed']);
export type Validity = z.infer<typeof Validity>;

/** Whether the cell has a run waiting or going on. */
export const RunStatus = z.enum(['ready', 'queued', 'evaluating']);
export type RunStatus = z.infer<typeof RunStatus>;

/** One request to run one cell. */
export const Execution = z.object({
  id: z.string(),
  /** The click it came from: id of the first execution asked for together with it. */
  request: z.string(),
  cell: z.string(),
  source: z.string(),
  /** Hash of `source`, whatever function the caller uses for all of them. */
  hash: z.string(),
  /** Number shown beside the cell, given when it begins; 0 while it waits. */
  count: z.number().int(),
  by: z.object({ id: z.string(), name: z.string(), colour: z.string() }),
  queuedAt: z.number(),
  startedAt: z.number().nullable(),
});
export type Execution = z.infer<typeof Execution>;

/** What everyone sees of a cell's runs. */
export const CellState = z.object({
  validity: Validity,
  status: RunStatus,
  /** The latest execution that began: the one whose outputs are shown. */
  execution: z.string().nullable(),
  /** Hash of the source that the outputs belong to; null when no kernel remembers having run it. */
  hash: z.string().nullable(),
  /** The cell's text is not what is being evaluated right now. */
  edited: z.boolean(),
  count: z.number().int().nullable(),
  by: Execution.shape.by.nullable(),
  startedAt: z.number().nullable(),
  /** Duration of the last finished run in ms. */
  ms: z.number().nullable(),
});
export type CellState = z.infer<typeof CellState>;

export const KernelStatus = z.enum(['none', 'starting', 'idle', 'busy', 'dead']);
export type KernelStatus = z.infer<typeof KernelStatus>;

/** State of a session, as the server holds it and browsers mirror it (without `source` of waiting runs). */
export const SessionState = z.object({
  kernel: KernelStatus,
  /** Why the kernel is dead, or was restarted, in a sentence. */
  kernelReason: z.string().nullable(),
  backend: BackendReport.nullable(),
  /** What runs, if anything. */
  running: Execution.nullable(),
  /** What waits, first to run first; browsers get the first few, and the cells say which others wait. */
  queue: z.array(Execution),
  cells: z.record(z.string(), CellState),
  /** Last given execution count. */
  count: z.number().int(),
});
export type SessionState = z.infer<typeof SessionState>;

/** One cell that someone asks to run. */
export type ExecutionRequest = Pick<Execution, 'id' | 'cell' | 'source' | 'hash'>;

/** All that can happen to a session. `at` is ms since the epoch and comes from outside, so that the function stays pure. */
export type SessionOperation =
  | { type: 'run'; executions: ExecutionRequest[]; by: Execution['by']; at: number }
  | { type: 'kernel-ready' }
  | { type: 'backend'; report: BackendReport }
  | { type: 'started'; execution: string; at: number }
  | { type: 'done'; execution: string; end: ExecutionEnd; ms: number }
  /** A person's interrupt: what runs is stopped, what waits is dropped. */
  | { type: 'interrupt' }
  /** The interrupt was not obeyed in time. */
  | { type: 'interrupt-overdue' }
  /** A person's restart: the process is replaced, cells keep their outputs but are no longer evaluated. */
  | { type: 'restart' }
  | { type: 'kernel-died'; reason: string }
  | { type: 'shutdown' }
  /** The cell's text is now one with this hash. */
  | { type: 'edited'; cell: string; hash: string }
  | { type: 'deleted'; cell: string };

/** What the world must do after an operation, in order. */
export type SessionEffect =
  | { type: 'start-kernel' }
  | { type: 'stop-kernel' }
  | { type: 'interrupt-kernel' }
  | { type: 'execute'; execution: Execution }
  /** The outputs of this cell start anew with this execution. */
  | { type: 'begin-outputs'; execution: Execution }
  /** The execution is over and its record can be closed. */
  | { type: 'close-execution'; execution: string; end: ExecutionEnd; ms: number | null };

/** State of a notebook nobody has run. */
export const emptySession = (): SessionState => ({
  kernel: 'none',
  kernelReason: null,
  backend: null,
  running: null,
  queue: [],
  cells: {},
  count: 0,
});

/** State of a cell nobody has run. */
export const freshCell = (): CellState => ({
  validity: 'fresh',
  status: 'ready',
  execution: null,
  hash: null,
  edited: false,
  count: null,
  by: null,
  startedAt: null,
  ms: null,
});
