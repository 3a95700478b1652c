import { createEffect, createMemo, For, type JSX, on, onCleanup, onMount, Show } from 'solid-js';
import { stepTick, valueTick } from '../../charts/ticks.ts';
import { count, figure } from '../../components/figures.ts';
import { theme } from '../../components/theme.ts';
import { useRoom } from '../context.ts';
import { createLogged } from '../logged/logged.ts';
import { type Logged, latestAt } from '../logged/media.ts';
import { type Heat, heatOf, peakOf } from './heat.ts';
import '../logged/media.css';
import './bars-dots.css';
import { KeyChoice, MediaFace, TrialChoice } from '../logged/media-face.tsx';
import { StepSlider } from '../logged/step-slider.tsx';
import { type BodyProps, type PanelKind, textIn } from './kind.ts';

/** Columns that are read: more could not be told apart in a panel. */
const MOST_STEPS = 160;

export const histogram: PanelKind = {
  kind: 'histogram',
  name: 'Histogram',
  says: 'How logged values are spread, step by step, and the bars of one step.',
  icon: 'stack',
  size: { width: 6, height: 9 },
  fields: [{ name: 'key', type: 'text', label: 'Name', help: 'As it was logged; empty: the first there is.' }],
  title: (settings) => textIn(settings, 'key') || 'Histogram',
  Body: HistogramBody,
};

function HistogramBody(props: BodyProps): JSX.Element {
  const room = useRoom();
  const { chosen, setChosen, setTrial, shown, media, key, read, logged, choice } = createLogged(
    'histogram',
    props,
    MOST_STEPS,
  );
  const one = () => latestAt(logged(), choice.step());
  const heat = createMemo(() => heatOf(logged().map(({ step, data }) => ({ ...data, step }))));
  const odd = (): number => (one()?.data.nan ?? 0) + (one()?.data.infinite ?? 0);
  props.offer({
    note: () =>
      [
        textIn(props.settings, 'key') === '' || chosen() ? (key() ?? '') : '',
        odd() > 0 ? `${count(odd())} ${odd() === 1 ? 'value is' : 'values are'} not finite` : '',
      ]
        .filter((part) => part !== '')
        .join(', '),
    odd: () => odd() > 0,
    tools: () => (
      <>
        <TrialChoice trials={room.trials()} value={shown()?.id} onChange={setTrial} />
        <KeyChoice label="Which histogram" keys={media.keys()} value={key()} onChange={setChosen} />
      </>
    ),
    table: () => ({
      columns: ['step', 'from', 'to', 'count'],
      rows: logged().flatMap(({ step, data }) =>
        data.counts.map((counted, bin) => [step, data.edges[bin] ?? null, data.edges[bin + 1] ?? null, counted]),
      ),
    }),
  });
  return (
    <MediaFace media={media} there={logged().length > 0} name="histograms" example={'run.histogram("weights", values)'}>
      <div class="histogram">
        <Show when={heat()} fallback={<p class="empty">None of these histograms has a finite value.</p>}>
          {(drawn) => (
            <HeatMap
              heat={drawn()}
              at={choice.step()}
              label={`${key() ?? ''} over steps ${count(drawn().steps.from)} to ${count(drawn().steps.to)}: values from ${figure(drawn().values.from)} to ${figure(drawn().values.to)}`}
              onStep={choice.nearest}
            />
          )}
        </Show>
        <StepSlider
          choice={choice}
          name={key() ?? 'the histogram'}
          total={choice.steps().length + (read()?.unread ?? 0)}
        />
        <Show when={one()}>{(histogram) => <Bars of={histogram()} />}</Show>
      </div>
    </MediaFace>
  );
}

