import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REMOTE_VERSION, type RemoteReply } from '@trialroom/shared/api/remote';
import type { Person } from '@trialroom/shared/policy/policy';
import { encodeRecord } from '@trialroom/shared/remote/records';
import { packPoints } from '@trialroom/shared/trial/points';
import type { Trial } from '@trialroom/shared/trial/trial';
import fc from 'fast-check';
import { pino } from 'pino';
import { ulid } from 'ulid';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createBlobs } from '../blobs/blobs.ts';
import type { Database } from '../database/database.ts';
import { testDatabases } from '../database/testing.ts';
import { Refusal } from '../http/refusal.ts';
import { createHub } from '../live/socket-hub.ts';
import { createIntake } from '../results/intake.ts';
import { createTrials } from '../trials/trials.ts';
import { createRemote, type RemoteOptions } from './remote.ts';

const log = pino({ level: 'silent' });
const ada: Person = { id: 'p1', name: 'Ada', colour: 'a', role: 'editor' };
const OPEN = { experiment: 'scripts', name: 'a script', params: { rate: 0.1 } };

/** Record `number` logs its number at that step, prints it, or says it in an event. */
function record(number: number): Uint8Array {
  if (number % 5 === 0) {
    const lines = [{ seq: number, at: number, stream: 'stdout', text: `line ${number}` }];
    return encodeRecord(number, { type: 'remote.log', lines });
  }
  if (number % 7 === 0) {
    const said = [{ kind: 'note', at: number, step: number, text: `note ${number}`, data: {} }];
    const header = { type: 'trial.events', trial: 'any', execution: '', seq: number };
    return encodeRecord(number, header, new TextEncoder().encode(JSON.stringify(said)));
  }
  const one = new Float64Array([number]);
  const { keys, payload } = packPoints([{ key: 'loss', steps: one, walls: one, values: one }]);
  return encodeRecord(number, { type: 'trial.points', trial: 'any', execution: '', seq: number, keys }, payload);
}

const finish = (number: number): Uint8Array =>
  encodeRecord(number, { type: 'remote.finish', end: 'completed', at: Date.now() });

const joined = (records: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(records));
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

async function refusal(promise: Promise<unknown>): Promise<Refusal> {
  const error = await promise.then(
    () => new Error('it was taken'),
    (caught: unknown) => caught,
  );
  if (error instanceof Refusal) return error;
  throw error;
}

