import { MIME } from '@trialroom/shared/notebook/mime';
import { ProgressData } from '@trialroom/shared/notebook/progress';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryHost } from '../library/trial/memory-host.ts';
import { installHost } from '../process/host.ts';
import { DISPLAY, resultBundle } from './bundle.ts';
import { clear } from './clear.ts';
import { display } from './display.ts';
import { progress } from './progress.ts';

const host = new MemoryHost();
beforeAll(() => installHost(host));
beforeEach(() => {
  host.displayed.length = 0;
  host.updated.length = 0;
  host.sent.length = 0;
});

const last = (): ProgressData =>
  ProgressData.parse((host.updated.at(-1)?.data ?? host.displayed.at(-1))?.[MIME.progress]);

describe('progress', () => {
  it('shows the first and the last state, whatever lies between', () => {
    const bar = progress(1000, 'reading');
    expect(last()).toMatchObject({ done: 0, total: 1000, note: 'reading', state: 'running' });
    for (let step = 0; step < 1000; step++) bar.step();
    bar.done();
    expect(last()).toMatchObject({ done: 1000, total: 1000, state: 'done' });
    expect(host.displayed).toHaveLength(1);
  });

  it('sends ten states a second at most, and the newest one when nothing more comes', () => {
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
    try {
      const bar = progress(100_000);
      for (let step = 0; step < 50_000; step++) {
        bar.step();
        vi.advanceTimersByTime(0.02);
      }
      expect(host.updated.length).toBeGreaterThan(5);
      expect(host.updated.length).toBeLessThanOrEqual(11);
    } finally {
      vi.useRealTimers();
    }
  });

  it('tells pace and time, in words too', () => {
    const bar = progress(10, '<b>');
    bar.set(5, 'half & half');
    bar.done();
    const { data } = host.updated.at(-1) ?? {};
    expect(data?.['text/plain']).toMatch(/^half & half: 50 % {2}5 of 10, .*\/s, 0\.0 s$/);
    expect(data?.['text/html']).toContain('half &#38; half');
    expect(last().rate).toBeGreaterThan(0);
  });

  it('goes through what can be gone through, and counts it', async () => {
    const seen: number[] = [];
    for (const item of progress.of([1, 2, 3], { note: 'items' })) seen.push(item);
    expect(last()).toMatchObject({ done: 3, total: 3, note: 'items', state: 'done' });
    for (const item of progress.of(new Set([4]))) seen.push(item);
    async function* slow(): AsyncGenerator<number> {
      yield 5;
      yield 6;
    }
    for await (const item of progress.of(slow())) seen.push(item);
    expect(last()).toMatchObject({ done: 2, state: 'done' });
    expect(last().total).toBeUndefined();
    for await (const item of progress.of([Promise.resolve(7)])) seen.push(item);
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7]);
    for (const item of progress.of([1, 2, 3])) if (item === 2) break;
    expect(last()).toMatchObject({ done: 1, total: 3, state: 'stopped' });
    for (const _ of progress.of([])) throw new Error('there is nothing');
    expect(last()).toMatchObject({ done: 0, state: 'done' });
  });

  it('is stopped with the cell that fails, and done with the cell that ends full', () => {
    const [half, full] = [progress(2), progress(1)];
    half.step();
    full.step();
    host.end('execution 1', 'ok');
    expect([half.data().state, full.data().state]).toEqual(['running', 'done']);
    const failed = progress(2);
    host.end('execution 1', 'error');
    expect(failed.data().state).toBe('stopped');
  });

  it('refuses amounts that mean nothing, and shows none that are none', () => {
    expect(() => progress(0)).toThrow(RangeError);
    expect(() => progress(Number.NaN)).toThrow(RangeError);
    expect(() => progress(5).set(-1)).toThrow(RangeError);
    const bar = progress();
    bar.step(Number.NaN);
    bar.done();
    expect(last().done).toBe(0);
  });
});

describe('objects that take their time to say how they are shown', () => {
  const slow = (answer: () => Promise<unknown>) => ({ name: 'slow', [DISPLAY]: answer });

  it('are described until they do', async () => {
    expect(resultBundle(slow(async () => ({ 'text/html': '<b>now</b>' }))).data).toEqual({});
    expect(host.displayed.at(-1)?.['text/plain']).toContain("name: 'slow'");
    await expect.poll(() => host.updated.at(-1)?.data['text/html']).toBe('<b>now</b>');
    display(slow(() => Promise.reject(new Error('never'))));
    await expect.poll(() => host.updated.at(-1)?.data['text/plain']).toContain('failed: Error: never');
  });

  it('do not replace what has come since', async () => {
    const answers = Promise.withResolvers<object>();
    const shown = display(slow(() => answers.promise));
    shown.update('newer');
    answers.resolve({ 'text/plain': 'older' });
    await answers.promise;
    await new Promise<void>((resolve) => setImmediate(resolve));
    expect(host.updated.map(({ data }) => data['text/plain'])).toEqual(['newer']);
  });
});

describe('clear', () => {
  it('takes away at once, or when the next thing is shown', () => {
    const cleared = () => host.sent.filter(({ type }) => type === 'clear').length;
    clear();
    expect(cleared()).toBe(1);
    clear({ wait: true });
    expect(cleared()).toBe(1);
    display(1);
    expect(cleared()).toBe(2);
    display(2);
    expect(cleared()).toBe(2);
  });

  it('waits for what is printed too', () => {
    const write = vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
    try {
      clear({ wait: true });
      process.stdout.write('text');
      expect(host.sent.map(({ type }) => type)).toEqual(['clear']);
      expect(process.stdout.write).toBe(write);
      expect(write).toHaveBeenCalledWith('text');
    } finally {
      write.mockRestore();
    }
  });
});
