/** The cells of a version in the order in which they are drawn: changed ones by themselves, unchanged ones folded, a few at a time. */
import { type CellDifference, nameOf } from '@trialroom/shared/history/compare';
import { createEffect, createSignal, For, type JSX, onCleanup, Show } from 'solid-js';
import { SkeletonRows } from '../../shell/states.tsx';
import { CellDifferenceView } from './cell-difference.tsx';

/** Cells drawn at first, and so many more whenever their end comes into sight. */
export const DRAWN = 20;

/** Changed cells one by one, unchanged ones together. `first` is the position of the first, from 1. */
export interface Group {
  same: boolean;
  first: number;
  differences: CellDifference[];
}

/** The cells of a comparison as they are drawn: changed ones one by one, unchanged neighbours together. */
export function groupsOf(differences: readonly CellDifference[]): Group[] {
  const groups: Group[] = [];
  differences.forEach((difference, index) => {
    const same = nameOf(difference) === 'same';
    const last = groups.at(-1);
    if (same && last?.same) last.differences.push(difference);
    else groups.push({ same, first: index + 1, differences: [difference] });
  });
  return groups;
}

/** Cells in which nothing differs: a line that can be opened, a few at a time. */
export function Unchanged(props: { differences: readonly CellDifference[]; first: number }): JSX.Element {
  const [open, setOpen] = createSignal(0);
  const left = () => props.differences.length - open();
  return (
    <>
      <For each={props.differences.slice(0, open())}>
        {(difference, index) => (
          <CellDifferenceView difference={difference} position={props.first + index()} here={false} />
        )}
      </For>
      <Show when={left() > 0}>
        <button type="button" class="vd-fold cells-fold" onClick={() => setOpen((count) => count + DRAWN)}>
          {left() === 1 ? '1 unchanged cell' : `${left()} unchanged cells`}
        </button>
      </Show>
    </>
  );
}

/** Asks for more when it comes near the screen. */
export function More(props: { onSeen: () => void }): JSX.Element {
  let mark: HTMLDivElement | undefined;
  createEffect(() => {
    if (!mark) return;
    const seen = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) props.onSeen();
      },
      { rootMargin: '800px' },
    );
    seen.observe(mark);
    onCleanup(() => seen.disconnect());
  });
  return (
    <div ref={mark}>
      <SkeletonRows rows={2} height="4rem" />
    </div>
  );
}
