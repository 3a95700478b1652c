import { describe, expect, it } from 'vitest';
import { breathAt } from './breath.ts';

describe('a breath', () => {
  it('begins and ends with nothing seen, and is full in the middle', () => {
    expect([0, 600, 1200, 1800, 2400].map((ms) => breathAt(ms).ring)).toEqual([
      0,
      expect.closeTo(0.5),
      1,
      expect.closeTo(0.5),
      0,
    ]);
  });

  it('is one turn', () => {
    expect([0, 600, 2399, 2400].map((ms) => breathAt(ms).turn)).toEqual([0, 90, expect.closeTo(359.85), 0]);
  });
});
