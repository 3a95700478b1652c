import { describe, expect, it } from 'vitest';
import {
  ago,
  bytes,
  clock,
  count,
  difference,
  duration,
  figure,
  measured,
  percent,
  sentence,
  short,
} from './figures.ts';
import { graduations } from './graduations.ts';
import { initialsOf } from './initials.ts';

describe('bytes', () => {
  it('say an amount in the unit that fits it', () => {
    expect([0, 812, 3136, 99_949, 24_000_000, 1.25e9, 3e12].map(bytes)).toEqual([
      '0 B',
      '812 B',
      '3.1 kB',
      '100 kB',
      '24 MB',
      '1.3 GB',
      '3,000 GB',
    ]);
  });
});

describe('figures', () => {
  it('say no more than they know', () => {
    expect([1.13912, 0.72141, 0.00032, 2990.4, 61_400, -0.5, 12.3456].map((value) => figure(value))).toEqual([
      '1.139',
      '0.7214',
      '0.00032',
      '2,990',
      '61,400',
      '−0.5',
      '12.35',
    ]);
    expect([8.96e-5, 3e12].map((value) => figure(value))).toEqual(['8.96e−5', '3.00e12']);
  });

  it('name what is no number', () => {
    expect([Number.NaN, Infinity, -Infinity, 0].map((value) => figure(value))).toEqual(['NaN', '∞', '−∞', '0']);
  });

  it('sign differences', () => {
    expect([0.0183, -0.0214, 0].map(difference)).toEqual(['+0.018', '−0.021', '±0']);
  });

  it('group thousands and shorten axes', () => {
    expect(count(96_000)).toBe('96,000');
    expect(percent(0.6396)).toBe('64.0 %');
    expect([900, 9500, 16_000, 1.5e6].map(short)).toEqual(['900', '9,500', '16k', '1.5M']);
    expect([0, 0.1 + 0.2, 0.0005, -2.5, -20_000].map(short)).toEqual(['0', '0.3', '0.0005', '−2.5', '−20k']);
  });
});

describe('sentence', () => {
  it('begins with a capital and ends with a stop', () => {
    expect(['stopped by Mara', 'It failed!', ' '].map(sentence)).toEqual(['Stopped by Mara.', 'It failed!', '']);
  });
});

describe('durations', () => {
  it.each([
    [340, '340 ms'],
    [4200, '4.2 s'],
    [9960, '10 s'],
    [59_600, '1 m 00 s'],
    [70_000, '1 m 10 s'],
    [3_599_600, '1 h 00 m'],
    [11_820_000, '3 h 17 m'],
    [100_800_000, '1 d 4 h'],
    [Number.POSITIVE_INFINITY, '—'],
  ])('%d ms is %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });
});

describe('times', () => {
  const now = new Date(2026, 10, 21, 14, 53).getTime();
  const before = (ms: number): string => ago(now - ms, now);

  it('say how long ago in one unit', () => {
    expect([2000, 40_000, 360_000, 4 * 3_600_000].map(before)).toEqual(['now', '40 s', '6 min', '4 h']);
    expect([24, 5 * 24, 40 * 24].map((hours) => before(hours * 3_600_000))).toEqual(['yesterday', 'Monday', '12 Oct']);
  });

  it('carry the date on another day', () => {
    expect(clock(now, now)).toBe('14:53');
    expect(clock(now - 86_400_000, now)).toBe('20 Nov 14:53');
  });
});

describe('graduations', () => {
  it('stand at round numbers, with few enough to read', () => {
    for (const span of [2, 7, 2814, 96_000, 1e7]) {
      const { major, minor } = graduations(span);
      expect(major.length).toBeGreaterThanOrEqual(2);
      expect(major.length).toBeLessThanOrEqual(12);
      expect(minor.length).toBeLessThanOrEqual(50);
      expect(Math.max(...major)).toBeLessThanOrEqual(span);
    }
    expect(graduations(2814).major).toEqual([0, 500, 1000, 1500, 2000, 2500]);
  });
});

describe('initialsOf', () => {
  it('takes the first and the last word', () => {
    expect(['Mara Okafor', 'ines', 'Ana María de la Cruz', '  ', 'Žofie 王'].map(initialsOf)).toEqual([
      'MO',
      'IN',
      'AC',
      '?',
      'Ž王',
    ]);
  });
});

it('values below one another have their points below one another', () => {
  expect([0.698, 0.7035, 1.2, 12.5, 2400, 3, 0, Number.NaN, -0.5].map(measured)).toEqual([
    ...['0.6980', '0.7035', '1.200', '12.50', '2,400', '3', '0', 'NaN', '\u22120.5000'],
  ]);
});
