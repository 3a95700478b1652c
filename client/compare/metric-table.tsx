/** Metrics side by side: newest and best values, how far each is from the base, and which is best where a way is known. */
import type { Comparison, Reading } from '@trialroom/shared/api/comparison';
import { fromWire } from '@trialroom/shared/trial/points';
import { For, type JSX, Show } from 'solid-js';
import { difference, measured } from '../components/figures.ts';

/** Place of the best reading; null where no way is known, or none leads. */
export function leaderOf(values: readonly (number | null)[], direction: 'minimise' | 'maximise' | null): number | null {
  if (direction === null) return null;
  const finite = values.flatMap((value, at) => (value === null || !Number.isFinite(value) ? [] : [{ value, at }]));
  if (finite.length < 2) return null;
  const best = finite.reduce((a, b) => ((direction === 'minimise' ? b.value < a.value : b.value > a.value) ? b : a));
  return finite.some(({ value, at }) => at !== best.at && value === best.value) ? null : best.at;
}

/** The reading that the table goes by. */
export const readingValue = (reading: Reading | null, by: 'last' | 'best'): number | null =>
  reading ? (by === 'best' ? reading.best : fromWire(reading.last)) : null;

export function MetricTable(props: {
  comparison: Comparison;
  base: number;
  onMetric: (key: string) => void;
}): JSX.Element {
  return (
    <section class="cmp-scroll" aria-label="Metrics" tabindex={0}>
      <table class="tbl cmp-table">
        <thead>
          <tr>
            <th scope="col">metric, {props.comparison.by === 'best' ? 'best value' : 'newest value'}</th>
            <For each={props.comparison.names}>
              {(name, at) => (
                <th scope="col" class="n">
                  <span class={`key s${at() + 1}`}>{name}</span>
                </th>
              )}
            </For>
          </tr>
        </thead>
        <tbody>
          <For each={props.comparison.metrics}>
            {(metric) => {
              const values = () => metric.readings.map((reading) => readingValue(reading, props.comparison.by));
              const leader = () => leaderOf(values(), metric.direction);
              const base = () => values()[props.base] ?? null;
              return (
                <tr classList={{ chosen: metric.key === props.comparison.metric }}>
                  <th scope="row">
                    <button type="button" class="tl" onClick={() => props.onMetric(metric.key)}>
                      {metric.key}
                    </button>
                    <Show when={metric.direction}>
                      {(way) => (
                        <span class="i3 sm" title={way() === 'minimise' ? 'Lower is better' : 'Higher is better'}>
                          {way() === 'minimise' ? ' ↓' : ' ↑'}
                        </span>
                      )}
                    </Show>
                  </th>
                  <For each={values()}>
                    {(value, at) => (
                      <td class="n num" classList={{ 'cmp-lead': at() === leader() }}>
                        <Show when={value !== null} fallback={<span class="i3">—</span>}>
                          <span title={at() === leader() ? 'The best of them' : undefined}>{measured(value ?? 0)}</span>
                          <Show when={at() !== props.base && base() !== null}>
                            <span class="i3 sm cmp-by">{difference((value ?? 0) - (base() ?? 0))}</span>
                          </Show>
                        </Show>
                      </td>
                    )}
                  </For>
                </tr>
              );
            }}
          </For>
        </tbody>
      </table>
      <Show when={props.comparison.metricsLeftOut > 0}>
        <p class="i3 sm">{props.comparison.metricsLeftOut} more metrics are not shown.</p>
      </Show>
    </section>
  );
}
