import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  fromWire,
  POINT_BYTES,
  type PointColumns,
  packPoints,
  toWire,
  toWirePoints,
  unpackPoints,
  WirePoints,
} from './points.ts';

const columns: fc.Arbitrary<PointColumns> = fc
  .tuple(fc.string(), fc.array(fc.tuple(fc.double(), fc.double({ noNaN: true }), fc.double()), { maxLength: 30 }))
  .map(([key, points]) => ({
    key,
    steps: Float64Array.from(points, ([step]) => step),
    walls: Float64Array.from(points, ([, wall]) => wall),
    values: Float64Array.from(points, ([, , value]) => value),
  }));

describe('points', () => {
  test('come out of the binary form exactly as they went in, signs of zero included', () => {
    fc.assert(
      fc.property(fc.array(columns), (given) => {
        const { keys, payload } = packPoints(given);
        expect(payload.length).toBe(given.reduce((sum, { steps }) => sum + steps.length, 0) * POINT_BYTES);
        expect(unpackPoints(keys, payload)).toEqual(given);
        // The payload of a frame need not begin at an eighth byte.
        const shifted = new Uint8Array(payload.length + 3);
        shifted.set(payload, 3);
        expect(unpackPoints(keys, shifted.subarray(3))).toEqual(given);
      }),
    );
  });

  test('are refused when the payload is not as long as announced', () => {
    const { keys, payload } = packPoints([
      { key: 'loss', steps: Float64Array.of(1), walls: Float64Array.of(2), values: Float64Array.of(3) },
    ]);
    expect(() => unpackPoints(keys, payload.subarray(1))).toThrow('points payload has 23 bytes, 1 points need 24');
    expect(() => unpackPoints([], payload)).toThrow(RangeError);
  });

  test('survive JSON, whatever their value', () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        const back = fromWire(JSON.parse(JSON.stringify(toWire(value))));
        // JSON has one zero.
        expect(back).toBe(value === 0 ? 0 : value);
      }),
    );
    expect([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map(toWire)).toEqual([
      'NaN',
      'Infinity',
      '-Infinity',
    ]);
  });

  test('of the wire form are what the schema accepts', () => {
    fc.assert(
      fc.property(columns, (given) => {
        fc.pre(given.walls.every(Number.isFinite));
        const wire = toWirePoints(given);
        expect(WirePoints.parse(JSON.parse(JSON.stringify(wire))).values).toHaveLength(given.values.length);
      }),
    );
  });
});
