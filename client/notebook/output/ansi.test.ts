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

  it('makes no links', () => {
    expect(terminalHtml('\u001b]8;;javascript:alert(1)\u0007click\u001b]8;;\u0007')).not.toMatch(/<a|javascript/);
    expect(terminalHtml('\u001b]8;;https://example.org\u0007click\u001b]8;;\u0007')).not.toMatch(/<a/);
  });

  it('leaves no tag of the text standing, whatever is printed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('<', '>', '"', '\u001b[', '1m', '31m', 'b', ';', '\n', '\u001b]8;;')),
        (parts) => {
          const html = terminalHtml(`${parts.join('')}<b>`);
          expect(html.replace(/<span (class|style)="[^"<>]*">|<\/span>/g, '')).not.toMatch(/<|>/);
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

  it('starts anew when the text was rewritten', () => {
    const text = new TerminalText();
    text.show(`${RED}10 %`);
    expect(text.show('20 %')).toEqual({ how: 'replace', html: '20 %' });
    expect(text.show('20 % done')).toEqual({ how: 'append', html: ' done' });
  });
});
