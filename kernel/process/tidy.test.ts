import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Tidy } from './tidy.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function cells(tidy: Tidy, many: number): void {
  for (let index = 0; index < many; index++) {
    tidy.began();
    tidy.ended();
  }
}

describe('garbage of cells', () => {
  it('is collected once nothing has run for a while, and once only', () => {
    const atRest = vi.fn();
    const tidy = new Tidy(atRest);
    cells(tidy, 60);
    expect(atRest).not.toHaveBeenCalled();
    vi.advanceTimersByTime(60_000);
    expect(atRest).toHaveBeenCalledOnce();
    cells(tidy, 49);
    vi.advanceTimersByTime(60_000);
    expect(atRest).toHaveBeenCalledOnce();
    cells(tidy, 1);
    vi.advanceTimersByTime(60_000);
    expect(atRest).toHaveBeenCalledTimes(2);
  });

  it('waits while one runs', () => {
    const atRest = vi.fn();
    const tidy = new Tidy(atRest);
    cells(tidy, 60);
    tidy.began();
    vi.advanceTimersByTime(60_000);
    expect(atRest).not.toHaveBeenCalled();
    tidy.ended();
    vi.advanceTimersByTime(60_000);
    expect(atRest).toHaveBeenCalledOnce();
  });
});
