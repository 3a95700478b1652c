/** Makes the editor of one cell: CodeMirror bound to the cell's shared text. Keys that act on cells are not its business. */
import { closeBrackets, closeBracketsKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, indentWithTab, simplifySelection } from '@codemirror/commands';
import { javascript } from '@codemirror/lang-javascript';
import { markdown } from '@codemirror/lang-markdown';
import { bracketMatching, indentOnInput, indentUnit } from '@codemirror/language';
import { nextDiagnostic } from '@codemirror/lint';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { Compartment, EditorState, type Extension, StateEffect, StateField } from '@codemirror/state';
import {
  Decoration,
  type DecorationSet,
  drawSelection,
  dropCursor,
  EditorView,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  tooltips,
} from '@codemirror/view';
import type { LineAuthors } from '@trialroom/shared/history/history';
import type { Diagnostic } from '@trialroom/shared/language/language';
import type { CellType } from '@trialroom/shared/notebook/document';
import { yCollab, yUndoManagerKeymap } from 'y-codemirror.next';
import type { Awareness } from 'y-protocols/awareness';
import type * as Y from 'yjs';
import { type RangeOptions, threadRanges } from '../comments/ranges.ts';
import { lineAuthors, showAuthors } from './authors.ts';
import { completion } from './completion.ts';
import { cursors } from './cursors.ts';
import { definition } from './definition.ts';
import { floating } from './floating.ts';
import type { CodeHelp } from './help.ts';
import { hover } from './hover.ts';
import { images } from './images.ts';
import { matchMarks } from './matches.ts';
import { showRemarks } from './remarks.ts';
import { rename } from './rename.ts';
import { signature } from './signature.ts';
import { codeTheme } from './theme.ts';

/** What an editor is made of, and whom it tells. */
export interface EditorOptions {
  parent: HTMLElement;
  cell: string;
  text: Y.Text;
  type: CellType;
  awareness: Awareness;
  undo: Y.UndoManager;
  editable: boolean;
  /** Help with TypeScript, for cells of code. */
  help: CodeHelp;
  /** What screen readers call it. */
  label: string;
  /** Takes images that are pasted or dropped; returns the text that stands for them. */
  onImages(files: readonly File[]): Promise<string>;
  /** Threads on ranges of the text. */
  threads: RangeOptions;
  onFocus(): void;
  /** The cursor wants to leave the text upwards (-1) or downwards (1). Returns false when there is nowhere to go. */
  onLeave(by: -1 | 1): boolean;
}

/** A place to mark as wrong, 1-based; null: nothing is. */
export type Fault = { line: number; column: number } | null;

/** Where the cursor should go: an end, where it was, a line and column from 1, or a stretch to select. */
export type EditorPlace = 'start' | 'end' | 'text' | { line: number; column: number } | { from: number; to: number };

/** One cell's editor, for the cell that holds it. */
export interface CellEditor {
  readonly view: EditorView;
  setType(type: CellType): void;
  setEditable(editable: boolean): void;
  setLabel(label: string): void;
  /** Keys that come before all others; none for an empty extension. */
  setKeys(extension: Extension): void;
  setFault(fault: Fault): void;
  /** Shows the remarks of the type checker on this text. */
  setRemarks(remarks: readonly Diagnostic[]): void;
  /** Shows who wrote which line; null: not. */
  setAuthors(lines: LineAuthors | null): void;
  focus(place: EditorPlace): void;
  destroy(): void;
}

const setFaultEffect = StateEffect.define<Fault>();

