import { describe, expect, test } from 'vitest';
import { cochranQ } from './cochran.ts';
import { countPairs, mcNemar } from './mcnemar.ts';
import { effectWord, sayP, verdictOfPredictions, verdictOfSeeds, verdictOfSeveral } from './verdict.ts';
import { effectSize, welch } from './welch.ts';

const counts = (b: number, c: number) => ({ bothRight: 900, onlyFirst: b, onlySecond: c, bothWrong: 49 });

describe('a verdict on predictions', () => {
  test('names the better one and how surprising that is', () => {
    const verdict = verdictOfPredictions(['A', 'B'], counts(18, 33), mcNemar(18, 33));
    expect(verdict.headline).toBe('B is better; this difference would be surprising by chance.');
    expect(verdict).toMatchObject({ better: 'B', strength: 'clear', missing: [] });
    expect(verdict.detail).toContain('Of 1,000 examples, A alone is right on 18 and B alone on 33.');
    expect(verdict.detail).toContain('mid-p 0.036');
    expect(verdict.assumptions.join(' ')).toContain('same examples');
  });

  test('goes by the adjusted p where several were tested', () => {
    const verdict = verdictOfPredictions(['A', 'B'], counts(18, 33), mcNemar(18, 33), { p: 0.11, pairs: 3 });
    expect(verdict).toMatchObject({ strength: 'none', better: null });
    expect(verdict.headline).toContain('does not mean that they are equal');
    expect(verdict.detail).toContain('0.110 after Holm');
  });

  test('hints where p is between the two limits, and asks for more examples where few differ', () => {
    const verdict = verdictOfPredictions(['A', 'B'], counts(5, 0), mcNemar(5, 0), { p: 0.07 });
    expect(verdict.headline).toBe('A may be better; but chance alone gives a difference like this now and then.');
    expect(verdict.missing[0]).toContain('they differ on 5');
  });

  test('cannot compare what has nothing in common', () => {
    const none = countPairs([], []);
    expect(verdictOfPredictions(['A', 'B'], none, mcNemar(0, 0))).toMatchObject({ strength: 'unknown', better: null });
  });

  test('of several says whether any differs', () => {
    const one = [true, true, true, true, true, true, true, true];
    const verdict = verdictOfSeveral(['A', 'B', 'C'], cochranQ([one, one, one.map(() => false)]), 8);
    expect(verdict.headline).toContain(
      'The 3 are not equally good; this difference would be very surprising by chance.',
    );
    expect(verdictOfSeveral(['A', 'B'], { q: 0, df: 1, p: 1 }, 8).strength).toBe('none');
  });
});

describe('a verdict on seeds', () => {
  const first = [0.912, 0.921, 0.918, 0.905, 0.931];
  const second = [0.934, 0.929, 0.941, 0.938];

  test('obeys the direction', () => {
    const test = welch(first, second);
    const say = (direction: 'minimise' | 'maximise' | null) =>
      verdictOfSeeds(['A', 'B'], [5, 4], direction, test, { effect: effectSize(first, second) });
    expect(say('maximise').headline).toBe('B is better; this difference would be surprising by chance.');
    expect(say('minimise').better).toBe('A');
    expect(say(null)).toMatchObject({ better: null, strength: 'clear' });
    expect(say(null).missing.join(' ')).toContain('objective');
    expect(say('maximise').missing).toEqual(['More seeds of B: it has 4 runs, and 5 say much more.']);
    expect(say('maximise').detail).toContain('large');
  });

  test('says what is missing where there is no test', () => {
    expect(verdictOfSeeds(['A', 'B'], [1, 1], 'maximise', null).headline).toBe(
      'One run each says nothing about chance.',
    );
    expect(verdictOfSeeds(['A', 'B'], [3, 3], 'maximise', null).headline).toContain('equal to the last digit');
  });
});

test('figures in words', () => {
  expect([sayP(0.0364834), sayP(1e-9)]).toEqual(['0.036', 'below 0.001']);
  expect([0.1, -0.3, 0.6, 1, -3].map(effectWord)).toEqual(['negligible', 'small', 'medium', 'large', 'very large']);
});
