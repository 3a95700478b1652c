import { MIME } from '@trialroom/shared/notebook/outputs';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { installHost } from '../../process/host.ts';
import { Run } from './init.ts';
import { MemoryHost } from './memory-host.ts';
import { FLUSH_AFTER, FLUSH_POINTS, Outbox } from './outbox.ts';
import { terminalHost } from './standalone.ts';
import { Trial, trial } from './trial.ts';

let host: MemoryHost;
const open = (): Trial => new Trial(host, 't1', 'first', '/trials/t1');

beforeEach(() => {
  host = new MemoryHost();
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('opening', () => {
  it('asks the host, and shows the trial under the cell', async () => {
    installHost(host);
    const run = await trial({
      experiment: 'digits',
      name: 'first',
      params: { epochs: 2 },
      objective: { key: 'val_loss', direction: 'minimise' },
    });
    expect(host.opened).toEqual([
      {
        experiment: 'digits',
        name: 'first',
        params: { epochs: 2 },
        objective: { key: 'val_loss', direction: 'minimise' },
        environment: expect.objectContaining({ node: process.versions.node }),
      },
    ]);
    expect(run.id).toBe('t1');
    expect(host.displayed).toEqual([{ [MIME.trial]: { trial: 't1' }, 'text/plain': 'first · /trials/t1' }]);
    await expect(trial({ experiment: '', name: 'x' })).rejects.toThrow('trial({ experiment }): give a text');
  });
});

describe('logging', () => {
  it('keeps every value bit for bit, in order, over any batches', () => {
    const value = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -0));
    const point = fc.record({ key: fc.constantFrom('loss', 'accuracy', 'é'), value, wait: fc.constantFrom(0, 1, 60) });
    fc.assert(
      fc.property(fc.array(point, { maxLength: 200 }), (points) => {
        host = new MemoryHost();
        const run = open();
        for (const [step, { key, value, wait }] of points.entries()) {
          run.log({ [key]: value }, { step });
          vi.advanceTimersByTime(wait);
        }
        vi.advanceTimersByTime(FLUSH_AFTER);
        for (const key of ['loss', 'accuracy', 'é']) {
          const expected = [...points.entries()].filter(([, p]) => p.key === key).map(([step, p]) => [step, p.value]);
          expect(host.points(key)).toEqual(expected);
        }
        expect(host.batches.map(({ seq }) => seq)).toEqual(host.batches.map((_, index) => index + 1));
      }),
      { seed: 20, numRuns: 100 },
    );
  });

  it('sends a point within 50 ms, with the time it was logged at', () => {
    const run = open();
    // The first goes at once: nothing was sent for long.
    run.log({ loss: 1 });
    expect(host.batches.length).toBe(1);
    run.log({ loss: 0.5 });
    vi.advanceTimersByTime(FLUSH_AFTER - 1);
    expect(host.batches.length).toBe(1);
    vi.advanceTimersByTime(1);
    expect(host.batches.length).toBe(2);
    expect(host.batches[1]?.columns[0]?.walls[0]).toBe(1_000_000);
  });

  it('sends from a loop that never yields, by age', () => {
    const run = open();
    for (let step = 1; step <= 300; step++) {
      // Time passes, but no timer of the event loop runs.
      vi.setSystemTime(1_000_000 + step);
      run.log({ loss: step });
    }
    expect(host.batches.length).toBeGreaterThanOrEqual(5);
    expect(host.points('loss').length).toBeGreaterThan(250);
  });

  it('sends from a loop that never yields, by size', () => {
    const run = open();
    for (let step = 0; step < FLUSH_POINTS * 3; step++) run.log({ loss: step });
    expect(host.points('loss').length).toBeGreaterThanOrEqual(FLUSH_POINTS * 2);
    expect(Math.max(...host.batches.map(({ columns }) => columns[0]?.steps.length ?? 0))).toBe(FLUSH_POINTS);
  });

  it('names the execution that logged, and goes on with the last one outside any', () => {
    const run = open();
    run.log({ loss: 1 });
    host.current = 'execution 2';
    run.log({ loss: 2 });
    host.current = undefined;
    run.log({ loss: 3 });
    vi.advanceTimersByTime(FLUSH_AFTER);
    const by = host.batches.flatMap(({ execution, columns }) =>
      columns.flatMap(({ values }) => Array.from(values, (value) => [execution, value])),
    );
    expect(by).toEqual([
      ['execution 1', 1],
      ['execution 2', 2],
      ['execution 2', 3],
    ]);
  });

  it('counts steps from 1, going on from a step that was given', () => {
    const run = open();
    run.log({ loss: 1 });
    run.log({ loss: 2 }, { step: 10 });
    run.log({ loss: 3 });
    vi.advanceTimersByTime(FLUSH_AFTER);
    expect(host.points('loss').map(([step]) => step)).toEqual([1, 10, 11]);
  });

  it('refuses what is no number, and says what to do', () => {
    const run = open();
    const wrong: Record<string, unknown> = { loss: '0.1' };
    expect(() => Reflect.apply(run.log, run, [wrong])).toThrow('trial.log: "loss" is a string; give a number');
    expect(() => Reflect.apply(run.log, run, [{ loss: { dataSync: () => [1] } }])).toThrow('"loss" is a tensor');
    expect(() => run.log({ loss: 1 }, { step: Number.NaN })).toThrow('step is NaN');
    expect(() => Reflect.apply(run.log, run, [{ loss: 1 }, { step: '12' }])).toThrow('step is 12, not a number');
    expect(() => Reflect.apply(run.log, run, [{ good: 1, bad: null }])).toThrow('"bad" is null');
    vi.advanceTimersByTime(FLUSH_AFTER);
    expect(host.points('good')).toEqual([]);
    expect(run.step).toBe(0);
  });
});

