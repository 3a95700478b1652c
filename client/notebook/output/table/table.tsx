/**
 * Records as a table set like a paper: figures to the right, kinds under the names. Rows can be sorted and filtered; of
 * a long table only those on the screen are drawn, and all of it is fetched when someone asks for more than its beginning.
 */
import { TableData } from '@trialroom/shared/notebook/outputs';
import { createMemo, createSignal, For, type JSX, Show } from 'solid-js';
import { unwrap } from 'solid-js/store';
import { Button } from '../../../components/button.tsx';
import { count, figure } from '../../../components/figures.ts';
import { Icon } from '../../../components/icon.tsx';
import { size } from '../size.ts';
import { TextOutput } from '../text.tsx';
import { arrange, type Order, press, type Row } from './rows.ts';
import './table.css';
import { readWhole } from './whole.ts';

/** Up to this many rows are simply drawn. */
const FEW = 60;
/** Rows drawn beyond what is on the screen. */
const BEYOND = 12;

/** All of it as a file, where that was made. */
interface Whole {
  address: string;
  bytes: number;
}

/** Rows that can be sorted, searched and taken away. */
export function TableOutput(props: { data: unknown; plain: unknown; whole: Whole | null }): JSX.Element {
  const table = createMemo(() => {
    // Read past the store: a table comes whole, and would be tracked cell by cell.
    const parsed = TableData.safeParse(unwrap(props.data));
    return parsed.success ? parsed.data : null;
  });
  return (
    <Show when={table()} fallback={<TextOutput text={props.plain} />}>
      {(data) => <Table data={data()} whole={props.whole} />}
    </Show>
  );
}

function Table(props: { data: TableData; whole: Whole | null }): JSX.Element {
  const [order, setOrder] = createSignal<Order | null>(null);
  const [filter, setFilter] = createSignal('');
  const [filtering, setFiltering] = createSignal(false);
  const [all, setAll] = createSignal<{ of: TableData; rows: Row[] } | null>(null);
  const [loading, setLoading] = createSignal(false);
  const [problem, setProblem] = createSignal<string | null>(null);
  const columns = () => props.data.columns;
  const rows = (): readonly Row[] => {
    const whole = all();
    return whole?.of === props.data ? whole.rows : props.data.rows;
  };
  const partial = (): boolean => rows().length < props.data.total;
  const shown = createMemo(() => arrange(rows(), columns(), order(), filter()));

  /** What is sorted or filtered should be the table, not its beginning. */
  async function wantAll(): Promise<void> {
    const { whole, data } = props;
    if (!whole || !partial() || loading()) return;
    setLoading(true);
    setProblem(null);
    try {
      setAll({ of: data, rows: await readWhole(whole.address, data.columns) });
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setLoading(false);
    }
  }

  const summary = (): string => {
    const total = `${count(props.data.total)} ${props.data.total === 1 ? 'row' : 'rows'}`;
    const width = `${columns().length} ${columns().length === 1 ? 'column' : 'columns'}`;
    if (filter().trim() !== '') return `${count(shown().length)} of ${count(rows().length)} rows pass, ${width}`;
    return partial() ? `${count(rows().length)} of ${total}, ${width}` : `${total}, ${width}`;
  };
  const direction = (column: number): 'ascending' | 'descending' | 'none' => {
    const now = order();
    return now?.column !== column ? 'none' : now.descending ? 'descending' : 'ascending';
  };
  return (
    <div class="sheet">
      <Show when={filtering()}>
        <div class="sheet-filter">
          <input
            class="field"
            type="search"
            aria-label="Filter rows"
            placeholder={`words, or ${columns().find(({ type }) => type === 'number')?.name ?? 'column'} > 1`}
            spellcheck={false}
            value={filter()}
            onInput={(event) => {
              setFilter(event.currentTarget.value.replaceAll(/\s*(!=|>=|<=|=|>|<)\s*/g, '$1'));
              void wantAll();
            }}
            onKeyDown={(event) => {
              if (event.key !== 'Escape') return;
              event.stopPropagation();
              setFilter('');
              setFiltering(false);
            }}
            ref={(field) => queueMicrotask(() => field.focus())}
          />
        </div>
      </Show>
      <Rows
        head={
          <tr>
            <For each={columns()}>
              {(column, index) => (
                <th scope="col" class={column.type === 'number' ? 'n' : ''} aria-sort={direction(index())}>
                  <button
                    type="button"
                    title="Sort"
                    onClick={() => {
                      setOrder((now) => press(now, index()));
                      void wantAll();
                    }}
                  >
                    {column.name}
                    <Show when={direction(index()) !== 'none'}>
                      <Icon name={direction(index()) === 'descending' ? 'lower' : 'higher'} />
                    </Show>
                  </button>
                  <br />
                  <small>{column.kind ?? column.type}</small>
                </th>
              )}
            </For>
          </tr>
        }
        columns={columns()}
        rows={rows()}
        shown={shown()}
      />
      <p class="cap">
        <span class="num" role="status">
          {loading() ? `reading all of it, ${size(props.whole?.bytes ?? 0)}…` : (problem() ?? summary())}
        </span>
        <span class="cap-acts">
          <Show when={partial() && props.whole && !loading()}>
            <button type="button" class="tl" onClick={() => void wantAll()}>
              Show all rows
            </button>
          </Show>
          <Show when={rows().length > 5}>
            <Button
              kind="quiet"
              icon="search"
              aria-label="Filter rows"
              aria-pressed={filtering()}
              title="Filter rows"
              onClick={() => {
                setFilter('');
                setFiltering(!filtering());
              }}
            />
          </Show>
          <Show when={props.whole}>
            {(whole) => (
              <a class="tl num" href={whole().address} download="table.csv">
                All as CSV, {size(whole().bytes)}
              </a>
            )}
          </Show>
        </span>
      </p>
    </div>
  );
}

