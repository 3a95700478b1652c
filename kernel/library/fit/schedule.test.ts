import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isBetter, LEVEL, type PlateauState, plateau, rateOf, type ScheduleSpec } from './schedule.ts';

const CONTEXT = { rate: 0.1, perEpoch: 10, updates: 100 };
const at = (spec: ScheduleSpec, ...updates: number[]): number[] => updates.map(rateOf(spec, CONTEXT));
const near = (found: number[], wanted: number[]): void => {
  expect(found).toHaveLength(wanted.length);
  for (const [index, value] of found.entries()) expect(value).toBeCloseTo(wanted[index] ?? Number.NaN, 10);
};

describe('schedules', () => {
  it('give the rates of their formulas', () => {
    near(at({ kind: 'constant', warmup: 4 }, 1, 2, 4, 5, 99), [0.025, 0.05, 0.1, 0.1, 0.1]);
    near(at({ kind: 'cosine', rate: 1, floor: 0.2 }, 1, 51, 101, 200), [1, 0.6, 0.2, 0.2]);
    near(at({ kind: 'cosine', rate: 1, warmup: 20 }, 10, 20, 21, 61), [0.5, 1, 1, 0.5]);
    expect(rateOf('cosine', CONTEXT)(100)).toBeGreaterThan(0);
    near(at({ kind: 'step', every: 10 }, 10, 11, 20, 21), [0.1, 0.01, 0.01, 0.001]);
    near(at({ kind: 'step', everyEpochs: 2, factor: 0.5 }, 20, 21), [0.1, 0.05]);
    near(at({ kind: 'exponential', decay: 0.5, everyEpochs: 1 }, 1, 11, 21), [0.1, 0.05, 0.025]);
    near(at({ kind: 'one-cycle', rate: 1, rise: 0.5, updates: 101 }, 1, 51, 101), [0.04, 1, 0.0001]);
    expect(rateOf((update) => update / 2, CONTEXT)(6)).toBe(3);
    expect(rateOf('cosine', CONTEXT)(101)).toBeCloseTo(0, 10);
  });

  it('never leave the range between nothing and their rate', () => {
    const share = fc.double({ min: 0.01, max: 0.99, noNaN: true });
    const spec: fc.Arbitrary<ScheduleSpec> = fc.oneof(
      fc.record({ kind: fc.constant('cosine' as const), warmup: fc.nat(120) }),
      fc.record({ kind: fc.constant('step' as const), every: fc.integer({ min: 1, max: 50 }), warmup: fc.nat(9) }),
      fc.record({ kind: fc.constant('exponential' as const), every: fc.constant(7), decay: share }),
      fc.record({ kind: fc.constant('one-cycle' as const), rise: share }),
    );
    fc.assert(
      fc.property(spec, fc.integer({ min: 1, max: 300 }), (schedule, update) => {
        const [rate = Number.NaN] = at(schedule, update);
        expect(rate).toBeGreaterThanOrEqual(0);
        expect(rate).toBeLessThanOrEqual(0.1 + 1e-12);
      }),
    );
  });

  it('say what is wrong with them', () => {
    const unknown = { rate: 1, perEpoch: undefined, updates: undefined };
    const wrong: unknown = { kind: 'cosin' };
    expect(() => Reflect.apply(rateOf, null, [wrong, CONTEXT])).toThrow(
      'there is no schedule "cosin"; there are constant, cosine, step, exponential, one-cycle, plateau',
    );
    expect(() => rateOf('cosine', unknown)).toThrow('give it `updates`');
    expect(() => rateOf({ kind: 'step', everyEpochs: 1 }, unknown)).toThrow('give `every`');
    expect(() => at({ kind: 'step', every: 0 }, 1)).toThrow('every is 0; give a number above 0');
    expect(() => at({ kind: 'one-cycle', rise: 1 }, 1)).toThrow('rise is 1');
    expect(() => at({ kind: 'constant', warmup: 1.5 }, 1)).toThrow('warmup is 1.5');
  });
});

describe('a plateau', () => {
  it('brings the rate down when nothing gets better for long enough, and begins to wait anew', () => {
    const seen: number[] = [];
    let state: PlateauState = LEVEL;
    for (const value of [5, 4, 4, 4, 4, 4, 3, 3]) {
      state = plateau({ kind: 'plateau', factor: 0.5, patience: 2 }, state, value, 'min');
      seen.push(state.scale);
    }
    expect(seen).toEqual([1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.25]);
  });

  it('takes NaN for no improvement, and anything for better than nothing', () => {
    expect(isBetter(Number.NaN, null, 'min')).toBe(false);
    expect(isBetter(Number.POSITIVE_INFINITY, null, 'min')).toBe(true);
    expect(isBetter(2, 1, 'max', 1)).toBe(false);
    expect(isBetter(2.1, 1, 'max', 1)).toBe(true);
  });
});