/** All steps: value upwards, step across, density as ink. */
function HeatMap(props: { heat: Heat; at: number; label: string; onStep: (step: number) => void }): JSX.Element {
  let canvas: HTMLCanvasElement | undefined;
  const draw = (): void => {
    const context = canvas?.getContext('2d');
    if (!canvas || !context) return;
    const { clientWidth, clientHeight } = canvas;
    const scale = window.devicePixelRatio || 1;
    canvas.width = Math.max(1, Math.round(clientWidth * scale));
    canvas.height = Math.max(1, Math.round(clientHeight * scale));
    const { width, height } = canvas;
    context.fillStyle = getComputedStyle(canvas).color;
    for (const { left, right, low, high, dense } of props.heat.patches) {
      // The eye reads differences of faint ink as smaller than they are: the root spreads them.
      context.globalAlpha = 0.06 + 0.94 * Math.sqrt(dense);
      const [x, y] = [Math.round(left * width), Math.round((1 - high) * height)];
      context.fillRect(
        ...([x, y] as const),
        Math.max(1, Math.round(right * width) - x),
        Math.max(1, Math.round((1 - low) * height) - y),
      );
    }
  };
  onMount(() => {
    const resized = new ResizeObserver(draw);
    if (canvas) resized.observe(canvas);
    onCleanup(() => resized.disconnect());
  });
  createEffect(on([() => props.heat, theme], () => requestAnimationFrame(draw)));
  const span = (): number => props.heat.steps.to - props.heat.steps.from;
  const across = (step: number): number => (span() > 0 ? (step - props.heat.steps.from) / span() : 0.5);
  const up = (value: number): number =>
    (value - props.heat.values.from) / (props.heat.values.to - props.heat.values.from);
  return (
    <div class="heat">
      <canvas
        ref={canvas}
        role="img"
        aria-label={props.label}
        onPointerDown={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          props.onStep(props.heat.steps.from + ((event.clientX - box.left) / box.width) * span());
        }}
      />
      <For each={props.heat.values.ticks}>
        {(tick) => (
          <span class="dot-y num" style={{ bottom: `${up(tick) * 100}%` }} aria-hidden="true">
            {valueTick(tick, props.heat.values.step)}
          </span>
        )}
      </For>
      <i class="heat-at" style={{ left: `${across(props.at) * 100}%` }} />
      <span class="heat-from num" aria-hidden="true">
        {stepTick(props.heat.steps.from)}
      </span>
      <span class="heat-to num" aria-hidden="true">
        {span() > 0 ? stepTick(props.heat.steps.to) : ''}
      </span>
    </div>
  );
}

/** The bars of one step: heights are densities, so that bins of different widths can be compared. */
function Bars(props: { of: Logged<'histogram'> }): JSX.Element {
  const bars = createMemo(() => {
    const { edges, counts } = props.of.data;
    const [low, high] = [edges[0] ?? 0, edges.at(-1) ?? 1];
    const dense = counts.map((counted, bin) => counted / ((edges[bin + 1] ?? 1) / 2 - (edges[bin] ?? 0) / 2));
    const most = Math.max(...dense, 0) || 1;
    const x = (value: number): string => (((value / 2 - low / 2) / (high / 2 - low / 2)) * 1000).toFixed(2);
    return counts
      .map((_, bin) => {
        const y = (100 - ((dense[bin] ?? 0) / most) * 100).toFixed(2);
        return `M${x(edges[bin] ?? 0)} 100V${y}H${x(edges[bin + 1] ?? 0)}V100z`;
      })
      .join('');
  });
  const peak = () => peakOf(props.of.data);
  const says = (): string => {
    const found = peak();
    const { nan, infinite } = props.of.data;
    return [
      found
        ? `${count(found.total)} values, densest from ${figure(found.from)} to ${figure(found.to)}`
        : 'no finite value',
      nan > 0 ? `${count(nan)} NaN` : '',
      infinite > 0 ? `${count(infinite)} infinite` : '',
    ]
      .filter((part) => part !== '')
      .join(', ');
  };
  return (
    <figure class="bins">
      <Show when={peak()}>
        <svg viewBox="0 0 1000 100" preserveAspectRatio="none" role="img" aria-label={says()}>
          <path d={bars()} />
        </svg>
        <p class="bins-axis num" aria-hidden="true">
          <span>{figure(props.of.data.edges[0] ?? Number.NaN)}</span>
          <span>{figure(props.of.data.edges.at(-1) ?? Number.NaN)}</span>
        </p>
      </Show>
      <figcaption class="num">
        {says()}
        <Show when={props.of.data.caption}>{(caption) => <span class="said"> {caption()}</span>}</Show>
      </figcaption>
    </figure>
  );
}
