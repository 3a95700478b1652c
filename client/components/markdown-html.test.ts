import { describe, expect, it } from 'vitest';
import { headingsOf, markdownHtml, mayHoldFormula, useFormulas } from './markdown-html.ts';

describe('images of the text', () => {
  const attachments = { 'my plot.png': { 'text/plain': 'x', 'image/png': 'AAAA' }, bad: { 'text/html': '<script>' } };

  it('come from the notebook', () => {
    const html = markdownHtml('![a *plot*](<attachment:my plot.png>)', attachments);
    expect(html).toContain('src="data:image/png;base64,AAAA"');
    expect(html).toContain('alt="a plot"');
  });

  it.each(['attachment:gone.png', 'attachment:bad', 'attachment:__proto__'])('are empty when %s is none', (source) => {
    expect(markdownHtml(`![x](${source})`, attachments)).toContain('src=""');
  });
});

describe('markdownHtml', () => {
  it('escapes raw HTML', () => {
    expect(markdownHtml('<script>alert(1)</script>')).not.toContain('<script');
    expect(markdownHtml('a <img src=x onerror=alert(1)> b')).not.toContain('<img');
    expect(markdownHtml('<div onclick="x()">\n\ntext\n\n</div>')).not.toContain('<div');
  });

  it.each(['javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'data:text/html;base64,AAAA', 'vbscript:x'])(
    'makes no link to %s',
    (address) => {
      expect(markdownHtml(`[click](${address}) ![image](${address})`)).not.toMatch(/<a |<img /);
    },
  );

  it('opens links beside the page, without giving the page away', () => {
    expect(markdownHtml('[docs](https://example.org)')).toContain(
      '<a href="https://example.org" target="_blank" rel="noopener noreferrer">',
    );
  });

  it('shows a formula as its source until formulas can be set', () => {
    expect(markdownHtml('so $a < b$ holds')).toContain('<code class="formula">a &lt; b</code>');
  });

  it('leaves prices alone', () => {
    expect(markdownHtml('from $5 to $10')).toBe('<p>from $5 to $10</p>\n');
    expect(markdownHtml('costs \\$5 and \\$6')).toBe('<p>costs $5 and $6</p>\n');
  });

  it('sets formulas without trusting them', async () => {
    const { default: katex } = await import('katex');
    useFormulas(katex);
    expect(markdownHtml('$x^2$')).toContain('class="katex"');
    expect(markdownHtml('$$\\sum x$$')).toContain('katex-display');
    const tricky = markdownHtml('$\\href{javascript:alert(1)}{x} \\htmlData{a=b}{y}$');
    expect(tricky).not.toMatch(/href="javascript|data-a=/);
    expect(markdownHtml('$\\undefinedcommand$')).toContain('katex');
  });
});

describe('mayHoldFormula', () => {
  it('is true for two dollar signs with something between', () => {
    expect(mayHoldFormula('a $x$')).toBe(true);
    expect(mayHoldFormula('$5')).toBe(false);
  });
});

describe('headingsOf', () => {
  it('reads headings as plain text', () => {
    expect(headingsOf('# One *two* `three`\n\ntext\n\n## Four')).toEqual([
      { level: 1, text: 'One two three' },
      { level: 2, text: 'Four' },
    ]);
  });

  it('is not fooled by code', () => expect(headingsOf('```\n# not\n```')).toEqual([]));
});
