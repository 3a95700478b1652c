import { describe, expect, it } from 'vitest';
import { formatFigures, formatSeconds, remainingSeconds } from './progress.ts';

describe('remainingSeconds', () => {
  it('goes on at the pace so far', () => {
    expect(remainingSeconds({ done: 25, total: 100 }, 1_000, 11_000)).toBe(30);
  });
  it('says nothing before the first step or without a total', () => {
    expect(remainingSeconds({ done: 0, total: 100 }, 0, 5_000)).toBeUndefined();
    expect(remainingSeconds({ done: 5 }, 0, 5_000)).toBeUndefined();
  });
  it('is never negative', () => {
    expect(remainingSeconds({ done: 120, total: 100 }, 0, 5_000)).toBe(0);
  });
});

describe('formatSeconds', () => {
  it.each([
    [0, '0 s'],
    [59.6, '1 m 00 s'],
    [249, '4 m 09 s'],
    [11_220, '3 h 07 m'],
  ])('%d is %s', (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });
});

describe('formatFigures', () => {
  it('puts loss and accuracy first and keeps four', () => {
    const text = formatFigures({ zeta: 1, accuracy: 0.93125, alpha: 2, loss: 0.231, beta: 12345.6 });
    expect(text).toBe('loss 0.2310  accuracy 0.9313  alpha 2.0000  beta 12346');
  });
});
