import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AnnotationTarget, ExperimentTarget, NotebookTarget, stepsOf, TARGETS, TrialTarget } from './target.ts';
import { nameWords, placeWords } from './words.ts';

const taken = (target: unknown): boolean => TrialTarget.safeParse(target).success;

test('a step has a place on an axis, or there is nothing to pin to', () => {
  for (const step of [0, -7, 0.25, 1e300]) expect(taken({ kind: 'point', key: null, step, value: null })).toBe(true);
  for (const step of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, '7', null, undefined]) {
    expect(taken({ kind: 'point', key: null, step, value: null }), String(step)).toBe(false);
    expect(taken({ kind: 'range', keys: [], from: 0, to: step }), String(step)).toBe(false);
  }
  const refused = TrialTarget.safeParse({ kind: 'point', key: null, step: Number.NaN, value: null });
  expect(refused.error?.issues[0]).toMatchObject({ path: ['step'], message: 'a step is a finite number' });
  expect(taken({ kind: 'range', keys: [], from: 2, to: 1 })).toBe(false);
});

test('metrics may have names of any letters and of 10,000 characters, but not without end', () => {
  const named = (key: string): boolean => taken({ kind: 'point', key, step: 1, value: 'Infinity' });
  expect([named('x'.repeat(10_000)), named('\u0000\ud800\u202e損失'), named(''), named('x'.repeat(20_001))]).toEqual([
    true,
    true,
    false,
    false,
  ]);
  const many = (keys: string[]): boolean => taken({ kind: 'range', keys, from: 0, to: 1 });
  expect(many(Array.from({ length: 64 }, (_, index) => `${index}`))).toBe(true);
  expect(many(Array.from({ length: 65 }, (_, index) => `${index}`))).toBe(false);
  expect(many(Array.from({ length: 11 }, () => 'x'.repeat(10_000)))).toBe(false);
});

test('each kind of subject takes its own places and no others', () => {
  const cell = { kind: 'cell', cell: 'a' };
  const point = { kind: 'point', key: 'loss', step: 1, value: 2 };
  const image = { kind: 'image', seq: 3, key: 'samples', step: 1, quote: '' };
  const fits = (target: unknown): boolean[] =>
    [NotebookTarget, TrialTarget, ExperimentTarget].map((schema) => schema.safeParse(target).success);
  expect([cell, point, image, { kind: 'trial' }, { kind: 'experiment' }, { kind: 'margin' }].map(fits)).toEqual([
    [true, false, false],
    [false, true, true],
    [false, true, false],
    [false, true, false],
    [false, false, true],
    [false, false, false],
  ]);
});

const key = fc.string({ minLength: 1, maxLength: 300, unit: 'binary' });
const step = fc.double({ noNaN: true, noDefaultInfinity: true });
const target: fc.Arbitrary<AnnotationTarget> = fc.oneof(
  fc.record({ kind: fc.constant('point'), key: fc.option(key), step, value: fc.option(step) }),
  fc
    .tuple(fc.array(key, { maxLength: 5 }), step, step)
    .map(([keys, a, b]) => ({ kind: 'range' as const, keys, from: Math.min(a, b), to: Math.max(a, b) })),
  fc.record({ kind: fc.constant('log'), seq: fc.nat(), quote: key }),
  fc.record({
    kind: fc.constant('confusion'),
    evaluation: key,
    row: fc.nat({ max: 100 }),
    column: fc.nat({ max: 100 }),
    labels: fc.tuple(key, key),
    count: fc.option(fc.nat()),
  }),
);

test('property: a place survives its storing, and is said in one short line', () => {
  fc.assert(
    fc.property(target, (given) => {
      const stored = AnnotationTarget.parse(JSON.parse(JSON.stringify(given)));
      // JSON has one zero.
      expect(JSON.stringify(stored)).toBe(JSON.stringify(given));
      expect(TARGETS.trial.safeParse(stored).success).toBe(true);
      const words = placeWords(stored);
      expect(words).not.toMatch(/[\n\r]/);
      expect([...words].length).toBeLessThan(400);
      const steps = stepsOf(stored);
      if (steps) expect(steps.from).toBeLessThanOrEqual(steps.to);
    }),
  );
});

test('property: a name is cut between characters, never through one', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (name) => {
      expect(nameWords(name).isWellFormed()).toBe(true);
      expect([...nameWords(name)].length).toBeLessThanOrEqual(120);
    }),
  );
});
