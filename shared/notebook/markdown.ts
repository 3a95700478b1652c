/**
 * Notebooks as Markdown: code in fences, outputs below it as text, images inside the file, so that one file is all there
 * is. Marks in comments, which no reader shows, say what a plain reading would take for something else; so cells are read
 * back as they were, without their outputs.
 */
import { ansiless } from './ansi.ts';
import { foreignLanguage } from './foreign.ts';
import { type FileCell, type FileOutput, type NotebookFile, newCellId } from './format.ts';

const OUTPUT = '<!-- output -->';
const OUTPUT_END = '<!-- /output -->';
const TEXT = '<!-- text -->';
const TEXT_END = '<!-- /text -->';
const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([\w+-]*)/;
const OURS = new Set(['ts', 'typescript', 'js', 'javascript', 'tsx', 'jsx']);

/** Images in the order in which they are preferred. */
const IMAGES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/svg+xml'];

/** What may stand below a cell besides what is in the notebook, e.g. its comments, as Markdown; '' for nothing. */
export type Below = (cell: FileCell) => string;

/** The notebook as Markdown. */
export function writeMarkdown(notebook: NotebookFile, below: Below = () => ''): string {
  const language = foreignLanguage(notebook.metadata)?.toLowerCase() ?? 'ts';
  const parts: string[] = [];
  let before: FileCell['cell_type'] | null = null;
  for (const cell of notebook.cells) {
    if (cell.cell_type === 'code') {
      parts.push(fenced(language, cell.source), ...outputsOf(cell.outputs));
    } else if (cell.cell_type === 'raw') parts.push(fenced('raw', cell.source));
    else parts.push(textOf(cell, before === 'markdown'));
    const more = below(cell);
    if (more !== '') parts.push(`${OUTPUT}\n${more.replace(/\n+$/, '')}\n${OUTPUT_END}`);
    before = more === '' ? cell.cell_type : null;
  }
  return `${parts.join('\n\n')}\n`;
}

function fenced(info: string, source: string): string {
  const longest = Math.max(2, ...(source.match(/`{3,}/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${info}\n${source}\n${fence}`;
}

function textOf(cell: FileCell, follows: boolean): string {
  const { source } = cell;
  const plain =
    !follows &&
    source !== '' &&
    source.trim() === source &&
    !/^ {0,3}(```|~~~|<!-- \\*\/?(text|output) -->$)/m.test(source);
  const text = attached(cell, plain ? source : source.replaceAll(/^<!-- (\\*\/text -->)$/gm, '<!-- \\$1'));
  return plain ? text : `${TEXT}\n${text}\n${TEXT_END}`;
}

/** Pictures that belong to the cell, put where they are shown. */
function attached(cell: FileCell, text: string): string {
  let shown = text;
  for (const [name, bundle] of Object.entries(cell.attachments ?? {})) {
    const image = imageOf(bundle);
    if (image) shown = shown.replaceAll(`(attachment:${name})`, `(${image})`);
  }
  return shown;
}

function imageOf(bundle: Readonly<Record<string, unknown>>): string | null {
  for (const mime of IMAGES) {
    const value = bundle[mime];
    if (typeof value !== 'string') continue;
    if (mime !== 'image/svg+xml') return `data:${mime};base64,${value.replaceAll(/\s/g, '')}`;
    return `data:image/svg+xml,${encodeURIComponent(value)}`;
  }
  return null;
}

function outputsOf(outputs: readonly FileOutput[]): string[] {
  const shown = outputs.map(outputOf).filter((part) => part !== '');
  return shown.length === 0 ? [] : [[OUTPUT, shown.join('\n\n'), OUTPUT_END].join('\n')];
}

function outputOf(output: FileOutput): string {
  if (output.output_type === 'stream') return fenced('text', ansiless(output.text).replace(/\n$/, ''));
  if (output.output_type === 'error') return fenced('text', ansiless(output.traceback.join('\n')) || output.evalue);
  const image = imageOf(output.data);
  if (image) return `![output](${image})`;
  const markdown = output.data['text/markdown'];
  if (typeof markdown === 'string') return markdown;
  const plain = output.data['text/plain'];
  return typeof plain === 'string' ? fenced('text', ansiless(plain)) : '';
}

/** Reads Markdown: fences in our languages become code cells, the rest text; outputs are passed over. */
export function parseMarkdown(text: string): NotebookFile {
  const lines = text
    .replace(/^\uFEFF/, '')
    .replaceAll('\r\n', '\n')
    .split('\n');
  const cells: FileCell[] = [];
  let prose: string[] = [];
  const add = (type: 'code' | 'markdown' | 'raw', source: string): void => {
    const parts = { id: newCellId(), source, metadata: {} };
    cells.push(
      type === 'code'
        ? { ...parts, cell_type: 'code', outputs: [], execution_count: null }
        : { ...parts, cell_type: type },
    );
  };
  const settle = (): void => {
    const said = prose
      .join('\n')
      .replace(/^\s*\n/, '')
      .trimEnd();
    if (said.trim() !== '') add('markdown', said);
    prose = [];
  };
  /** The line that ends what begins at `at`; the last one where it is never ended. */
  const endOf = (at: number, ends: (line: string) => boolean): number => {
    const end = lines.findIndex((line, index) => index > at && ends(line));
    return end < 0 ? lines.length : end;
  };
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const [, fence, info = ''] = FENCE.exec(line) ?? [];
    if (line === OUTPUT) at = endOf(at, (other) => other === OUTPUT_END);
    else if (line === TEXT) {
      settle();
      const end = endOf(at, (other) => other === TEXT_END);
      const said = lines.slice(at + 1, end).map((other) => other.replace(/^<!-- \\(\\*\/text -->)$/, '<!-- $1'));
      add('markdown', said.join('\n'));
      at = end;
    } else if (fence !== undefined) {
      const mark = fence[0] ?? '`';
      const end = endOf(at, (other) => new RegExp(`^ {0,3}${mark}{${fence.length},}\\s*$`).test(other));
      const own = OURS.has(info.toLowerCase());
      if (own || info === 'raw') {
        settle();
        add(own ? 'code' : 'raw', lines.slice(at + 1, end).join('\n'));
      } else prose.push(...lines.slice(at, end + 1));
      at = end;
    } else prose.push(line);
  }
  settle();
  return { nbformat: 4, nbformat_minor: 5, metadata: {}, cells };
}
