import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { generator } from '../seed.ts';
import { dimensionOf, type Setting } from './encode.ts';
import { importance, type Trials } from './fanova.ts';
import type { Tree } from './forest.ts';
import { decompose } from './variance.ts';

/** Trials at random places of the unit cube, and what a function says of them. */
function sample(n: number, d: number, of: (x: number[]) => number, seed = 5): Trials {
  const random = generator(seed);
  const rows = Array.from({ length: n }, () => Array.from({ length: d }, random));
  return { names: Array.from({ length: d }, (_, at) => `x${at + 1}`), rows, target: rows.map(of) };
}

const shareOf = (result: Awaited<ReturnType<typeof importance>>, name: string): number =>
  result.single.find((one) => one.name === name)?.share ?? Number.NaN;

describe('the variance of a tree', () => {
  const unit = { low: 0, high: 1 };
  const step = (dimension: number, threshold: number, low: Tree | number, high: Tree | number): Tree => ({
    ...{ dimension, threshold },
    low: typeof low === 'number' ? { value: low } : low,
    high: typeof high === 'number' ? { value: high } : high,
  });

  test('of one step belongs to its dimension: p(1 − p)', () => {
    const { total, single, pairs } = decompose(step(0, 0.25, 0, 1), [unit, unit]);
    expect(total).toBeCloseTo(0.1875, 12);
    expect(single[0]).toBeCloseTo(0.1875, 12);
    expect(single[1]).toBeCloseTo(0, 12);
    expect(pairs[0]?.[1]).toBeCloseTo(0, 12);
  });

  test('of an exclusive or belongs to the pair alone', () => {
    const { total, single, pairs } = decompose(step(0, 0.5, step(1, 0.5, 0, 1), step(1, 0.5, 1, 0)), [unit, unit]);
    expect(total).toBeCloseTo(0.25, 12);
    expect(single[0]).toBeCloseTo(0, 12);
    expect(single[1]).toBeCloseTo(0, 12);
    expect(pairs[0]?.[1]).toBeCloseTo(0.25, 12);
  });

  test('of two dimensions is all shared out: single shares and the pair make the whole', () => {
    const number = fc.double({ min: -5, max: 5, noNaN: true });
    const place = fc.double({ min: 0.05, max: 0.95, noNaN: true });
    const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.record({ value: number }),
        fc.record({ dimension: fc.nat({ max: 1 }), threshold: place, low: tie('tree'), high: tie('tree') }),
      ),
    }));
    /** Thresholds moved to where their box still is. */
    const fitted = (node: Tree, low = [0, 0], high = [1, 1]): Tree => {
      if (!('low' in node)) return node;
      const [from, to] = [low[node.dimension] ?? 0, high[node.dimension] ?? 1];
      const threshold = from + (to - from) * node.threshold;
      return {
        ...{ dimension: node.dimension, threshold },
        low: fitted(node.low, low, high.with(node.dimension, threshold)),
        high: fitted(node.high, low.with(node.dimension, threshold), high),
      };
    };
    fc.assert(
      fc.property(tree, (any) => {
        const { total, single, pairs } = decompose(fitted(any), [unit, unit]);
        expect((single[0] ?? 0) + (single[1] ?? 0) + (pairs[0]?.[1] ?? 0)).toBeCloseTo(total, 8);
        expect(Math.min(total, ...single, pairs[0]?.[1] ?? 0)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe('importance', () => {
  test('of a sum: variances 4/12 and 1/12, nothing between them, nothing for what does not matter', async () => {
    const result = await importance(sample(600, 3, ([a = 0, b = 0]) => 2 * a + b));
    expect(result.single.map(({ name }) => name)).toEqual(['x1', 'x2', 'x3']);
    expect(Math.abs(shareOf(result, 'x1') - 0.8)).toBeLessThan(0.04);
    expect(Math.abs(shareOf(result, 'x2') - 0.2)).toBeLessThan(0.04);
    expect(shareOf(result, 'x3')).toBeLessThan(0.01);
    expect(result.pairs[0]?.share).toBeLessThan(0.04);
    expect(result.fit).toBeGreaterThan(0.95);
    expect(result.n).toBe(600);
  });

  test('of a product of centred parameters lies in the pair', async () => {
    const result = await importance(sample(900, 2, ([a = 0, b = 0]) => (a - 0.5) * (b - 0.5)));
    expect(result.pairs[0]).toMatchObject({ first: 'x1', second: 'x2' });
    expect(result.pairs[0]?.share).toBeGreaterThan(0.85);
  });

  test('of Ishigami: known shares 0.314, 0.442, 0 and 0.244 for the first with the third', async () => {
    // Sobol indices of sin x₁ + 7 sin² x₂ + 0.1 x₃⁴ sin x₁ on [−π, π]³ (Ishigami & Homma, 1990).
    const at = (x: number): number => (2 * x - 1) * Math.PI;
    const trials = sample(1500, 3, ([a = 0, b = 0, c = 0]) => {
      return Math.sin(at(a)) + 7 * Math.sin(at(b)) ** 2 + 0.1 * at(c) ** 4 * Math.sin(at(a));
    });
    const result = await importance(trials, { trees: 16 });
    // The forest knows nine tenths of it from 1,500 trials: what it has not learnt is missing from the shares.
    expect(result.fit).toBeGreaterThan(0.88);
    const pair = result.pairs.find(({ first, second }) => first === 'x1' && second === 'x3');
    expect(Math.abs(shareOf(result, 'x1') - 0.314)).toBeLessThan(0.11);
    expect(Math.abs(shareOf(result, 'x2') - 0.442)).toBeLessThan(0.11);
    expect(shareOf(result, 'x3')).toBeLessThan(0.03);
    expect(Math.abs((pair?.share ?? 0) - 0.244)).toBeLessThan(0.07);
  });

  test('takes categories in any order, and numbers over decades by their logarithm', async () => {
    const random = generator(3);
    const worth: Record<string, number> = { adam: 1, sgd: 0, lion: 3, rmsprop: 2 };
    const rows = Array.from({ length: 400 }, (): Setting[] => {
      const optimizer = Object.keys(worth)[Math.floor(random() * 4)] ?? 'adam';
      return [optimizer, 10 ** (-5 + 4 * random()), random() < 0.5];
    });
    // Variance 1.25 of the optimizer, and (2/√12)² = 1/3 of the learning rate, which is uniform in its logarithm.
    const target = rows.map(
      ([optimizer, rate]) => (worth[String(optimizer)] ?? 0) + (Math.log10(Number(rate)) + 5) / 2,
    );
    const result = await importance({ names: ['optimizer', 'rate', 'flag'], rows, target });
    expect(Math.abs(shareOf(result, 'optimizer') - 1.25 / (1.25 + 1 / 3))).toBeLessThan(0.05);
    expect(Math.abs(shareOf(result, 'rate') - 1 / 3 / (1.25 + 1 / 3))).toBeLessThan(0.05);
    expect(shareOf(result, 'flag')).toBeLessThan(0.01);
  });

  test('is the same for the same seed, reports each tree, and admits that it has learnt nothing of chance', async () => {
    const random = generator(9);
    const trials = sample(120, 3, () => random());
    const heard: number[] = [];
    const once = await importance(trials, { trees: 8, seed: 4, onProgress: (done) => heard.push(done) });
    expect(await importance(trials, { trees: 8, seed: 4 })).toEqual(once);
    expect(await importance(trials, { trees: 8, seed: 5 })).not.toEqual(once);
    expect(heard).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(once.fit).toBeLessThan(0.2);
  });

  test('refuses what says nothing', async () => {
    await expect(importance(sample(5, 2, ([a = 0]) => a))).rejects.toThrow('at least 8 trials');
    await expect(importance(sample(20, 2, () => 1))).rejects.toThrow('the same in all');
    const rows = Array.from({ length: 10 }, () => [1, 'a']);
    const target = rows.map((_, at) => at);
    await expect(importance({ names: ['a', 'b'], rows, target })).rejects.toThrow('no parameter differs');
  });
});

test('a dimension is left out when it does not vary, or is another text each time', () => {
  const target = Float64Array.from({ length: 60 }, (_, at) => at);
  expect(dimensionOf('a', Array(60).fill(3), target)).toBeNull();
  expect(
    dimensionOf(
      'a',
      Array.from({ length: 60 }, (_, at) => `run ${at}`),
      target,
    ),
  ).toBeNull();
  expect(dimensionOf('a', [1, 2, null], target)?.kind).toBe('category');
  expect(dimensionOf('a', [1e-4, 1e-3, 1e-2], target)?.kind).toBe('log');
  expect(dimensionOf('a', [0.001, 0.3, 0.6, 0.9], target)?.kind).toBe('linear');
  expect(dimensionOf('a', [0, 1000], target)?.kind).toBe('linear');
});
