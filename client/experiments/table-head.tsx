/** The head of the table: choosing all, sorting, and columns that are made wider or dragged to another place. */
// biome-ignore-all lint/a11y/useSemanticElements: parts of a grid of which few rows exist at a time; see `table.tsx`.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus, or what stands in a cell.
import { MOST_CHANGED } from '@trialroom/shared/api/bulk';
import { createEffect, createSignal, For, type JSX } from 'solid-js';
import { count } from '../components/figures.ts';
import type { Axis } from './cells.tsx';
import { HeadCell } from './head-cell.tsx';
import { dragOrder, movedTo } from './reordering.ts';
import { bounded, dragWidth } from './resizing.ts';
import { askedOf, isFigure, shortTitle, titleOf } from './shown-columns.ts';
import { codeOf, isValue, type Shown, type View } from './view.ts';

export interface TableHeadProps {
  shown: readonly Shown[];
  sort: View['sort'];
  /** How many fit, and how many of them are chosen. */
  total: number;
  chosen: number;
  /** px of one rem. */
  rem: number;
  axisOf: (column: Shown) => Axis | undefined;
  widthOf: (column: Shown) => number;
  /** A column is being made wider; null: no more. */
  onDragged: (dragged: { code: string; width: number } | null) => void;
  /** Something to be heard by who does not see it. */
  onSay: (text: string) => void;
  onAll: (all: boolean) => void;
  onSort: (sort: View['sort']) => void;
  onColumns: (columns: Shown[]) => void;
}

const NAME: Shown = { of: 'trial', name: 'name' };

export function TableHead(props: TableHeadProps): JSX.Element {
  let head!: HTMLDivElement;
  /** Before which column the dragged one would be put. */
  const [place, setPlace] = createSignal<number | null>(null);
  const sortBy = (column: Shown): void => {
    if (!isValue(column)) return;
    const asked = askedOf(column);
    const { sort } = props;
    const same = sort && codeOf(sort.column) === codeOf(asked);
    const firstWay = isFigure(column) ? 'descending' : 'ascending';
    if (!same) props.onSort({ column: asked, direction: firstWay });
    else if (sort.direction === firstWay)
      props.onSort({ column: asked, direction: firstWay === 'ascending' ? 'descending' : 'ascending' });
    else props.onSort(null);
  };
  const sorted = (column: Shown): 'ascending' | 'descending' | undefined => {
    const { sort } = props;
    return sort && isValue(column) && codeOf(sort.column) === codeOf(askedOf(column)) ? sort.direction : undefined;
  };
  const resize = (column: Shown, px: number): void =>
    props.onColumns(props.shown.map((one) => (one === column ? { ...one, width: bounded(px) } : one)));
  const widen = (column: Shown, event: PointerEvent): void =>
    dragWidth(event, {
      before: props.widthOf(column),
      scale: 16 / props.rem,
      moved: (px) => props.onDragged({ code: codeOf(column), width: px }),
      ended: (px) => {
        props.onDragged(null);
        if (px !== null) resize(column, px);
      },
    });
  const order = (from: number, before: number): void => {
    const next = movedTo(props.shown, from, before);
    if (next.every((one, at) => one === props.shown[at])) return;
    props.onSay(
      `${titleOf(props.shown[from] ?? NAME)} is column ${next.indexOf(props.shown[from] ?? NAME) + 1} of ${next.length}.`,
    );
    props.onColumns(next);
  };
  const drag = (column: Shown, event: PointerEvent): void =>
    dragOrder(event, {
      heads: () => [...head.querySelectorAll<HTMLElement>('[data-code]')],
      moved: setPlace,
      ended: (before) => {
        setPlace(null);
        if (before !== null) order(props.shown.indexOf(column), before);
      },
    });
  const move = (column: Shown, by: -1 | 1): void => {
    const from = props.shown.indexOf(column);
    const grip = document.activeElement?.classList.contains('grip');
    order(from, by < 0 ? Math.max(0, from - 1) : Math.min(props.shown.length, from + 2));
    // The heads are made anew: the keyboard goes on where it was.
    requestAnimationFrame(() =>
      head
        .querySelector<HTMLElement>(`[data-code="${CSS.escape(codeOf(column))}"] button${grip ? '.grip' : ''}`)
        ?.focus(),
    );
  };
  const dropAt = (index: number): 'before' | 'behind' | undefined =>
    place() === index
      ? 'before'
      : place() === props.shown.length && index === props.shown.length - 1
        ? 'behind'
        : undefined;
  const all = () => props.chosen > 0 && props.chosen === props.total;

  return (
    <div class="grid-head" role="row" aria-rowindex={1} ref={head}>
      <span role="columnheader" class="choose-all">
        <input
          type="checkbox"
          aria-label={`Choose all ${count(props.total)} that fit`}
          title={
            props.total > MOST_CHANGED
              ? `More than ${count(MOST_CHANGED)} fit: ask for fewer to choose all`
              : `Choose all ${count(props.total)} that fit`
          }
          disabled={props.total > MOST_CHANGED}
          checked={all()}
          ref={(input) =>
            createEffect(() => {
              input.indeterminate = props.chosen > 0 && !all();
            })
          }
          onChange={() => props.onAll(!all())}
        />
      </span>
      <span role="columnheader" aria-label="Status" />
      <HeadCell column={NAME} title="trial" sorted={sorted(NAME)} onSort={() => sortBy(NAME)} />
      <For each={props.shown}>
        {(column, index) => (
          <HeadCell
            column={column}
            title={titleOf(column)}
            short={shortTitle(column, props.shown)}
            axis={props.axisOf(column)}
            sorted={sorted(column)}
            onSort={isValue(column) ? () => sortBy(column) : undefined}
            onDrag={(event) => widen(column, event)}
            onNudge={(by) => resize(column, props.widthOf(column) + by)}
            code={codeOf(column)}
            drop={dropAt(index())}
            onOrder={(event) => drag(column, event)}
            onMove={(by) => move(column, by)}
          />
        )}
      </For>
    </div>
  );
}
