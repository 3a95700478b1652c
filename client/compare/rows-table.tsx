/** Parameters, summaries and environments side by side: what differs first, the rest on request. */
import type { Row } from '@trialroom/shared/api/comparison';
import { createMemo, For, type JSX, Show } from 'solid-js';
import { bytes, figure } from '../components/figures.ts';

/** JSON text as people write it: texts without quotes, figures as everywhere; `name` says when it is an amount of memory. */
export function written(json: string, name = ''): string {
  const value: unknown = JSON.parse(json);
  if (value === null) return 'none';
  if (typeof value === 'string') return value;
  if (name === 'memory' && typeof value === 'number') return bytes(value);
  return typeof value === 'number' ? figure(value, 6) : json;
}

/** What a table of rows shows, and of which trials. */
export interface RowsTableProps {
  label: string;
  names: readonly string[];
  rows: readonly Row[];
  all: boolean;
  base: number;
  empty: string;
}

export function RowsTable(props: RowsTableProps): JSX.Element {
  const differing = createMemo(() => props.rows.filter(({ differs }) => differs));
  const shown = () => (props.all ? [...props.rows].sort((a, b) => Number(b.differs) - Number(a.differs)) : differing());
  return (
    <Show when={props.rows.length > 0} fallback={<p class="empty">{props.empty}</p>}>
      <Show
        when={shown().length > 0}
        fallback={
          <p class="empty">
            Nothing differs: {props.rows.length === 1 ? 'the only entry is' : `all ${props.rows.length} entries are`}{' '}
            the same.
          </p>
        }
      >
        <section class="cmp-scroll" aria-label={props.label} tabindex={0}>
          <table class="tbl cmp-table cmp-rows">
            <thead>
              <tr>
                <th scope="col">name</th>
                <For each={props.names}>
                  {(name, at) => (
                    <th scope="col">
                      <span class={`key s${at() + 1}`}>{name}</span>
                    </th>
                  )}
                </For>
              </tr>
            </thead>
            <tbody>
              <For each={shown()}>
                {(row) => (
                  <tr classList={{ same: !row.differs }}>
                    <th scope="row" class="mono">
                      {row.name}
                    </th>
                    <For each={row.values}>
                      {(value, at) => (
                        <td
                          class="mono"
                          classList={{
                            'cmp-lead': row.differs && at() !== props.base && value !== row.values[props.base],
                          }}
                        >
                          <Show when={value !== null} fallback={<span class="i3">—</span>}>
                            {written(value ?? '', row.name)}
                          </Show>
                        </td>
                      )}
                    </For>
                  </tr>
                )}
              </For>
            </tbody>
          </table>
        </section>
      </Show>
    </Show>
  );
}
