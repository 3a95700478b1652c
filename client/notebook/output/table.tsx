/** Records as a table set like a paper: figures to the right, kinds under the names, and how much of it is shown. */
import { TableData } from '@trialroom/shared/notebook/outputs';
import { createMemo, For, type JSX, Show } from 'solid-js';
import { unwrap } from 'solid-js/store';
import { count, figure } from '../../components/figures.ts';
import { size } from './stream.tsx';
import { TextOutput } from './text.tsx';

export function TableOutput(props: {
  data: unknown;
  plain: unknown;
  /** All of it as a file, where that was made. */
  whole: { address: string; bytes: number } | null;
}): JSX.Element {
  const table = createMemo(() => {
    // Read past the store: a table comes whole, and would be tracked cell by cell.
    const parsed = TableData.safeParse(unwrap(props.data));
    return parsed.success ? parsed.data : null;
  });
  return (
    <Show when={table()} fallback={<TextOutput text={props.plain} />}>
      {(data) => (
        <>
          <div class="scroll-x">
            <table class="tbl">
              <thead>
                <tr>
                  <For each={data().columns}>
                    {(column) => (
                      <th scope="col" class={column.type === 'number' ? 'n' : ''}>
                        {column.name}
                        <br />
                        <small>{column.kind ?? column.type}</small>
                      </th>
                    )}
                  </For>
                </tr>
              </thead>
              <tbody>
                <For each={data().rows}>
                  {(row) => (
                    <tr>
                      <For each={data().columns}>
                        {(column, index) => (
                          <td class={column.type === 'number' ? 'n' : ''}>{cellText(row[index()])}</td>
                        )}
                      </For>
                    </tr>
                  )}
                </For>
              </tbody>
            </table>
          </div>
          <p class="cap">
            <span class="num">
              {data().rows.length < data().total
                ? `${count(data().rows.length)} of ${count(data().total)} rows`
                : `${count(data().total)} ${data().total === 1 ? 'row' : 'rows'}`}
              , {data().columns.length} {data().columns.length === 1 ? 'column' : 'columns'}
            </span>
            <Show when={props.whole}>
              {(whole) => (
                <a class="tl num" href={whole().address} download="table.csv">
                  All as CSV, {size(whole().bytes)}
                </a>
              )}
            </Show>
          </p>
        </>
      )}
    </Show>
  );
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return Number.isInteger(value) ? count(value) : figure(value, 5);
  return typeof value === 'string' ? value : JSON.stringify(value);
}
