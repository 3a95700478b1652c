/** Which cells are chosen on this page, where the focus should go, and which cells folding leaves in sight. */
import { type Accessor, batch, createEffect, createMemo, createSelector, createSignal } from 'solid-js';
import { headingsOf } from '../components/markdown-html.ts';
import type { Cells } from './document/cells.ts';
import type { EditorPlace } from './editor/editor.ts';
import type { Mode } from './keys/keys.ts';
import * as selection from './selection.ts';
import { foldedAway } from './sheet/folding.ts';

/** Where the focus should go; a new object each time, so that the same wish can be said twice. */
export interface FocusWish {
  cell: string;
  /** The cell itself (command mode), or a place in its text. */
  place: 'cell' | EditorPlace;
}

const NONE: ReadonlySet<string> = new Set();
const NOTHING_HIDDEN: ReadonlyMap<string, string> = new Map();

/** What {@link createSelecting} offers: which cells are chosen, and where the focus is to go. */
export type Selecting = ReturnType<typeof createSelecting>;

/** @param unfold takes the fold off a heading, for a cell below it that must be seen; false when it may not */
export function createSelecting(cells: Cells, unfold: (heading: string) => void) {
  const [chosen, setChosen] = createSignal<selection.Selection>(selection.NOTHING);
  const [mode, setMode] = createSignal<Mode>('command');
  const [wish, setWish] = createSignal<FocusWish | null>(null);
  const [toShow, setShow] = createSignal<{ cell: string } | null>(null);

  const hidden = createMemo((): ReadonlyMap<string, string> => {
    const folded = cells.folded();
    if (folded.size === 0) return NOTHING_HIDDEN;
    return foldedAway(
      cells.ids().map((id) => {
        const heading = cells.types().get(id) === 'markdown' ? headingsOf(cells.textOf(id))[0] : undefined;
        return { id, level: heading?.level ?? null, folded: folded.has(id) };
      }),
    );
  });
  /** Ids of the cells in sight, from top to bottom. */
  const shown: Accessor<readonly string[]> = createMemo(() =>
    hidden().size === 0 ? cells.ids() : cells.ids().filter((id) => !hidden().has(id)),
  );

  let before: readonly string[] = [];
  createEffect(() => {
    const now = shown();
    setChosen((was) => selection.follow(was, before, now));
    before = now;
  });

  function select(cell: string, focus: FocusWish['place'] | null): void {
    const heading = hidden().get(cell);
    if (heading !== undefined) unfold(heading);
    batch(() => {
      setChosen((was) => (was.head === cell && focus === null ? was : selection.only(cell)));
      if (focus !== null) setWish({ cell, place: focus });
    });
  }

  /** Takes the focus to the head of what is chosen, which stays chosen. */
  function reach(next: selection.Selection): void {
    batch(() => {
      setChosen(next);
      if (next.head !== null) setWish({ cell: next.head, place: 'cell' });
    });
  }

  const head = createMemo(() => chosen().head);
  const range = createMemo(() => selection.chosen(chosen(), shown()));
  const several = createMemo(() => (range().length > 1 ? new Set(range()) : NONE));
  return {
    /** The cell that has the focus, or had it last. */
    selected: head,
    /** All chosen cells in sight, from top to bottom. */
    range,
    /** Whether this cell is {@link selected}; tells only the two cells between which it changes. */
    isSelected: createSelector(head),
    /** Whether the focus is wished into this cell. */
    isWished: createSelector(() => wish()?.cell ?? null),
    /** Whether this cell is chosen together with others. */
    isChosen: (cell: string): boolean => several().has(cell),
    shown,
    /** How many cells a folded heading hides. */
    hiddenBelow: (heading: string): number => [...hidden().values()].filter((by) => by === heading).length,
    mode,
    setMode,
    wish,
    setWish,
    select,
    /** Brings a cell into sight and chooses it, without taking the focus from where it is. */
    show(cell: string): void {
      select(cell, null);
      setShow({ cell });
    },
    /** The cell to bring into sight; a new object each time. */
    showing: toShow,
    extend: (by: -1 | 1) => reach(selection.extend(chosen(), shown(), by)),
    extendTo: (cell: string) => reach(selection.extendTo(chosen(), cell)),
    selectAll: () => reach(selection.all(shown())),
    neighbour(by: -1 | 1): string | undefined {
      const now = head();
      return now === null ? shown()[0] : shown()[shown().indexOf(now) + by];
    },
  };
}
