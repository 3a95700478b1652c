/** What stands in the cells of the table. */
import type { Spread, TableGroup, TableRow } from '@trialroom/shared/api/experiments';
import { lowerIsBetter, valueAt } from '@trialroom/shared/trial/filter/matches';
import { fromWire } from '@trialroom/shared/trial/points';
import { isOver } from '@trialroom/shared/trial/trial';
import { type JSX, Match, Show, Switch } from 'solid-js';
import { Sparkline } from '../charts/sparkline.tsx';
import { clock, duration, figure, measured } from '../components/figures.ts';
import { now } from '../components/now.ts';
import { Initials } from '../components/people.tsx';
import { plainValue } from '../components/plain-value.ts';
import { elapsedOf } from '../room/trial/eta.ts';
import type { Spark } from './sparks.ts';
import type { Shown } from './view.ts';

/** Ends of the axis that dots stand on. */
export interface Axis {
  low: number;
  high: number;
}

const shareOn = ({ low, high }: Axis, value: number): number =>
  Math.max(0, Math.min(100, high > low ? ((value - low) / (high - low)) * 100 : 50));

/** The number in a column of a row; null for none. */
export function numberIn({ trial, metrics }: TableRow, column: Shown): number | null {
  if (column.of === 'metric' || column.of === 'dots' || column.of === 'spark') {
    const totals = Object.hasOwn(metrics, column.key) ? metrics[column.key] : undefined;
    if (!totals) return null;
    const reading = column.of === 'metric' ? column.reading : 'last';
    if (reading === 'best') return lowerIsBetter(column.key, trial.objective) ? totals.min : totals.max;
    const value = totals[reading];
    return value === null ? null : fromWire(value);
  }
  if (column.of === 'trial') return null;
  const value = valueAt(trial[column.of], column.key);
  return typeof value === 'number' ? value : null;
}

/** A figure; what is not a number is said in a warning's colour, and what is missing is a dash. */
function Figure(props: { value: number | null }): JSX.Element {
  return (
    <Show when={props.value !== null} fallback={<span class="i3">–</span>}>
      <span classList={{ nan: Number.isNaN(props.value) }}>{measured(props.value ?? 0)}</span>
    </Show>
  );
}

export function TrialCell(props: {
  row: TableRow;
  column: Shown;
  axis: Axis | undefined;
  spark: Spark | undefined;
  pen: number | null;
}): JSX.Element {
  const value = () => numberIn(props.row, props.column);
  return (
    <Switch>
      <Match when={props.column.of === 'spark' && props.column}>
        <Show when={props.spark}>
          {(spark) => (
            <Sparkline
              steps={spark().steps}
              values={spark().values}
              to={props.row.trial.progress?.total}
              colour={props.pen ?? 'quiet'}
              alive={props.row.trial.status === 'running'}
              width={100}
              height={20}
              label={`Course of ${props.column.of === 'spark' ? props.column.key : ''}`}
            />
          )}
        </Show>
      </Match>
      <Match when={props.column.of === 'dots' && props.axis}>
        {(axis) => (
          <span class="dot-axis" aria-hidden="true">
            <Show when={Number.isFinite(value() ?? Number.NaN)}>
              <i
                class={`dot ${props.pen ? `s${props.pen}` : ''}`}
                style={{ left: `${shareOn(axis(), value() ?? 0)}%` }}
              />
            </Show>
          </span>
        )}
      </Match>
      <Match when={props.column.of === 'metric'}>
        <Figure value={value()} />
      </Match>
      <Match when={props.column.of === 'trial' && props.column}>
        {(column) => <Own row={props.row} name={column().name} />}
      </Match>
      <Match when={(props.column.of === 'params' || props.column.of === 'summary') && props.column}>
        {(column) => (
          <Plain value={valueAt(props.row.trial[column().of as 'params'], (column() as { key: string }).key)} />
        )}
      </Match>
    </Switch>
  );
}

function Own(props: { row: TableRow; name: string }): JSX.Element {
  const trial = () => props.row.trial;
  const at = (): number | null =>
    props.name === 'created' ? trial().createdAt : props.name === 'started' ? trial().startedAt : trial().endedAt;
  return (
    <Switch>
      <Match when={props.name === 'by'}>
        <Show when={trial().by}>{(person) => <Initials person={person()} />}</Show>
      </Match>
      <Match when={props.name === 'created' || props.name === 'started' || props.name === 'ended'}>
        <Show when={at()}>{(ms) => <time>{clock(ms(), now())}</time>}</Show>
      </Match>
      <Match when={props.name === 'ran'}>
        <Show when={trial().startedAt !== null}>
          {duration(elapsedOf(trial(), isOver(trial().status) ? 0 : now()) ?? 0)}
        </Show>
      </Match>
      <Match when={props.name === 'objective'}>
        <Figure
          value={
            trial().objective
              ? numberIn(props.row, { of: 'metric', key: trial().objective?.key ?? '', reading: 'last' })
              : null
          }
        />
      </Match>
      <Match when={props.name === 'tags'}>{trial().tags.join(', ')}</Match>
      <Match when={props.name === 'notebook'}>{trial().notebook?.path}</Match>
      <Match
        when={
          props.name === 'experiment' ||
          props.name === 'status' ||
          props.name === 'backend' ||
          props.name === 'note' ||
          props.name === 'name'
        }
      >
        {String(trial()[props.name as 'name'] ?? '')}
      </Match>
    </Switch>
  );
}

/** A parameter as the machine wrote it. */
export function plainText(value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'number') return figure(value, 6);
  return plainValue(value);
}

const Plain = (props: { value: unknown }): JSX.Element => <span class="mono">{plainText(props.value)}</span>;

/** The same columns over a group: mean with its spread, and a whisker where a row has a dot. */
export function GroupCell(props: {
  group: TableGroup;
  place: number;
  column: Shown;
  axis: Axis | undefined;
  by: readonly string[];
}): JSX.Element {
  const spread = (): Spread | null => props.group.spreads[props.place] ?? null;
  const byValue = (): string | null => {
    const { column } = props;
    if (column.of !== 'params') return null;
    const at = props.by.indexOf(column.key);
    return at < 0 ? null : plainText(props.group.values[at]);
  };
  return (
    <Switch>
      <Match when={props.column.of === 'dots' && props.axis}>
        {(axis) => (
          <span class="dot-axis" aria-hidden="true">
            <Show when={spread()?.mean ?? null}>
              {(mean) => (
                <>
                  <i
                    class="whisker"
                    style={{
                      left: `${shareOn(axis(), mean() - (spread()?.std ?? 0))}%`,
                      right: `${100 - shareOn(axis(), mean() + (spread()?.std ?? 0))}%`,
                    }}
                  />
                  <i class="mean" style={{ left: `${shareOn(axis(), mean())}%` }} />
                </>
              )}
            </Show>
          </span>
        )}
      </Match>
      <Match when={byValue()}>{(text) => <span class="mono i1">{text()}</span>}</Match>
      <Match when={props.column.of !== 'spark' && props.column.of !== 'params' && spread()}>
        {(held) => (
          <Show when={held().mean !== null}>
            <b
              title={`${held().n} with a number, from ${figure(held().min ?? 0)} to ${figure(held().max ?? 0)}${held().odd > 0 ? `; ${held().odd} left out` : ''}`}
            >
              {measured(held().mean ?? 0)}
            </b>
            <small class="pm">{held().std === null ? '' : `± ${figure(held().std ?? 0, 2)}`}</small>
          </Show>
        )}
      </Match>
    </Switch>
  );
}
