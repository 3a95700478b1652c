/**
 * A person's Markdown to HTML: no raw HTML, no scripts, links that leave the page open beside it. Formulas between
 * dollar signs are set by KaTeX, which is fetched only when a text holds one.
 */
import { MENTION } from '@trialroom/shared/annotation/mentions';
import type { Attachment } from '@trialroom/shared/notebook/cell-edits';
import MarkdownIt from 'markdown-it';

/** The part of KaTeX used here. */
export interface Formulas {
  renderToString(
    formula: string,
    options: { displayMode: boolean; throwOnError: boolean; trust: boolean; strict: 'ignore' },
  ): string;
}

let formulas: Formulas | null = null;

const md = new MarkdownIt({ html: false, linkify: true, typographer: false });

md.inline.ruler.after('escape', 'formula', (state, silent) => {
  const found = /^(\$\$)([^$]+)\$\$|^(\$)((?:[^$\\\n]|\\.)+?)\$(?!\d)/.exec(state.src.slice(state.pos));
  if (!found) return false;
  const source = found[2] ?? found[4] ?? '';
  // As in a shell or a price list, a dollar sign beside a space opens nothing.
  if (found[3] && (/^\s/.test(source) || /\s$/.test(source))) return false;
  if (!silent) {
    const token = state.push('formula', 'math', 0);
    token.content = source.trim();
    token.markup = found[1] ?? '$';
  }
  state.pos += found[0].length;
  return true;
});

md.renderer.rules.formula = (tokens, index) => {
  const token = tokens[index];
  if (!token) return '';
  const displayMode = token.markup === '$$';
  if (!formulas) return `<code class="formula">${md.utils.escapeHtml(token.content)}</code>`;
  return formulas.renderToString(token.content, { displayMode, throwOnError: false, trust: false, strict: 'ignore' });
};

/** Mentions of people, in texts that are rendered with a `me`; elsewhere they are what they look like. */
md.inline.ruler.before('link', 'mention', (state, silent) => {
  if (state.src[state.pos] !== '@' || typeof Object(state.env).me !== 'string') return false;
  const found = MENTION.exec(state.src.slice(state.pos, state.pos + 140));
  if (!found) return false;
  if (!silent) {
    const token = state.push('mention', 'span', 0);
    token.content = found[1] ?? '';
    token.meta = { mine: found[2] === Object(state.env).me };
  }
  state.pos += found[0].length;
  return true;
});

md.renderer.rules.mention = (tokens, index) => {
  const token = tokens[index];
  if (!token) return '';
  return `<span class="mention${Object(token.meta).mine ? ' of-me' : ''}">@${md.utils.escapeHtml(token.content)}</span>`;
};

md.renderer.rules.link_open = (tokens, index, options, _env, self) => {
  const token = tokens[index];
  const href = String(token?.attrGet('href') ?? '');
  if (token && !href.startsWith('#')) {
    token.attrSet('target', '_blank');
    token.attrSet('rel', 'noopener noreferrer');
  }
  return self.renderToken(tokens, index, options);
};

const ATTACHMENT = 'attachment:';

/** Images that belong to the text come from the notebook itself, as data. */
md.renderer.rules.image = (tokens, index, options, env, self) => {
  const token = tokens[index];
  const source = String(token?.attrGet('src') ?? '');
  if (token && source.startsWith(ATTACHMENT)) {
    const images: unknown = Object(env).attachments;
    const name = decodeURIComponent(source.slice(ATTACHMENT.length));
    const [image] = Object.entries(Object(Object(images)[name])).filter(([mime]) => mime.startsWith('image/'));
    token.attrSet('src', image ? `data:${image[0]};base64,${image[1]}` : '');
    token.attrSet('title', image ? '' : `This cell has no image “${name}”.`);
  }
  if (token) token.attrSet('alt', self.renderInlineAsText(token.children ?? [], options, env));
  return self.renderToken(tokens, index, options);
};

/** True when the text may hold a formula, so that {@link useFormulas} is worth calling first. */
export const mayHoldFormula = (text: string): boolean => /\$[^$]+\$/.test(text);

/** From now on formulas are set, not shown as source. */
export function useFormulas(katex: Formulas): void {
  formulas = katex;
}

/**
 * HTML that is safe to put into the page. `attachments` are the images that `attachment:NAME` stands for; with `me`, the
 * id of who reads, mentions of people are set as such.
 */
export const markdownHtml = (
  text: string,
  attachments: Readonly<Record<string, Attachment>> = {},
  me?: string,
): string => md.render(text, { attachments, ...(me === undefined ? {} : { me }) });

/** Headings in order, as plain text; for an outline. */
export function headingsOf(text: string): { level: number; text: string }[] {
  if (!text.includes('#') && !/^(=|-)+\s*$/m.test(text)) return [];
  const tokens = md.parse(text, {});
  return tokens.flatMap((token, index) => {
    if (token.type !== 'heading_open') return [];
    const inline = tokens[index + 1];
    const plain = (inline?.children ?? []).map((child) => child.content).join('');
    return [{ level: Number(token.tag.slice(1)), text: plain }];
  });
}
