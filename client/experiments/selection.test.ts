import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countChosen, isChosen, NOTHING, type SelectionOperation, select } from './selection.ts';

/** Every fifth line is the head of a group. */
const idAt = (line: number): string | null => (line % 5 === 0 ? null : `t${line}`);
const line = fc.nat(30).filter((one) => one % 5 !== 0);
const operation: fc.Arbitrary<SelectionOperation> = fc.oneof(
  line.map((at) => ({ type: 'toggle', id: `t${at}`, line: at }) as const),
  fc.nat(30).map((at) => ({ type: 'stretch', line: at }) as const),
  fc.nat(30).map((to) => ({ type: 'move', to }) as const),
  fc.constant({ type: 'clear' } as const),
  fc.constant({ type: 'all' } as const),
);

test('holds each trial once, whatever is done', () => {
  fc.assert(
    fc.property(fc.array(operation), (operations) => {
      const state = operations.reduce((before, one) => select(before, one, idAt), NOTHING);
      for (const ids of [state.chosen, state.left ?? []]) {
        expect(new Set(ids).size).toBe(ids.length);
        expect(ids.every((id) => Number(id.slice(1)) % 5 !== 0)).toBe(true);
      }
      // As many as are seen to be chosen, of all the trials that there are.
      const trials = Array.from({ length: 31 }, (_, at) => idAt(at)).filter((id) => id !== null);
      expect(countChosen(state, trials.length)).toBe(trials.filter((id) => isChosen(state, id)).length);
    }),
  );
});

test('a stretch reaches from where it began, without heads of groups; a toggle drops again', () => {
  const one = select(NOTHING, { type: 'toggle', id: 't3', line: 3 }, idAt);
  const more = select(one, { type: 'stretch', line: 7 }, idAt);
  expect(more).toEqual({ chosen: ['t3', 't4', 't6', 't7'], left: null, cursor: 7, anchor: 3 });
  expect(select(more, { type: 'stretch', line: 1 }, idAt).chosen).toEqual(['t3', 't4', 't6', 't7', 't1', 't2']);
  expect(select(more, { type: 'toggle', id: 't4', line: 4 }, idAt).chosen).toEqual(['t3', 't6', 't7']);
  expect(select(more, { type: 'clear' }, idAt)).toEqual({ chosen: [], left: null, cursor: 7, anchor: null });
});

test('of all that fit, single ones are left out, and taken in again by a stretch', () => {
  const all = select(NOTHING, { type: 'all' }, idAt);
  expect([isChosen(all, 't4'), isChosen(all, 'not read yet'), countChosen(all, 10_000)]).toEqual([true, true, 10_000]);
  const some = ['t3', 't6', 't8'].reduce(
    (state, id) => select(state, { type: 'toggle', id, line: Number(id[1]) }, idAt),
    all,
  );
  expect([some.left, some.chosen, countChosen(some, 10_000)]).toEqual([['t3', 't6', 't8'], [], 9997]);
  expect(select(some, { type: 'stretch', line: 6 }, idAt).left).toEqual(['t3']);
});
