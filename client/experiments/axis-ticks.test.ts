import { describe, expect, it } from 'vitest';
import { ticksOf } from './axis-ticks.ts';

describe('the figures on an axis', () => {
  const texts = (low: number, high: number): string[] => ticksOf({ low, high }).map(({ text }) => text);

  it('have two digits where two tell them apart', () => {
    expect(texts(0, 1)).toEqual(['0.15', '0.5', '0.85']);
    expect(texts(10, 20)).toEqual(['12', '15', '19']);
    expect(texts(0, 1e6)).toEqual(['150k', '500k', '850k']);
  });

  it('have more where they would read alike', () => {
    expect(texts(0.95, 1.05)).toEqual(['0.965', '1', '1.04']);
    expect(texts(2000, 2003)).toEqual(['2,000', '2,002', '2,003']);
  });

  it('are not lost where values are small, or below zero', () => {
    expect(texts(0.001, 0.003)).toEqual(['0.0013', '0.002', '0.0027']);
    expect(texts(-20, -10)).toEqual(['−19', '−15', '−12']);
  });
});
