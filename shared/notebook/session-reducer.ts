/**
 * Decides what happens in a session: which run is next, what an error, an interrupt or a dead kernel does to those that
 * wait. It touches nothing: time, ids and hashes come in with the operation, and what must be done goes out as effects.
 *
 * What always holds: at most one execution runs, and the kernel is `busy` exactly while one does; every execution that
 * was accepted is closed once; none waits without a kernel that is on its way to it.
 */
import type { ExecutionEnd } from '../kernel/protocol.ts';
import { readersOf } from './dependents.ts';
import {
  type CellState,
  CONSOLE_KEPT,
  CONSOLE_SOURCE,
  type Execution,
  freshCell,
  isConsoleCell,
  isOneWish,
  NEW_KERNEL,
  type SessionEffect,
  type SessionOperation,
  type SessionState,
  type Validity,
} from './session.ts';

/** A new state and what must be done because of it, in order. */
export interface SessionStep {
  state: SessionState;
  effects: SessionEffect[];
}

/**
 * The next state after an operation. Operations that come too late (a `done` for an execution that is over, a second
 * `kernel-ready`) change nothing and return the same object.
 */
export function applyToSession(state: SessionState, operation: SessionOperation): SessionStep {
  switch (operation.type) {
    case 'run':
      return run(state, operation);
    case 'kernel-ready':
      return state.kernel === 'starting' ? next({ ...state, kernel: 'idle' }, []) : unchanged(state);
    case 'backend':
      return { state: { ...state, backend: operation.report }, effects: [] };
    case 'names': {
      const { running } = state;
      const { execution, defines, uses } = operation;
      if (running?.id !== execution || !state.cells[running.cell]) return unchanged(state);
      return { state: withCell(state, running.cell, { names: { defines, uses } }), effects: [] };
    }
    case 'started':
      return started(state, operation.execution, operation.at);
    case 'done':
      return done(state, operation);
    case 'interrupt': {
      const effects: SessionEffect[] = state.running ? [{ type: 'interrupt-kernel' }] : [];
      const dropped = dropWaiting(state, () => true, effects);
      return dropped === state && effects.length === 0 ? unchanged(state) : { state: dropped, effects };
    }
    case 'withdraw': {
      const effects: SessionEffect[] = [];
      const left = dropWaiting(state, ({ id }) => operation.executions.includes(id), effects);
      return left === state ? unchanged(state) : { state: left, effects };
    }
    case 'reorder':
      return reorder(state, operation.execution, operation.before);
    case 'interrupt-overdue': {
      if (!state.running) return unchanged(state);
      const reason = operation.reason ?? 'The cell did not stop, so its kernel was ended and started anew.';
      const lost = loseKernel(state, 'starting', reason, [{ type: 'stop-kernel' }]);
      return { state: lost.state, effects: [...lost.effects, { type: 'start-kernel' }] };
    }
    case 'restart': {
      const running = state.kernel === 'idle' || state.kernel === 'busy' || state.kernel === 'starting';
      const reason = running ? 'The kernel was restarted.' : begunAgain(state);
      const lost = loseKernel(state, 'starting', reason, running ? [{ type: 'stop-kernel' }] : []);
      return { state: lost.state, effects: [...lost.effects, { type: 'start-kernel' }] };
    }
    case 'kernel-died':
      if (state.kernel === 'none' || state.kernel === 'dead') return unchanged(state);
      return loseKernel(state, 'dead', operation.reason, []);
    case 'shutdown':
      if (state.kernel === 'none' || state.kernel === 'dead') return unchanged(state);
      return loseKernel(state, 'none', operation.reason ?? null, [{ type: 'stop-kernel' }]);
    case 'edited':
      return edited(state, operation.cell, operation.hash);
    case 'deleted':
      return deleted(state, operation.cell);
  }
}

const unchanged = (state: SessionState): SessionStep => ({ state, effects: [] });

const withCell = (state: SessionState, cell: string, change: Partial<CellState>): SessionState => ({
  ...state,
  cells: { ...state.cells, [cell]: { ...(state.cells[cell] ?? freshCell()), ...change } },
});

/** What a cell shows when it does not run: whether it waits. */
const atRest = (queue: readonly Execution[], cell: string): CellState['status'] =>
  queue.some((execution) => execution.cell === cell) ? 'queued' : 'ready';

