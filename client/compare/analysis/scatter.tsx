/** Two axes against each other, a dot a trial. */

import type { AnalysedTrial } from '@trialroom/shared/api/comparison';
import { createMemo, For, type JSX, Show } from 'solid-js';
import { createWidth } from '../../components/width.ts';
import type { Axis } from './axes.ts';

const SIZE = { height: 320, left: 64, bottom: 40, top: 10, right: 14 };
/** From the axes to the outermost dots, which are drawn whole. */
const PAD = 6;
/** Of a tick at either end of the axis, the text is drawn inwards. */
const anchorOf = (place: number): 'start' | 'middle' | 'end' =>
  place <= 0.01 ? 'start' : place >= 0.99 ? 'end' : 'middle';

export function Scatter(props: {
  trials: readonly AnalysedTrial[];
  x: Axis;
  y: Axis;
  passing: readonly boolean[];
}): JSX.Element {
  let figure: HTMLElement | undefined;
  const room = createWidth(() => figure);
  const width = (): number => Math.max(280, room());
  const xOf = (place: number): number => SIZE.left + PAD + place * (width() - SIZE.left - SIZE.right - 2 * PAD);
  const yOf = (place: number): number =>
    SIZE.top + PAD + (1 - place) * (SIZE.height - SIZE.top - SIZE.bottom - 2 * PAD);
  const dots = createMemo(() =>
    props.trials.flatMap((trial, at) => {
      const [x, y] = [props.x.places[at], props.y.places[at]];
      return x == null || y == null ? [] : [{ trial, at, x: xOf(x), y: yOf(y) }];
    }),
  );
  const left = (): number => props.trials.length - dots().length;
  return (
    <figure class="sc" ref={figure}>
      <svg viewBox={`0 0 ${width()} ${SIZE.height}`} width={width()} height={SIZE.height}>
        <title>{`${props.y.name} against ${props.x.name}, ${dots().length} trials. The table of trials below has the figures.`}</title>
        <For each={props.x.ticks}>
          {(tick) => (
            <g transform={`translate(${xOf(tick.place)} 0)`}>
              <line class="sc-grid" y1={SIZE.top} y2={SIZE.height - SIZE.bottom} />
              <text class="pc-text num" y={SIZE.height - SIZE.bottom + 15} text-anchor={anchorOf(tick.place)}>
                {tick.text}
              </text>
            </g>
          )}
        </For>
        <For each={props.y.ticks}>
          {(tick) => (
            <g transform={`translate(0 ${yOf(tick.place)})`}>
              <line class="sc-grid" x1={SIZE.left} x2={width() - SIZE.right} />
              <text class="pc-text num" x={SIZE.left - 7} dy="0.32em" text-anchor="end">
                {tick.text}
              </text>
            </g>
          )}
        </For>
        <text class="pc-text" x={width() - SIZE.right} y={SIZE.height - 8} text-anchor="end">
          {props.x.name}
          {props.x.kind === 'log' ? ' (log)' : ''}
        </text>
        <For each={dots()}>
          {({ trial, at, x, y }) => (
            <g>
              <a href={`/trials/${trial.id}`} tabindex="-1" aria-label={trial.name}>
                <circle
                  class="sc-dot"
                  classList={{ dim: !props.passing[at] }}
                  cx={x}
                  cy={y}
                  r={props.passing[at] ? 3.5 : 2}
                >
                  <title>{`${trial.name}: ${props.x.name} ${String(props.x.values[at])}, ${props.y.name} ${String(props.y.values[at])}`}</title>
                </circle>
              </a>
            </g>
          )}
        </For>
      </svg>
      <Show when={dots().length < props.trials.length}>
        <p class="i3 sm">{left() === 1 ? '1 trial lacks' : `${left()} trials lack`} one of the two.</p>
      </Show>
    </figure>
  );
}
