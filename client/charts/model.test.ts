import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Curve } from '../data/curves.ts';
import { columnOf, unionOf } from './columns.ts';
import { nearest, PLAIN_LOOK, plotModel, roomFor, spreadSmoothing } from './model.ts';
import { odditiesOf } from './oddities.ts';

const curve = (key: string, steps: number[], values: number[]): Curve => ({
  key,
  steps,
  values,
  walls: steps.map((step) => 1000 + step * 100),
  total: steps.length,
  mergedTo: Number.NEGATIVE_INFINITY,
});
const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe('plotModel', () => {
  it('leaves the rest of the plan blank', () => {
    const model = plotModel([{ curve: curve('loss', [1, 2], [3, 2]), name: '', colour: 1 }], PLAIN_LOOK, {
      startedAt: 0,
      plannedTo: 100,
    });
    expect(model.x).toEqual({ kind: 'step', from: 0, to: 100 });
  });

  it('measures time in seconds since the start', () => {
    const model = plotModel(
      [{ curve: curve('loss', [1, 11], [3, 2]), name: '', colour: 1 }],
      { ...PLAIN_LOOK, x: 'time' },
      { startedAt: 1000 },
    );
    expect(model.lines[0]?.x).toEqual([0.1, 1.1]);
  });

  it('averages many steps, but not the few validations beside them', () => {
    const noisy = range(200).map((index) => index % 2);
    const model = plotModel(
      [
        { curve: curve('loss', range(200), noisy), name: 'train', colour: 1 },
        { curve: curve('val_loss', [50, 100, 150], [3, 2, 1]), name: 'val', colour: 2 },
      ],
      { ...PLAIN_LOOK, smoothing: 0.9 },
      { startedAt: 0 },
    );
    expect(model.lines[0]?.smoothed).toBe(true);
    expect(model.lines[0]?.shown.at(-1)).toBeGreaterThan(0.4);
    expect(model.lines[0]?.shown.at(-1)).toBeLessThan(0.6);
    expect(model.lines[1]?.shown).toEqual([3, 2, 1]);
  });

  it('draws a band where points were merged, and none elsewhere', () => {
    const merged = { ...curve('loss', [1, 2, 3], [1, 5, 2]), total: 900, mergedTo: 3 };
    const whole = plotModel([{ curve: merged, name: '', colour: 1 }], PLAIN_LOOK, { startedAt: 0 });
    expect(whole.lines[0]?.band).toEqual({ low: [1, 1, 2], high: [5, 5, 5] });
    const plain = plotModel([{ curve: curve('loss', [1], [1]), name: '', colour: 1 }], PLAIN_LOOK, { startedAt: 0 });
    expect(plain.lines[0]?.band).toBeNull();
  });

  it('falls back to a linear axis when no value is positive', () => {
    const model = plotModel(
      [{ curve: curve('reward', [1, 2], [-3, 0]), name: '', colour: 1 }],
      { ...PLAIN_LOOK, log: true },
      { startedAt: 0 },
    );
    expect(model.y.log).toBe(false);
  });
});

describe('spreadSmoothing', () => {
  it('gives a line with a hundredth of the points a hundred times less memory', () => {
    expect(spreadSmoothing(0.9, 1000, 1000)).toBe(0.9);
    expect(spreadSmoothing(0.9, 10, 1000)).toBeLessThan(0.001);
  });
});

describe('odditiesOf', () => {
  it('marks runs at their exact steps', () => {
    const nan = Number.NaN;
    const found = odditiesOf([1, 2, 3, 4, 5, 6], [1, nan, nan, Number.NEGATIVE_INFINITY, 2, nan], 0);
    expect(found).toEqual([
      { line: 0, kind: 'NaN', from: 2, to: 3, count: 2 },
      { line: 0, kind: '−∞', from: 4, to: 4, count: 1 },
      { line: 0, kind: 'NaN', from: 6, to: 6, count: 1 },
    ]);
  });
});

describe('columns', () => {
  it('puts lines with steps of their own side by side', () => {
    const union = unionOf([
      [1, 3, 5],
      [2, 3],
    ]);
    expect(union).toEqual([1, 2, 3, 5]);
    expect(columnOf(union, [1, 3, 5], [10, Number.NaN, 50], false)).toEqual([10, null, null, 50]);
    expect(columnOf(union, [2, 3], [0, 3], true)).toEqual([null, null, 3, null]);
  });

  it('takes the last of values at one step', () => {
    expect(unionOf([[1, 1, 2]])).toEqual([1, 2]);
    expect(columnOf([1, 2], [1, 1, 2], [7, 8, 9], false)).toEqual([8, 9]);
  });
});

describe('roomFor', () => {
  it('ends an axis at its last step while it is short, and then moves on in small steps', () => {
    expect([0, 1, 10, 63, 64, 127].map((to) => roomFor(0, to))).toEqual([0, 1, 10, 63, 64, 127]);
    expect([2049, 2060, 2080, 2081].map((to) => roomFor(0, to))).toEqual([2080, 2080, 2080, 2112]);
  });

  it('holds all there is, and little more', () => {
    const place = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(place, fc.double({ min: 1e-3, max: 1e6, noNaN: true }), (from, length) => {
        const end = roomFor(from, from + length);
        expect(end).toBeGreaterThanOrEqual(from + length - 1e-6);
        expect(end - from).toBeLessThanOrEqual(length * 1.02 + 1e-6);
      }),
    );
  });

  it('is kept only where more is coming and no plan says how much', () => {
    const drawn = [{ curve: curve('loss', range(2050), range(2050)), name: '', colour: 1 }];
    const to = (options: object): number => plotModel(drawn, PLAIN_LOOK, { startedAt: 0, ...options }).x.to;
    expect(to({})).toBe(2049);
    expect(to({ growing: true })).toBe(2080);
    expect(to({ growing: true, plannedTo: 3000 })).toBe(3000);
    expect(to({ growing: true, window: { from: 0, to: 100 } })).toBe(100);
  });
});

describe('nearest', () => {
  it('finds the closest, the earlier of equals', () => {
    expect(nearest([0, 10, 20], 14)).toBe(1);
    expect(nearest([0, 10, 20], 15)).toBe(1);
    expect(nearest([0, 10, 20], 99)).toBe(2);
    expect(nearest([0, 10, 20], -5)).toBe(0);
    expect(nearest([], 1)).toBe(-1);
  });
});
