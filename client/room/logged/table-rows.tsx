/** A logged table on the page: only the rows that can be seen, sorted by the column that someone chooses. */
import {
  createEffect,
  createMemo,
  createSignal,
  For,
  Index,
  type JSX,
  on,
  onCleanup,
  onMount,
  Show,
  type Signal,
} from 'solid-js';
import { figure } from '../../components/figures.ts';
import { Icon } from '../../components/icon.tsx';
import { visibleRows } from '../../components/visible-rows.ts';
import { type Cell, type Compared, numberIn, sortedBy, type TableRow } from './table-difference.ts';

/** Letters of a cell that are on the page; all of them are in its title and in what is taken along. */
const MOST_LETTERS = 300;
const WORDS = { same: '', changed: 'changed', added: 'new', removed: 'gone' } as const;

const written = (cell: Cell): string => {
  if (cell === null) return '';
  const number = numberIn(cell);
  return number === null ? String(cell) : figure(number, 6);
};

/** The column that rows are sorted by, if any. */
export type Sort = { column: string; descending: boolean } | null;

/** @param props.sort kept by whoever shows the table, which may be taken off the page meanwhile */
export function TableRows(props: {
  label: string;
  table: Compared;
  compares: boolean;
  sort: Signal<Sort>;
}): JSX.Element {
  let box: HTMLElement | undefined;
  let measure: HTMLTableRowElement | undefined;
  const [sort, setSort] = props.sort;
  const [scroll, setScroll] = createSignal(0);
  const [view, setView] = createSignal({ height: 400, row: 28 });
  const rows = createMemo((): readonly TableRow[] => {
    const wanted = sort();
    const at = wanted ? props.table.columns.indexOf(wanted.column) : -1;
    return wanted && at >= 0 ? sortedBy(props.table.rows, at, wanted.descending) : props.table.rows;
  });
  const seen = createMemo(() => visibleRows(scroll(), view().height, view().row, rows().length));
  const numeric = createMemo(() =>
    props.table.columns.map((_, at) =>
      props.table.rows.some(({ cells }) => numberIn(cells[at]?.value ?? null) !== null),
    ),
  );
  onMount(() => {
    if (!box) return;
    const resized = new ResizeObserver(() => {
      setView({ height: box?.clientHeight ?? 400, row: measure?.offsetHeight || 28 });
    });
    resized.observe(box);
    onCleanup(() => resized.disconnect());
  });
  // What is scrolled to may be beyond the end of a shorter table.
  createEffect(on(rows, () => setScroll(box?.scrollTop ?? 0), { defer: true }));
  const turn = (column: string): void => {
    setSort((now) =>
      now?.column !== column ? { column, descending: false } : now.descending ? null : { column, descending: true },
    );
  };
  const sorting = (column: string): 'ascending' | 'descending' | 'none' => {
    const now = sort();
    return now?.column !== column ? 'none' : now.descending ? 'descending' : 'ascending';
  };
  return (
    <section
      ref={box}
      class="table-box"
      // What scrolls must be reached without a pointer.
      tabindex={0}
      aria-label={props.label}
      onScroll={(event) => setScroll(event.currentTarget.scrollTop)}
    >
      <table
        class="tbl"
        aria-rowcount={rows().length + 1}
        style={{ 'min-width': `${props.table.columns.length * 6.5}rem` }}
      >
        <thead>
          <tr>
            <Index each={props.table.columns}>
              {(column, at) => (
                <th scope="col" class={numeric()[at] ? 'n' : ''} aria-sort={sorting(column())}>
                  <button type="button" onClick={() => turn(column())} title="Sort">
                    {column() || '–'}
                    <Show when={sorting(column()) !== 'none'}>
                      <Icon name={sorting(column()) === 'ascending' ? 'higher' : 'lower'} />
                    </Show>
                  </button>
                </th>
              )}
            </Index>
          </tr>
        </thead>
        <tbody>
          <Show when={seen().first > 0}>
            <tr class="gap">
              <td colSpan={props.table.columns.length} style={{ height: `${seen().first * view().row}px` }} />
            </tr>
          </Show>
          <For each={rows().slice(seen().first, seen().end)}>
            {(row, at) => (
              <tr
                ref={(element) => {
                  measure = element;
                }}
                class={`row-${row.state}`}
                aria-rowindex={seen().first + at() + 2}
              >
                <For each={row.cells}>
                  {(cell, column) => (
                    <td class={numeric()[column()] ? 'n num' : ''} title={written(cell.value)}>
                      <Show when={column() === 0 && props.compares && row.state !== 'same'}>
                        <span class="row-state">{WORDS[row.state]}</span>{' '}
                      </Show>
                      <Show when={cell.was !== undefined}>
                        <del>{written(cell.was ?? null).slice(0, MOST_LETTERS) || '–'}</del>{' '}
                      </Show>
                      {written(cell.value).slice(0, MOST_LETTERS)}
                    </td>
                  )}
                </For>
              </tr>
            )}
          </For>
          <Show when={seen().end < rows().length}>
            <tr class="gap">
              <td
                colSpan={props.table.columns.length}
                style={{ height: `${(rows().length - seen().end) * view().row}px` }}
              />
            </tr>
          </Show>
        </tbody>
      </table>
      <Show when={rows().length === 0}>
        <p class="empty">{props.compares ? 'Nothing differs.' : 'This table has no rows.'}</p>
      </Show>
    </section>
  );
}
