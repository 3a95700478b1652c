import { describe, expect, it } from 'vitest';
import { logTicks, stepTick, timeTick, valueTick } from './ticks.ts';

describe('ticks', () => {
  it('writes values as finely as their distance asks for', () => {
    expect([0, 0.25, 0.5].map((value) => valueTick(value, 0.25))).toEqual(['0', '0.25', '0.50']);
    expect([-2, 0, 2].map((value) => valueTick(value, 2))).toEqual(['−2', '0', '2']);
    expect([0, 5e-4, 1e-3].map((value) => valueTick(value, 5e-4))).toEqual(['0', '5e−4', '1e−3']);
    expect([8e-4, 8.5e-4].map((value) => valueTick(value, 5e-5))).toEqual(['8e−4', '8.5e−4']);
    expect(valueTick(50_000, 10_000)).toBe('50k');
  });

  it('writes steps short, and only whole ones', () => {
    expect([0, 500, 16_000, 1_500_000, 0.5].map(stepTick)).toEqual(['0', '500', '16k', '1.5M', '']);
  });

  it('writes times in the unit that suits', () => {
    expect(timeTick(0, 10)).toBe('0');
    expect(timeTick(30, 10)).toBe('30 s');
    expect(timeTick(300, 60)).toBe('5 m');
    expect(timeTick(7200, 3600)).toBe('2 h');
    expect(timeTick(172_800, 86_400)).toBe('2 d');
  });

  it('puts round values on a log axis, few or many decades', () => {
    expect(logTicks(0.5, 5, 9)).toEqual([0.5, 0.6, 0.8, 1, 1.5, 2, 3, 4, 5]);
    expect(logTicks(0.5, 5, 4)).toEqual([0.5, 1, 2, 5]);
    expect(logTicks(1e-8, 1, 3)).toEqual([1e-6, 1e-3, 1]);
    expect(logTicks(1e-8, 1, 12)).toEqual([1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1]);
    expect(logTicks(1, 1.3, 4)).toEqual([1, 1.1, 1.2, 1.3]);
  });
});