function run(
  state: SessionState,
  { executions, by, at, request: click }: Extract<SessionOperation, { type: 'run' }>,
): SessionStep {
  const queue = [...state.queue];
  const cells = { ...state.cells };
  const request = click ?? executions[0]?.id ?? '';
  for (const asked of executions) {
    // Pressing Run twice on a waiting cell is one wish; on a running one it means "again, after this".
    if (queue.some((waiting) => isOneWish(waiting, asked))) continue;
    queue.push({ ...asked, request, count: 0, by, queuedAt: at, startedAt: null });
    const cell = cells[asked.cell] ?? returned(state, asked.cell);
    cells[asked.cell] = cell.status === 'ready' ? { ...cell, status: 'queued' } : cell;
  }
  if (queue.length === state.queue.length) return unchanged(state);
  const asked = executions.flatMap(({ cell, source }) =>
    isConsoleCell(cell) ? [{ cell, source: source.slice(0, CONSOLE_SOURCE), by, at }] : [],
  );
  const entered = asked.length > 0 ? enter({ ...state, queue, cells }, asked) : null;
  if (entered) return wake(entered.state, entered.effects);
  return wake({ ...state, queue, cells }, []);
}

/** What people are told when a kernel takes the place of one that ended without their asking. */
const begunAgain = ({ kernel, kernelReason }: SessionState): string | null =>
  kernel === 'dead' || kernelReason !== null ? NEW_KERNEL : null;

/** Lets what waits begin, or a kernel come for it. */
function wake(state: SessionState, effects: SessionEffect[]): SessionStep {
  if (state.kernel === 'none' || state.kernel === 'dead') {
    const starting: SessionState = { ...state, kernel: 'starting', kernelReason: begunAgain(state), count: 0 };
    return { state: starting, effects: [...effects, { type: 'start-kernel' }] };
  }
  return next(state, effects);
}

/** Adds entries to the console; the oldest that have ended make room. */
function enter(state: SessionState, entries: SessionState['console']): SessionStep {
  const list = [...state.console, ...entries];
  const cells = { ...state.cells };
  const gone: string[] = [];
  for (const { cell } of list.slice(0, Math.max(0, list.length - CONSOLE_KEPT))) {
    if (cells[cell] && cells[cell].status !== 'ready') break;
    delete cells[cell];
    gone.push(cell);
  }
  return {
    state: { ...state, cells, console: list.slice(gone.length) },
    effects: gone.length > 0 ? [{ type: 'forget-outputs', cells: gone }] : [],
  };
}

/** A cell seen for the first time, or one that was deleted while it ran and came back by an undo. */
function returned({ running }: SessionState, cell: string): CellState {
  if (running?.cell !== cell) return freshCell();
  const { id, hash, count, by, startedAt } = running;
  return { ...freshCell(), status: 'evaluating', execution: id, hash, count, by, startedAt };
}

/** Starts the first that waits, if the kernel is free. */
function next(state: SessionState, effects: SessionEffect[]): SessionStep {
  const [first, ...queue] = state.queue;
  if (state.kernel !== 'idle' || !first) return { state, effects };
  const count = state.count + 1;
  const execution: Execution = { ...first, count };
  // Why there was another kernel before is said until the first run is over: that one may miss its variables.
  const kernelReason = count === 1 ? state.kernelReason : null;
  const busy: SessionState = { ...state, kernel: 'busy', kernelReason, running: execution, queue, count };
  const { id, by, hash } = execution;
  return {
    state: withCell(busy, first.cell, {
      status: 'evaluating',
      execution: id,
      hash,
      edited: false,
      count,
      by,
      names: null,
      outdatedBy: [],
      startedAt: null,
      ms: null,
    }),
    effects: [...effects, { type: 'begin-outputs', execution }, { type: 'execute', execution }],
  };
}

function started(state: SessionState, execution: string, at: number): SessionStep {
  const { running } = state;
  if (running?.id !== execution || running.startedAt !== null) return unchanged(state);
  const begun: SessionState = { ...state, running: { ...running, startedAt: at } };
  return { state: state.cells[running.cell] ? withCell(begun, running.cell, { startedAt: at }) : begun, effects: [] };
}

const VALIDITY: Readonly<Record<ExecutionEnd, Validity>> = { ok: 'evaluated', error: 'failed', aborted: 'aborted' };

function done(state: SessionState, { execution, end, ms }: Extract<SessionOperation, { type: 'done' }>): SessionStep {
  const { running } = state;
  if (running?.id !== execution) return unchanged(state);
  const effects: SessionEffect[] = [{ type: 'close-execution', execution, end, ms }];
  let after: SessionState = { ...state, kernel: 'idle', running: null };
  const cell = state.cells[running.cell];
  if (cell) {
    const validity = end === 'ok' && cell.edited ? 'stale' : VALIDITY[end];
    after = withCell(after, running.cell, { validity, ms, edited: false, status: atRest(state.queue, running.cell) });
    if (end === 'ok') after = outdate(after, running.cell, cell.names?.defines ?? []);
  }
  // What was asked for in the same breath builds on what just failed: running it would only pile up errors.
  if (end !== 'ok') after = dropWaiting(after, (waiting) => waiting.request === running.request, effects);
  return next(after, effects);
}

