import { describe, expect, it } from 'vitest';
import { csvOf } from './csv.ts';

describe('a figure as CSV', () => {
  it('has a row for each x of any line, in order', () => {
    const csv = csvOf(
      [
        { name: 'loss', x: [1, 2, 4], raw: [0.5, 0.25, 0.125] },
        { name: 'validation', x: [2, 3], raw: [0.3, 0.2] },
      ],
      'step',
    );
    expect(csv).toBe('step,loss,validation\r\n1,0.5,\r\n2,0.25,0.3\r\n3,,0.2\r\n4,0.125,\r\n');
  });

  it('leaves gaps empty and names infinities', () => {
    expect(csvOf([{ name: '', x: [0, 1, 2], raw: [Number.NaN, Infinity, -Infinity] }], 'x')).toBe(
      'x,value\r\n0,\r\n1,inf\r\n2,-inf\r\n',
    );
  });

  it('quotes names that would be taken for more than one field', () => {
    expect(csvOf([{ name: 'a, "b"', x: [], raw: [] }], 'two\nlines')).toBe('"two\nlines","a, ""b"""\r\n');
  });

  it('names lines without a name by their place', () => {
    const line = { name: '', x: [1], raw: [2] };
    expect(csvOf([line, line], 'x')).toBe('x,line 1,line 2\r\n1,2,2\r\n');
  });
});
