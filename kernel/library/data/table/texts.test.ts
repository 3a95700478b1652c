import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dateOf, kindOfText, numberOf } from './texts.ts';

describe('texts of files', () => {
  it('that are dates mean what the language says they mean', () => {
    const date = fc.date({ noInvalidDate: true, min: new Date('0001-01-01'), max: new Date('9999-12-31') });
    fc.assert(
      fc.property(date, fc.integer({ min: -12, max: 14 }), (day, zone) => {
        expect(dateOf(day.toISOString())).toBe(day.getTime());
        expect(dateOf(day.toISOString().slice(0, 10))).toBe(Date.parse(day.toISOString().slice(0, 10)));
        const offset = `${zone < 0 ? '-' : '+'}${String(Math.abs(zone)).padStart(2, '0')}:30`;
        const text = `${day.toISOString().slice(0, 19)}${offset}`;
        expect(dateOf(text)).toBe(Date.parse(text));
        expect(dateOf(text.replace('T', ' ').replace(/:30$/, '30'))).toBe(Date.parse(text));
      }),
    );
    expect(dateOf('2020-01-01 10:00')).toBe(Date.UTC(2020, 0, 1, 10));
    for (const text of [
      '2023-02-29',
      '2020-13-01',
      '2020-00-10',
      '2020-1-1',
      '2020-01-01T25:00',
      '2020-01-01x',
      '20200101',
    ]) {
      expect(dateOf(text)).toBeUndefined();
    }
  });

  it('that are numbers are those of the language', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
        expect(numberOf(String(number))).toBe(Number(String(number)));
        expect(numberOf(number.toExponential())).toBe(Number(number.toExponential()));
        expect(numberOf(` ${number}`)).toBe(Number(String(number)));
      }),
    );
    expect(['5.', '.5', '+1e3', '-inf', 'Infinity', ' 7 '].map(numberOf)).toEqual([
      5,
      0.5,
      1000,
      -Infinity,
      Infinity,
      7,
    ]);
    for (const text of ['', ' ', '-', '.', '0x10', '0b1', '0o7', '1_000', '1,5', 'NaN', 'infant', '1e', 'e5']) {
      expect(numberOf(text)).toBeUndefined();
    }
  });

  it('have a kind', () => {
    const kinds = ['1', '-1', '2147483648', '1.0', '1e3', '007', '-01', '0', '0.5', 'TRUE', 'truE', '2020-01-01', 'x'];
    expect(kinds.map(kindOfText)).toEqual(
      'int32 int32 float64 float64 float64 string string int32 float64 bool string date string'.split(' '),
    );
  });
});
