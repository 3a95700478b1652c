import { describe, expect, it } from 'vitest';
import {
  CONSOLE_KEPT,
  consoleCell,
  emptySession,
  NEW_KERNEL,
  type SessionEffect,
  type SessionOperation,
  type SessionState,
} from './session.ts';
import { applyToSession } from './session-reducer.ts';

const ann = { id: 'ann', name: 'Ann', colour: 'a' };

const runOf = (ids: Record<string, string>, at = 0): SessionOperation => ({
  type: 'run',
  executions: Object.entries(ids).map(([id, cell]) => ({ id, cell, source: cell, hash: cell })),
  by: ann,
  at,
});

function after(...operations: SessionOperation[]): { state: SessionState; effects: SessionEffect[] } {
  let state = emptySession();
  const effects: SessionEffect[] = [];
  for (const operation of operations) {
    const step = applyToSession(state, operation);
    state = step.state;
    effects.push(...step.effects);
  }
  return { state, effects };
}

const closedOf = (effects: SessionEffect[]) =>
  effects.flatMap((effect) => (effect.type === 'close-execution' ? [`${effect.execution} ${effect.end}`] : []));
const executedOf = (effects: SessionEffect[]) =>
  effects.flatMap((effect) => (effect.type === 'execute' ? [`${effect.execution.id}#${effect.execution.count}`] : []));

