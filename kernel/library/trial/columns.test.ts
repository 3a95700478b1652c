import { unpackPoints } from '@trialroom/shared/trial/points';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PointBuffer } from './columns.ts';

const call = fc.record({
  values: fc.dictionary(fc.string({ unit: 'binary', maxLength: 4 }), fc.double(), { maxKeys: 6 }),
  step: fc.double({ noNaN: true }),
  wall: fc.integer(),
});

/** What the calls mean, said the plain way. */
function meaning(calls: readonly { values: Record<string, number>; step: number; wall: number }[]) {
  const byKey = new Map<string, [number, number, number][]>();
  for (const { values, step, wall } of calls) {
    for (const key in values) byKey.set(key, [...(byKey.get(key) ?? []), [step, wall, values[key] ?? Number.NaN]]);
  }
  return byKey;
}

function taken(buffer: PointBuffer) {
  const { keys, payload } = buffer.take();
  return new Map(
    unpackPoints(keys, payload).map(({ key, steps, walls, values }) => [
      key,
      Array.from(steps, (step, at) => [step, walls[at] ?? 0, values[at] ?? 0]),
    ]),
  );
}

test('what was added comes out by key, in order, bit for bit, batch after batch', () => {
  fc.assert(
    fc.property(fc.array(fc.array(call, { maxLength: 20 }), { maxLength: 5 }), (batches) => {
      const buffer = new PointBuffer();
      for (const calls of batches) {
        for (const { values, step, wall } of calls) expect(buffer.add(values, step, wall)).toBeUndefined();
        expect(taken(buffer)).toEqual(meaning(calls));
        expect(buffer.size).toBe(0);
      }
    }),
  );
});

test('a value that is no number is named, and nothing of its call is kept', () => {
  const buffer = new PointBuffer();
  buffer.add({ a: 1, b: 2 }, 1, 1);
  expect(Reflect.apply(buffer.add, buffer, [{ b: 3, c: '4' }, 2, 2])).toBe('c');
  buffer.add({ b: 5 }, 3, 3);
  expect(taken(buffer)).toEqual(
    meaning([
      { values: { a: 1, b: 2 }, step: 1, wall: 1 },
      { values: { b: 5 }, step: 3, wall: 3 },
    ]),
  );
});

test('ten thousand keys a call', () => {
  const buffer = new PointBuffer();
  const values = Object.fromEntries(Array.from({ length: 10_000 }, (_, key) => [`layer ${key}`, key]));
  for (let step = 1; step <= 3; step++) buffer.add(values, step, step);
  const out = taken(buffer);
  expect(out.size).toBe(10_000);
  expect(out.get('layer 9999')).toEqual([1, 2, 3].map((step) => [step, step, 9999]));
});
