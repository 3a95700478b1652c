/** What scripts may say that is odd: clocks that are wrong, and figures that are none. */
import { REMOTE_VERSION } from '@trialroom/shared/api/remote';
import { encodeRecord } from '@trialroom/shared/remote/records';
import { fromWire, packPoints } from '@trialroom/shared/trial/points';
import { pino } from 'pino';
import { ulid } from 'ulid';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../database/database.ts';
import { testDatabases } from '../database/testing.ts';
import { createHub } from '../live/socket-hub.ts';
import { createTrials } from '../trials/trials.ts';
import { createRemote } from './remote.ts';

const log = pino({ level: 'silent' });
const ada = { id: 'p1', name: 'Ada', colour: 'a', role: 'editor' } as const;
const OPEN = { experiment: 'strange', name: 'a script', params: {} };
const DAY = 86_400_000;

const points = (seq: number, steps: number[], walls: number[]): Uint8Array => {
  const values = Float64Array.from(steps, (step) => -step);
  const column = { key: 'loss', steps: Float64Array.from(steps), walls: Float64Array.from(walls), values };
  const { keys, payload } = packPoints([column]);
  return encodeRecord(seq, { type: 'trial.points', trial: 'any', execution: '', seq, keys }, payload);
};
const said = (seq: number, kind: string, at: number, data: object): Uint8Array => {
  const header = { type: 'trial.events', trial: 'any', execution: '', seq };
  const event = { kind, at, step: null, text: kind, data };
  return encodeRecord(seq, header, new TextEncoder().encode(JSON.stringify([event])));
};
const joined = (...records: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(records));

describe.each(testDatabases())('scripts on $name that say odd things', ({ open: openDatabase }) => {
  let db: Database;
  const endings: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    db = await openDatabase();
  });
  afterAll(() => db.close());
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end();
  });

  const serve = async () => {
    const hub = await createHub({ log });
    const trials = await createTrials({ db, hub, log, pathOf: async () => 'x.ipynb' });
    const none = async (): Promise<void> => {
      throw new Error('no results are sent here');
    };
    const remote = createRemote({
      ...{ db, trials, results: { evaluation: none, artifact: none } },
      onError: (error) => {
        throw error;
      },
    });
    const close = async (): Promise<void> => {
      await remote.close();
      await trials.close();
      await hub.close();
    };
    endings.push(close);
    const take = (id: string, after: number, bytes: Uint8Array) =>
      remote.take(id, { version: REMOTE_VERSION, after, bytes });
    const stop = (): Promise<void> => {
      endings.splice(endings.indexOf(close), 1);
      return close();
    };
    return { trials, remote, take, stop };
  };

  test.each([['ahead', DAY] as const, ['behind', -DAY] as const])(
    'a clock that is a day %s: times are ours, in their order, as long apart, also after a restart',
    async (_, skew) => {
      let served = await serve();
      const id = ulid();
      const began = Date.now();
      const theirs = (ms: number): number => began + skew + ms;
      const opening = { version: REMOTE_VERSION, id, open: OPEN, past: false };
      await served.remote.open({ ...opening, startedAt: theirs(-5000), sentAt: Date.now() + skew }, ada);
      await served.take(id, 0, joined(points(1, [1, 2], [theirs(-4000), theirs(-3000)])));
      await served.stop();
      served = await serve();
      const lines = [{ seq: 1, at: theirs(-1500), stream: 'stdout', text: 'hello' }];
      const rest = joined(
        points(2, [3], [theirs(-2000)]),
        said(3, 'note', theirs(-1800), {}),
        encodeRecord(4, { type: 'remote.log', lines }),
        encodeRecord(5, { type: 'remote.finish', end: 'completed', at: theirs(-1000) }),
      );
      expect((await served.take(id, 1, rest)).refused).toEqual([]);
      const trial = await served.trials.get(id);
      const start = trial.startedAt ?? 0;
      // The request itself takes a moment, within which nobody can tell the clocks apart.
      expect(Math.abs(start - (began - 5000))).toBeLessThan(30_000);
      expect((trial.endedAt ?? 0) - start).toBeCloseTo(4000, 3);
      const [loss] = await served.trials.series(id, ['loss'], { width: 100 });
      expect(loss?.points.steps.map(fromWire)).toEqual([1, 2, 3]);
      const relative = (loss?.points.walls ?? []).map((wall) => Math.round(wall - start));
      expect(relative).toEqual([1000, 2000, 3000]);
      const [note] = await served.trials.eventsOf(id, { kinds: ['note'] });
      expect(Math.round((note?.at ?? 0) - start)).toBe(3200);
      const { lines: printed } = await served.trials.searchLog(id, {});
      expect(printed.map(({ at }) => Math.round(at - start))).toEqual([3500]);
    },
  );

  test('clocks that nearly agree are believed', async () => {
    const { remote, trials, take } = await serve();
    const id = ulid();
    const at = Date.now() - 3000;
    await remote.open(
      { version: REMOTE_VERSION, id, open: OPEN, startedAt: at, sentAt: Date.now() - 2000, past: false },
      ada,
    );
    await take(id, 0, points(1, [1], [at + 7]));
    const [loss] = await trials.series(id, ['loss'], { width: 100 });
    expect([loss?.points.walls, (await trials.get(id)).startedAt]).toEqual([[at + 7], at]);
  });

  test('steps as words are refused by name, and what stands around them is kept; negative and huge ones are taken', async () => {
    const { remote, trials, take } = await serve();
    const id = ulid();
    await remote.open({ version: REMOTE_VERSION, id, open: OPEN, startedAt: 1, past: true }, ada);
    const words = { type: 'remote.samples', at: 2, step: '12', samples: { 'system/cpu': 1 } };
    const counted = { type: 'trial.points', trial: 'any', execution: '', seq: 3, keys: [{ key: 'loss', count: '1' }] };
    const given = joined(
      points(1, [-5, 1e300], [1, 2]),
      encodeRecord(2, words),
      encodeRecord(3, counted, new Uint8Array(24)),
      points(4, [-1e300], [3]),
    );
    const { refused, applied } = await take(id, 0, given);
    expect(applied).toBe(4);
    expect(refused.map(({ number }) => number)).toEqual([2, 3]);
    expect(refused.map(({ message }) => message.split(':')[0])).toEqual(['step', 'keys.0.count']);
    const [loss] = await trials.series(id, ['loss'], { width: 100 });
    expect(loss?.points.steps.map(fromWire)).toEqual([-1e300, -5, 1e300]);
    expect((await trials.metrics.keys(id)).map(({ key }) => key)).toEqual(['loss']);
  });

  test('rules of a script watch it too', async () => {
    const { remote, trials, take } = await serve();
    const id = ulid();
    await remote.open({ version: REMOTE_VERSION, id, open: OPEN, startedAt: 1, past: false }, ada);
    const rule = { rule: 'code: loss < -2', when: 'loss < -2', level: 'warning' };
    await take(id, 0, joined(said(1, 'watch', 1, rule), points(2, [1, 2], [1, 2])));
    await trials.alerts.settled();
    expect(await trials.eventsOf(id, { kinds: ['alert'] })).toEqual([]);
    await take(id, 2, points(3, [3, 4], [3, 4]));
    await trials.alerts.settled();
    const alerts = await trials.eventsOf(id, { kinds: ['alert'] });
    expect(alerts.map(({ text, step }) => [text, step])).toEqual([['loss < -2 (loss is -3).', 3]]);
  });
});
