import fc from 'fast-check';
import { expect, it } from 'vitest';
import { generator, seed } from './seed.ts';

it('gives the same sequence for the same seed, and others for others', () => {
  fc.assert(
    fc.property(fc.nat(0xffffffff), fc.nat(0xffffffff), (a, b) => {
      const [first, again, other] = [generator(a), generator(a), generator(b)];
      const take = (next: () => number): number[] => Array.from({ length: 5 }, next);
      const taken = take(first);
      expect(take(again)).toEqual(taken);
      if (a !== b) expect(take(other)).not.toEqual(taken);
    }),
    { seed: 20 },
  );
});

it('spreads evenly over [0, 1)', () => {
  const next = generator(42);
  const bins = Array<number>(10).fill(0);
  for (let i = 0; i < 100_000; i++) {
    const bin = Math.floor(next() * 10);
    bins[bin] = (bins[bin] ?? 0) + 1;
  }
  // Six standard deviations of a binomial count around 10,000.
  for (const count of bins) expect(Math.abs(count - 10_000)).toBeLessThan(570);
});

it('makes Math.random repeat', () => {
  seed(7);
  const first = [Math.random(), Math.random()];
  seed(7);
  expect([Math.random(), Math.random()]).toEqual(first);
});

it.each([-1, 1.5, Number.NaN, 2 ** 32])('refuses %s', (value) => {
  expect(() => seed(value)).toThrow('give a whole number from 0 to 4294967295');
});
