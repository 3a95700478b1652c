import type { SaidEvent } from '@trialroom/shared/trial/event';
import type { Trial } from '@trialroom/shared/trial/trial';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../database/database.ts';
import { testDatabases } from '../database/testing.ts';
import { NUMBERS_A_RUN } from './again.ts';
import { ada, grace, origin, processOf } from './testing.ts';

const OPEN = { experiment: 'digits', name: 'cnn', params: {} };
const said = (kind: SaidEvent['kind'], text: string, data = {}, step: SaidEvent['step'] = 5): SaidEvent => ({
  ...{ kind, text, data, step },
  at: 1000,
});

describe.each(testDatabases())('events of trials on $name', ({ open: openDatabase }) => {
  const endings: (() => Promise<unknown>)[] = [];
  let db: Database;
  beforeAll(async () => {
    db = await openDatabase();
  });
  afterAll(() => db.close());
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end();
  });
  const start = async (options: Parameters<typeof processOf>[1] = {}) => {
    const started = await processOf(db, options);
    endings.push(started.close);
    return started.trials;
  };
  const kinds = async (trials: Awaited<ReturnType<typeof start>>, trial: string) =>
    (await trials.eventsOf(trial, {})).map(({ kind, text, by }) => [kind, text, by?.name ?? null]);

  test('tell the life of a trial, with who wanted what', async () => {
    const trials = await start();
    const { trial } = await trials.open(OPEN, origin());
    await trials.requestPause(trial, grace);
    await trials.paused(trial, true);
    await trials.requestResume(trial, ada);
    await trials.paused(trial, false);
    await trials.events(trial, 'e1', 1, [said('checkpoint', 'Can go on.', { path: 'cp/1' }, 1200)]);
    await trials.requestStop(trial, ada);
    await trials.requestStop(trial, grace, true);
    await trials.finish(trial, 'completed');
    expect(await kinds(trials, trial)).toEqual([
      ['started', 'Began.', null],
      ['wished', 'Grace asked it to wait after its step.', 'Grace'],
      ['paused', 'Waits, with all that it holds.', null],
      ['wished', 'Ada asked it to go on.', 'Ada'],
      ['resumed', 'Goes on.', null],
      ['checkpoint', 'Can go on.', null],
      ['wished', 'Ada asked it to stop.', 'Ada'],
      ['wished', 'Grace asked it to stop at once, which changed nothing.', 'Grace'],
      ['ended', 'Stopped: stopped by Ada', null],
    ]);
    const ended = await trials.get(trial);
    expect(ended).toMatchObject({ revision: 9, checkpoint: { path: 'cp/1', step: 1200 } });
    const [last] = await trials.eventsOf(trial, { kinds: ['ended'] });
    expect(last?.data).toMatchObject({ status: 'stopped', path: 'cp/1', step: 1200 });
  });

  test('are numbered without a gap whoever says them at once, and each once however often it is said', async () => {
    const [one, other] = [await start(), await start({ owner: 'other' })];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ batch: fc.integer({ min: 1, max: 6 }), size: fc.integer({ min: 1, max: 3 }) }), {
          minLength: 1,
          maxLength: 12,
        }),
        async (batches) => {
          const { trial } = await one.open(OPEN, origin());
          const sizes = new Map(batches.map(({ batch, size }) => [batch, size]));
          await Promise.all(
            batches.map(({ batch }, at) => {
              const events = Array.from({ length: sizes.get(batch) ?? 0 }, (_, i) => said('note', `${batch}.${i}`));
              return (at % 2 ? other : one).events(trial, 'e1', batch, events);
            }),
          );
          const kept = await one.eventsOf(trial, { after: 0 });
          expect(kept.map(({ seq }) => seq)).toEqual(kept.map((_, at) => at + 1));
          const notes = kept.filter(({ kind }) => kind === 'note').map(({ text }) => text);
          const wanted = [...sizes].flatMap(([batch, size]) => Array.from({ length: size }, (_, i) => `${batch}.${i}`));
          expect(notes.toSorted()).toEqual(wanted.toSorted());
        },
      ),
      { numRuns: 12 },
    );
  });

  test('are found by number, kind and count, and keep odd steps and texts', async () => {
    const trials = await start();
    const { trial } = await trials.open(OPEN, origin());
    await trials.events(trial, 'e1', 3, [
      said('note', 'nul \0 here', { deep: { nan: Number.NaN } }, 'NaN'),
      said('checkpoint', 'p', {}, 'Infinity'),
      said('alert', 'a', {}, null),
    ]);
    const all = await trials.eventsOf(trial, { after: 0 });
    expect(all.map(({ seq, step }) => [seq, step])).toEqual([
      [1, null],
      [2, 'NaN'],
      [3, 'Infinity'],
      [4, null],
    ]);
    expect(all[1]).toMatchObject({ text: 'nul \uFFFD here', data: { deep: { nan: null } } });
    expect((await trials.eventsOf(trial, { limit: 2 })).map(({ seq }) => seq)).toEqual([3, 4]);
    expect((await trials.eventsOf(trial, { after: 1, limit: 2 })).map(({ seq }) => seq)).toEqual([2, 3]);
    expect((await trials.eventsOf(trial, { kinds: ['alert', 'note'] })).map(({ kind }) => kind)).toEqual([
      'note',
      'alert',
    ]);
    await expect(trials.eventsOf('nothing', {})).rejects.toMatchObject({ status: 404 });
  });

  test('a pause and a stop at once, from two processes, agree on one end, and both are told', async () => {
    const [one, other] = [await start({ owner: 'one' }), await start({ owner: 'two' })];
    for (let round = 0; round < 8; round++) {
      const { trial } = await one.open(OPEN, origin());
      const [pause, stop] = await Promise.allSettled([
        (round % 2 ? one : other).requestPause(trial, grace, false),
        (round % 2 ? other : one).requestStop(trial, ada),
      ]);
      expect(stop).toMatchObject({ status: 'fulfilled', value: { stopRequested: true, pauseRequested: false } });
      if (pause.status === 'rejected') expect(pause.reason).toMatchObject({ status: 409 });
      else expect(pause.value.pauseRequested).toBe(true);
      // Either order, one outcome.
      expect(await one.get(trial)).toMatchObject({ stopRequested: true, pauseRequested: false, status: 'running' });
      const wishes = await one.eventsOf(trial, { kinds: ['wished'] });
      expect(wishes.map(({ by, data }) => [by?.name, data.action]).toSorted()).toEqual([
        ['Ada', 'stop'],
        ['Grace', 'pause'],
      ]);
      await one.finish(trial, 'completed');
      expect((await other.get(trial)).status).toBe('stopped');
    }
  });

  test('a released pause gives the trial up; going on is the same trial in a new run', async () => {
    const trials = await start();
    const queuedAgain: string[] = [];
    trials.continuedBy({ check: async () => {}, queued: async ({ id }) => void queuedAgain.push(id) });
    const queued = await trials.queue({ open: OPEN, notebook: null, cell: null, backend: null, by: null });
    await trials.take(queued.id, 'launch');
    const opened = await trials.open(OPEN, origin({ launched: queued.id }));
    expect(opened).toEqual({ trial: queued.id, room: `/trials/${queued.id}` });
    const { id } = queued;
    trials.print('e1', 'stdout', 'before\n');
    expect(await trials.released(id)).toBe(false);
    await trials.requestPause(id, grace, true);
    await trials.events(id, 'e1', 7, [
      said('checkpoint', 'old', { path: 'a/1' }, 10),
      said('checkpoint', 'other', { path: 'b/1' }, 30),
      said('checkpoint', 'new', { path: 'a/2' }, 40),
    ]);
    expect(await trials.released(id)).toBe(true);
    expect(await trials.get(id)).toMatchObject({ status: 'paused', release: 'done', reason: 'paused by Grace' });
    // What its process still says while it ends changes nothing.
    await trials.kernelGone('k1', 'stopped', 'ended');
    await trials.finish(id, 'failed', 'late');
    expect((await trials.get(id)).status).toBe('paused');

    const [first, second] = await Promise.all([trials.requestResume(id, ada), trials.requestResume(id, grace)]);
    expect([first.status, second.status]).toEqual(['queued', 'queued']);
    expect(queuedAgain).toEqual([id]);
    expect(await trials.take(id, 'launch')).toMatchObject({ status: 'running', release: 'none' });
    const again = await trials.open(OPEN, origin({ kernel: 'k2', execution: 'e2', launched: id }));
    expect(again).toEqual({
      trial: id,
      room: `/trials/${id}`,
      resume: {
        checkpoints: [
          { path: 'a/2', step: 40 },
          { path: 'b/1', step: 30 },
        ],
        after: NUMBERS_A_RUN,
      },
    });
    trials.print('e2', 'stdout', 'after\n');
    await trials.finish(id, 'completed');
    expect(await trials.get(id)).toMatchObject({ status: 'completed' } satisfies Partial<Trial>);
    const texts = (await trials.eventsOf(id, { kinds: ['started'] })).map(({ text }) => text);
    expect(texts).toEqual(['Began.', 'Goes on from step 40.']);
    await expect(trials.requestResume(id, ada)).resolves.toMatchObject({ status: 'completed' });
  });

  test('what has no checkpoint cannot go on, and says what to do', async () => {
    const trials = await start();
    const { trial } = await trials.open(OPEN, origin());
    await trials.kernelGone('k1', 'failed', 'The kernel died.');
    await expect(trials.requestResume(trial, ada)).rejects.toMatchObject({
      status: 409,
      problem: { error: 'no-checkpoint', fix: expect.stringContaining('checkpoints') },
    });
  });
});