describe.each(testDatabases())('trials of scripts on $name', ({ open: openDatabase }) => {
  let db: Database;
  const endings: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end();
  });
  beforeAll(async () => {
    db = await openDatabase();
  });
  afterAll(() => db.close());

  /** A server's part of it. Another one over the same database is the server after a restart. */
  const serve = async (options: Pick<RemoteOptions, 'lease'> = {}) => {
    const hub = await createHub({ log });
    const trials = await createTrials({ db, hub, log, pathOf: async () => 'x.ipynb' });
    const uploadsDir = mkdtempSync(join(tmpdir(), 'trialroom-remote-'));
    endings.push(() => rmSync(uploadsDir, { recursive: true, force: true }));
    const onError = (error: unknown): void => {
      throw error;
    };
    const blobs = createBlobs(join(uploadsDir, 'blobs'));
    const results = createIntake({ db, blobs, hub, uploadsDir, onError });
    const remote = createRemote({
      ...{ db, trials, results, ...options },
      onError,
    });
    const close = async (): Promise<void> => {
      await remote.close();
      await trials.close();
      await hub.close();
    };
    endings.push(close);
    const stop = (): Promise<void> => {
      endings.splice(endings.indexOf(close), 1);
      return close();
    };
    const open = (id: string, past = false) =>
      remote.open({ version: REMOTE_VERSION, id, open: OPEN, startedAt: Date.now() - 1000, past }, ada);
    const take = (id: string, after: number, bytes: Uint8Array): Promise<RemoteReply> =>
      remote.take(id, { version: REMOTE_VERSION, after, bytes });
    return { trials, remote, open, take, stop, hub };
  };
  type Served = Awaited<ReturnType<typeof serve>>;

  const losses = async ({ trials }: Served, id: string): Promise<unknown[]> =>
    (await trials.series(id, ['loss'], { width: 10_000 }))[0]?.points.values ?? [];
  const notes = async ({ trials }: Served, id: string): Promise<string[]> =>
    (await trials.eventsOf(id, {})).filter(({ kind }) => kind === 'note').map(({ text }) => text);
  const printed = async (id: string): Promise<string[]> => {
    const rows = await db
      .em()
      .execute<{ lines: string }[]>('select lines from log_chunks where trial = ? order by last_seq', [id]);
    return rows.flatMap(({ lines }) => (JSON.parse(lines) as { text: string }[]).map(({ text }) => text));
  };
  const expectAll = async (served: Served, id: string, last: number): Promise<void> => {
    const all = range(1, last);
    expect(await losses(served, id)).toEqual(all.filter((number) => number % 5 !== 0 && number % 7 !== 0));
    expect(await printed(id)).toEqual(all.filter((number) => number % 5 === 0).map((number) => `line ${number}`));
    expect(await notes(served, id)).toEqual(
      all.filter((number) => number % 5 !== 0 && number % 7 === 0).map((number) => `note ${number}`),
    );
  };

  test('whatever is repeated, comes too early or meets a restart: everything is there once', async () => {
    const last = 60;
    const sending = fc.record({
      from: fc.integer({ min: 1, max: last }),
      count: fc.integer({ min: 1, max: 20 }),
      restart: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(sending, { maxLength: 8 }), async (sendings) => {
        const id = ulid();
        let served = await serve();
        await served.open(id);
        let applied = 0;
        for (const { from, count, restart } of sendings) {
          if (restart) {
            await served.stop();
            served = await serve();
          }
          const numbers = range(from, Math.min(last, from + count - 1));
          const sent = served.take(id, from - 1, joined(numbers.map(record)));
          if (from - 1 > applied) expect((await refusal(sent)).problem.error).toBe('records-missing');
          else {
            applied = Math.max(applied, numbers.at(-1) ?? 0);
            expect((await sent).applied).toBe(applied);
          }
        }
        await served.take(id, applied, joined([...range(applied + 1, last).map(record), finish(last + 1)]));
        await expectAll(served, id, last);
        expect((await served.trials.get(id)).status).toBe('completed');
        await served.stop();
      }),
      { numRuns: 6 },
    );
  });

  test('two at once are one after the other', async () => {
    const served = await serve();
    const id = ulid();
    await served.open(id);
    await Promise.all([
      served.take(id, 0, joined(range(1, 30).map(record))),
      served.take(id, 0, joined(range(1, 20).map(record))),
      served.take(id, 20, joined(range(21, 40).map(record))),
    ]);
    await expectAll(served, id, 40);
  });

  test('a body that is cut, damaged, disordered or too long is refused with its place, and nothing of it is kept', async () => {
    const served = await serve();
    const id = ulid();
    await served.open(id);
    const whole = joined([record(1), record(2)]);
    const cut = await refusal(served.take(id, 0, whole.subarray(0, whole.length - 3)));
    expect([cut.status, cut.problem.error, cut.problem.where]).toEqual([
      400,
      'records-broken',
      `body, byte ${record(1).length}`,
    ]);
    const damaged = whole.slice();
    damaged[30] = (damaged[30] ?? 0) ^ 1;
    expect((await refusal(served.take(id, 0, damaged))).problem.message).toContain('checksum');
    expect((await refusal(served.take(id, 0, new TextEncoder().encode('{"loss":1}, and more')))).status).toBe(400);
    const disordered = await refusal(served.take(id, 0, joined([record(2), record(1)])));
    expect(disordered.problem.error).toBe('records-disordered');
    expect((await refusal(served.take(id, 0, new Uint8Array(25 * 1024 * 1024)))).status).toBe(413);
    expect(await losses(served, id)).toEqual([]);
    expect(await served.take(id, 0, whole)).toMatchObject({ applied: 2, refused: [] });
    expect(await losses(served, id)).toEqual([1, 2]);
  });

  test('a record that means nothing is named and passed over; what stands around it is kept', async () => {
    const served = await serve();
    const id = ulid();
    await served.open(id);
    const reply = await served.take(
      id,
      0,
      joined([
        record(1),
        encodeRecord(2, { type: 'trial.points', trial: 'x', execution: '', seq: 'two', keys: [] }),
        encodeRecord(3, { type: 'trial.points', trial: 'x', execution: '', seq: 3, keys: [{ key: 'loss', count: 9 }] }),
        encodeRecord(4, { type: 'execute', code: 'rm -rf' }),
        encodeRecord(5, { type: 'trial.events', trial: 'x', execution: '', seq: 5 }, new TextEncoder().encode('{')),
        record(6),
      ]),
    );
    expect(reply.applied).toBe(6);
    expect(reply.refused.map(({ number }) => number)).toEqual([2, 3, 4, 5]);
    expect(reply.refused[1]?.message).toContain('payload has 0 bytes');
    expect(await losses(served, id)).toEqual([1, 6]);
  });

  test('files of a script are kept, piece by piece; one with a hole is refused', async () => {
    const served = await serve();
    const id = ulid();
    await served.open(id);
    const told = { trial: '', execution: '', name: 'model.bin', kind: 'model', type: 'trial.artifact' };
    const piece = (number: number, at: number, last: boolean): Uint8Array =>
      encodeRecord(number, { ...told, seq: number, piece: at, last }, new Uint8Array(100).fill(at));
    expect((await served.take(id, 0, joined([piece(1, 0, false), piece(2, 1, true)]))).refused).toEqual([]);
    const holed = await served.take(id, 2, joined([piece(3, 0, false), piece(4, 2, true)]));
    expect(holed).toMatchObject({ applied: 4, refused: [{ number: 4 }] });
    const [kept] = await db.em().execute<{ bytes: number }[]>('select bytes from artifacts where trial = ?', [id]);
    expect(Number(kept?.bytes)).toBe(200);
  });

  test('another version is told which side to update; unknown and foreign trials are refused', async () => {
    const served = await serve();
    const { remote, trials } = served;
    const id = ulid();
    const newer = await refusal(
      remote.open({ version: REMOTE_VERSION + 1, id, open: OPEN, startedAt: 1, past: false }, ada),
    );
    expect([newer.status, newer.problem.fix]).toEqual([409, expect.stringContaining('update the server')]);
    const older = await refusal(remote.beat(id, 0));
    expect(older.problem.fix).toContain('"trialroom" of the script');
    expect((await refusal(remote.beat(id, REMOTE_VERSION))).status).toBe(404);
    const kernel = { kernel: 'k', execution: 'e', cell: 'c', notebook: null, by: null, backend: null };
    const { trial } = await trials.open(OPEN, kernel);
    expect((await refusal(served.open(trial))).problem.error).toBe('trial-taken');
  });

  test('a silent script’s trial is lost with words, and found at its next word', async () => {
    const served = await serve({ lease: { length: 40, beat: 10 } });
    const id = ulid();
    const becomes = (status: Trial['status']): Promise<Trial> =>
      new Promise((resolve) => {
        served.trials.onChange((trial) => trial.id === id && trial.status === status && resolve(trial));
      });
    const lost = becomes('lost');
    await served.open(id);
    expect((await lost).reason).toContain('trialroom sync');
    const found = becomes('running');
    expect(await served.take(id, 0, record(1))).toMatchObject({ applied: 1, wish: 'go' });
    await found;
    await served.take(id, 1, joined([record(2), finish(3)]));
    expect(await served.trials.get(id)).toMatchObject({ status: 'completed', reason: null });
    expect(await losses(served, id)).toEqual([1, 2]);
    // What comes after the end is named, and does not stand in the way.
    expect(await served.take(id, 3, record(4))).toMatchObject({ applied: 4, refused: [{ number: 4 }] });
  });

  test('what people want comes with every answer; what was recorded earlier is never lost', async () => {
    const served = await serve({ lease: { length: 20, beat: 5 } });
    const id = ulid();
    expect((await served.open(id, true)).wish).toBe('go');
    await served.trials.requestPause(id, ada);
    expect((await served.take(id, 0, record(1))).wish).toBe('pause');
    await served.trials.requestStop(id, ada);
    expect((await served.remote.beat(id, REMOTE_VERSION)).wish).toBe('stop');
    const other = ulid();
    const lost = new Promise((resolve) => {
      served.trials.onChange((trial) => trial.id === other && trial.status === 'lost' && resolve(trial));
    });
    await served.open(other);
    await lost;
    expect((await served.trials.get(id)).status).toBe('running');
  });
});
