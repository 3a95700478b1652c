/** Find and replace on the page: the query, what it finds as people write, and where in it one is. */
import { changeText } from '@trialroom/shared/notebook/document';
import { type Accessor, createEffect, createMemo, createSignal, on, onCleanup } from 'solid-js';
import type * as Y from 'yjs';
import { type Cells, STRUCTURE } from '../document/cells.ts';
import type { Selecting } from '../selecting.ts';
import { findAll, type Match, nextFrom, type Page, type Query, replacementOf } from './search.ts';

/** Texts may change with every key; they are looked through again at most this often, in ms. */
const AGAIN_MS = 120;

/** The search of {@link createFinding}, for the panel and the editors. */
export type Finding = ReturnType<typeof createFinding>;

/** Searches the cells of a document, from when the panel is opened until the owner is disposed. */
export function createFinding(options: { doc: Y.Doc; cells: Cells; selecting: Selecting; canEdit: Accessor<boolean> }) {
  const { doc, cells, selecting, canEdit } = options;
  const [open, setOpen] = createSignal(false);
  const [query, setQuery] = createSignal<Query>({
    text: '',
    regex: false,
    caseSensitive: false,
    wholeWord: false,
    kind: null,
  });
  const [by, setBy] = createSignal('');
  const [version, setVersion] = createSignal(0);
  const [current, setCurrent] = createSignal(-1);

  // Only while someone looks for something is it worth hearing of every change.
  createEffect(() => {
    if (!open()) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const changed = (): void => {
      timer ??= setTimeout(() => {
        timer = undefined;
        setVersion((now) => now + 1);
      }, AGAIN_MS);
    };
    doc.on('update', changed);
    onCleanup(() => {
      doc.off('update', changed);
      clearTimeout(timer);
    });
  });

  const pages = function* (): Iterable<Page> {
    for (const id of cells.ids()) {
      const cell = cells.get(id);
      if (cell) yield { id, type: cell.type(), text: cell.text.toString() };
    }
  };
  const found = createMemo((): { matches: readonly Match[]; problem: string | null } => {
    version();
    if (!open()) return { matches: [], problem: null };
    try {
      return { matches: findAll(query(), pages()), problem: null };
    } catch (error) {
      return { matches: [], problem: error instanceof Error ? error.message : String(error) };
    }
  });
  const matches = (): readonly Match[] => found().matches;
  const here = createMemo(() => matches()[current()]);
  createEffect(
    on(matches, (list) => setCurrent((now) => (now < list.length ? now : list.length - 1)), { defer: true }),
  );

  const byCell = createMemo(() => {
    const cellsWith = new Map<string, Match[]>();
    for (const match of matches()) {
      const list = cellsWith.get(match.cell);
      if (list) list.push(match);
      else cellsWith.set(match.cell, [match]);
    }
    return cellsWith;
  });

  function goTo(index: number): void {
    const list = matches();
    if (list.length === 0) return;
    const at = (index + list.length) % list.length;
    setCurrent(at);
    const match = list[at];
    if (match) selecting.show(match.cell);
  }

  /** Replaces matches of one cell, the last first, so that places before stay what they are. */
  function replaceIn(cell: string, list: readonly Match[]): void {
    const text = cells.get(cell)?.text;
    if (!text) return;
    const before = text.toString();
    let after = before;
    for (const match of list.toReversed()) {
      after = after.slice(0, match.from) + replacementOf(query(), before, match, by()) + after.slice(match.to);
    }
    changeText(text, after);
  }

  return {
    open,
    /** Opens with `text` to look for, or what was looked for last. */
    setOpen(now: boolean, text?: string): void {
      if (text !== undefined && text !== '') setQuery((was) => ({ ...was, text, regex: false }));
      setOpen(now);
    },
    query,
    setQuery(change: Partial<Query>): void {
      const cell = selecting.selected() ?? '';
      setQuery((was) => ({ ...was, ...change }));
      setCurrent(
        nextFrom(
          matches(),
          cells.ids(),
          here() ? { cell: here()?.cell ?? cell, at: here()?.from ?? 0 } : { cell, at: 0 },
        ),
      );
    },
    by,
    setBy,
    matches,
    /** Matches of one cell, for its editor to mark. Tracked. */
    matchesIn: (cell: string): readonly Match[] => byCell().get(cell) ?? [],
    /** Why the regular expression is none; null when it is one. */
    problem: () => found().problem,
    /** Number of the match one is at, from 0; -1 at none. */
    current,
    here,
    next: () => goTo(current() + 1),
    previous: () => goTo(current() - 1),
    /** Replaces the match one is at, and goes to the next. */
    replace(): void {
      const match = here();
      if (!match || !canEdit()) return;
      cells.change(() => doc.transact(() => replaceIn(match.cell, [match]), STRUCTURE));
      setVersion((now) => now + 1);
      const at = nextFrom(matches(), cells.ids(), { cell: match.cell, at: match.from + by().length });
      if (at >= 0) goTo(at);
    },
    /** Replaces all of them, as one step of undo. @returns how many */
    replaceAll(): number {
      const count = matches().length;
      if (!canEdit() || count === 0) return 0;
      cells.change(() =>
        doc.transact(() => {
          for (const [cell, list] of byCell()) replaceIn(cell, list);
        }, STRUCTURE),
      );
      setVersion((now) => now + 1);
      return count;
    },
  };
}
