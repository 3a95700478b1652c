/** The head of a column: its name, how it is sorted, the axis of its dots, the grip that makes it wider, and where it is dragged. */
// biome-ignore-all lint/a11y/useSemanticElements: parts of a grid of which few rows exist at a time; see `table.tsx`.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus, or what stands in a cell.
import { For, type JSX, Show } from 'solid-js';
import { Icon } from '../components/icon.tsx';
import { ticksOf } from './axis-ticks.ts';
import type { Axis } from './cells.tsx';
import { isFigure } from './shown-columns.ts';
import type { Shown } from './view.ts';

export function HeadCell(props: {
  column: Shown;
  title: string;
  /** Written instead of the title where that is long; the title stays what it is called. */
  short?: string | undefined;
  axis?: Axis | undefined;
  sorted: 'ascending' | 'descending' | undefined;
  onSort?: (() => void) | undefined;
  onDrag?: (event: PointerEvent) => void;
  onNudge?: (by: number) => void;
  /** Named in the page, where it can change places with others. */
  code?: string;
  /** Another column is about to be put before or behind it. */
  drop?: 'before' | 'behind' | undefined;
  onOrder?: (event: PointerEvent) => void;
  /** To the left or to the right by one. */
  onMove?: (by: -1 | 1) => void;
}): JSX.Element {
  /** Which way an arrow key points; 0: it is none. */
  const wayOf = ({ key }: KeyboardEvent): -1 | 0 | 1 => (key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? -1 : 0);
  const takeArrow = (event: KeyboardEvent, arrow: (way: -1 | 1) => void): void => {
    const way = wayOf(event);
    if (way === 0) return;
    event.preventDefault();
    event.stopPropagation();
    arrow(way);
  };
  const ticks = () => (props.axis ? ticksOf(props.axis) : []);
  return (
    <span
      role="columnheader"
      aria-sort={props.sorted}
      data-code={props.code}
      classList={{
        n: isFigure(props.column),
        sorted: props.sorted !== undefined,
        'drop-before': props.drop === 'before',
        'drop-behind': props.drop === 'behind',
      }}
      onPointerDown={(event) => {
        if (!(event.target as Element).closest('.grip')) props.onOrder?.(event);
      }}
    >
      <Show
        when={props.onSort}
        fallback={
          <Show when={ticks().length > 0} fallback={<span class="head-text">{props.title}</span>}>
            <span class="axis num" role="img" aria-label={props.title}>
              <For each={ticks()}>{(tick) => <i style={{ left: `${tick.left}%` }}>{tick.text}</i>}</For>
            </span>
          </Show>
        }
      >
        <button
          type="button"
          title={`Sort by ${props.title}${props.onMove ? '; Shift and an arrow move it' : ''}`}
          aria-keyshortcuts={props.onMove ? 'Shift+ArrowLeft Shift+ArrowRight' : undefined}
          onClick={() => props.onSort?.()}
          onKeyDown={(event) => {
            if (event.shiftKey && props.onMove) takeArrow(event, props.onMove);
          }}
        >
          <span class="head-text">{props.short ?? props.title}</span>
          <Show when={props.sorted}>{(way) => <Icon name={way() === 'descending' ? 'lower' : 'higher'} />}</Show>
        </button>
      </Show>
      <Show when={props.onDrag}>
        {(onDrag) => (
          <button
            type="button"
            class="grip"
            aria-label={`Width of ${props.title}`}
            onPointerDown={(event) => onDrag()(event)}
            aria-keyshortcuts="ArrowLeft ArrowRight Shift+ArrowLeft Shift+ArrowRight"
            onKeyDown={(event) =>
              takeArrow(event, (way) => (event.shiftKey ? props.onMove?.(way) : props.onNudge?.(16 * way)))
            }
          />
        )}
      </Show>
    </span>
  );
}
