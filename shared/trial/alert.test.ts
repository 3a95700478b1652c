import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Condition, type Sighting, watch, watchFrom } from './alert.ts';
import { BadRule, parseRule, RULE_FORMS, ruleText } from './alert-rule.ts';

const run = (condition: Condition, sightings: readonly Sighting[]): (string | null)[] => {
  let state = watchFrom(0);
  return sightings.map((sighting) => {
    const [next, change] = watch(condition, state, sighting);
    state = next;
    return change;
  });
};
const point = (key: string, step: number, value: number): Sighting => ({ type: 'point', key, step, value, now: step });
const key = fc.constantFrom('loss', 'acc', 'system/cpu', 'a "b" c');
const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({
    type: fc.constant('not-improved' as const),
    key,
    better: fc.constantFrom('lower' as const, 'higher' as const),
    count: fc.integer({ min: 1, max: 20 }),
    unit: fc.constantFrom('steps' as const, 'points' as const),
  }),
  fc.record({
    type: fc.constant('compared' as const),
    key,
    comparison: fc.constantFrom('>' as const, '>=' as const, '<' as const, '<=' as const),
    value: fc.integer({ min: -50, max: 50 }).map((value) => value / 4),
  }),
  fc.record({ type: fc.constant('not-finite' as const), key: fc.option(key) }),
  fc.record({
    type: fc.constant('plateau' as const),
    key,
    steps: fc.integer({ min: 1, max: 20 }),
    within: fc.integer({ min: 0, max: 50 }).map((percent) => percent / 100),
  }),
  fc.record({ type: fc.constant('no-points' as const), key: fc.option(key), seconds: fc.integer({ min: 1, max: 90 }) }),
  fc.record({ type: fc.constant('no-heartbeat' as const), seconds: fc.integer({ min: 1, max: 90 }) }),
);
const sighting: fc.Arbitrary<Sighting> = fc.oneof(
  fc.record({
    type: fc.constant('point' as const),
    key,
    step: fc.integer({ min: 0, max: 60 }),
    value: fc.oneof(fc.integer({ min: -5, max: 5 }), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY)),
    now: fc.integer({ min: 0, max: 200_000 }),
  }),
  fc.record({
    type: fc.constant('tick' as const),
    now: fc.integer({ min: 0, max: 200_000 }),
    heartbeat: fc.integer({ min: 0, max: 200_000 }),
    waits: fc.boolean(),
  }),
);

describe('watching', () => {
  test('raises and clears in turn, beginning with a raise', () => {
    fc.assert(
      fc.property(condition, fc.array(sighting, { maxLength: 60 }), (rule, sightings) => {
        const changes = run(rule, sightings).filter((change) => change !== null);
        expect(changes).toEqual(changes.map((_, at) => (at % 2 ? 'clear' : 'raise')));
      }),
    );
  });

  test('begins nothing anew when the state was put away in between', () => {
    fc.assert(
      fc.property(condition, fc.array(sighting, { maxLength: 40 }), fc.nat(40), (rule, sightings, cut) => {
        let state = watchFrom(0);
        const changes = sightings.map((one, at) => {
          if (at === cut) state = JSON.parse(JSON.stringify(state), revive);
          const [next, change] = watch(rule, state, one);
          state = next;
          return change;
        });
        expect(changes).toEqual(run(rule, sightings));
      }),
    );
  });

  test('no improvement counts points or steps from the best', () => {
    const losses = [5, 4, 4, 4.5, 3, 3, 3, 3];
    const points = losses.map((value, at) => point('loss', at * 10, value));
    const rule = { type: 'not-improved', key: 'loss', better: 'lower', count: 2 } as const;
    expect(run({ ...rule, unit: 'points' }, points)).toEqual([null, null, null, 'raise', 'clear', null, 'raise', null]);
    expect(run({ ...rule, unit: 'steps', count: 20 }, points)).toEqual([
      ...[null, null, null, 'raise', 'clear', null],
      ...['raise', null],
    ]);
    // What was never a number never improves.
    expect(
      run(
        { ...rule, unit: 'points' },
        [1, 2, 3].map((step) => point('loss', step, Number.NaN)),
      ),
    ).toEqual([null, null, 'raise']);
  });

  test('a metric that is a number again clears it only when no other is broken', () => {
    const points = [
      point('a', 1, Number.NaN),
      point('b', 1, Number.NEGATIVE_INFINITY),
      point('a', 2, 1),
      point('b', 2, 1),
    ];
    expect(run({ type: 'not-finite', key: null }, points)).toEqual(['raise', null, null, 'clear']);
    expect(run({ type: 'not-finite', key: 'b' }, points)).toEqual([null, 'raise', null, 'clear']);
  });

  test('a plateau is as long as all values of it lie close together', () => {
    const values = [10, 9, 8.95, 8.91, 8.99, 8.93, 7];
    const rule = { type: 'plateau', key: 'loss', steps: 3, within: 0.02 } as const;
    const found = run(
      rule,
      values.map((value, step) => point('loss', step, value)),
    );
    expect(found).toEqual([null, null, null, null, 'raise', null, 'clear']);
  });

  test('silence ends with the next point, and is none while the trial waits', () => {
    const tick = (now: number, waits = false): Sighting => ({ type: 'tick', now, heartbeat: now, waits });
    const sightings = [
      tick(9_999),
      tick(10_000),
      tick(20_000),
      { ...point('loss', 1, 1), now: 21_000 },
      tick(40_000, true),
      tick(49_000),
    ];
    expect(run({ type: 'no-points', key: null, seconds: 10 }, sightings)).toEqual([
      null,
      'raise',
      null,
      'clear',
      null,
      null,
    ]);
    const dead: Sighting = { type: 'tick', now: 30_000, heartbeat: 10_000, waits: false };
    expect(run({ type: 'no-heartbeat', seconds: 20 }, [tick(5000), dead, tick(31_000)])).toEqual([
      null,
      'raise',
      'clear',
    ]);
  });
});

const revive = (name: string, value: unknown): unknown =>
  (name === 'step' || name === 'bestStep') && value === null ? Number.NEGATIVE_INFINITY : value;

describe('rules in words', () => {
  test('say what they read', () => {
    fc.assert(
      fc.property(condition, (rule) => {
        expect(parseRule(ruleText(rule))).toEqual(rule);
      }),
    );
  });

  test('every form that is offered is understood', () => {
    for (const form of RULE_FORMS) expect(() => parseRule(form)).not.toThrow();
    expect(parseRule('val_loss has not improved for 20 epochs')).toEqual({
      ...{ type: 'not-improved', key: 'val_loss', better: 'lower', count: 20, unit: 'points' },
    });
    expect(parseRule('  val_accuracy   did not improve in 1,000 steps ')).toMatchObject({
      better: 'higher',
      count: 1000,
    });
    expect(parseRule('loss>1e3')).toEqual({ type: 'compared', key: 'loss', comparison: '>', value: 1000 });
    expect(parseRule('"my metric" ≤ -.5')).toEqual({
      type: 'compared',
      key: 'my metric',
      comparison: '<=',
      value: -0.5,
    });
    expect(parseRule('no points of loss for 2 min')).toEqual({ type: 'no-points', key: 'loss', seconds: 120 });
  });

  test('are refused by name, whatever is written', () => {
    for (const text of ['', 'loss', 'loss > big', 'val_loss has not improved for 0 epochs', 'no points for 10 ms']) {
      expect(() => parseRule(text)).toThrow(BadRule);
    }
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          parseRule(text);
        } catch (error) {
          expect(error).toBeInstanceOf(BadRule);
        }
      }),
    );
  });
});
