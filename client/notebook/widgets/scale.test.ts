import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { graduations } from '../../components/graduations.ts';
import { decimalsOf, marksWithin } from './scale.ts';

describe('the scale of a slider', () => {
  it('shows as many decimals as tell its steps apart', () => {
    expect(decimalsOf({ min: 0, max: 10, step: 1 })).toBe(0);
    expect(decimalsOf({ min: 0.001, max: 0.1, step: 0.001 })).toBe(3);
    expect(decimalsOf({ min: 0, max: 1, step: 1e-7 })).toBe(7);
    expect(decimalsOf({ min: 0, max: 1e21, step: 1e20 })).toBe(0);
    expect(decimalsOf({ min: 0, max: 0.3, step: 0.1 + 0.2 - 0.2 })).toBe(1);
  });

  it('has marks at round places, from end to end', () => {
    const majors = marksWithin(0, 10, graduations).filter(({ major }) => major);
    expect(majors.map(({ at }) => Math.round(at * 100) / 10)).toEqual([0, 2, 4, 6, 8, 10]);
  });

  it('keeps its marks within the rule, and few', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e9, max: 1e9, noNaN: true }),
        fc.double({ min: 1e-6, max: 1e9, noNaN: true }),
        (min, span) => {
          const marks = marksWithin(min, min + span, graduations);
          expect(marks.length).toBeLessThan(80);
          for (const { at } of marks) expect(at).toBeLessThanOrEqual(1 + 1e-6);
        },
      ),
    );
  });
});
