import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TerminalText, terminalHtml } from './ansi.ts';

const RED = '\u001b[31m';
const RESET = '\u001b[0m';

describe('terminalHtml', () => {
  it('turns colours into classes', () => {
    expect(terminalHtml(`${RED}bad${RESET} good`)).toBe('<span class="ansi-red-fg">bad</span> good');
  });

  it('escapes markup, inside and outside of colours', () => {
    expect(terminalHtml(`<img src=x onerror=alert(1)>${RED}<script>${RESET}&`)).toBe(
      '&lt;img src=x onerror=alert(1)&gt;<span class="ansi-red-fg">&lt;script&gt;</span>&amp;',
    );
  });

  it.each([
    ['inverse', '7', 'ansi-inverse', '27'],
    ['concealed', '8', 'ansi-conceal', '28'],
    ['struck through', '9', 'ansi-strike', '29'],
    ['overlined', '53', 'ansi-overline', '55'],
    ['underlined', '4', 'ansi-underline', '24'],
    ['curly underlined', '4:3', 'ansi-underline', '4:0'],
    ['bold', '1', 'ansi-bold', '22'],
    ['faint', '2', 'ansi-faint', '22'],
    ['italic', '3', 'ansi-italic', '23'],
    ['black on green', '30;42', 'ansi-black-fg ansi-green-bg ansi-ground', '39;49'],
    ['a bright ground', '101', 'ansi-bright-red-bg ansi-ground', '49'],
    ['one of the first 256 colours', '38;5;9', 'ansi-bright-red-fg', '39'],
    ['a colour of underlines, which is left out', '4;58;5;9', 'ansi-underline', '0'],
  ])('draws what is %s, until it is taken back', (_name, on, classes, off) => {
    expect(terminalHtml(`\u001b[${on}mx\u001b[${off}my`)).toBe(`<span class="${classes}">x</span>y`);
  });

  it.each([
    ['38;5;208', 'ansi-rgb-fg', '--ansi-fg:rgb(255 135 0)'],
    ['48;5;250', 'ansi-rgb-bg', '--ansi-bg:rgb(188 188 188)'],
    ['38;2;1;2;3', 'ansi-rgb-fg', '--ansi-fg:rgb(1 2 3)'],
    ['48:2::10:20:30', 'ansi-rgb-bg', '--ansi-bg:rgb(10 20 30)'],
    ['38:2:10:20:30', 'ansi-rgb-fg', '--ansi-fg:rgb(10 20 30)'],
    ['38;2;1;2;3;48;5;16', 'ansi-rgb-fg ansi-rgb-bg', '--ansi-fg:rgb(1 2 3);--ansi-bg:rgb(0 0 0)'],
  ])('draws the colours of %s', (numbers, classes, style) => {
    expect(terminalHtml(`\u001b[${numbers}mx`)).toBe(`<span class="${classes}" style="${style}">x</span>`);
  });

  it.each(['38;5;256', '38;5', '38;2;1;2', '48;2;1;2;300', '38', '38;9', '999', '38:5', ';;', '<5'])(
    'makes nothing of %s',
    (numbers) => {
      expect(terminalHtml(`\u001b[${numbers}mx`)).toBe('x');
    },
  );

  it('makes links to pages, and keeps the text of all others', () => {
    const link = (address: string, end = '\u0007') => `\u001b]8;;${address}${end}click\u001b]8;;${end} on`;
    const made =
      '<a href="https://example.org/?a=1&amp;b" title="https://example.org/?a=1&amp;b" target="_blank" rel="noopener noreferrer nofollow">click</a> on';
    expect(terminalHtml(link('https://example.org/?a=1&b'))).toBe(made);
    expect(terminalHtml(link('https://example.org/?a=1&b', '\u001b\\'))).toBe(made);
    for (const address of ['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', '//evil.org', ' https:'])
      expect(terminalHtml(link(address))).toBe('click on');
    expect(terminalHtml(link('https://a"onclick=alert(1)'))).toContain('href="https://a&quot;onclick=alert(1)"');
  });

  it('shows nothing of sequences that are no colours', () => {
    const text = '\u001b]0;title\u0007a\u001b[?25lb\u001b[2Kc\u001b(Bd\u001b7e\u001b[6nf\u001b[3A';
    expect(terminalHtml(text)).toBe('abcdef');
  });

  it('leaves no tag of the text standing, whatever is printed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('<', '>', '"', '\u001b[', '1m', '31m', 'b', ';', '\n', '\u001b]8;;')),
        (parts) => {
          const html = terminalHtml(`${parts.join('')}<b>`);
          expect(
            html.replace(/<(span|a)( (class|style|href|title|target|rel)="[^"<>]*")*>|<\/(span|a)>/g, ''),
          ).not.toMatch(/<|>/);
        },
      ),
    );
  });
});

describe('TerminalText', () => {
  it('appends what grew, in the colour that was on', () => {
    const text = new TerminalText();
    expect(text.show(`${RED}a`)).toEqual({ how: 'append', html: '<span class="ansi-red-fg">a</span>' });
    expect(text.show(`${RED}ab`)).toEqual({ how: 'append', html: '<span class="ansi-red-fg">b</span>' });
  });

  it('draws the same in whatever pieces a text comes', () => {
    const part = fc.constantFrom(
      'a',
      '<',
      '\u001b[',
      '31',
      'm',
      ';',
      '1',
      '\u001b]8;;https://x.y',
      '\u0007',
      '\u001b\\',
      '\u001b',
    );
    fc.assert(
      fc.property(fc.array(part), fc.nat(), (parts, cut) => {
        const whole = parts.join('');
        const pieces = new TerminalText();
        const at = cut % (whole.length + 1);
        const drawn = pieces.show(whole.slice(0, at)).html + pieces.show(whole).html;
        // Where a stretch is drawn in two, it is two of the same.
        expect(drawn.replaceAll(/<\/span><span[^>]*>|<\/a><a[^>]*>/g, '')).toBe(
          terminalHtml(whole).replaceAll(/<\/span><span[^>]*>|<\/a><a[^>]*>/g, ''),
        );
      }),
    );
  });

  it('starts anew when the text was rewritten', () => {
    const text = new TerminalText();
    text.show(`${RED}10 %`);
    expect(text.show('20 %')).toEqual({ how: 'replace', html: '20 %' });
    expect(text.show('20 % done')).toEqual({ how: 'append', html: ' done' });
  });
});
