/** Runs of cells as this page asks for them, and what each cell is doing. The server runs the source that it holds. */
import { sessions } from '@trialroom/shared/api/endpoints';
import type { SessionState } from '@trialroom/shared/notebook/session';
import { type Accessor, batch } from 'solid-js';
import { createStore } from 'solid-js/store';
import { call } from '../data/api.ts';
import type { SharedDocument } from '../data/document.ts';
import type { Cells } from './cells.ts';

/** A run that was asked for and that the server has not spoken of yet. */
interface Asked {
  /** The cell's latest execution when it was asked for. */
  before: string | null;
}

export type Running = ReturnType<typeof createRunning>;

export function createRunning(options: {
  id: string;
  shared: SharedDocument;
  cells: Cells;
  session: Accessor<SessionState | undefined>;
  canRun: Accessor<boolean>;
  /** Does something that may fail, and shows the failure. */
  attempt(work: () => Promise<unknown>): Promise<boolean>;
}) {
  const { id, shared, cells, session, canRun, attempt } = options;
  const [asked, setAsked] = createStore<Record<string, Asked | undefined>>({});
  const stateOf = (cell: string) => session()?.cells[cell];
  const isCode = (cell: string): boolean => cells.get(cell)?.type() === 'code';
  const runnable = (cell: string): boolean => isCode(cell) && /\S/.test(cells.get(cell)?.text.toString() ?? '');

  /** What the cell is doing, counting a run that was asked for a moment ago as queued. */
  const statusOf = (cell: string): 'ready' | 'queued' | 'evaluating' => {
    const state = stateOf(cell);
    if (state && state.status !== 'ready') return state.status;
    const ask = asked[cell];
    return ask && ask.before === (state?.execution ?? null) ? 'queued' : 'ready';
  };

  async function run(wanted: readonly string[]): Promise<void> {
    const list = wanted.filter(runnable);
    if (list.length === 0 || !canRun()) return;
    setAsked(Object.fromEntries(list.map((cell) => [cell, { before: stateOf(cell)?.execution ?? null }])));
    await attempt(async () => {
      await shared.received();
      await call(sessions.run, { params: { id }, body: { cells: list } });
    });
    batch(() => {
      for (const cell of list) setAsked(cell, undefined);
    });
  }

  const ids = cells.ids;
  const stale = (): string[] =>
    ids().filter((cell) => isCode(cell) && stateOf(cell)?.validity === 'stale' && statusOf(cell) === 'ready');
  return {
    stateOf,
    statusOf,
    stale,
    run,
    runAll: () => run(ids()),
    runStale: () => run(stale()),
    runFrom: (cell: string) => run(ids().slice(Math.max(0, ids().indexOf(cell)))),
    runTo: (cell: string) => run(ids().slice(0, ids().indexOf(cell) + 1)),
    interrupt: () => attempt(() => call(sessions.interrupt, { params: { id } })),
    withdraw: (executions: string[]) =>
      attempt(() => call(sessions.withdraw, { params: { id }, body: { executions } })),
    reorder: (execution: string, before: string | null) =>
      attempt(() => call(sessions.reorder, { params: { id }, body: { execution, before } })),
    restart: () => attempt(() => call(sessions.restart, { params: { id } })),
  };
}