describe('a session', () => {
  it('starts the kernel at the first run and executes in order', () => {
    const { state, effects } = after(
      runOf({ x1: 'a', x2: 'b' }),
      { type: 'kernel-ready' },
      { type: 'done', execution: 'x1', end: 'ok', ms: 3 },
    );
    expect(effects.map(({ type }) => type)).toEqual([
      'start-kernel',
      'begin-outputs',
      'execute',
      'close-execution',
      'begin-outputs',
      'execute',
    ]);
    expect(executedOf(effects)).toEqual(['x1#1', 'x2#2']);
    expect(state.cells).toMatchObject({
      a: { validity: 'evaluated', status: 'ready', ms: 3, count: 1 },
      b: { validity: 'fresh', status: 'evaluating', count: 2 },
    });
  });

  it('takes two presses on a waiting cell as one wish, on a running one as "again"', () => {
    const { state } = after(
      runOf({ x1: 'a', x2: 'b' }),
      { type: 'kernel-ready' },
      runOf({ x3: 'b' }),
      runOf({ x4: 'a' }),
      runOf({ x5: 'a' }),
    );
    expect(state.queue.map(({ id }) => id)).toEqual(['x2', 'x4']);
    expect(state.cells.a?.status).toBe('evaluating');
    const finished = applyToSession(state, { type: 'done', execution: 'x1', end: 'ok', ms: 1 });
    expect(finished.state.cells.a).toMatchObject({ status: 'queued', validity: 'evaluated' });
  });

  it('drops what was asked for together with a failed run, and nothing else', () => {
    const { state, effects } = after(runOf({ x1: 'a', x2: 'b' }), { type: 'kernel-ready' }, runOf({ y1: 'c' }), {
      type: 'done',
      execution: 'x1',
      end: 'error',
      ms: 1,
    });
    expect(closedOf(effects)).toEqual(['x1 error', 'x2 aborted']);
    expect(state.running?.id).toBe('y1');
    expect(state.cells).toMatchObject({
      a: { validity: 'failed', status: 'ready' },
      b: { validity: 'fresh', status: 'ready', execution: null },
    });
  });

  it('interrupts what runs and drops what waits, but stays busy until the kernel says so', () => {
    const { state, effects } = after(runOf({ x1: 'a', x2: 'b' }), { type: 'kernel-ready' }, { type: 'interrupt' });
    expect(effects.at(-2)).toEqual({ type: 'interrupt-kernel' });
    expect(state).toMatchObject({ kernel: 'busy', running: { id: 'x1' }, queue: [] });
    const settled = applyToSession(state, { type: 'done', execution: 'x1', end: 'aborted', ms: 9 }).state;
    expect(settled).toMatchObject({ kernel: 'idle', running: null, cells: { a: { validity: 'aborted' } } });
    expect(applyToSession(settled, { type: 'interrupt-overdue' }).effects).toEqual([]);
  });

  it('replaces a kernel that does not obey, and says why', () => {
    const { state, effects } = after(
      runOf({ x1: 'a' }),
      { type: 'kernel-ready' },
      { type: 'interrupt' },
      { type: 'interrupt-overdue' },
    );
    expect(effects.slice(-3)).toEqual([
      { type: 'stop-kernel' },
      { type: 'close-execution', execution: 'x1', end: 'aborted', ms: null },
      { type: 'start-kernel' },
    ]);
    expect(state).toMatchObject({ kernel: 'starting', running: null });
    expect(state.kernelReason).toContain('did not stop');
  });

  it('withdraws what waits, and lets what runs go on', () => {
    const { state, effects } = after(
      runOf({ x1: 'a', x2: 'b', x3: 'c' }),
      { type: 'kernel-ready' },
      { type: 'withdraw', executions: ['x1', 'x2', 'nobody'] },
    );
    expect(closedOf(effects)).toEqual(['x2 aborted']);
    expect(state.running?.id).toBe('x1');
    expect(state.queue.map(({ id }) => id)).toEqual(['x3']);
    expect(state.cells.b?.status).toBe('ready');
    expect(applyToSession(state, { type: 'withdraw', executions: ['x2'] }).state).toBe(state);
  });

  it.each([
    ['x4', 'x2', ['x4', 'x2', 'x3']],
    ['x2', null, ['x3', 'x4', 'x2']],
    ['x2', 'x4', ['x3', 'x2', 'x4']],
    ['x1', 'x3', ['x2', 'x3', 'x4']],
    ['x3', 'x1', ['x2', 'x3', 'x4']],
    ['x3', 'x3', ['x2', 'x3', 'x4']],
  ])('moves %s before %s', (execution, before, expected) => {
    const { state } = after(
      runOf({ x1: 'a', x2: 'b', x3: 'c', x4: 'd' }),
      { type: 'kernel-ready' },
      { type: 'reorder', execution, before },
    );
    expect(state.queue.map(({ id }) => id)).toEqual(expected);
  });

  it('forgets on restart that cells were evaluated, and counts from one again', () => {
    const { state, effects } = after(
      runOf({ x1: 'a' }),
      { type: 'kernel-ready' },
      { type: 'done', execution: 'x1', end: 'ok', ms: 1 },
      { type: 'restart' },
    );
    expect(effects.slice(-2)).toEqual([{ type: 'stop-kernel' }, { type: 'start-kernel' }]);
    expect(state).toMatchObject({ kernel: 'starting', cells: { a: { validity: 'stale', execution: 'x1' } } });
    // The text is what ran, but no kernel remembers it.
    expect(applyToSession(state, { type: 'edited', cell: 'a', hash: 'a' }).state.cells.a?.validity).toBe('stale');
    const again = applyToSession(applyToSession(state, runOf({ x2: 'a' })).state, { type: 'kernel-ready' });
    expect(executedOf(again.effects)).toEqual(['x2#1']);
  });

  it('makes an ordinary event of a dead kernel', () => {
    const { state, effects } = after(
      runOf({ x1: 'a', x2: 'b' }),
      { type: 'kernel-ready' },
      { type: 'kernel-died', reason: 'out of memory' },
      { type: 'kernel-died', reason: 'again' },
    );
    expect(closedOf(effects).sort()).toEqual(['x1 aborted', 'x2 aborted']);
    expect(state).toMatchObject({
      kernel: 'dead',
      kernelReason: 'out of memory',
      cells: { a: { validity: 'aborted' } },
    });
    expect(applyToSession(state, runOf({ x3: 'a' })).effects).toEqual([{ type: 'start-kernel' }]);
  });

  it('says while the first cell runs that a kernel took the place of one that ended by itself', () => {
    const ended = after(
      runOf({ x1: 'a' }),
      { type: 'kernel-ready' },
      { type: 'done', execution: 'x1', end: 'ok', ms: 1 },
      { type: 'shutdown', reason: 'Nobody watched.' },
    ).state;
    expect(ended).toMatchObject({ kernel: 'none', kernelReason: 'Nobody watched.' });
    const asked = applyToSession(ended, runOf({ x2: 'a', x3: 'b' })).state;
    const first = applyToSession(asked, { type: 'kernel-ready' }).state;
    expect(first).toMatchObject({ kernel: 'busy', running: { id: 'x2' }, kernelReason: NEW_KERNEL });
    const second = applyToSession(first, { type: 'done', execution: 'x2', end: 'ok', ms: 1 }).state;
    expect(second).toMatchObject({ running: { id: 'x3' }, kernelReason: null });
    expect(applyToSession(ended, { type: 'restart' }).state.kernelReason).toBe(NEW_KERNEL);
    // Where people ended it, or there was none, there is nothing to say.
    for (const state of [applyToSession(first, { type: 'shutdown' }).state, emptySession()])
      expect(applyToSession(state, runOf({ x4: 'a' })).state.kernelReason).toBeNull();
  });

  it('follows edits: stale when the text differs, true again when the edit is taken back', () => {
    const evaluated = after(
      runOf({ x1: 'a' }),
      { type: 'kernel-ready' },
      { type: 'done', execution: 'x1', end: 'ok', ms: 1 },
    );
    const stale = applyToSession(evaluated.state, { type: 'edited', cell: 'a', hash: 'other' }).state;
    expect(stale.cells.a?.validity).toBe('stale');
    expect(applyToSession(stale, { type: 'edited', cell: 'a', hash: 'a' }).state.cells.a?.validity).toBe('evaluated');
  });

  it('knows that a cell edited while it ran is stale when it ends', () => {
    const { state } = after(
      runOf({ x1: 'a' }),
      { type: 'kernel-ready' },
      { type: 'edited', cell: 'a', hash: 'other' },
      { type: 'done', execution: 'x1', end: 'ok', ms: 1 },
    );
    expect(state.cells.a?.validity).toBe('stale');
  });

  const ran = (id: string, cell: string, defines: string, uses: string): SessionOperation[] => [
    runOf({ [id]: cell }),
    { type: 'names', execution: id, defines: [...defines], uses: [...uses] },
    { type: 'done', execution: id, end: 'ok', ms: 1 },
  ];

  it('marks what read a name that another cell has bound since, until it runs again', () => {
    const { state } = after(
      ...[
        runOf({ x0: 'z' }),
        { type: 'kernel-ready' } as const,
        { type: 'done', execution: 'x0', end: 'ok', ms: 1 } as const,
      ],
      ...ran('x1', 'a', 'u', ''),
      ...ran('x2', 'b', 'v', 'u'),
      ...ran('x3', 'c', '', 'v'),
      ...ran('x4', 'a', 'u', ''),
    );
    expect(state.cells).toMatchObject({
      a: { validity: 'evaluated', outdatedBy: [], names: { defines: ['u'], uses: [] } },
      b: { validity: 'stale', outdatedBy: ['a'] },
      c: { validity: 'evaluated', outdatedBy: [] },
    });
    // An edit and its taking back make nothing true again.
    const edited = applyToSession(state, { type: 'edited', cell: 'b', hash: 'other' }).state;
    expect(applyToSession(edited, { type: 'edited', cell: 'b', hash: 'b' }).state.cells.b?.validity).toBe('stale');
    let again = state;
    for (const operation of ran('x5', 'b', 'v', 'u')) again = applyToSession(again, operation).state;
    expect(again.cells).toMatchObject({
      b: { validity: 'evaluated', outdatedBy: [] },
      c: { validity: 'stale', outdatedBy: ['b'] },
    });
    const lost = applyToSession(again, { type: 'restart' }).state;
    expect(lost.cells.c).toMatchObject({ validity: 'stale', outdatedBy: [] });
  });

  it('marks nothing when a cell fails', () => {
    const { state } = after(
      ...[
        runOf({ x0: 'z' }),
        { type: 'kernel-ready' } as const,
        { type: 'done', execution: 'x0', end: 'ok', ms: 1 } as const,
      ],
      ...ran('x1', 'b', '', 'u'),
      runOf({ x2: 'a' }),
      { type: 'names', execution: 'x2', defines: ['u'], uses: [] },
      { type: 'done', execution: 'x2', end: 'error', ms: 1 },
    );
    expect(state.cells.b).toMatchObject({ validity: 'evaluated', outdatedBy: [] });
  });

  it('remembers as many console entries as it may, and all that have not ended', () => {
    const entries = Array.from({ length: CONSOLE_KEPT + 5 }, (_, at) => consoleCell(String(at)));
    const { state, effects } = after(
      ...entries.map((cell, at) => runOf({ [`x${at}`]: cell })),
      { type: 'kernel-ready' },
      { type: 'done', execution: 'x0', end: 'ok', ms: 1 },
      { type: 'done', execution: 'x1', end: 'ok', ms: 1 },
      runOf({ y: 'console:y' }),
    );
    expect(effects).toContainEqual({ type: 'forget-outputs', cells: entries.slice(0, 2) });
    expect(state.console.map(({ cell }) => cell)).toEqual([...entries.slice(2), 'console:y']);
    expect(Object.keys(state.cells)).toHaveLength(state.console.length);
  });

  it('forgets a deleted cell and its waiting runs, and lets a running one end', () => {
    const { state, effects } = after(
      runOf({ x1: 'a', x2: 'b' }),
      { type: 'kernel-ready' },
      { type: 'deleted', cell: 'b' },
      { type: 'deleted', cell: 'a' },
      { type: 'done', execution: 'x1', end: 'ok', ms: 1 },
    );
    expect(closedOf(effects)).toEqual(['x2 aborted', 'x1 ok']);
    expect(state).toMatchObject({ kernel: 'idle', queue: [], cells: {} });
  });
});
