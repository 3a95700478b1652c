/** Runs of cells as this page asks for them, and what each cell is doing. The server runs the source that it holds. */
import { sessions } from '@trialroom/shared/api/endpoints';
import type { CellState, RunStatus, SessionState } from '@trialroom/shared/notebook/session';
import { $TRACK, type Accessor, batch, createMemo } from 'solid-js';
import { createStore, unwrap } from 'solid-js/store';
import { call } from '../../data/api.ts';
import type { SharedDocument } from '../../data/document.ts';
import type { Cells } from '../document/cells.ts';
import { downstreamOf, withReaders } from './downstream.ts';

/** A run that was asked for and that the server has not spoken of yet. */
interface Asked {
  /** The cell's latest execution when it was asked for. */
  before: string | null;
}

/** What was known of the cells at one moment. */
interface AllStates {
  stateOf(cell: string): CellState | undefined;
  statusOf(cell: string): RunStatus;
  /** What the server said of each. */
  readonly states: Readonly<Record<string, CellState>>;
}

/** Tracks every entry of a store by one subscription. */
const track = (store: object | undefined): void => {
  if (store) Reflect.get(store, $TRACK);
};

/** What {@link createRunning} offers to the bar, the keys and the cells. */
export type Running = ReturnType<typeof createRunning>;

/** Makes what runs cells and steers the kernel, by way of the server, which runs the text that it holds itself. */
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
  const isCode = (cell: string): boolean => cells.types().get(cell) === 'code';
  const runnable = (cell: string): boolean => isCode(cell) && /\S/.test(cells.textOf(cell));

  /** What a cell is doing, counting a run that was asked for a moment ago as queued. */
  const statusFrom = (state: CellState | undefined, ask: Asked | undefined): RunStatus => {
    if (state && state.status !== 'ready') return state.status;
    return ask && ask.before === (state?.execution ?? null) ? 'queued' : 'ready';
  };
  const statusOf = (cell: string): RunStatus => statusFrom(stateOf(cell), asked[cell]);

  /** What is known of all cells at once: one thing to track, whatever their number. */
  const all = createMemo(
    (): AllStates => {
      const told = session()?.cells;
      track(told);
      track(asked);
      const states = told ? unwrap(told) : {};
      const asks = unwrap(asked);
      return { states, stateOf: (cell) => states[cell], statusOf: (cell) => statusFrom(states[cell], asks[cell]) };
    },
    undefined,
    { equals: false },
  );

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

  const restart = (): Promise<boolean> => attempt(() => call(sessions.restart, { params: { id } }));

  const ids = cells.ids;
  /** Cells that read, through others, from one that is no longer true: each with the cell that it reads from. */
  const downstream = createMemo(() => downstreamOf(all().states));
  const stale = createMemo((): string[] => {
    const { stateOf: known, statusOf: does } = all();
    const isStale = (cell: string): boolean => known(cell)?.validity === 'stale' || downstream().has(cell);
    return ids().filter((cell) => isCode(cell) && isStale(cell) && does(cell) === 'ready');
  });
  /** Run level by level, each would make the next one stale: whoever reads from them runs with them. */
  const staleAndReaders = (): string[] => {
    const wanted = withReaders(all().states, stale());
    return ids().filter((cell) => wanted.has(cell));
  };
  return {
    stateOf,
    statusOf,
    /** As `stateOf` and `statusOf`, for whoever asks about every cell. Tracked as a whole. */
    all,
    downstream,
    stale,
    run,
    runAll: () => run(ids()),
    runStale: () => run(staleAndReaders()),
    runFrom: (cell: string) => run(ids().slice(Math.max(0, ids().indexOf(cell)))),
    runTo: (cell: string) => run(ids().slice(0, ids().indexOf(cell) + 1)),
    interrupt: () => attempt(() => call(sessions.interrupt, { params: { id } })),
    withdraw: (executions: string[]) =>
      attempt(() => call(sessions.withdraw, { params: { id }, body: { executions } })),
    reorder: (execution: string, before: string | null) =>
      attempt(() => call(sessions.reorder, { params: { id }, body: { execution, before } })),
    restart,
    /** The runs wait for the new kernel. */
    restartAndRunAll: async () => {
      if (await restart()) await run(ids());
    },
  };
}
