/**
 * Threads outside of Trialroom: in the metadata of a downloaded `.ipynb`, beside a cell exported as Markdown, and with
 * what is exported of a trial or an experiment. Pure; nothing here reaches a file on disk.
 */
import type { NotebookFile } from '../notebook/format.ts';
import type { Annotation, NotebookAnnotation } from './annotation.ts';
import { readable } from './mentions.ts';
import type { AnnotationTarget } from './target.ts';
import { placeWords, seenWords } from './words.ts';

/** A thread as it stands in a file: names instead of ids, times as ISO 8601. */
export interface WrittenThread {
  on: AnnotationTarget['kind'];
  /** What the range said, or the output showed, when the thread was begun. */
  quote?: string;
  /** The output's number in its cell, from 0. */
  output?: number;
  resolved: boolean;
  messages: WrittenMessage[];
}

export interface WrittenMessage {
  author: string;
  at: string;
  text: string;
}

/** A thread on a trial or an experiment as it stands in a file: all that it is pinned to, and where that is in words. */
export interface WrittenNote extends Pick<WrittenThread, 'resolved' | 'messages'> {
  /** Its number within the trial or experiment. */
  number: number;
  /** Empty for the whole of it. */
  place: string;
  target: AnnotationTarget;
}

/** A thread on a notebook as a file says it. */
export function writeThread({ target, messages, resolved }: NotebookAnnotation): WrittenThread {
  return {
    on: target.kind,
    ...(target.kind === 'cell' ? {} : { quote: target.quote }),
    ...(target.kind === 'output' ? { output: target.index } : {}),
    resolved: resolved !== null,
    messages: messages.map(writeMessage),
  };
}

/** Threads on a trial or an experiment as a JSON file says them, in the order given. */
export const writeNotes = (annotations: readonly Annotation[]): WrittenNote[] =>
  annotations.map(({ number, target, resolved, messages }) => ({
    number,
    place: placeWords(target),
    target,
    resolved: resolved !== null,
    messages: messages.map(writeMessage),
  }));

const writeMessage = ({ author, at, text }: Annotation['messages'][number]): WrittenMessage => ({
  author: author.name,
  at: new Date(at).toISOString(),
  text: readable(text),
});

/**
 * The notebook with its threads in `metadata.trialroom.comments` of their cells; those of cells that are gone are in the
 * notebook's own metadata. The given one stays as it is.
 */
export function withAnnotations(file: NotebookFile, annotations: readonly NotebookAnnotation[]): NotebookFile {
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

function withComments<M extends Record<string, unknown>>(metadata: M, threads: readonly NotebookAnnotation[]): M {
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

/** All threads of a trial or an experiment as a Markdown document. */
export function notesMarkdown(name: string, annotations: readonly Annotation[]): string {
  const threads = annotationsMarkdown(annotations);
  return `# Annotations of ${escaped(name.replace(/\s+/g, ' '))}\n\n${threads === '' ? 'There are none.' : threads}\n`;
}

function threadMarkdown(thread: Annotation): string {
  const lines = [
    `**${titleOf(thread)}**${thread.resolved === null ? '' : ' · resolved'}`,
    ...thread.messages.flatMap(({ author, at, text }) => [
      '',
      ...`**${escaped(author.name)}**, ${new Date(at).toISOString().slice(0, 10)}:\n\n${readable(text)}`.split('\n'),
    ]),
  ];
  return lines.map((line) => (line === '' ? '>' : `> ${line}`)).join('\n');
}

function titleOf({ subject, number, target }: Annotation): string {
  if (subject.kind !== 'notebook') {
    const place = placeWords(target);
    const seen = seenWords(target);
    return `Note ${number}${place === '' ? '' : `, ${escaped(place)}`}${seen === null ? '' : `: ${code(seen)}`}`;
  }
  return target.kind === 'cell' ? 'Comment' : `Comment on ${code(seenWords(target) ?? '')}`;
}

const escaped = (text: string): string => text.replace(/([\\`*_[\]<>])/g, '\\$1');

/** The first line of a text as code, with a fence longer than any in it. */
function code(text: string): string {
  const [first = '', ...rest] = text.trim().split('\n');
  const shown = rest.length > 0 || first.length > 80 ? `${first.slice(0, 79)}…` : first;
  if (shown === '') return 'an output';
  const fence = '`'.repeat(Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  const room = shown.startsWith('`') || shown.endsWith('`') ? ' ' : '';
  return `${fence}${room}${shown}${room}${fence}`;
}