/** The rows in a box of their own; beyond {@link FEW}, those near the part of it that is seen. */
function Rows(props: {
  head: JSX.Element;
  columns: TableData['columns'];
  rows: readonly Row[];
  shown: Uint32Array;
}): JSX.Element {
  const [top, setTop] = createSignal(0);
  const [height, setHeight] = createSignal(480);
  const [rowHeight, setRowHeight] = createSignal(28);
  const few = (): boolean => props.shown.length <= FEW;
  const first = createMemo(() => (few() ? 0 : Math.max(0, Math.floor(top() / rowHeight()) - BEYOND)));
  const last = createMemo(() =>
    few() ? props.shown.length : Math.min(props.shown.length, Math.ceil((top() + height()) / rowHeight()) + BEYOND),
  );
  const drawn = createMemo(() => Array.from(props.shown.subarray(first(), last())));
  const measure = (box: HTMLElement): void => {
    const row = box.querySelector<HTMLElement>('tbody tr[data-row]');
    if (row && row.offsetHeight > 0) setRowHeight(row.getBoundingClientRect().height);
    if (box.clientHeight > 0) setHeight(box.clientHeight);
    setTop(box.scrollTop);
  };
  const space = (rows: number): JSX.Element => (
    <Show when={rows > 0}>
      <tr>
        <td colspan={props.columns.length} style={{ height: `${rows * rowHeight()}px`, padding: 0, border: 0 }} />
      </tr>
    </Show>
  );
  return (
    <div
      class="sheet-box"
      classList={{ long: !few() }}
      tabindex={few() ? undefined : 0}
      onScroll={(event) => measure(event.currentTarget)}
    >
      <table class="tbl" aria-rowcount={few() ? undefined : props.shown.length + 1}>
        <thead>{props.head}</thead>
        <tbody>
          {space(first())}
          <For each={drawn()}>
            {(index, place) => (
              <tr data-row aria-rowindex={few() ? undefined : first() + place() + 2}>
                <For each={props.columns}>
                  {(column, at) => (
                    <td class={column.type === 'number' ? 'n' : ''}>{cellText(props.rows[index]?.[at()])}</td>
                  )}
                </For>
              </tr>
            )}
          </For>
          {space(props.shown.length - last())}
        </tbody>
      </table>
    </div>
  );
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return Number.isInteger(value) ? count(value) : figure(value, 5);
  return typeof value === 'string' ? value : JSON.stringify(value);
}
