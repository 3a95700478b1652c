import { availableParallelism, getPriority } from 'node:os';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { useWorkspace } from '../testing-workspace.ts';
import { ann, idle, type Workspace } from '../workspace.ts';
import { type BusyKernel, KERNEL_NICENESS, reshare, SETTLED_MS, Shares, threadShare } from './share.ts';

describe('cores', () => {
  it.each([
    [0, 8, 8],
    [1, 8, 8],
    [2, 8, 4],
    [3, 8, 2],
    [5, 2, 1],
  ])('for one of %i busy kernels, of %i: %i', (busy, cores, share) => {
    expect(threadShare(busy, cores)).toBe(share);
  });
});

describe('who is told of another share', () => {
  const at = (since: number, told: number): BusyKernel => ({ since, told });

  it('nobody, while there is none to share with', () => {
    expect(reshare(new Map([['a', at(0, 8)]]), 5000, 8)).toEqual({ tell: [], again: undefined });
  });

  it('nobody, while the other may be a short cell', () => {
    const busy = new Map([
      ['a', at(0, 8)],
      ['b', at(5000, 4)],
    ]);
    expect(reshare(busy, 5400, 8)).toEqual({ tell: [], again: SETTLED_MS - 400 });
    expect(reshare(busy, 5000 + SETTLED_MS, 8)).toEqual({ tell: [{ kernel: 'a', threads: 4 }], again: undefined });
  });

  it('who is alone after all', () => {
    expect(reshare(new Map([['b', at(0, 4)]]), SETTLED_MS, 8).tell).toEqual([{ kernel: 'b', threads: 8 }]);
  });

  it('everyone who has been at it for long, and nobody twice', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ since: fc.integer({ min: 0, max: 3000 }), told: fc.integer({ min: 1, max: 16 }) })),
        fc.integer({ min: 1, max: 64 }),
        (kernels, cores) => {
          const busy = new Map(kernels.map((kernel, index) => [String(index), kernel]));
          const settled = kernels.filter(({ since }) => 3000 - since >= SETTLED_MS).length;
          const { tell } = reshare(busy, 3000, cores);
          for (const { kernel, threads } of tell) busy.set(kernel, at(busy.get(kernel)?.since ?? 0, threads));
          for (const { since, told } of busy.values()) {
            if (3000 - since >= SETTLED_MS) expect(told).toBe(threadShare(settled, cores));
          }
          expect(reshare(busy, 3000, cores).tell).toEqual([]);
        },
      ),
    );
  });
});

describe('shares over time', () => {
  let told: string[] = [];
  let shares: Shares;
  const begins = (kernel: string): number | undefined =>
    shares.begins(kernel, (threads) => void told.push(`${kernel} ${threads}`));
  beforeEach(() => {
    vi.stubEnv('TRIALROOM_THREADS', '');
    vi.useFakeTimers();
    told = [];
    shares = new Shares({ cores: 2, now: Date.now });
  });
  afterEach(() => {
    shares.close();
    vi.useRealTimers();
    vi.unstubAllEnvs();
  });

  it('are told when another has settled, and when it ends', () => {
    expect(begins('a')).toBe(2);
    vi.advanceTimersByTime(5000);
    expect(begins('b')).toBe(1);
    vi.advanceTimersByTime(SETTLED_MS - 1);
    expect(told).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(told).toEqual(['a 1']);
    shares.ends('b');
    expect(told).toEqual(['a 1', 'a 2']);
  });

  it('are not told of short cells beside a long one, however many', () => {
    begins('a');
    for (let cell = 0; cell < 100; cell++) {
      expect(begins('b')).toBe(1);
      vi.advanceTimersByTime(50);
      shares.ends('b');
      vi.advanceTimersByTime(10);
    }
    expect(told).toEqual([]);
  });

  it('of cells one after the other are those of one that is long', () => {
    begins('a');
    begins('b');
    vi.advanceTimersByTime(SETTLED_MS);
    expect(told).toEqual(['a 1']);
    expect(begins('b')).toBe(1);
    shares.ends('a');
    expect(told).toEqual(['a 1', 'b 2']);
    expect(begins('b')).toBe(2);
  });

  it('grow to what was taken by a cell that was short', () => {
    begins('a');
    expect(begins('b')).toBe(1);
    shares.ends('a');
    expect(told).toEqual([]);
    vi.advanceTimersByTime(SETTLED_MS);
    expect(told).toEqual(['b 2']);
  });

  it("are nobody's business where the environment says how many threads there are", () => {
    vi.stubEnv('TRIALROOM_THREADS', '3');
    expect(begins('a')).toBeUndefined();
    expect(begins('b')).toBeUndefined();
    vi.advanceTimersByTime(5000);
    shares.ends('b');
    expect(told).toEqual([]);
  });
});

describe('kernels of one server', () => {
  let work: Workspace;
  useWorkspace((opened) => {
    work = opened;
  });

  it('share the cores while several compute, unless a cell says otherwise, and give way to the server', async () => {
    const busy = await work.notebook('busy', { a: 'console.log("go"); while (true) {}' });
    const other = await work.notebook('other', {
      threads: 'Number(process.env.TRIALROOM_THREADS)',
      own: 'process.env.TRIALROOM_THREADS = "3"',
      priority: "process.getBuiltinModule('node:os').getPriority()",
    });
    const [first, second] = [await work.watch(busy), await work.watch(other)];
    const threads = async (): Promise<string> => {
      await work.sessions.run(other, ['threads'], ann);
      await idle(second);
      return second.text('threads');
    };
    expect(await threads()).toBe(String(availableParallelism()));
    await work.sessions.run(busy, ['a'], ann);
    await first.until(() => first.text('a').includes('go'));
    expect(await threads()).toBe(String(Math.max(1, Math.floor(availableParallelism() / 2))));
    await work.sessions.interrupt(busy);
    await idle(first);
    expect(await threads()).toBe(String(availableParallelism()));
    await work.sessions.run(other, ['own', 'priority'], ann);
    await idle(second);
    expect(await threads()).toBe('3');
    // Only Linux has these values as they are given.
    if (process.platform === 'linux') {
      expect(second.text('priority')).toBe(String(Math.max(KERNEL_NICENESS, getPriority())));
    }
  });

  it.skipIf(availableParallelism() < 2)(
    'are told in the middle of a cell, unless that has said otherwise',
    async () => {
      const watching = (own: string): string => `
      ${own}
      for (let last; ; await new Promise((resolve) => setTimeout(resolve, 5))) {
        const threads = process.env.TRIALROOM_THREADS;
        if (threads !== last) console.log('threads ' + threads);
        last = threads;
      }`;
      const early = await work.notebook('early', { a: watching('') });
      const late = await work.notebook('late', { a: watching('process.env.TRIALROOM_THREADS = "7"') });
      const [first, second] = [await work.watch(early), await work.watch(late)];
      const [all, half] = [availableParallelism(), Math.floor(availableParallelism() / 2)];
      await work.sessions.run(early, ['a'], ann);
      await first.until(() => first.text('a') === `threads ${all}\n`);
      await work.sessions.run(late, ['a'], ann);
      await first.until(() => first.text('a') === `threads ${all}\nthreads ${half}\n`);
      await work.sessions.interrupt(late);
      await idle(second);
      await first.until(() => first.text('a') === `threads ${all}\nthreads ${half}\nthreads ${all}\n`);
      expect(second.text('a').match(/threads \d+/g)).toEqual(['threads 7']);
      await work.sessions.shutdown(late);
      await work.sessions.interrupt(early);
      await idle(first);
    },
  );
});
