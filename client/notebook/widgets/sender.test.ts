import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSender } from './sender.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a sender', () => {
  it('sends the first at once, the newest every 50 ms, and the last', async () => {
    const sent: [number, number][] = [];
    const begun = Date.now();
    const settled = vi.fn();
    const sender = createSender<number>(async (value) => void sent.push([value, Date.now() - begun]), settled);
    for (let value = 0; value < 100; value++) {
      sender.offer(value);
      await vi.advanceTimersByTimeAsync(2);
    }
    await vi.advanceTimersByTimeAsync(100);
    expect(sent[0]).toEqual([0, 0]);
    expect(sent.at(-1)?.[0]).toBe(99);
    expect(sent.length).toBeLessThanOrEqual(6);
    expect(settled).toHaveBeenCalledExactlyOnceWith(undefined);
    expect(sender.busy()).toBe(false);
  });

  it('has one under way at a time', async () => {
    let open = 0;
    let most = 0;
    const sender = createSender<number>(
      async () => {
        most = Math.max(most, ++open);
        await new Promise((resolve) => setTimeout(resolve, 300));
        open--;
      },
      () => {},
    );
    for (let value = 0; value < 50; value++) {
      sender.offer(value);
      await vi.advanceTimersByTimeAsync(20);
    }
    expect(most).toBe(1);
  });

  it('tells what refused the last, and not what refused one before it', async () => {
    const settled = vi.fn();
    const refuse = new Error('no');
    const sender = createSender<boolean>(async (good) => {
      if (!good) throw refuse;
    }, settled);
    sender.offer(false);
    await vi.advanceTimersByTimeAsync(100);
    expect(settled).toHaveBeenLastCalledWith(refuse);
    sender.offer(false);
    sender.offer(true);
    await vi.advanceTimersByTimeAsync(200);
    expect(settled).toHaveBeenLastCalledWith(undefined);
  });

  it('is silent once stopped', async () => {
    const settled = vi.fn();
    const sender = createSender<number>(async () => {}, settled);
    sender.offer(1);
    sender.stop();
    await vi.advanceTimersByTimeAsync(200);
    expect(settled).not.toHaveBeenCalled();
  });
});
