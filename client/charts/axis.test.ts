import { describe, expect, it } from 'vitest';
import { axisOf, onAxis, processTime } from './axis.ts';
import { placeMarks } from './marks.ts';

const curve = {
  key: 'loss',
  steps: [1, 2, 3],
  walls: [1000, 3000, 9000],
  values: [3, 2, 1],
  total: 3,
  mergedTo: -Infinity,
};
const startedAt = 1000;

describe('the horizontal axis', () => {
  it('counts time with and without pauses, and by the clock', () => {
    const pauses = [{ from: 4000, to: 8000 }];
    expect(onAxis(curve, 'time', { startedAt }).x).toEqual([0, 2, 8]);
    expect(onAxis(curve, 'process', { startedAt, pauses }).x).toEqual([0, 2, 4]);
    expect(onAxis(curve, 'clock', { startedAt }).x).toEqual([1, 3, 9]);
  });

  it('stands still in a pause that lasts', () => {
    const pauses = [{ from: 4000, to: null }];
    expect(processTime(9000, startedAt, pauses)).toBe(3000);
    expect(processTime(12_000, startedAt, pauses)).toBe(3000);
    expect(processTime(2000, startedAt, pauses)).toBe(1000);
  });

  it('takes another metric at the same step, from left to right, and leaves out what has no place', () => {
    const axis = { ...curve, key: 'tokens', steps: [1, 2, 4], values: [50, 20, 10] };
    expect(onAxis(curve, 'by:tokens', { startedAt, axis })).toEqual({ x: [20, 50], values: [2, 3] });
    const odd = { ...axis, values: [Number.NaN, 20, 10] };
    expect(onAxis(curve, 'by:tokens', { startedAt, axis: odd })).toEqual({ x: [20], values: [2] });
    expect(onAxis(curve, 'by:tokens', { startedAt })).toEqual({ x: [], values: [] });
  });

  it('is of steps where the address says nothing that is known', () => {
    expect([axisOf(undefined), axisOf('sideways'), axisOf('by:tokens')]).toEqual(['step', 'step', 'by:tokens']);
  });
});

describe('marks on an axis', () => {
  const mark = { id: 'm', label: '1', from: 2, to: 2, kind: 'thread' } as const;
  it('stand at their steps, or where those are on another axis', () => {
    expect(placeMarks([mark], null, null)[0]).toMatchObject({ x: 2, end: 2 });
    expect(placeMarks([mark], [1, 3], [10, 30])[0]).toMatchObject({ x: 30, end: 30 });
    expect(placeMarks([{ ...mark, to: 9 }], [1, 3], [10, 30])[0]).toMatchObject({ x: 30, end: 30 });
    expect(placeMarks([mark], [], [])).toEqual([]);
  });
});
