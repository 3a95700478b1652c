import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  applyToTrial,
  isOver,
  mayGoOn,
  type TrialOperation,
  TrialRelease,
  type TrialState,
  TrialStatus,
} from './trial.ts';

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
  { type: 'request-pause', release: true },
  { type: 'release' },
  { type: 'go-on' },
  { type: 'give-up', end: 'failed' },
  { type: 'find', paused: false },
  { type: 'find', paused: true },
];
const operation = fc.constantFrom(...operations);
const anyState = fc
  .record({
    status: fc.constantFrom(...TrialStatus.options),
    stopRequested: fc.boolean(),
    pauseRequested: fc.boolean(),
    release: fc.constantFrom(...TrialRelease.options),
  })
  .filter(isSound);
const queued: TrialState = { status: 'queued', stopRequested: false, pauseRequested: false, release: 'none' };

/** What holds of every state that can be reached. */
function isSound({ status, stopRequested, pauseRequested, release }: TrialState): boolean {
  if (stopRequested && pauseRequested) return false;
  if (release === 'none') return true;
  return pauseRequested && (release === 'done' ? status === 'paused' : status === 'running' || status === 'paused');
}
const after = (...done: TrialOperation[]): TrialState => done.reduce(applyToTrial, queued);

/** Every step that the machine may take, beside staying where it is. */
const STEPS: Record<TrialStatus, TrialStatus[]> = {
  queued: ['running', 'stopped', 'completed', 'failed'],
  running: ['paused', 'completed', 'failed', 'stopped', 'lost'],
  paused: ['running', 'queued', 'completed', 'failed', 'stopped', 'lost'],
  completed: [],
  failed: ['queued'],
  stopped: ['queued'],
  lost: ['queued', 'running', 'paused'],
};

describe('the status of a trial', () => {
  test('takes only steps that exist, and never forgets that a stop was asked for', () => {
    fc.assert(
      fc.property(anyState, operation, (state, op) => {
        const next = applyToTrial(state, op);
        if (next.status !== state.status) expect(STEPS[state.status]).toContain(next.status);
        if (state.stopRequested && op.type !== 'go-on') expect(next.stopRequested).toBe(true);
        expect(isSound(next)).toBe(true);
      }),
    );
  });

  test('nothing happens after the end, but that it goes on, or is found', () => {
    fc.assert(
      fc.property(anyState, operation, (state, op) => {
        fc.pre(isOver(state.status) && op.type !== 'go-on' && op.type !== 'find');
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
          next.pauseRequested === state.pauseRequested &&
          next.release === state.release;
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
      fc.property(fc.array(operation), (all) => {
        const history = all.filter(({ type }) => type !== 'go-on' && type !== 'find');
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
    expect(asked).toEqual({ status: 'running', stopRequested: false, pauseRequested: true, release: 'none' });
    const paused = applyToTrial(asked, { type: 'pause' });
    expect(paused).toMatchObject({ status: 'paused', pauseRequested: true });
    const resuming = applyToTrial(paused, { type: 'request-resume' });
    expect(resuming).toMatchObject({ status: 'paused', pauseRequested: false });
    expect(applyToTrial(resuming, { type: 'resume' })).toMatchObject({ status: 'running', pauseRequested: false });
    expect(applyToTrial(paused, { type: 'request-stop' })).toEqual({
      status: 'paused',
      stopRequested: true,
      pauseRequested: false,
      release: 'none',
    });
    expect(after({ type: 'request-pause' })).toBe(queued);
  });

  test('a queued trial has no lease to lose', () => {
    expect(after({ type: 'lose' })).toBe(queued);
    expect(after({ type: 'start' }, { type: 'lose' }).status).toBe('lost');
  });

  test('a pause that releases ends the process, and the trial goes on as queued', () => {
    const asked = after({ type: 'start' }, { type: 'request-pause' }, { type: 'request-pause', release: true });
    expect(asked).toMatchObject({ pauseRequested: true, release: 'requested' });
    const released = applyToTrial(asked, { type: 'release' });
    expect(released).toEqual({ status: 'paused', stopRequested: false, pauseRequested: true, release: 'done' });
    // What its process says while it ends is late.
    for (const type of ['pause', 'resume', 'lose', 'request-resume'] as const) {
      expect(applyToTrial(released, { type })).toBe(released);
    }
    expect(applyToTrial(released, { type: 'finish', end: 'stopped' })).toBe(released);
    expect(applyToTrial(released, { type: 'go-on' })).toEqual(queued);
    expect(applyToTrial(released, { type: 'request-stop' })).toMatchObject({ status: 'stopped', release: 'none' });
  });

  test('a release that nobody wants any more is no release', () => {
    const waits = [{ type: 'start' }, { type: 'request-pause', release: true }, { type: 'pause' }] as const;
    for (const type of ['request-resume', 'request-stop'] as const) {
      const overruled = after(...waits, { type });
      expect(applyToTrial(overruled, { type: 'release' })).toBe(overruled);
    }
  });

  test('what failed, was stopped or lost may go on; what is complete or held may not', () => {
    fc.assert(
      fc.property(anyState, (state) => {
        const next = applyToTrial(state, { type: 'go-on' });
        expect(next === state).toBe(!mayGoOn(state));
        if (next !== state) expect(next).toEqual(queued);
      }),
    );
    expect(mayGoOn(after({ type: 'start' }, { type: 'finish', end: 'completed' }))).toBe(false);
    expect(mayGoOn(after({ type: 'start' }, { type: 'pause' }))).toBe(false);
  });

  test('a lost trial is found as its code is, with what people wanted of it', () => {
    const lost = after({ type: 'start' }, { type: 'request-pause' }, { type: 'pause' }, { type: 'lose' });
    expect(applyToTrial(lost, { type: 'find', paused: true })).toMatchObject({
      status: 'paused',
      pauseRequested: true,
    });
    const gone = applyToTrial(lost, { type: 'go-on' });
    expect(applyToTrial(gone, { type: 'find', paused: false })).toBe(gone);
  });
});
