import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from './canonical.ts';
import { distinctNames, flatten, groupKey, isSeed, rowsOf } from './rows.ts';

test('the order in which fields were set makes no difference', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const turned = Object.fromEntries(Object.entries(value).reverse());
      expect(canonicalJson(turned)).toBe(canonicalJson(value));
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      expect(groupKey(turned)).toBe(groupKey(value));
    }),
  );
});

test('trials are of one group when they differ in their seed only', () => {
  expect(groupKey({ lr: 1, seed: 1 })).toBe(groupKey({ seed: 2, lr: 1 }));
  expect(groupKey({ lr: 1, model: { seed: 1 } })).toBe(groupKey({ lr: 1, model: { seed: 9 } }));
  expect(groupKey({ lr: 1, seed: 1 })).not.toBe(groupKey({ lr: 2, seed: 1 }));
  expect(['seed', 'random_state', 'randomSeed', 'data.seed', 'rng_seed'].map(isSeed)).toEqual(Array(5).fill(true));
  expect(['seedling', 'speed', 'seeds', 'estate'].map(isSeed)).toEqual(Array(4).fill(false));
});

test('rows differ among those who know, and not from those of whom nothing is known', () => {
  expect(rowsOf([{ a: 1 }, null, { a: 1 }])).toEqual([{ name: 'a', values: ['1', null, '1'], differs: false }]);
  expect(rowsOf([{ a: 1 }, {}])).toEqual([{ name: 'a', values: ['1', null], differs: true }]);
  expect(flatten({ a: { b: { c: 1 }, d: [] }, e: {} })).toEqual([
    ['a.b.c', 1],
    ['a.d', []],
    ['e', {}],
  ]);
});

test('equal names are told apart', () => {
  expect(distinctNames(['a', 'b', 'a'])).toEqual(['a (1)', 'b', 'a (2)']);
});
