import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyToTrial, isOver, type TrialOperation, type TrialState, TrialStatus } from './trial.ts';

const operations: TrialOperation[] = [
  { type: 'start' },
  { type: 'finish', end: 'completed' },
  { type: 'finish', end: 'failed' },
  { type: 'finish', end: 'stopped' },
  { type: 'request-stop' },
  { type: 'lose' },
  { type: 'request-pause' },
  { type: 'request-resume' },
  { type: 'pause' },
  { type: 'resume' },
];
const operation = fc.constantFrom(...operations);
const anyState = fc
  .record({
    status: fc.constantFrom(...TrialStatus.options),
    stopRequested: fc.boolean(),
    pauseRequested: fc.boolean(),
  })
  .filter(({ stopRequested, pauseRequested }) => !(stopRequested && pauseRequested));
const queued: TrialState = { status: 'queued', stopRequested: false, pauseRequested: false };
const after = (...done: TrialOperation[]): TrialState => done.reduce(applyToTrial, queued);

/** Every step that the machine may take, beside staying where it is. */
const STEPS: Record<TrialStatus, TrialStatus[]> = {
  queued: ['running', 'stopped', 'completed', 'failed'],
  running: ['paused', 'completed', 'failed', 'stopped', 'lost'],
  paused: ['running', 'completed', 'failed', 'stopped', 'lost'],
  completed: [],
  failed: [],
  stopped: [],
  lost: [],
};

describe('the status of a trial', () => {
  test('takes only steps that exist, and never forgets that a stop was asked for', () => {
    fc.assert(
      fc.property(anyState, operation, (state, op) => {
        const next = applyToTrial(state, op);
        if (next.status !== state.status) expect(STEPS[state.status]).toContain(next.status);
        if (state.stopRequested) expect(next.stopRequested).toBe(true);
        expect(next.stopRequested && next.pauseRequested).toBe(false);
      }),
    );
  });

  test('nothing happens after the end', () => {
    fc.assert(
      fc.property(anyState, operation, (state, op) => {
        fc.pre(isOver(state.status));
        expect(applyToTrial(state, op)).toBe(state);
      }),
    );
  });

  test('is the same object exactly when nothing changes', () => {
    fc.assert(
      fc.property(anyState, operation, (state, op) => {
        const next = applyToTrial(state, op);
        const same =
          next.status === state.status &&
          next.stopRequested === state.stopRequested &&
          next.pauseRequested === state.pauseRequested;
        expect(next === state).toBe(same);
      }),
    );
  });

  test('repeating an operation changes nothing', () => {
    fc.assert(
      fc.property(anyState, operation, (state, op) => {
        const once = applyToTrial(state, op);
        expect(applyToTrial(once, op)).toBe(once);
      }),
    );
  });

  test('whatever comes after, the first end of a history stays', () => {
    fc.assert(
      fc.property(fc.array(operation), (history) => {
        const ends = history
          .map((_, index) => after(...history.slice(0, index + 1)))
          .filter(({ status }) => isOver(status));
        for (const end of ends) expect(end).toEqual(ends[0]);
      }),
    );
  });

  test('a stop ends a queued trial at once, and turns a completion into a stop but not a failure', () => {
    expect(after({ type: 'request-stop' }).status).toBe('stopped');
    expect(after({ type: 'start' }, { type: 'request-stop' })).toMatchObject({
      status: 'running',
      stopRequested: true,
    });
    const stopping = [{ type: 'start' }, { type: 'request-stop' }] as const;
    expect(after(...stopping, { type: 'finish', end: 'completed' }).status).toBe('stopped');
    expect(after(...stopping, { type: 'finish', end: 'failed' }).status).toBe('failed');
  });

  test('a pause is a wish until the code waits, and a stop overrules it', () => {
    const asked = after({ type: 'start' }, { type: 'request-pause' });
    expect(asked).toEqual({ status: 'running', stopRequested: false, pauseRequested: true });
    const paused = applyToTrial(asked, { type: 'pause' });
    expect(paused).toMatchObject({ status: 'paused', pauseRequested: true });
    const resuming = applyToTrial(paused, { type: 'request-resume' });
    expect(resuming).toMatchObject({ status: 'paused', pauseRequested: false });
    expect(applyToTrial(resuming, { type: 'resume' })).toMatchObject({ status: 'running', pauseRequested: false });
    expect(applyToTrial(paused, { type: 'request-stop' })).toEqual({
      status: 'paused',
      stopRequested: true,
      pauseRequested: false,
    });
    expect(after({ type: 'request-pause' })).toBe(queued);
  });

  test('a queued trial has no lease to lose', () => {
    expect(after({ type: 'lose' })).toBe(queued);
    expect(after({ type: 'start' }, { type: 'lose' }).status).toBe('lost');
  });
});
