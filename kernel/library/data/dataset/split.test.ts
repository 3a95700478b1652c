import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldNumbers, splitNumbers } from './split.ts';

const shares = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }).map((weights) => {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return Object.fromEntries(weights.map((weight, part) => [`part${part}`, weight / sum]));
});
const seed = fc.nat();

/** Runs a split; undefined where it was refused because a part would have been empty. */
function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    expect(String(error)).toContain('there are too few');
    return undefined;
  }
}

const numbersUpTo = (count: number): number[] => Array.from({ length: count }, (_, number) => number);
const allOf = (parts: readonly Int32Array[]): number[] => parts.flatMap((part) => [...part]).sort((a, b) => a - b);

describe('a split', () => {
  it('puts every example into exactly one part, near its share', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), shares, seed, (count, sizes, chance) => {
        const parts = attempt(() => splitNumbers(count, sizes, { seed: chance }));
        if (!parts) return;
        expect(allOf(parts)).toEqual(numbersUpTo(count));
        for (const [part, share] of Object.values(sizes).entries()) {
          expect(Math.abs((parts[part]?.length ?? 0) - share * count)).toBeLessThan(1);
        }
        expect(splitNumbers(count, sizes, { seed: chance })).toEqual(parts);
      }),
    );
  });

  it('that is stratified gives each part its share of each class, within one', () => {
    const strata = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(strata, shares, seed, (stratify, sizes, chance) => {
        const parts = attempt(() => splitNumbers(stratify.length, sizes, { seed: chance, stratify }));
        if (!parts) return;
        expect(allOf(parts)).toEqual(numbersUpTo(stratify.length));
        for (const value of new Set(stratify)) {
          const total = stratify.filter((each) => each === value).length;
          for (const [part, share] of Object.values(sizes).entries()) {
            const got = [...(parts[part] ?? [])].filter((number) => stratify[number] === value).length;
            expect(Math.abs(got - share * total)).toBeLessThanOrEqual(1);
          }
        }
      }),
    );
  });

  it('that is stratified comes near the shares of the whole too, with many small classes', () => {
    const stratify = numbersUpTo(300).map((number) => number % 100);
    const [train, test] = splitNumbers(300, { train: 0.8, test: 0.2 }, { stratify });
    expect([train?.length, test?.length]).toEqual([240, 60]);
  });

  it('by groups tears none apart', () => {
    const groups = fc.array(fc.nat(20), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(groups, shares, seed, (group, sizes, chance) => {
        const parts = attempt(() => splitNumbers(group.length, sizes, { seed: chance, group }));
        if (!parts) return;
        expect(allOf(parts)).toEqual(numbersUpTo(group.length));
        const places = parts.map((part) => new Set([...part].map((number) => group[number])));
        const distinct = places.reduce((sum, place) => sum + place.size, 0);
        expect(distinct).toBe(new Set(group).size);
      }),
    );
  });

  it('by time lets nothing of the future into the past', () => {
    const times = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(times, shares, (time, sizes) => {
        const parts = attempt(() => splitNumbers(time.length, sizes, { time }));
        if (!parts) return;
        expect(allOf(parts)).toEqual(numbersUpTo(time.length));
        for (let part = 1; part < parts.length; part++) {
          const before = Math.max(...Array.from(parts[part - 1] ?? [], (number) => time[number] ?? 0));
          const after = Math.min(...Array.from(parts[part] ?? [], (number) => time[number] ?? 0));
          expect(before).toBeLessThan(after);
        }
      }),
    );
  });

  it('may leave examples out, or count them', () => {
    const [half] = splitNumbers(10, { half: 0.5 }, {});
    expect(half).toHaveLength(5);
    const [seven, two] = splitNumbers(10, { seven: 7, two: 2 }, {});
    expect([seven?.length, two?.length]).toEqual([7, 2]);
  });

  it('depends on its seed', () => {
    const [first, second] = [1, 2].map((seed) => splitNumbers(100, { a: 0.5, b: 0.5 }, { seed })[0]);
    expect(first).not.toEqual(second);
  });

  it.each([
    [{ a: 0.8, b: 0.3 }, {}, 'split({"a":0.8,"b":0.3}): that is more than the whole'],
    [{ a: 8, b: 3 }, {}, 'that is 11 of 10 examples'],
    [{ a: 2.5, b: 3 }, {}, 'give shares from 0 to 1, or whole numbers of examples; not both'],
    [{ a: 0.8, b: 0 }, {}, 'each part must be above 0'],
    [{}, {}, 'name the parts, e.g. { train: 0.8, test: 0.2 }'],
    [{ a: 0.99, b: 0.01 }, {}, 'there are too few examples to give any to "b" (10 examples in all)'],
    [{ a: 0.5, b: 0.5 }, { group: Array(10).fill(1) }, 'there are too few groups to give any to "b"'],
    [{ a: 0.5, b: 0.5 }, { stratify: [1] }, '1 values were given for 10 examples'],
    [{ a: 0.5, b: 0.5 }, { stratify: Array(10), group: Array(10) }, 'stratify and group exclude one another'],
    [{ a: 0.5, b: 0.5 }, { time: Array(10).fill(Number.NaN) }, 'example 0 has no time'],
  ])('of %j with %j is refused', (sizes, options, message) => {
    expect(() => splitNumbers(10, sizes, options)).toThrow(message);
  });
});

describe('k folds', () => {
  it('validate every example once, and train on all the others', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 6 }), fc.integer({ min: 6, max: 60 }), seed, (folds, count, chance) => {
        const pairs = foldNumbers(count, folds, { seed: chance, stratify: numbersUpTo(count).map((n) => n % 2) });
        expect(pairs).toHaveLength(folds);
        expect(allOf(pairs.map(({ validation }) => validation))).toEqual(numbersUpTo(count));
        for (const { train, validation } of pairs) expect(allOf([train, validation])).toEqual(numbersUpTo(count));
      }),
    );
  });

  it('by time train on what came before only', () => {
    const pairs = foldNumbers(8, 3, { time: [7, 6, 5, 4, 3, 2, 1, 0] });
    expect(pairs.map(({ train, validation }) => [[...train], [...validation]])).toEqual([
      [
        [6, 7],
        [4, 5],
      ],
      [
        [4, 5, 6, 7],
        [2, 3],
      ],
      [
        [2, 3, 4, 5, 6, 7],
        [0, 1],
      ],
    ]);
  });

  it('are refused where there are too few examples', () => {
    expect(() => foldNumbers(3, 5, {})).toThrow('there are too few examples to give any to "part 4"');
    expect(() => foldNumbers(3, 1, {})).toThrow('kFold(1): give a whole number from 2 on');
  });
});