/** Cells that ran before and read a name which has just been bound anew show what is no longer true. */
function outdate(state: SessionState, by: string, defines: readonly string[]): SessionState {
  const outdated: Record<string, CellState> = {};
  for (const id of readersOf(state.cells, by, defines)) {
    const cell = state.cells[id];
    if (cell?.validity !== 'evaluated' && cell?.validity !== 'stale') continue;
    if (!cell.outdatedBy.includes(by)) {
      outdated[id] = { ...cell, validity: 'stale', outdatedBy: [...cell.outdatedBy, by] };
    }
  }
  return Object.keys(outdated).length > 0 ? { ...state, cells: { ...state.cells, ...outdated } } : state;
}

/** Takes executions out of the queue and closes them as aborted; what their cells show stays, for they never began. */
function dropWaiting(
  state: SessionState,
  which: (execution: Execution) => boolean,
  effects: SessionEffect[],
): SessionState {
  const dropped = state.queue.filter(which);
  if (dropped.length === 0) return state;
  const queue = state.queue.filter((execution) => !which(execution));
  let after: SessionState = { ...state, queue };
  for (const { id, cell } of dropped) {
    effects.push({ type: 'close-execution', execution: id, end: 'aborted', ms: null });
    if (after.cells[cell]?.status === 'queued') after = withCell(after, cell, { status: atRest(queue, cell) });
  }
  return after;
}

/** Too late for one of the two (it began, or was withdrawn) means that nothing changes: the queue is another by then. */
function reorder(state: SessionState, execution: string, before: string | null): SessionStep {
  const moved = state.queue.find(({ id }) => id === execution);
  const others = state.queue.filter(({ id }) => id !== execution);
  const place = before === null ? others.length : others.findIndex(({ id }) => id === before);
  if (!moved || place < 0) return unchanged(state);
  const queue = others.toSpliced(place, 0, moved);
  if (queue.every(({ id }, index) => id === state.queue[index]?.id)) return unchanged(state);
  return { state: { ...state, queue }, effects: [] };
}

/**
 * The process is gone, and with it every variable. What waits is dropped and not kept for the next process: those runs
 * were asked for on top of state that no longer exists, so they would fail or, worse, quietly compute something else.
 */
function loseKernel(
  state: SessionState,
  kernel: SessionState['kernel'],
  kernelReason: string | null,
  effects: SessionEffect[],
): SessionStep {
  const after = dropWaiting(state, () => true, effects);
  const { running } = state;
  if (running) effects.push({ type: 'close-execution', execution: running.id, end: 'aborted', ms: null });
  const cells = Object.fromEntries(
    Object.entries(after.cells).map(([id, cell]): [string, CellState] => {
      const validity = running?.cell === id ? 'aborted' : cell.validity === 'evaluated' ? 'stale' : cell.validity;
      return [id, { ...cell, validity, hash: null, edited: false, outdatedBy: [], status: 'ready' }];
    }),
  );
  return { state: { ...after, kernel, kernelReason, running: null, cells, count: 0 }, effects };
}

function edited(state: SessionState, id: string, hash: string): SessionStep {
  const cell = state.cells[id];
  if (!cell?.hash) return unchanged(state);
  const differs = cell.hash !== hash;
  if (cell.status === 'evaluating') {
    return differs === cell.edited
      ? unchanged(state)
      : { state: withCell(state, id, { edited: differs }), effects: [] };
  }
  // Taking an edit back makes the outputs true again, as long as the kernel that made them lives.
  if (cell.validity === 'evaluated' && differs) {
    return { state: withCell(state, id, { validity: 'stale' }), effects: [] };
  }
  if (cell.validity === 'stale' && !differs && cell.outdatedBy.length === 0) {
    return { state: withCell(state, id, { validity: 'evaluated' }), effects: [] };
  }
  return unchanged(state);
}

function deleted(state: SessionState, id: string): SessionStep {
  if (!state.cells[id]) return unchanged(state);
  const effects: SessionEffect[] = [];
  const dropped = dropWaiting(state, ({ cell }) => cell === id, effects);
  // A deleted cell that runs goes on: deleting a text is not a wish to stop a training, and it can be undone.
  const { [id]: _gone, ...cells } = dropped.cells;
  return { state: { ...dropped, cells }, effects };
}
