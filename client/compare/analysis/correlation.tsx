/** How parameters and metrics go together over the trials that pass: Pearson below the diagonal's name, or Spearman. */
import { pearson, spearman } from '@trialroom/shared/statistics/correlation';
import { createMemo, createSignal, For, type JSX, Show } from 'solid-js';
import { Choice } from '../../components/button.tsx';
import type { Axis } from './axes.ts';

/** Axes of a matrix that can still be read. */
export const MOST_CORRELATED = 14;

export function Correlation(props: { axes: readonly Axis[]; passing: readonly boolean[] }): JSX.Element {
  const [kind, setKind] = createSignal<'spearman' | 'pearson'>('spearman');
  const columns = createMemo(() =>
    props.axes
      .filter((axis) => axis.kind !== 'category')
      .slice(0, MOST_CORRELATED)
      .map(({ name, values }) => ({
        name,
        values: values.map((value, at) => (props.passing[at] && typeof value === 'number' ? value : null)),
      })),
  );
  const matrix = createMemo(() =>
    columns().map(({ values }) =>
      columns().map((other) => (kind() === 'pearson' ? pearson : spearman)(values, other.values)),
    ),
  );
  /** How many trials have both numbers: `18`, or `12 to 18`. */
  const pairs = (): string => {
    const all = matrix().flatMap((row) => row.map(({ n }) => n));
    return [...new Set([Math.min(...all), Math.max(...all)])].join(' to ');
  };
  return (
    <>
      <p class="cmp-sub">
        <Choice
          label="Coefficient"
          value={kind()}
          options={[
            { value: 'spearman', text: 'Spearman', title: 'By rank: any steady rise counts' },
            { value: 'pearson', text: 'Pearson', title: 'By value: how near to a straight line' },
          ]}
          onChange={setKind}
        />
        <span class="i3 sm">over the trials that pass the ranges; going together is not causing</span>
      </p>
      <Show
        when={columns().length > 1}
        fallback={<p class="empty">There are fewer than two numbers to hold against each other.</p>}
      >
        <section class="cmp-scroll" aria-label="Correlation" tabindex={0}>
          <table class="tbl cor">
            <thead>
              <tr>
                <th scope="col">
                  <span class="vh">of</span>
                </th>
                <For each={columns()}>
                  {({ name }) => (
                    <th scope="col" class="n" title={name}>
                      {name.length > 12 ? `${name.slice(0, 11)}…` : name}
                    </th>
                  )}
                </For>
              </tr>
            </thead>
            <tbody>
              <For each={columns()}>
                {({ name }, row) => (
                  <tr>
                    <th scope="row">{name}</th>
                    <For each={matrix()[row()]}>
                      {({ r, n }, column) => (
                        <td
                          class="n num"
                          classList={{ self: column() === row(), less: (r ?? 0) < 0 }}
                          style={{ '--share': `${Math.round(Math.abs(r ?? 0) * 55)}%` }}
                          title={`${n} trials`}
                        >
                          {column() === row() ? '' : r === null ? '—' : r.toFixed(2).replace('-', '−')}
                          <span class="vh">, of {n} trials</span>
                        </td>
                      )}
                    </For>
                  </tr>
                )}
              </For>
            </tbody>
          </table>
        </section>
        <p class="i3 sm num">n = {pairs()} trials a pair</p>
      </Show>
    </>
  );
}
