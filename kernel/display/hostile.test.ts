/** Values that would harm whoever looks at them: whatever they are, they are shown, soon and within bounds. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DISPLAY, MOST_SENT, resultBundle, toBundle } from './bundle.ts';
import { describe as words } from './describe.ts';

const text = (value: unknown): string => String(resultBundle(value).data['text/plain']);
const fail = (): never => {
  throw new Error('no entry');
};

describe('hostile values', () => {
  it('throw in getters, traps and their own methods, and are shown', () => {
    expect(
      text({
        get trap() {
          return fail();
        },
      }),
    ).toBe('{ trap: [Getter] }');
    expect(text(Object.defineProperty({}, DISPLAY, { get: fail }))).toContain('how it shows itself failed: Error: no');
    expect(text({ a: 1, [DISPLAY]: fail })).toMatch(/^\{ a: 1.*\}\n\(how it shows itself failed: Error: no entry\)$/);
    expect(text({ toHtml: fail })).toContain('no entry');
    expect(text({ [Symbol.for('nodejs.util.inspect.custom')]: fail })).toBe(
      '<Object that cannot be shown: Error: no entry>',
    );
    expect(text(Object.defineProperty({}, Symbol.toStringTag, { get: fail }))).toMatch(/cannot be shown|\{/);
    expect(
      text([
        {
          get a() {
            return fail();
          },
        },
      ]),
    ).toContain('[Getter]');
    const traps = Object.fromEntries(Reflect.ownKeys(Reflect).map((name) => [name, fail]));
    for (const target of [{}, [], () => {}]) expect(text(new Proxy(target, traps))).toEqual(expect.any(String));
    expect(text([new Proxy({ a: 1 }, traps)])).toEqual(expect.any(String));
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(text(proxy)).toContain('Revoked');
  });

  it('that answer everything with a function are not believed', () => {
    const yes: object = new Proxy(() => {}, { get: () => () => ({ 'text/html': 'ha' }) });
    expect(resultBundle(yes).data).not.toHaveProperty('text/html');
  });

  it('that say what cannot be sent are shown without it', () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    const { data } = toBundle({
      [DISPLAY]: () => ({ 'application/json': circle, 'text/html': '<b>x</b>', 'x/y': 1n }),
    });
    expect(data).toEqual({
      'text/html': '<b>x</b>',
      'text/plain': 'text/html\n(left out: application/json has no JSON form)\n(left out: x/y has no JSON form)',
    });
    expect(toBundle({ toHtml: () => 'x'.repeat(MOST_SENT + 1) }).data).toEqual({
      'text/plain': expect.stringContaining('over the limit of 64 MB'),
    });
    expect(text(circle)).toBe('<ref *1> { self: [Circular *1] }');
  });

  it('that are wide, deep or both are looked at only as far as they are shown', () => {
    const wide = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`key${index}`, index]));
    expect(text(wide)).toMatch(/key99: 99\n?.*\n… 49,900 more properties$/s);
    expect(text([[wide], [wide]])).toBe('[ [ [Object] ], [ [Object] ] ]');
    const shared: unknown[] = [];
    let bush: unknown = shared;
    for (let level = 0; level < 8; level++) bush = new Array(100).fill(bush);
    expect(text(bush).length).toBeLessThan(120_000);
    let deep: unknown = 'end';
    for (let level = 0; level < 10_000; level++) deep = { deep };
    expect(text(deep)).toContain('[Object]');
    expect(text(new Map(Array.from({ length: 1e5 }, (_, index) => [index, wide])))).toContain('99900 more items');
    expect(text(new Set(Array.from({ length: 1e5 }, (_, index) => index)))).toContain('99900 more items');
    expect(text(new Float64Array(1e6))).toContain('999900 more items');
    expect(text(Array.from({ length: 100 }, () => ({ text: 'y'.repeat(1e5) }))).length).toBeLessThan(120_000);
  });

  it('that are texts of 100 MB are summarised as results, and sent up to the limit when displayed', () => {
    const long = 'x'.repeat(100e6);
    expect(text(long)).toMatch(/^'x{10000}'\.\.\. 99990000 more characters$/);
    expect(text({ long }).length).toBeLessThan(11_000);
    expect(String(toBundle(long).data['text/plain'])).toMatch(/\n… 32,891,136 characters not shown$/);
  });

  it('of every kind are told apart', () => {
    class Point {
      x = 1;
      #secret = 2;
      sum(): number {
        return this.x + this.#secret;
      }
    }
    expect(text(new Point())).toBe('Point { x: 1 }');
    expect(text(Point)).toBe('[class Point]');
    expect(text(new Map([['a', new Set([1])]]))).toBe("Map(1) { 'a' => Set(1) { 1 } }");
    expect(text(function named() {})).toBe('[Function: named]');
    expect(text(Promise.resolve(1))).toBe('Promise { 1 }');
    expect(text(new RangeError('too far'))).toMatch(/^RangeError: too far/);
    expect(text(Object.create(null))).toBe('[Object: null prototype] {}');
    expect(text(new WeakMap())).toBe('WeakMap { <items unknown> }');
  });

  it('are described without fail, whatever they are made of', () => {
    const hostile = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withSparseArray: true }),
        fc.constantFrom(Symbol('s'), fail, new Proxy({}, { ownKeys: fail, get: fail }), new Error('e')),
        fc.array(tie('value')),
        fc
          .record({ getter: tie('value') })
          .map((object) => Object.defineProperty(object, 'bad', { get: fail, enumerable: true })),
        tie('value').map((value) => ({ [DISPLAY]: () => value })),
        tie('value').map((value) => ({ [Symbol.toStringTag]: value })),
      ),
    })).value;
    fc.assert(
      fc.property(hostile, (value) => {
        expect(words(value).length).toBeLessThan(150_000);
        const { data } = resultBundle(value);
        expect(JSON.parse(JSON.stringify(data))).toEqual(data);
      }),
    );
  });
});
