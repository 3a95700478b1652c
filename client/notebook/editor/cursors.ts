/**
 * Where the others are: their carets and selections in a cell's text, their names at the end of the line, never over
 * text. Also tells the others where this person is. Positions travel as Yjs relative positions, so that they stay with
 * the text around them whoever edits it.
 */
import { Annotation, type EditorState, type Extension, findClusterBreak, type Range } from '@codemirror/state';
import {
  Decoration,
  type DecorationSet,
  type EditorView,
  type LayerMarker,
  layer,
  ViewPlugin,
  type ViewUpdate,
} from '@codemirror/view';
import type { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { type RemoteCursor, remoteCursors } from '../presence.ts';

/** Marks the transaction that only says: someone else moved. */
const moved = Annotation.define<true>();

/**
 * A caret in someone's pen, drawn at the side of the character it stands beside. It adds nothing to the text's own
 * elements, so that what is read or copied from the editor is the cell's text alone.
 */
function caret(state: EditorState, head: number, pen: string): Range<Decoration> {
  const attributes = { style: `--pen:${pen}` };
  const line = state.doc.lineAt(head);
  if (line.length === 0) {
    return Decoration.line({ class: 'cm-ySelectionCaret is-before', attributes }).range(line.from);
  }
  if (head > line.from) {
    const from = line.from + findClusterBreak(line.text, head - line.from, false);
    return Decoration.mark({ class: 'cm-ySelectionCaret is-after', attributes }).range(from, head);
  }
  const to = line.from + findClusterBreak(line.text, 0, true);
  return Decoration.mark({ class: 'cm-ySelectionCaret is-before', attributes }).range(head, to);
}

/** The names of those who are on one line. */
class Names implements LayerMarker {
  readonly people: readonly { name: string; pen: string }[];
  readonly left: number;
  readonly top: number;
  readonly height: number;
  constructor(people: readonly { name: string; pen: string }[], left: number, top: number, height: number) {
    this.people = people;
    this.left = left;
    this.top = top;
    this.height = height;
  }
  eq(other: Names): boolean {
    return (
      other.left === this.left &&
      other.top === this.top &&
      other.people.length === this.people.length &&
      other.people.every(({ name, pen }, index) => this.people[index]?.name === name && this.people[index]?.pen === pen)
    );
  }
  draw(): HTMLElement {
    const row = document.createElement('div');
    row.className = 'cur-names';
    row.style.cssText = `left:${this.left}px;top:${this.top}px;height:${this.height}px`;
    for (const { name, pen } of this.people) {
      const flag = document.createElement('b');
      flag.style.setProperty('--pen', pen);
      flag.textContent = name;
      row.append(flag);
    }
    return row;
  }
}

/** Shows the others in this cell's text and tells them where this person is. */
export function cursors(awareness: Awareness, text: Y.Text, cell: string): Extension {
  const plugin = ViewPlugin.define(
    (view) => {
      const state = { decorations: Decoration.none as DecorationSet, others: [] as RemoteCursor[] };
      const read = (): void => {
        state.others = remoteCursors(awareness, text, cell);
        state.decorations = decorate(view, state.others);
      };
      const onChange = ({
        added,
        updated,
        removed,
      }: {
        added: number[];
        updated: number[];
        removed: number[];
      }): void => {
        if ([...added, ...updated, ...removed].every((client) => client === awareness.clientID)) return;
        const others = remoteCursors(awareness, text, cell);
        if (others.length === 0 && state.others.length === 0) return;
        view.dispatch({ annotations: moved.of(true) });
      };
      awareness.on('change', onChange);
      read();
      return {
        state,
        update(update: ViewUpdate) {
          if (update.docChanged || update.transactions.some((transaction) => transaction.annotation(moved))) read();
          publish(update, awareness, text, cell);
        },
        destroy() {
          awareness.off('change', onChange);
          if (localCell(awareness) === cell) awareness.setLocalStateField('cursor', null);
        },
      };
    },
    { decorations: (value) => value.state.decorations },
  );
  const names = layer({
    above: true,
    class: 'cm-names',
    update: (update) =>
      update.docChanged ||
      update.geometryChanged ||
      update.viewportChanged ||
      update.transactions.some((transaction) => transaction.annotation(moved) === true),
    markers: (view) => nameMarkers(view, view.plugin(plugin)?.state.others ?? []),
  });
  return [plugin, names];
}

function localCell(awareness: Awareness): string | undefined {
  const cursor: unknown = awareness.getLocalState()?.cursor;
  return typeof cursor === 'object' && cursor !== null && 'cell' in cursor ? String(cursor.cell) : undefined;
}

function publish(update: ViewUpdate, awareness: Awareness, text: Y.Text, cell: string): void {
  const { view } = update;
  if (view.hasFocus) {
    if (!update.selectionSet && !update.focusChanged && !update.docChanged) return;
    const { anchor, head } = update.state.selection.main;
    const relative = (at: number) => Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(text, at));
    const next = { cell, anchor: relative(anchor), head: relative(head) };
    if (JSON.stringify(awareness.getLocalState()?.cursor) === JSON.stringify(next)) return;
    awareness.setLocalStateField('cursor', next);
  } else if (update.focusChanged && document.hasFocus() && localCell(awareness) === cell) {
    awareness.setLocalStateField('cursor', null);
  }
}

function decorate(view: EditorView, others: readonly RemoteCursor[]): DecorationSet {
  const length = view.state.doc.length;
  const ranges: Range<Decoration>[] = [];
  for (const { anchor, head, pen } of others) {
    const from = Math.min(anchor, head, length);
    const to = Math.min(Math.max(anchor, head), length);
    if (from < to) {
      ranges.push(Decoration.mark({ class: 'cm-ySelection', attributes: { style: `--pen:${pen}` } }).range(from, to));
    }
    ranges.push(caret(view.state, Math.min(head, length), pen));
  }
  return Decoration.set(ranges, true);
}

function nameMarkers(view: EditorView, others: readonly RemoteCursor[]): Names[] {
  const lines = new Map<number, { name: string; pen: string }[]>();
  for (const { head, name, pen } of others) {
    const line = view.state.doc.lineAt(Math.min(head, view.state.doc.length)).to;
    lines.set(line, [...(lines.get(line) ?? []), { name, pen }]);
  }
  const frame = view.scrollDOM.getBoundingClientRect();
  const gap = view.defaultCharacterWidth * 2;
  return [...lines].flatMap(([end, people]) => {
    const at = view.coordsAtPos(end, -1) ?? view.coordsAtPos(end);
    if (!at) return [];
    const left = at.right - frame.left + view.scrollDOM.scrollLeft + gap;
    return [new Names(people, Math.round(left), at.top - frame.top + view.scrollDOM.scrollTop, at.bottom - at.top)];
  });
}
