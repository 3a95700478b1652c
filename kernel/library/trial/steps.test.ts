/** Steps of a trial: counted, paused and stopped as people wish. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryHost } from './memory-host.ts';
import { Trial } from './trial.ts';

let host: MemoryHost;
const open = (): Trial => new Trial(host, 't1', 'first', '/trials/t1');

beforeEach(() => {
  host = new MemoryHost();
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('steps', () => {
  it('counts, reports, and leaves off when asked to', async () => {
    vi.useRealTimers();
    const run = open();
    const seen: number[] = [];
    for await (const step of run.steps(100)) {
      seen.push(step);
      if (step === 4) host.stops.add('t1');
    }
    expect(seen).toEqual([0, 1, 2, 3, 4]);
    await run.finish();
    const told = host.sent.filter((message) => message.type === 'trial.progress');
    expect(told.at(-1)?.progress).toEqual({ done: 5, total: 100 });
  });
});

describe('pausing', () => {
  const told = () => host.sent.flatMap((message) => (message.type === 'trial.paused' ? [message.paused] : []));

  it('waits between two steps until it may go on, and says both', async () => {
    vi.useRealTimers();
    const run = open();
    const seen: number[] = [];
    for await (const step of run.steps(4)) {
      seen.push(step);
      if (step !== 1) continue;
      host.wish('t1', 'pause');
      const said = vi.spyOn(host, 'send').mockImplementation((message) => {
        said.mockRestore();
        host.send(message);
        // It waits by now: nothing but a wish can wake it.
        queueMicrotask(() => {
          expect(seen).toEqual([0, 1]);
          host.wish('t1', 'resume');
        });
      });
    }
    expect(seen).toEqual([0, 1, 2, 3]);
    expect(told()).toEqual([true, false]);
    await run.finish();
    expect(host.sent.at(-1)).toMatchObject({ type: 'trial.finish', end: 'completed' });
  });

  it('ends by a stop, and by the end of its execution', async () => {
    const run = open();
    host.wish('t1', 'pause');
    const paused = run.pausePoint();
    host.wish('t1', 'stop');
    await paused;
    expect(run.stopping).toBe(true);
    expect(run.pausing).toBe(false);
    const other = new Trial(host, 't2', 'second', undefined);
    host.wish('t2', 'pause');
    const waits = other.pausePoint();
    host.end('execution 1', 'aborted');
    await expect(waits).rejects.toThrow('trial.pausePoint: the trial "second" was interrupted');
    expect(told()).toEqual([true, false, true]);
    expect(() => other.log({ loss: 1 })).toThrow('was interrupted');
  });
});
