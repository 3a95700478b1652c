import fc from 'fast-check';
import { expect, it } from 'vitest';
import { grouped } from './words.ts';

it('numbers are grouped as English groups them', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.maxSafeInteger(),
        fc.integer({ min: -99_999, max: 99_999 }).map((n) => n / 8),
      ),
      (value) => {
        expect(grouped(value)).toBe(value.toLocaleString('en-US'));
      },
    ),
  );
  expect(grouped(0.012345)).toBe('0.012345');
  expect(grouped(1e21)).toBe('1e+21');
});
