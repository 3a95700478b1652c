/**
 * Threads outside of Trialroom: in the metadata of a downloaded `.ipynb`, and as prose beside a cell exported as
 * Markdown. Pure; nothing here reaches the file on disk.
 */
import type { NotebookFile } from '../notebook/format.ts';
import type { Annotation, AnnotationTarget } from './annotation.ts';
import { readable } from './mentions.ts';

/** A thread as it stands in a file: names instead of ids, times as ISO 8601. */
export interface WrittenThread {
  on: AnnotationTarget['kind'];
  /** What the range said, or the output showed, when the thread was begun. */
  quote?: string;
  /** The output's number in its cell, from 0. */
  output?: number;
  resolved: boolean;
  messages: { author: string; at: string; text: string }[];
}

/** A thread as a file says it. */
export function writeThread({ target, messages, resolved }: Annotation): WrittenThread {
  return {
    on: target.kind,
    ...(target.kind === 'cell' ? {} : { quote: target.quote }),
    ...(target.kind === 'output' ? { output: target.index } : {}),
    resolved: resolved !== null,
    messages: messages.map(({ author, at, text }) => ({
      author: author.name,
      at: new Date(at).toISOString(),
      text: readable(text),
    })),
  };
}

/**
 * The notebook with its threads in `metadata.trialroom.comments` of their cells; those of cells that are gone are in the
 * notebook's own metadata. The given one stays as it is.
 */
export function withAnnotations(file: NotebookFile, annotations: readonly Annotation[]): NotebookFile {
  const byCell = Map.groupBy(annotations, ({ target }) => target.cell);
  const known = new Set(file.cells.map(({ id }) => id));
  const orphans = annotations.filter(({ target }) => !known.has(target.cell));
  return {
    ...file,
    metadata: orphans.length === 0 ? file.metadata : withComments(file.metadata, orphans),
    cells: file.cells.map((cell) => {
      const threads = byCell.get(cell.id);
      return threads ? { ...cell, metadata: withComments(cell.metadata, threads) } : cell;
    }),
  };
}

function withComments<M extends Record<string, unknown>>(metadata: M, threads: readonly Annotation[]): M {
  const { trialroom } = metadata;
  const others = typeof trialroom === 'object' && trialroom !== null && !Array.isArray(trialroom) ? trialroom : {};
  return { ...metadata, trialroom: { ...others, comments: threads.map(writeThread) } };
}

/**
 * Threads as Markdown, to stand below what they are about: a block quote each, with who said it and on which day (UTC).
 * Empty without threads.
 * @example
 * > **Comment on** `ratio: 0.8` · resolved
 * >
 * > **Ada**, 2026-11-21: Is this meant?
 */
export function annotationsMarkdown(annotations: readonly Annotation[]): string {
  return annotations.map(threadMarkdown).join('\n\n');
}

function threadMarkdown({ target, messages, resolved }: Annotation): string {
  const place = target.kind === 'cell' ? 'Comment' : `Comment on ${code(target.quote)}`;
  const lines = [
    `**${place}**${resolved === null ? '' : ' · resolved'}`,
    ...messages.flatMap(({ author, at, text }) => [
      '',
      ...`**${author.name.replace(/([\\`*_[\]<>])/g, '\\$1')}**, ${new Date(at).toISOString().slice(0, 10)}:\n\n${readable(text)}`.split(
        '\n',
      ),
    ]),
  ];
  return lines.map((line) => (line === '' ? '>' : `> ${line}`)).join('\n');
}

/** The first line of a text as code, with a fence longer than any in it. */
function code(text: string): string {
  const [first = '', ...rest] = text.trim().split('\n');
  const shown = rest.length > 0 || first.length > 80 ? `${first.slice(0, 79)}…` : first;
  if (shown === '') return 'an output';
  const fence = '`'.repeat(Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  const room = shown.startsWith('`') || shown.endsWith('`') ? ' ' : '';
  return `${fence}${room}${shown}${room}${fence}`;
}