describe('calls in the shape of W&B', () => {
  it('refuse steps that are words, and count on from the last that was none', () => {
    const run = new Run(open(), {});
    run.log({ loss: 1 }, { step: -4, commit: true });
    expect(() => Reflect.apply(run.log, run, [{ loss: 2 }, { step: '7' }])).toThrow(
      'log: the step is "7", not a number',
    );
    expect(run.step).toBe(-3);
    run.log({ loss: 3 });
    run.log({ loss: 4 }, { step: 1e300 });
    vi.advanceTimersByTime(FLUSH_AFTER);
    expect(host.points('loss')).toEqual([
      [-4, 1],
      [-3, 3],
      [1e300, 4],
    ]);
  });
});

describe('progress', () => {
  it('is sent at most once in 50 ms, the last one always', () => {
    const run = open();
    for (let done = 0; done <= 100; done++) run.progress(done, 100, 'epoch 1 of 1');
    vi.advanceTimersByTime(FLUSH_AFTER);
    const told = host.sent.filter((message) => message.type === 'trial.progress');
    expect(told.length).toBeLessThanOrEqual(2);
    expect(told.at(-1)?.progress).toEqual({ done: 100, total: 100, note: 'epoch 1 of 1' });
  });

  it('refuses amounts that mean nothing', () => {
    expect(() => open().progress(-1)).toThrow('done is -1');
    expect(() => open().progress(1, 0)).toThrow('total is 0');
  });
});

describe('the end', () => {
  it('sends all, says how it ended, and waits until everything is stored', async () => {
    host.acknowledges = false;
    const run = open();
    run.log({ loss: 1 });
    run.summary({ testAccuracy: 0.98 });
    const end = vi.fn();
    const finished = run.finish().then(end);
    expect(host.sent.map(({ type }) => type)).toEqual(['trial.points', 'trial.summary', 'trial.finish']);
    await Promise.resolve();
    expect(end).not.toHaveBeenCalled();
    host.acknowledge('t1', 1);
    await finished;
    expect(end).toHaveBeenCalledOnce();
    await run.finish();
    expect(host.sent.filter(({ type }) => type === 'trial.finish')).toEqual([
      { type: 'trial.finish', trial: 't1', end: 'completed' },
    ]);
    expect(() => run.log({ loss: 1 })).toThrow('the trial "first" is over');
  });

  it('is "stopped" after a stop was asked for', async () => {
    const run = open();
    host.stops.add('t1');
    expect(run.stopping).toBe(true);
    await run.finish();
    expect(host.sent.at(-1)).toMatchObject({ type: 'trial.finish', end: 'stopped' });
  });

  it.each(['ok', 'error', 'aborted'] as const)('of an execution (%s) leaves no point behind', (end) => {
    const run = open();
    run.log({ loss: 1 });
    run.log({ loss: 2 });
    host.end('execution 1', end);
    expect(host.points('loss')).toHaveLength(2);
    expect(host.sent.some(({ type }) => type === 'trial.finish')).toBe(false);
  });

  it('comes with a cell that used it and failed, and not with any other', () => {
    const run = open();
    host.current = 'execution 2';
    run.log({ loss: 1 });
    host.end('execution 3', 'error');
    host.end('execution 2', 'ok');
    run.log({ loss: 2 });
    host.end('execution 1', 'aborted');
    expect(() => run.log({ loss: 3 })).toThrow('the trial "first" was interrupted');
    expect(host.points('loss')).toHaveLength(2);
  });

  it('counts what is not yet stored', () => {
    host.acknowledges = false;
    const outbox = new Outbox(host, 't9');
    for (let step = 0; step < 3; step++) {
      outbox.add({ loss: step }, step);
      outbox.flush();
    }
    expect(outbox.unacknowledged).toBe(3);
    outbox.acknowledge(2);
    outbox.acknowledge(1);
    expect(outbox.unacknowledged).toBe(1);
    outbox.acknowledge(99);
    expect(outbox.unacknowledged).toBe(0);
  });
});

describe('without a kernel', () => {
  it('prints a line a second, the final figures and the end', async () => {
    const lines: string[] = [];
    const terminal = terminalHost((text) => lines.push(text), Date.now);
    const { trial: id } = await terminal.openTrial({ experiment: 'digits', name: 'first', params: {} });
    const run = new Trial(terminal, id, 'first', undefined);
    for (let step = 1; step <= 30; step++) {
      vi.advanceTimersByTime(100);
      run.log({ loss: 1 / step }, { step });
      run.progress(step, 40);
    }
    run.summary({ testAccuracy: 0.98268 });
    await run.finish();
    expect(lines.slice(0, -2)).toHaveLength(3);
    expect(lines[1]).toBe('first  step 19 of 40  2 s left  loss 0.05000\n');
    expect(lines.slice(-2)).toEqual([
      'first  testAccuracy 0.9827\n',
      'first  step 30 of 40  1 s left  loss 0.03333  completed\n',
    ]);
  });
});
