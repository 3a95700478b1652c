/** What stands on a line of the table: a trial, or the head of a group. */
// biome-ignore-all lint/a11y/useSemanticElements: parts of a grid of which few rows exist at a time; see `table.tsx`.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus, or what stands in a cell.
import type { Column, TableGroup, TableRow } from '@trialroom/shared/api/experiments';
import { For, type JSX, Show } from 'solid-js';
import { Icon } from '../components/icon.tsx';
import { StatusGlyph } from '../components/status-glyph.tsx';
import { type Axis, GroupCell, plainText, TrialCell } from './cells.tsx';
import { askedOf, isFigure } from './shown-columns.ts';
import type { Spark } from './sparks.ts';
import { codeOf, type Shown } from './view.ts';

interface Columns {
  shown: readonly Shown[];
  axisOf: (column: Shown) => Axis | undefined;
}

/** The first figure is the one a phone shows; the curve stands beside it. */
const mainClass = (shown: readonly Shown[], column: Shown): string =>
  column === shown.find(({ of }) => of === 'metric') ? 'main' : column.of === 'spark' ? 'main-spark' : '';

export function GroupLine(
  props: Columns & {
    group: TableGroup;
    by: readonly string[];
    asked: readonly Column[];
    folded: boolean;
    onFold: () => void;
  },
): JSX.Element {
  const placeOf = (column: Shown): number => props.asked.findIndex((one) => codeOf(one) === codeOf(askedOf(column)));
  /** No curve is drawn for a group: its name may stand where the first would be. */
  const overCurve = (): boolean => props.shown[0]?.of === 'spark';
  const name = (): string =>
    props.by
      .map((key, index) => {
        const value = props.group.values[index];
        // A word says itself what it is; a figure does not.
        return typeof value === 'string' ? value : `${key.split('.').at(-1)} ${plainText(value)}`;
      })
      .join(', ');
  return (
    <>
      <span role="gridcell">
        <button
          type="button"
          class="fold"
          tabIndex={-1}
          aria-expanded={!props.folded}
          aria-label={`Group ${name()}`}
          onClick={() => props.onFold()}
        >
          <Icon name={props.folded ? 'right' : 'down'} />
        </button>
      </span>
      <span role="gridcell" class="group-name" classList={{ 'over-curve': overCurve() }} title={name()}>
        <b>{name()}</b>
        <small class="num">
          {props.group.count} {props.group.count === 1 ? 'trial' : 'trials'}
        </small>
      </span>
      <For each={overCurve() ? props.shown.slice(1) : props.shown}>
        {(column) => (
          <span role="gridcell" class={mainClass(props.shown, column)} classList={{ n: isFigure(column) }}>
            <GroupCell
              group={props.group}
              place={placeOf(column)}
              column={column}
              axis={props.axisOf(column)}
              by={props.by}
            />
          </span>
        )}
      </For>
    </>
  );
}

export function TrialLine(
  props: Columns & {
    row: TableRow;
    /** What the trial's group says already. */
    by: readonly string[];
    chosen: boolean;
    pen: number | null;
    /** Why it is worse than the baseline; undefined when it is not. */
    worse: string | undefined;
    sparkOf: (key: string) => Spark | undefined;
    onPick: (event: MouseEvent) => void;
  },
): JSX.Element {
  return (
    <>
      <span role="gridcell" class="check">
        <input
          type="checkbox"
          tabIndex={-1}
          aria-label={`Choose ${props.row.trial.name}`}
          checked={props.chosen}
          onClick={(event) => props.onPick(event)}
        />
      </span>
      <span role="gridcell">
        <StatusGlyph status={props.row.trial.status} />
      </span>
      <span role="gridcell" class="name">
        <a href={`/trials/${props.row.trial.id}`} tabIndex={-1} title={props.row.trial.name}>
          {props.row.trial.name}
        </a>
        <Show when={props.pen}>{(pen) => <i class={`swatch s${pen()}`} />}</Show>
        <Show when={props.row.trial.starred}>
          <span class="star" role="img" aria-label="Starred" title="Starred">
            ★
          </span>
        </Show>
        <Show when={props.row.baseline}>
          <small>baseline</small>
        </Show>
        <Show when={props.worse}>
          {(text) => (
            <span class="regress" title={text()}>
              <Icon name="warn" label={text()} />
            </span>
          )}
        </Show>
        <For each={props.row.trial.tags.slice(0, 3)}>{(tag) => <small class="tag">{tag}</small>}</For>
      </span>
      <For each={props.shown}>
        {(column) => (
          <span
            role="gridcell"
            class={mainClass(props.shown, column)}
            classList={{ n: isFigure(column), v: column.of === 'metric' }}
          >
            <Show when={!(column.of === 'params' && props.by.includes(column.key))}>
              <TrialCell
                row={props.row}
                column={column}
                axis={props.axisOf(column)}
                spark={column.of === 'spark' ? props.sparkOf(column.key) : undefined}
                pen={props.pen}
              />
            </Show>
          </span>
        )}
      </For>
    </>
  );
}
