/** What an editor of code needs of its notebook to help with TypeScript, and small parts that its helpers share. */
import type { EditorState } from '@codemirror/state';
import type { CellRange } from '@trialroom/shared/language/language';
import { markdownHtml } from '../../components/markdown-html.ts';
import type { AskLanguage } from '../../data/language.ts';

/** A place to go to: within a cell, or in a file outside of the notebook. */
export type Place = CellRange | { file: string; line: number; text: string };

/** What an editor may ask of its notebook, and have done there. */
export interface CodeHelp {
  /** Id of the cell being edited. */
  readonly cell: string;
  readonly ask: AskLanguage;
  /** Whether this person may type here: who only looks is told what things are, and no more. */
  mayEdit(): boolean;
  /** Whether the code is of another language than ours: it is shown as it is, and nothing is asked about it. */
  foreign(): boolean;
  go(place: Place): void;
  /** Asks what another name for the one at this place would change. Returns why it cannot be, or what shows it. */
  rename(name: { from: number; text: string }, to: string): Promise<string | (() => void)>;
}

/** The text as asked about, and where. */
export const asked = (help: CodeHelp, state: EditorState, offset: number) => ({
  cell: help.cell,
  source: state.doc.toString(),
  offset,
});

/** The identifier at a place, or null when there is none. */
export function wordAt(state: EditorState, at: number): { from: number; to: number; text: string } | null {
  const line = state.doc.lineAt(at);
  let from = at - line.from;
  let to = from;
  while (from > 0 && /[\w$\u00aa-\uffff]/.test(line.text[from - 1] ?? '')) from--;
  while (to < line.length && /[\w$\u00aa-\uffff]/.test(line.text[to] ?? '')) to++;
  const text = line.text.slice(from, to);
  return text === '' || /^\d/.test(text) ? null : { from: line.from + from, to: line.from + to, text };
}

/** Markdown in a floating box. */
export function helpText(markdown: string): HTMLElement {
  const box = document.createElement('div');
  box.className = 'md help-md';
  box.innerHTML = markdownHtml(markdown);
  return box;
}

/** An element with a class and a text. */
export function element(tag: string, className: string, text = ''): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

/** Says that a value or a name comes from the running kernel. */
export function liveMark(): HTMLElement {
  const mark = element('span', 'help-live');
  mark.append(element('i', 'help-dot'), 'live');
  return mark;
}
