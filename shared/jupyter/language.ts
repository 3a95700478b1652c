/** Answers about code → contents of `complete_reply` and `inspect_reply`. */
import type { CompletionItem, LanguageAnswer } from '../language/language.ts';
import type { Json } from './messages.ts';
import { toCodePoints } from './positions.ts';

type Completed = Extract<LanguageAnswer, { ask: 'complete' }>;
type Hover = Extract<LanguageAnswer, { ask: 'hover' }>['hover'];

/** More matches than this are of no use to anyone, and slow in every client. */
const MOST_MATCHES = 2000;

/** Content of a `complete_reply`. `offset` is where the cursor stands, in UTF-16 units. */
export function completeReply(
  source: string,
  offset: number,
  { from, items }: Pick<Completed, 'from' | 'items'>,
): Json {
  const start = toCodePoints(source, from);
  const end = toCodePoints(source, Math.max(from, offset));
  const seen = new Set<string>();
  const chosen = items.filter((item) => {
    const text = inserted(item);
    if (seen.has(text) || seen.size >= MOST_MATCHES) return false;
    seen.add(text);
    return true;
  });
  return {
    status: 'ok',
    matches: chosen.map(inserted),
    cursor_start: start,
    cursor_end: end,
    metadata: {
      // Not in the protocol, but what JupyterLab and IPython agree on.
      _jupyter_types_experimental: chosen.map((item) => ({
        start,
        end,
        text: inserted(item),
        type: item.kind,
        signature: item.detail ?? '',
      })),
    },
  };
}

const inserted = ({ insert, label }: CompletionItem): string => insert ?? label;

/** Content of an `inspect_reply`: Markdown for pages, plain text for terminals. */
export function inspectReply(hover: Pick<NonNullable<Hover>, 'text' | 'value'> | null): Json {
  if (!hover) return { status: 'ok', found: false, data: {}, metadata: {} };
  const { text, value } = hover;
  const markdown = [text, value === undefined ? '' : `\`\`\`js\n${value}\n\`\`\``].filter(Boolean).join('\n\n');
  return {
    status: 'ok',
    found: true,
    data: { 'text/plain': markdown.replace(/^```\w*\n?/gm, '').trim(), 'text/markdown': markdown },
    metadata: {},
  };
}
