import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { numberIn, numbersIn, numbersText } from './address.ts';

describe('hidden trials in the address', () => {
  it('are read back as they were written', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat({ max: 100_000 })), (numbers) => {
        expect([...numbersIn(numbersText(numbers))]).toEqual([...numbers].sort((a, b) => a - b));
      }),
    );
    expect(numbersText([5, 1, 2, 3, 9])).toBe('1-3,5,9');
  });

  it('pass over what makes no sense', () => {
    expect([...numbersIn('x,2,-3,4-,7-6,1e9')]).toEqual([2]);
    expect(numbersIn('1-999999999').size).toBe(10_001);
    expect(numberIn(' ', 0, 1)).toBeUndefined();
    expect(numberIn('2', 0, 1)).toBeUndefined();
  });
});
