import type { AnalysedTrial } from '@trialroom/shared/api/comparison';
import { scaleLinear, scaleTime } from 'd3-scale';
import { createMemo, For, type JSX, Show } from 'solid-js';
import { clock, duration, figure } from '../../components/figures.ts';
import { now } from '../../components/now.ts';
import { createWidth } from '../../components/width.ts';
import { barsOf, bestSoFar } from './timeline.ts';

const LEAST_WIDTH = 320;
/** Room that the text of a tick needs, in px. */
const TICK = 110;
const LEFT = 64;
const RIGHT = 16;
const BEST = 96;
/** Height that the name of the curve has to itself. */
const NAMED = 22;
const LANE = 12;
const MOST_LANES = 40;

/** When each trial ran, by status, with the best value so far above. */
export function TimelineView(props: {
  trials: readonly AnalysedTrial[];
  metric: string;
  direction: 'minimise' | 'maximise' | null;
}): JSX.Element {
  /** The clock is asked only while something runs. */
  const until = () =>
    props.trials.some(({ endedAt, startedAt }) => startedAt !== null && endedAt === null) ? now() : 0;
  const bars = createMemo(() => barsOf(props.trials, until()));
  const best = createMemo(() => (props.direction ? bestSoFar(props.trials, `m:${props.metric}`, props.direction) : []));
  const ends = createMemo((): [number, number] => {
    const from = Math.min(...bars().map((bar) => bar.from));
    const to = Math.max(...bars().map((bar) => bar.to));
    return [from, to > from ? to : from + 1000];
  });
  let box: HTMLElement | undefined;
  const room = createWidth(() => box);
  const width = (): number => Math.max(LEAST_WIDTH, room());
  const x = createMemo(() => scaleTime(ends(), [LEFT, width() - RIGHT]));
  const ticks = createMemo(() => {
    const all = x().ticks(Math.max(2, Math.floor((width() - LEFT) / TICK)));
    // Parts of a second are not written: two ticks would say the same.
    const whole = all.filter((tick) => tick.getMilliseconds() === 0);
    return whole.length > 0 ? whole : all.slice(0, 1);
  });
  /** Ticks that are less than a minute apart say their seconds. */
  const tickText = (at: Date): string => {
    const [first, second] = ticks();
    if (first && second && second.getTime() - first.getTime() < 60_000) return at.toLocaleTimeString('en-GB');
    return clock(at.getTime(), acrossDays() ? 0 : at.getTime());
  };
  const acrossDays = (): boolean => new Date(ends()[0]).toDateString() !== new Date(ends()[1]).toDateString();
  const y = createMemo(() => {
    const values = best().map(({ value }) => value);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const pad = (high - low || Math.abs(low) || 1) * 0.1;
    return scaleLinear([low - pad, high + pad], [BEST - 8, NAMED]);
  });
  const lanes = () => Math.min(MOST_LANES, 1 + bars().reduce((most, { lane }) => Math.max(most, lane), 0));
  const left = () => bars().filter(({ lane }) => lane >= MOST_LANES).length;
  const height = () => BEST + lanes() * LANE + 24;
  const step = () => {
    const points = best();
    const end = ends()[1];
    return points
      .map(({ at, value }, nth) => {
        const next = points[nth + 1]?.at ?? end;
        return `${nth === 0 ? 'M' : 'L'}${x()(at).toFixed(1)} ${y()(value).toFixed(1)}H${x()(next).toFixed(1)}`;
      })
      .join('');
  };
  return (
    <Show when={bars().length > 0} fallback={<p class="empty">No trial has begun yet.</p>}>
      <section ref={box} class="cmp-scroll" aria-label="Timeline" tabindex={0}>
        <svg class="tline" viewBox={`0 0 ${width()} ${height()}`} width={width()} height={height()}>
          <title>{`${bars().length} trials over ${duration(ends()[1] - ends()[0])}${best().length > 0 ? `; the best ${props.metric} is ${figure(best().at(-1)?.value ?? 0)}, of ${best().at(-1)?.trial.name}` : ''}`}</title>
          <Show when={best().length > 0}>
            <text class="pc-text" x={LEFT} y="12">
              best {props.metric} so far
            </text>
            <For each={y().ticks(3)}>
              {(tick) => (
                <g transform={`translate(0 ${y()(tick)})`}>
                  <line class="sc-grid" x1={LEFT} x2={width() - RIGHT} />
                  <text class="pc-text num" x={LEFT - 6} dy="0.32em" text-anchor="end">
                    {figure(tick, 3)}
                  </text>
                </g>
              )}
            </For>
            <path class="tl-best" d={step()} />
            <For each={best()}>
              {({ at, value, trial }) => (
                <g>
                  <a href={`/trials/${trial.id}`} tabindex="-1" aria-label={trial.name}>
                    <circle class="sc-dot" cx={x()(at)} cy={y()(value)} r="3.5">
                      <title>{`${trial.name}: ${figure(value)}`}</title>
                    </circle>
                  </a>
                </g>
              )}
            </For>
          </Show>
          <For each={bars().filter(({ lane }) => lane < MOST_LANES)}>
            {({ trial, from, to, lane }) => (
              <g>
                <a href={`/trials/${trial.id}`} tabindex="-1" aria-label={trial.name}>
                  <rect
                    class={`tl-bar b-${trial.status}`}
                    x={x()(from)}
                    width={Math.max(2, x()(to) - x()(from))}
                    y={BEST + lane * LANE}
                    height={LANE - 3}
                  >
                    <title>{`${trial.name}: ${trial.status}, ${duration(to - from)}`}</title>
                  </rect>
                </a>
              </g>
            )}
          </For>
          <For each={ticks()}>
            {(tick) => (
              <text class="pc-text num" x={x()(tick)} y={height() - 6} text-anchor="middle">
                {tickText(tick)}
              </text>
            )}
          </For>
        </svg>
      </section>
      <Show when={left() > 0}>
        <p class="i3 sm">
          {left()} trials that ran beside more than {MOST_LANES} others are not drawn.
        </p>
      </Show>
    </Show>
  );
}
