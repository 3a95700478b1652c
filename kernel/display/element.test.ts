import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DISPLAY } from './bundle.ts';
import { Fragment, jsx } from './element.ts';

const html = (element: ReturnType<typeof jsx>): unknown => element[DISPLAY]()['text/html'];

describe('an element', () => {
  it('draws attributes as HTML has them', () => {
    const style = { fontSize: 12, opacity: 0.5, '--gap': 3, color: null, WebkitLineClamp: '2' };
    expect(
      html(
        jsx('label', {
          className: ['a', false, 'b'],
          htmlFor: 'x',
          style,
          hidden: true,
          title: undefined,
          tabIndex: 0,
        }),
      ),
    ).toBe(
      '<label class="a b" for="x" style="font-size:12px;opacity:0.5;--gap:3;-webkit-line-clamp:2" hidden tabindex="0"></label>',
    );
    expect(html(jsx('i', { 'aria-hidden': false, disabled: false, 'data-x': true, key: 1, ref: 2 }))).toBe(
      '<i aria-hidden="false" data-x="true"></i>',
    );
    expect(html(jsx('svg', { viewBox: '0 0 1 1' }, jsx('path', { strokeWidth: 2, d: 'M0 0' })))).toBe(
      '<svg viewBox="0 0 1 1"><path stroke-width="2" d="M0 0"></path></svg>',
    );
  });

  it('draws children of all kinds', () => {
    const Twice = ({ children }: { children?: unknown }): ReturnType<typeof jsx> =>
      jsx(Fragment, null, children, children);
    expect(
      html(
        jsx(
          'p',
          null,
          1,
          2n,
          'x',
          true,
          null,
          undefined,
          [['y'], jsx('br', null)],
          jsx(Twice, null, jsx('b', null, '&')),
        ),
      ),
    ).toBe('<p>12xy<br><b>&amp;</b><b>&amp;</b></p>');
    expect(html(jsx('div', { dangerouslySetInnerHTML: { __html: '<i>raw</i>' } }))).toBe('<div><i>raw</i></div>');
    expect(html(jsx('script', null, 'if (a < b) "</script>"'))).toBe('<script>if (a < b) "<\\/script>"</script>');
    expect(html(jsx('p', null, { [DISPLAY]: () => ({ 'text/html': '<u>own</u>' }) }))).toBe('<p><u>own</u></p>');
  });

  it('has its text too', () => {
    const table = jsx(
      'table',
      null,
      jsx('tr', null, jsx('td', null, 'a'), jsx('td', null, 1)),
      jsx('tr', null, jsx('td', null, 'b')),
    );
    expect(jsx('div', null, jsx('h1', null, 'Title'), table)[DISPLAY]()['text/plain']).toBe('Title\na\t1\t\nb');
  });

  it('refuses what it cannot draw', () => {
    expect(() => jsx('a', { onClick: () => 1 })).toThrow('<a onClick> cannot work');
    expect(() => jsx('a', { onclick: () => 1 })).toThrow('cannot work');
    expect(() => jsx(undefined, null)).toThrow('<undefined> cannot be shown');
    expect(() => html(jsx('p', null, { a: 1 }))).toThrow('An object cannot be shown between tags');
    expect(() => html(jsx('p', { title: () => 1 }))).toThrow('was given a function');
    expect(() => html(jsx(class Old {}, null))).toThrow('<Old> is a class');
    expect(() => html(jsx(async () => null, null))).toThrow('asynchronous');
    expect(() => html(jsx('p', { 'a b': 1 }))).toThrow('cannot have an attribute');
  });

  it('escapes any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'<>&"\'/ab ;') }), (text) => {
        const drawn = String(html(jsx('p', { title: text }, text)));
        const [, title = '', content = ''] = /^<p title="([^"<>]*)">([^<>"]*)<\/p>$/.exec(drawn) ?? [];
        const read = (escaped: string): string =>
          escaped.replace(
            /&(lt|gt|amp|quot|#39);/g,
            (_, name: string) => ({ lt: '<', gt: '>', amp: '&', quot: '"', '#39': "'" })[name] ?? '',
          );
        expect([read(title), read(content)]).toEqual([text, text]);
      }),
    );
  });
});
