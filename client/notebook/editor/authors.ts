/** The margin that says who wrote which line: a stroke in their pen, and their initials where their lines begin. */
import { Compartment, type Extension, RangeSet, RangeSetBuilder, StateEffect, StateField } from '@codemirror/state';
import { type EditorView, GutterMarker, gutter } from '@codemirror/view';
import type { LineAuthors } from '@trialroom/shared/history/history';
import { initialsOf } from '../../components/initials.ts';

type Someone = NonNullable<LineAuthors[number]['author']>;

class AuthorMark extends GutterMarker {
  readonly author: Someone;
  /** The first of the person's lines: it is signed. */
  readonly signed: boolean;

  constructor(author: Someone, signed: boolean) {
    super();
    this.author = author;
    this.signed = signed;
  }

  override eq(other: AuthorMark): boolean {
    return this.author.id === other.author.id && this.signed === other.signed && this.author.name === other.author.name;
  }

  override toDOM(): Node {
    const mark = document.createElement('span');
    mark.className = 'cm-author';
    mark.style.setProperty('--pen', `var(--pen-${this.author.colour})`);
    mark.title = this.author.name;
    mark.textContent = this.signed ? initialsOf(this.author.name) : '';
    if (this.signed && this !== SPACER) mark.setAttribute('aria-label', `Written by ${this.author.name}`);
    return mark;
  }
}

const set = StateEffect.define<LineAuthors>();

const field = StateField.define<RangeSet<GutterMarker>>({
  create: () => RangeSet.empty,
  update(shown, transaction) {
    for (const effect of transaction.effects) {
      if (!effect.is(set)) continue;
      const doc = transaction.newDoc;
      const builder = new RangeSetBuilder<GutterMarker>();
      for (const { from, to, author } of effect.value) {
        for (let line = from; author && line <= Math.min(to, doc.lines); line++) {
          const at = doc.line(line).from;
          builder.add(at, at, new AuthorMark(author, line === from));
        }
      }
      return builder.finish();
    }
    return transaction.docChanged ? shown.map(transaction.changes) : shown;
  },
});

const margin = new Compartment();
const SHOWN: Extension = [
  field,
  gutter({ class: 'cm-authors', markers: (view) => view.state.field(field), initialSpacer: () => SPACER }),
];
const SPACER = new AuthorMark({ id: '', name: 'M W', colour: 'a' }, true);

/** Lets an editor show who wrote which line. */
export const lineAuthors: Extension = margin.of([]);

/** Shows who wrote which line; null takes the margin away. */
export function showAuthors(view: EditorView, lines: LineAuthors | null): void {
  const on = view.state.field(field, false) !== undefined;
  if (lines === null) {
    if (on) view.dispatch({ effects: margin.reconfigure([]) });
    return;
  }
  if (!on) view.dispatch({ effects: margin.reconfigure(SHOWN) });
  view.dispatch({ effects: set.of(lines) });
}
