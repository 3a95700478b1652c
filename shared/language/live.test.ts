import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chainAt, chainBefore, inText, withLive } from './live.ts';

/** Source with `|` where the place is. */
const at = <Result>(read: (source: string, offset: number) => Result, marked: string): Result =>
  read(marked.replace('|', ''), marked.indexOf('|'));

describe('what may be read in the kernel', () => {
  it.each([
    ['x.|', 'x'],
    ['x.le|', 'x'],
    ['foo(a.b.c|)', 'a.b'],
    ['a?.b.|', 'a?.b'],
    ['a\n  .b.|', 'a.b'],
    ['mod|', ''],
    ['|', ''],
    ['[...xs|', ''],
    ['`\u0024{a.|}`', 'a'],
    ['// it\nx.|', 'x'],
    ['const r = /["]/; x.|', 'x'],
    ['a / b.|', 'b'],
    ['<p>{x.|}</p>', 'x'],
    ['"//"; x.|', 'x'],
  ])('%s', (marked, expression) => {
    expect(at(chainBefore, marked)?.expression).toBe(expression);
  });
  it.each([
    'f().|',
    'f().a.|',
    'a[0].|',
    '5.|',
    '1|',
    '// x.|',
    '"x.|"',
    "'a.|",
    '`x.|`',
    '`\u0024{a} x.|`',
    '/x.|/',
    '/* x.|',
    'this.#a|',
    '"a\\"b.|"',
  ])('nothing at %s', (marked) => {
    expect(at(chainBefore, marked)).toBeNull();
  });
  it.each([
    ['a.b|c.d', 'a.bc'],
    ['|abc', 'abc'],
    ['abc|', 'abc'],
    ['foo(x.y|)', 'x.y'],
  ])('hovers %s', (marked, expression) => {
    expect(at(chainAt, marked)?.expression).toBe(expression);
  });
  it.each(['f().a|', '1 |+ 1', '"a|b"', ''])('hovers nothing at %s', (marked) => {
    expect(at(chainAt, marked)).toBeNull();
  });

  it('never reads a call, whatever the text', () => {
    const part = fc.constantFrom(
      'a',
      'b1',
      '.',
      '?.',
      '(',
      ')',
      '[',
      ']',
      '"',
      "'",
      '`',
      '${',
      '}',
      '{',
      '/',
      '//',
      '\n',
      ' ',
      '1',
      '+',
      '...',
      'é',
      '🙂',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 30 }), fc.nat(), (parts, place) => {
        const source = parts.join('');
        const offset = place % (source.length + 1);
        inText(source, offset);
        for (const chain of [chainBefore(source, offset), chainAt(source, offset)]) {
          expect(chain?.expression ?? '').toMatch(
            /^([\p{ID_Start}$_][\p{ID_Continue}$]*(\??\.[\p{ID_Start}$_][\p{ID_Continue}$]*)*)?$/u,
          );
        }
      }),
    );
  });

  it('adds only what the types do not know', () => {
    const typed = {
      ask: 'complete' as const,
      from: 2,
      items: [{ label: 'length', kind: 'property' as const }],
      incomplete: false,
    };
    const members = [
      { name: 'length', kind: 'property' as const },
      { name: 'extra', kind: 'function' as const },
      { name: 'not a name', kind: 'property' as const },
    ];
    expect(withLive(typed, { expression: 'x', from: 0, to: 1 }, members).items).toEqual([
      { label: 'length', kind: 'property' },
      { label: 'extra', kind: 'method', live: true },
    ]);
  });
});
