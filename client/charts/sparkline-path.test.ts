import { describe, expect, it } from 'vitest';
import { sparkPath } from './sparkline-path.ts';

const box = { width: 100, height: 20, from: 0, to: 100 };

describe('sparkPath', () => {
  it('leaves what is left of the plan blank', () => {
    const { tip } = sparkPath([0, 50], [2, 1], box);
    expect(tip?.left).toBeCloseTo(50, 0);
    expect(tip?.top).toBeCloseTo(90, 0);
  });

  it('draws nothing without finite points', () => {
    expect(sparkPath([1], [Number.NaN], box)).toEqual({ d: '', tip: null });
  });

  it('draws a constant through the middle', () => {
    expect(sparkPath([0, 100], [5, 5], box).d).toBe('M2.0 10.0L98.0 10.0');
  });

  it('stays small for many points, and ends at the newest', () => {
    const steps = Array.from({ length: 5000 }, (_, index) => index / 50);
    const { d, tip } = sparkPath(steps, steps, box);
    expect(d.split('L').length).toBeLessThanOrEqual(52);
    expect(tip?.left).toBeCloseTo(98, 0);
  });
});
