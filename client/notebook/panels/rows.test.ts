import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rowsShown } from './rows.ts';

describe('rowsShown', () => {
  it('draws short lists whole', () => {
    expect(rowsShown(200, 44, 5000, 400)).toEqual({ from: 0, to: 200 });
  });

  it('always covers what is on the screen, and little more', () => {
    const sizes = fc.record({
      count: fc.integer({ min: 201, max: 100_000 }),
      row: fc.integer({ min: 10, max: 60 }),
      top: fc.integer({ min: 0, max: 7_000_000 }),
      height: fc.integer({ min: 0, max: 3000 }),
    });
    fc.assert(
      fc.property(sizes, ({ count, row, top, height }) => {
        const { from, to } = rowsShown(count, row, top, height);
        expect(from).toBeGreaterThanOrEqual(0);
        expect(to).toBeLessThanOrEqual(count);
        expect(from).toBeLessThanOrEqual(to);
        const first = Math.floor(top / row);
        if (first < count) {
          expect(from).toBeLessThanOrEqual(first);
          expect(to).toBeGreaterThanOrEqual(Math.min(count, Math.ceil((top + height) / row)));
        }
        expect(to - from).toBeLessThanOrEqual(Math.ceil(height / row) + 18);
      }),
    );
  });
});
