import { describe, expect, it } from 'vitest';
import { elapsed, took } from './times.ts';

describe('elapsed', () => {
  it.each([
    [-5, '0:00.0'],
    [0, '0:00.0'],
    [4299, '0:04.2'],
    [42_700, '0:42.7'],
    [727_950, '12:07.9'],
    [3_723_999, '1:02:03'],
  ])('%d ms reads %s', (ms, text) => expect(elapsed(ms)).toBe(text));
});

describe('took', () => {
  it.each([
    [0.4, '0 ms'],
    [99.4, '99 ms'],
    [99.5, '0.10 s'],
    [840, '0.84 s'],
    [9994, '9.99 s'],
    [9996, '10.0 s'],
    [59_949, '59.9 s'],
    [59_960, '1:00'],
    [247_400, '4:07'],
    [3_723_000, '1:02:03'],
  ])('%d ms reads %s', (ms, text) => expect(took(ms)).toBe(text));
});
