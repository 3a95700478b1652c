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
  /** The trial that goes on by this run, if it runs for one. */
  resumes: z.string().optional(),
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
  /** Names of the top level that the latest run bound, and those it read from elsewhere; null when unknown. */
  names: z.object({ defines: z.array(z.string()), uses: z.array(z.string()) }).nullable(),
  /** Cells that have run since and bind a name which this cell's run read: the reason why it is `stale`. */
  outdatedBy: z.array(z.string()),
  startedAt: z.number().nullable(),
  /** Duration of the last finished run in ms. */
  ms: z.number().nullable(),
});
export type CellState = z.infer<typeof CellState>;

export const KernelStatus = z.enum(['none', 'starting', 'idle', 'busy', 'dead']);
export type KernelStatus = z.infer<typeof KernelStatus>;

/** One piece of code that ran, or is to run, without being a cell's text: someone else's console, say. */
export const ConsoleEntry = z.object({
  /** The pseudo cell that its state and outputs are kept under, `console:…`. */
  cell: z.string(),
  source: z.string(),
  by: Execution.shape.by,
  at: z.number(),
});
export type ConsoleEntry = z.infer<typeof ConsoleEntry>;

const CONSOLE = 'console:';
/** Most console entries that are remembered; older ones are forgotten with their outputs once they have ended. */
export const CONSOLE_KEPT = 200;

/** Most characters of an entry's source that are remembered. */
export const CONSOLE_SOURCE = 20_000;

/** The pseudo cell of a console entry. */
export const consoleCell = (id: string): string => CONSOLE + id;
/** True when this names no cell of the document, but a console entry. */
export const isConsoleCell = (cell: string): boolean => cell.startsWith(CONSOLE);

/** Why a notebook's variables are not there, once the kernel that had them has ended by itself. */
export const NEW_KERNEL = 'A new kernel was started. The variables of the one before are gone; outputs are kept.';

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
  /** What ran without being a cell's text, oldest first; never part of the file. */
  console: z.array(ConsoleEntry),
  /** Last given execution count. */
  count: z.number().int(),
});
export type SessionState = z.infer<typeof SessionState>;

/** One cell that someone asks to run. */
export type ExecutionRequest = Pick<Execution, 'id' | 'cell' | 'source' | 'hash' | 'resumes'>;

/** Whether two runs would do the same, so that one of them is enough while it waits. */
export const isOneWish = (a: ExecutionRequest, b: ExecutionRequest): boolean =>
  a.cell === b.cell && a.hash === b.hash && a.resumes === b.resumes;

/** All that can happen to a session. `at` is ms since the epoch and comes from outside, so that the function stays pure. */
export type SessionOperation =
  /** `request`: the click that these belong to, when they follow from what was asked for earlier. */
  | { type: 'run'; executions: ExecutionRequest[]; by: Execution['by']; at: number; request?: string }
  | { type: 'kernel-ready' }
  | { type: 'backend'; report: BackendReport }
  /** What the compiler found in the source of an execution. */
  | { type: 'names'; execution: string; defines: string[]; uses: string[] }
  | { type: 'started'; execution: string; at: number }
  | { type: 'done'; execution: string; end: ExecutionEnd; ms: number }
  /** A person's interrupt: what runs is stopped, what waits is dropped. */
  | { type: 'interrupt' }
  /** These runs are no longer wanted. What runs already goes on. */
  | { type: 'withdraw'; executions: string[] }
  /** This run is to wait just before that one; null: behind all others. */
  | { type: 'reorder'; execution: string; before: string | null }
  /** The cell did not stop in time when it had to. */
  | { type: 'interrupt-overdue'; reason?: string }
  /** A person's restart: the process is replaced, cells keep their outputs but are no longer evaluated. */
  | { type: 'restart' }
  | { type: 'kernel-died'; reason: string }
  /** The process is ended on purpose; `reason` says why where people did not ask for it. */
  | { type: 'shutdown'; reason?: string }
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
  /** These console entries are no longer remembered, and neither is what they said. */
  | { type: 'forget-outputs'; cells: string[] }
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
  console: [],
  count: 0,
});

/** A console after a change, as told to browsers: entries that are new, and how many are remembered with them. */
export interface ConsoleChange {
  added: ConsoleEntry[];
  kept: number;
}

/** The list after a change that was told. */
export const changeConsole = (list: readonly ConsoleEntry[], { added, kept }: ConsoleChange): ConsoleEntry[] => {
  const all = [...list, ...added];
  return all.slice(Math.max(0, all.length - kept));
};

/** What must be told so that whoever knows `before` knows `after`; null when nothing changed. */
export function consoleChange(before: readonly ConsoleEntry[], after: readonly ConsoleEntry[]): ConsoleChange | null {
  if (before === after) return null;
  const last = before.at(-1);
  const at = last ? after.findLastIndex(({ cell }) => cell === last.cell) : -1;
  return { added: after.slice(at + 1), kept: after.length };
}

/** State of a cell nobody has run. */
export const freshCell = (): CellState => ({
  validity: 'fresh',
  status: 'ready',
  execution: null,
  hash: null,
  edited: false,
  count: null,
  by: null,
  names: null,
  outdatedBy: [],
  startedAt: null,
  ms: null,
});
