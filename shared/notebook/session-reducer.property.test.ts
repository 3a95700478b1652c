import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptySession, type SessionOperation } from './session.ts';
import { applyToSession } from './session-reducer.ts';

const ann = { id: 'ann', name: 'Ann', colour: 'a' };

describe('whatever happens', () => {
  const cell = fc.constantFrom('a', 'b', 'c', 'd');
  const names = fc.subarray(['u', 'v', 'w']);
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        type: fc.constant('run' as const),
        cells: fc.array(cell, { minLength: 1, maxLength: 5 }),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        type: fc.constant('done' as const),
        end: fc.constantFrom('ok', 'error', 'aborted'),
        late: fc.boolean(),
      }),
    },
    { weight: 3, arbitrary: fc.record({ type: fc.constant('kernel-ready' as const) }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constantFrom('started', 'edited', 'deleted'), cell }) },
    { weight: 3, arbitrary: fc.record({ type: fc.constant('names' as const), defines: names, uses: names }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constantFrom('withdraw', 'reorder'), at: fc.nat(5), to: fc.nat(6) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        type: fc.constantFrom('interrupt', 'interrupt-overdue', 'restart', 'kernel-died', 'shutdown'),
      }),
    },
  );

  it('at most one runs, waiting runs are unique, each is closed once, counts grow, and it is never stuck', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let state = emptySession();
        let serial = 0;
        let versions = 0;
        let lastCount = 0;
        const accepted = new Set<string>();
        const closed = new Set<string>();
        const executed = new Set<string>();
        for (const made of steps) {
          let operation: SessionOperation;
          if ('cells' in made) {
            const executions = made.cells.map((id) => ({
              id: `x${++serial}`,
              cell: id,
              source: id,
              hash: `${id}${versions % 3}`,
            }));
            operation = { type: 'run', executions, by: ann, at: serial };
          } else if ('to' in made) {
            const execution = state.queue[made.at]?.id ?? 'none';
            operation =
              made.type === 'withdraw'
                ? { type: 'withdraw', executions: [execution] }
                : { type: 'reorder', execution, before: state.queue[made.to]?.id ?? null };
          } else if ('end' in made) {
            const end = made.end === 'error' ? 'error' : made.end === 'ok' ? 'ok' : 'aborted';
            const execution = made.late ? `x${Math.max(1, serial - 3)}` : (state.running?.id ?? 'none');
            operation = { type: 'done', execution, end, ms: 1 };
          } else if ('uses' in made) {
            operation = { ...made, execution: state.running?.id ?? 'none' };
          } else if ('cell' in made) {
            versions++;
            operation =
              made.type === 'started'
                ? { type: 'started', execution: state.running?.id ?? 'none', at: 1 }
                : made.type === 'edited'
                  ? { type: 'edited', cell: made.cell, hash: `${made.cell}${versions % 3}` }
                  : { type: 'deleted', cell: made.cell };
          } else if (made.type === 'kernel-died') {
            operation = { type: 'kernel-died', reason: 'gone' };
          } else {
            operation = {
              type: made.type as 'interrupt' | 'interrupt-overdue' | 'restart' | 'shutdown' | 'kernel-ready',
            };
          }
          const before = state;
          const result = applyToSession(state, operation);
          state = result.state;
          for (const waiting of state.queue) accepted.add(waiting.id);
          if (state.running) accepted.add(state.running.id);
          for (const effect of result.effects) {
            if (effect.type === 'start-kernel') lastCount = 0;
            if (effect.type === 'execute') {
              expect(executed.has(effect.execution.id)).toBe(false);
              executed.add(effect.execution.id);
              expect(effect.execution.count).toBeGreaterThan(lastCount);
              lastCount = effect.execution.count;
            }
            if (effect.type === 'close-execution') {
              expect(closed.has(effect.execution)).toBe(false);
              closed.add(effect.execution);
            }
          }
          const open = [...accepted].filter((id) => !closed.has(id)).sort();
          const held = [...state.queue.map(({ id }) => id), ...(state.running ? [state.running.id] : [])].sort();
          expect(open).toEqual(held);
          const keys = state.queue.map((waiting) => `${waiting.cell} ${waiting.hash}`);
          expect(new Set(keys).size).toBe(keys.length);
          expect(state.kernel === 'busy').toBe(state.running !== null);
          // Nobody waits for a kernel that is free or will never come.
          if (state.queue.length > 0) expect(['starting', 'busy']).toContain(state.kernel);
          for (const [id, { status, validity, outdatedBy }] of Object.entries(state.cells)) {
            const waits = state.queue.some((waiting) => waiting.cell === id);
            expect(status).toBe(state.running?.cell === id ? 'evaluating' : waits ? 'queued' : 'ready');
            expect(validity === 'evaluated' && outdatedBy.length > 0).toBe(false);
            expect(outdatedBy).not.toContain(id);
            expect(new Set(outdatedBy).size).toBe(outdatedBy.length);
            if (status === 'evaluating') expect(outdatedBy).toEqual([]);
          }
          if (result.effects.length === 0 && operation.type === 'done') expect(state).toBe(before);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
