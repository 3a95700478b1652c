import { describe, expect, it } from 'vitest';
import { pauseAfter } from './frames.ts';

describe('how soon charts draw again', () => {
  it('follows what drawing costs, and is never late by much', () => {
    expect(pauseAfter(4)).toBeCloseTo(64);
    expect(pauseAfter(0.1)).toBeLessThan(2);
    expect(pauseAfter(400)).toBe(180);
  });
});
