import { For, type JSX } from 'solid-js';
import type { Point } from './threshold.ts';
import './square-plot.css';

const SIZE = 240;
const LEFT = 30;
const BOTTOM = 28;
/** The vertical axis is named above its end: a good curve fills the corner inside. */
const TOP = 22;
const TICKS = [0, 0.25, 0.5, 0.75, 1];
const x = (value: number): number => LEFT + value * SIZE;
const y = (value: number): number => TOP + (1 - value) * SIZE;

/** A plot of two shares against each other, as wide as high. */
export function SquarePlot(props: {
  title: string;
  number: number;
  xName: string;
  yName: string;
  /** What is said beside the title. */
  note: string;
  points: readonly Point[];
  /** `step`: the value holds until the next point. */
  kind?: 'line' | 'step';
  /** Where the threshold is. */
  mark?: Point | null;
  /** What no skill would give. */
  chance?: readonly [Point, Point] | undefined;
  children?: JSX.Element;
}): JSX.Element {
  const path = () =>
    props.points
      .map(([px, py], index) => {
        if (index === 0) return `M${x(px)} ${y(py)}`;
        return props.kind === 'step' ? `V${y(py)}H${x(px)}` : `L${x(px)} ${y(py)}`;
      })
      .join('');
  return (
    <figure class="square">
      <figcaption>
        <span class="fno">Fig. {props.number}</span>
        <h3>{props.title}</h3>
        <span class="unit num">{props.note}</span>
      </figcaption>
      <svg
        viewBox={`0 0 ${LEFT + SIZE + 10} ${TOP + SIZE + BOTTOM + 6}`}
        role="img"
        aria-label={`${props.title}: ${props.note}`}
      >
        <For each={TICKS}>
          {(tick) => (
            <>
              <line class="grid" x1={x(0)} x2={x(1)} y1={y(tick)} y2={y(tick)} />
              <line class="grid" y1={y(0)} y2={y(1)} x1={x(tick)} x2={x(tick)} />
              <text class="tick" x={LEFT - 6} y={y(tick) + 4} text-anchor="end">
                {tick}
              </text>
              <text class="tick" x={x(tick)} y={y(0) + 15} text-anchor="middle">
                {tick}
              </text>
            </>
          )}
        </For>
        <text class="tick" x={x(0.5)} y={y(0) + 29} text-anchor="middle">
          {props.xName}
        </text>
        <text class="tick" x={LEFT - 6} y={10} text-anchor="start">
          {props.yName}
        </text>
        {props.chance && (
          <line
            class="chance"
            x1={x(props.chance[0][0])}
            y1={y(props.chance[0][1])}
            x2={x(props.chance[1][0])}
            y2={y(props.chance[1][1])}
          />
        )}
        <path class="curve" d={path()} />
        {props.children}
        {props.mark && <circle class="mark" cx={x(props.mark[0])} cy={y(props.mark[1])} r="5" />}
      </svg>
    </figure>
  );
}

/** Where a share lies in the drawing of a {@link SquarePlot}. */
export const place = { x, y };