const faultField = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(shown, transaction) {
    for (const effect of transaction.effects)
      if (effect.is(setFaultEffect)) return markFault(transaction.state, effect.value);
    return shown.map(transaction.changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

function markFault(state: EditorState, fault: Fault): DecorationSet {
  if (!fault || fault.line < 1 || fault.line > state.doc.lines) return Decoration.none;
  const line = state.doc.line(fault.line);
  const marks = [Decoration.line({ class: 'cm-bad' }).range(line.from)];
  const from = line.from + fault.column - 1;
  if (fault.column > 0 && from < line.to) {
    const word = /^(\w+|.)/.exec(state.sliceDoc(from, line.to))?.[0].length ?? 1;
    marks.push(Decoration.mark({ class: 'cm-fault' }).range(from, from + word));
  }
  return Decoration.set(marks);
}

function languageOf(type: CellType, help: CodeHelp): Extension {
  if (type === 'code' && help.foreign()) return [lineNumbers()];
  if (type === 'code') {
    return [
      javascript({ typescript: true, jsx: true }),
      lineNumbers(),
      closeBrackets(),
      bracketMatching(),
      completion(help),
      hover(help),
      signature(help),
      definition(help),
      rename(help),
      // Above and beside cells, whose own boxes would cut them off.
      tooltips({ parent: document.body, position: 'fixed' }),
    ];
  }
  if (type === 'markdown') return [markdown(), EditorView.lineWrapping];
  return [EditorView.lineWrapping];
}

const editableAs = (editable: boolean): Extension => [
  EditorState.readOnly.of(!editable),
  EditorView.editable.of(editable),
  // Tab indents in a text that can be written, so that whoever comes here by Tab would not get past it: Enter on the
  // cell leads here. Who only reads comes here by Tab, to select and comment.
  EditorView.contentAttributes.of({ tabindex: editable ? '-1' : '0' }),
];

function selectionAt({ doc }: EditorState, place: Exclude<EditorPlace, 'text'>): { anchor: number; head?: number } {
  if (place === 'start') return { anchor: 0 };
  if (place === 'end') return { anchor: doc.length };
  if ('from' in place) return { anchor: Math.min(place.to, doc.length), head: Math.min(place.from, doc.length) };
  const line = doc.line(Math.min(Math.max(1, place.line), doc.lines));
  return { anchor: Math.min(line.from + Math.max(0, place.column - 1), line.to) };
}

/** Makes an editor inside `parent`; it lives until it is destroyed. */
export function createEditor(options: EditorOptions): CellEditor {
  const keys = new Compartment();
  const language = new Compartment();
  const access = new Compartment();
  const attributes = new Compartment();
  const labelled = (label: string): Extension => EditorView.contentAttributes.of({ 'aria-label': label });

  const leave =
    (by: -1 | 1) =>
    (view: EditorView): boolean => {
      const { main } = view.state.selection;
      if (!main.empty) return false;
      const line = view.state.doc.lineAt(main.head).number;
      if (line !== (by < 0 ? 1 : view.state.doc.lines)) return false;
      // A wrapped line has rows of its own to walk first.
      const moved = view.moveVertically(main, by > 0);
      if (
        moved.head !== main.head &&
        Math.abs((view.coordsAtPos(moved.head)?.top ?? 0) - (view.coordsAtPos(main.head)?.top ?? 0)) > 2
      )
        return false;
      return options.onLeave(by);
    };

  const view = new EditorView({
    parent: options.parent,
    state: EditorState.create({
      doc: options.text.toString(),
      extensions: [
        keys.of([]),
        keymap.of([
          { key: 'ArrowUp', run: leave(-1) },
          { key: 'ArrowDown', run: leave(1) },
          ...yUndoManagerKeymap,
          ...closeBracketsKeymap,
          ...searchKeymap,
          // Escape leaves the cell, whatever is marked in it; only several cursors become one first.
          { key: 'Escape', run: (at) => at.state.selection.ranges.length > 1 && simplifySelection(at) },
          ...defaultKeymap.filter(({ key }) => key !== 'Escape'),
          indentWithTab,
          { key: 'F8', run: nextDiagnostic },
        ]),
        highlightSpecialChars(),
        drawSelection(),
        dropCursor(),
        indentOnInput(),
        indentUnit.of('  '),
        EditorState.tabSize.of(2),
        highlightSelectionMatches({ minSelectionLength: 2 }),
        search({ top: true }),
        yCollab(options.text, null, { undoManager: options.undo }),
        cursors(options.awareness, options.text, options.cell),
        faultField,
        matchMarks,
        threadRanges(options.threads),
        lineAuthors,
        codeTheme,
        floating,
        EditorView.domEventHandlers({ focus: () => options.onFocus() }),
        images(options),
        language.of(languageOf(options.type, options.help)),
        access.of(editableAs(options.editable)),
        attributes.of(labelled(options.label)),
      ],
    }),
  });

  return {
    view,
    setType: (type) => view.dispatch({ effects: language.reconfigure(languageOf(type, options.help)) }),
    setEditable: (editable) => view.dispatch({ effects: access.reconfigure(editableAs(editable)) }),
    setLabel: (label) => view.dispatch({ effects: attributes.reconfigure(labelled(label)) }),
    setKeys: (extension) => view.dispatch({ effects: keys.reconfigure(extension) }),
    setFault: (fault) => view.dispatch({ effects: setFaultEffect.of(fault) }),
    setRemarks: (remarks) => showRemarks(view, remarks),
    setAuthors: (lines) => showAuthors(view, lines),
    focus(place) {
      view.focus();
      if (place === 'text') return;
      view.dispatch({ selection: selectionAt(view.state, place), scrollIntoView: true });
    },
    destroy: () => view.destroy(),
  };
}
