import { describe, expect, it } from 'vitest';
import type { Look } from '../../charts/model.ts';
import { spoken, stepsBetween } from './curve-reading.ts';

const look: Look = { smoothing: 0, x: 'time', log: false, robust: true };
const line = {
  curve: {
    key: 'loss',
    steps: [10, 20, 30, 40],
    walls: [1000, 2000, 3000, 4000],
    values: [4, 3, 2, 1],
    total: 4,
    mergedTo: -Infinity,
  },
  ...{ name: 'loss', colour: 1, startedAt: 1000 },
};

describe('a range of another axis', () => {
  it('is of the steps logged in it', () => {
    expect(stepsBetween([line], look, 0.5, 2.5)).toEqual({ from: 20, to: 30 });
    expect(stepsBetween([line], { ...look, x: 'clock' }, 4, 9)).toEqual({ from: 40, to: 40 });
    expect(stepsBetween([line], look, 10, 20)).toBeNull();
    expect(stepsBetween([], look, 0, 1)).toBeNull();
  });
});

describe('what is said of a figure', () => {
  it('is the reading, or that there is none', () => {
    expect(spoken(null)).toBe('no points yet');
    expect(
      spoken({
        x: '20',
        lines: [
          { name: 'val', value: 0.5 },
          { name: '', value: undefined },
        ],
      }),
    ).toBe('at 20, val 0.5, none. Arrow keys read along the curve.');
  });
});
