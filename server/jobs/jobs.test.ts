import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { afterEach, describe, expect, test } from 'vitest';
import { beeJobs } from './bee.ts';
import { inProcessJobs } from './in-process.ts';
import type { Jobs } from './jobs.ts';

const log = pino({ level: 'silent' });
const url = process.env.REDIS_URL;

/** `make` gives several hands on one queue: of one process, or as many processes would have. */
const adapters: { name: string; make(): Promise<[Jobs, Jobs]> }[] = [
  {
    name: 'in-process',
    make: async () => {
      const jobs = inProcessJobs({ log });
      return [jobs, jobs];
    },
  },
];
if (url) {
  adapters.push({
    name: 'bee-queue',
    make: async () => {
      const prefix = `test-${randomUUID()}`;
      return Promise.all([beeJobs({ url, prefix, log }), beeJobs({ url, prefix, log })]);
    },
  });
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve())));

describe.each(adapters)('jobs $name', ({ make }) => {
  const open: Jobs[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((jobs) => jobs.close()));
  });
  const pair = async (): Promise<[Jobs, Jobs]> => {
    const made = await make();
    open.push(...new Set(made));
    return made;
  };

  test('hands data over to whoever defined the job, also when it was queued before', async () => {
    const [adder, worker] = await pair();
    await adder.add('greet', 'a', { name: 'Ada', deep: [1, { two: 2 }] });
    const got = Promise.withResolvers<unknown>();
    worker.define('greet', 1, async (data) => got.resolve(data));
    expect(await got.promise).toEqual({ name: 'Ada', deep: [1, { two: 2 }] });
  });

  test('does not queue an id twice, and takes it again once it is done', async () => {
    const [adder, worker] = await pair();
    const seen: unknown[] = [];
    const gate = Promise.withResolvers<void>();
    const began = Promise.withResolvers<void>();
    let last = Promise.withResolvers<void>();
    worker.define<{ turn: number }>('once', 1, async ({ turn }) => {
      seen.push(turn);
      began.resolve();
      if (turn === 1) await gate.promise;
      if (turn >= 3) last.resolve();
    });
    await adder.add('once', 'same', { turn: 1 });
    await began.promise;
    await adder.add('once', 'same', { turn: 2 });
    await adder.add('once', 'other', { turn: 3 });
    gate.resolve();
    await last.promise;
    expect(seen).toEqual([1, 3]);
    last = Promise.withResolvers<void>();
    await adder.add('once', 'same', { turn: 4 });
    await last.promise;
    expect(seen).toEqual([1, 3, 4]);
  });

  test('runs at most so many at once', async () => {
    const [adder, worker] = await pair();
    let now = 0;
    let most = 0;
    let done = 0;
    const all = Promise.withResolvers<void>();
    const two = Promise.withResolvers<void>();
    worker.define('wide', 2, async () => {
      now++;
      most = Math.max(most, now);
      if (now === 2) two.resolve();
      await two.promise;
      now--;
      if (++done === 8) all.resolve();
    });
    for (let index = 0; index < 8; index++) await adder.add('wide', `id${index}`, {});
    await all.promise;
    expect(most).toBe(2);
  });

  test('cancels a running job from anywhere through its signal', async () => {
    const [adder, worker] = await pair();
    const began = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    worker.define('long', 1, async (_, signal) => {
      began.resolve();
      await aborted(signal);
      ended.resolve();
    });
    await adder.add('long', 'x', {});
    await began.promise;
    await adder.cancel('long', 'x');
    await ended.promise;
  });

  test('takes a cancelled job that still waits away, and only that', async () => {
    const [adder, worker] = await pair();
    const ran: string[] = [];
    await adder.add('wait', 'gone', { id: 'gone' });
    await adder.add('wait', 'stays', { id: 'stays' });
    await adder.cancel('wait', 'gone');
    await adder.cancel('wait', 'never-there');
    const got = Promise.withResolvers<void>();
    worker.define<{ id: string }>('wait', 1, async ({ id }) => {
      ran.push(id);
      got.resolve();
    });
    await got.promise;
    expect(ran).toEqual(['stays']);
  });

  test('goes on after a job that failed, and does not try it again', async () => {
    const [adder, worker] = await pair();
    const ran: string[] = [];
    const end = Promise.withResolvers<void>();
    worker.define<{ id: string }>('fragile', 1, async ({ id }) => {
      ran.push(id);
      if (id === 'bad') throw new Error('no');
      end.resolve();
    });
    await adder.add('fragile', 'bad', { id: 'bad' });
    await adder.add('fragile', 'good', { id: 'good' });
    await end.promise;
    expect(ran).toEqual(['bad', 'good']);
  });

  test('close aborts what runs and waits for it', async () => {
    const [adder, worker] = await pair();
    const began = Promise.withResolvers<void>();
    let ended = false;
    worker.define('closing', 1, async (_, signal) => {
      began.resolve();
      await aborted(signal);
      await new Promise((resolve) => setImmediate(resolve));
      ended = true;
    });
    await adder.add('closing', 'x', {});
    await began.promise;
    await worker.close();
    expect(ended).toBe(true);
  });
});
