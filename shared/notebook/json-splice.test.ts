import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { spliceJson } from './json-splice.ts';

const space = fc.string({ unit: fc.constantFrom(' ', '\n', '\t', '\r\n'), maxLength: 3 });
const scalar = fc.oneof(
  fc.constantFrom('1.0', '-0.0', '1e3', '1E+3', '0.10', '12345678901234567890', 'true', 'false', 'null'),
  fc.constantFrom('"a"', '"\\u00fc"', '"ü"', '"\\/"', '"\\ud83d\\ude42"', '"\\""', '"\\\\"', '"\\u003cb\\u003e"', '""'),
);
const key = fc.constantFrom('"a"', '"b"', '"\\u0063"', '"ü"', '"__proto__"', '"constructor"', '"\\""');

/** A JSON text and the place of one value in it. */
interface Marked {
  before: string;
  value: string;
  after: string;
}
const around = (inner: fc.Arbitrary<Marked>, open: string, close: string): fc.Arbitrary<Marked> =>
  fc
    .tuple(inner, space, space)
    .map(([{ before, value, after }, a, b]) => ({ before: open + a + before, value, after: after + b + close }));

/** Values in any manner, however untidy: each space is one that somebody may have written. */
const { json } = fc.letrec<{ json: string }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc
      .tuple(fc.array(fc.tuple(space, tie('json'), space), { maxLength: 3 }), space)
      .map(([items, empty]) =>
        items.length === 0 ? `[${empty}]` : `[${items.map((parts) => parts.join('')).join(',')}]`,
      ),
    fc
      .tuple(
        fc.uniqueArray(fc.tuple(key, space, space, tie('json'), space, space), {
          maxLength: 3,
          selector: ([name]) => JSON.parse(name),
        }),
        space,
      )
      .map(([members, empty]) =>
        members.length === 0
          ? `{${empty}}`
          : `{${members.map(([name, a, b, value, c, d]) => `${d}${name}${a}:${b}${value}${c}`).join(',')}}`,
      ),
  ),
}));

/** The same, with a mark at a number somewhere inside. */
const { marked } = fc.letrec<{ marked: Marked }>((tie) => ({
  marked: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constant({ before: '', value: '7', after: '' }),
    fc
      .tuple(fc.array(json, { maxLength: 2 }), tie('marked'), fc.array(json, { maxLength: 2 }))
      .chain(([left, inner, right]) =>
        around(
          fc.constant({
            before: left.map((one) => `${one},`).join('') + inner.before,
            value: inner.value,
            after: inner.after + right.map((one) => ` ,${one}`).join(''),
          }),
          '[',
          ']',
        ),
      ),
    fc.tuple(json, tie('marked'), json).chain(([left, inner, right]) =>
      around(
        fc.constant({
          before: `"left":${left}, "mid" : ${inner.before}`,
          value: inner.value,
          after: `${inner.after},"right":${right}`,
        }),
        '{',
        '}',
      ),
    ),
  ),
}));

const replaced = (value: unknown, mark: number, by: unknown): unknown => {
  if (value === mark) return by;
  if (Array.isArray(value)) return value.map((item) => replaced(item, mark, by));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, replaced(item, mark, by)]));
};

/** Without the sign of zero, which is left as it is spelled. */
const unsigned = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('putting content into a JSON text', () => {
  test('that says so already: the same bytes', () => {
    fc.assert(
      fc.property(json, space, space, (text, before, after) => {
        const whole = before + text + after;
        expect(spliceJson(whole, JSON.parse(whole))).toBe(whole);
        expect(spliceJson(`\uFEFF${whole}`, JSON.parse(whole))).toBe(`\uFEFF${whole}`);
      }),
    );
  });

  test('one value anew: its bytes and no other', () => {
    fc.assert(
      fc.property(marked, ({ before, value, after }) => {
        const text = before + value + after;
        const next = replaced(JSON.parse(text), 7, 8);
        expect(spliceJson(text, next)).toBe(`${before}8${after}`);
      }),
    );
  });

  test('whatever it is to say, it says', () => {
    fc.assert(
      fc.property(json, fc.jsonValue({ maxDepth: 3 }), (text, next) => {
        expect(JSON.parse(spliceJson(text, next))).toEqual(JSON.parse(JSON.stringify(next)));
      }),
    );
    fc.assert(
      fc.property(json, json, (text, other) => {
        expect(unsigned(JSON.parse(spliceJson(text, JSON.parse(other))))).toEqual(unsigned(JSON.parse(other)));
      }),
    );
  });

  test('a text that names a key twice still says what it should', () => {
    expect(JSON.parse(spliceJson('{"a": 1, "a": 2, "b": 1.0}', { a: 1, b: 1 }))).toEqual({ a: 1, b: 1 });
    expect(spliceJson('{"x": {"a": 1, "a": 2}, "b": 1.0}', { x: { a: 2 }, b: 1 })).toBe('{"x": {"a": 2}, "b": 1.0}');
  });

  test('items that stay keep their bytes when others come and go', () => {
    expect(spliceJson('[1.0, 2.0, 3.0]', [1, 3])).toBe('[1.0, 3.0]');
    expect(spliceJson('[1.0, 3.0]', [1, 2, 3])).toBe('[1.0, 2, 3.0]');
    expect(spliceJson('[\n 1.0\n]\n', [0, 1])).toBe('[\n 0,\n 1.0\n]\n');
  });
});
