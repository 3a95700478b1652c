import { VersionKind } from '@trialroom/shared/history/history';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Aged, tooMany } from './thinning.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = 400 * DAY;

const autos = (...ages: number[]): Aged[] =>
  ages.map((age, index) => ({ id: `v${index}`, at: NOW - age, kind: 'auto', name: null }));

test('a day whole, then one an hour, after a month one a day; of each the last', () => {
  expect(tooMany(autos(9 * HOUR, 8.9 * HOUR, 8.8 * HOUR, 0), NOW)).toEqual([]);
  const old = autos(50 * HOUR, 49.9 * HOUR, 49.8 * HOUR, 49.7 * HOUR, 30.5 * HOUR, 0);
  expect(tooMany(old, NOW)).toEqual(['v2', 'v1']);
  const older = autos(60 * DAY, 50.9 * DAY, 50.5 * DAY, 50.1 * DAY, 0);
  expect(tooMany(older, NOW)).toEqual(['v2', 'v1']);
});

test('it never drops what someone named or brought back, nor the first and the newest; twice is as once', () => {
  const version = fc.record({
    age: fc.integer({ min: 0, max: 100 * DAY }),
    kind: fc.constantFrom(...VersionKind.options),
    name: fc.option(fc.string({ minLength: 1 }), { nil: null }),
  });
  fc.assert(
    fc.property(fc.array(version, { maxLength: 80 }), (all) => {
      const versions = all
        .sort((a, b) => b.age - a.age)
        .map(({ age, ...rest }, index): Aged => ({ id: `v${index}`, at: NOW - age, ...rest }));
      const dropped = new Set(tooMany(versions, NOW));
      const kept = versions.filter(({ id }) => !dropped.has(id));
      for (const one of versions)
        if (one.name !== null || one.kind === 'named' || one.kind === 'restored') expect(kept).toContain(one);
      if (versions[0]) expect(kept).toContain(versions[0]);
      if (versions.length > 0) expect(kept).toContain(versions.at(-1));
      expect(tooMany(kept, NOW)).toEqual([]);
      // Of every hour there is still a version, as far as there was one.
      for (const one of versions.filter(({ at }) => NOW - at <= 30 * DAY))
        expect(kept.some(({ at }) => Math.floor(at / HOUR) === Math.floor(one.at / HOUR))).toBe(true);
    }),
  );
});
