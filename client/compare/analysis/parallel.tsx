/**
 * Parallel coordinates: an axis each, a line a trial. Dragging along an axis brushes it, dragging its name moves it; the
 * table of ranges beside it does the same with the keyboard. Lines are drawn as a few paths, whatever their number.
 */
import { createMemo, createSignal, For, type JSX, Show } from 'solid-js';
import { createWidth } from '../../components/width.ts';
import type { Axis, AxisId, Brush, Brushes } from './axes.ts';

/** Shades that lines are drawn in, from the worst to the best. */
const SHADES = 6;
const HEIGHT = 320;
const TOP = 34;
const BOTTOM = 14;
const LEAST_WIDTH = 96;
/** A press that moves less than this takes the brush away, in places. */
const TAP = 0.01;

export function Parallel(props: {
  axes: readonly Axis[];
  brushes: Brushes;
  passing: readonly boolean[];
  /** How good each trial is, from 0 to 1; null: not known. */
  worth: readonly (number | null)[];
  /** Place of the trial that is pointed at elsewhere. */
  pointed: number | null;
  onBrush: (id: AxisId, brush: Brush | null) => void;
  onMove: (id: AxisId, to: number) => void;
}): JSX.Element {
  let svg: SVGSVGElement | undefined;
  let box: HTMLElement | undefined;
  const room = createWidth(() => box);
  const [dragged, setDragged] = createSignal<{ id: AxisId; x: number } | null>(null);
  const [drawing, setDrawing] = createSignal<{ id: AxisId; from: number; to: number } | null>(null);
  const width = () => Math.max(640, (props.axes.length - 1) * 130 + 2 * LEAST_WIDTH, room());
  const xOf = (at: number): number =>
    props.axes.length < 2 ? width() / 2 : LEAST_WIDTH + (at * (width() - 2 * LEAST_WIDTH)) / (props.axes.length - 1);
  const yOf = (place: number): number => TOP + (1 - place) * (HEIGHT - TOP - BOTTOM);
  const lineOf = (trial: number): string => {
    let d = '';
    let open = false;
    props.axes.forEach(({ places }, at) => {
      const place = places[trial];
      // A trial without a value here leaves a gap.
      if (place == null) open = false;
      else {
        d += `${open ? 'L' : 'M'}${xOf(at).toFixed(1)} ${yOf(place).toFixed(1)}`;
        open = true;
      }
    });
    return d;
  };
  const paths = createMemo(() => {
    const shades = Array.from({ length: SHADES }, () => '');
    let dim = '';
    props.passing.forEach((passes, trial) => {
      const d = lineOf(trial);
      const worth = props.worth[trial] ?? 0;
      if (passes) shades[Math.min(SHADES - 1, Math.floor(worth * SHADES))] += d;
      else dim += d;
    });
    return { dim, shades };
  });
  const placeAt = (event: PointerEvent): number => {
    const box = svg?.getBoundingClientRect();
    if (!box) return 0;
    const y = ((event.clientY - box.top) / box.height) * HEIGHT;
    return Math.min(1, Math.max(0, 1 - (y - TOP) / (HEIGHT - TOP - BOTTOM)));
  };
  const xAt = (event: PointerEvent): number => {
    const box = svg?.getBoundingClientRect();
    return box ? ((event.clientX - box.left) / box.width) * width() : 0;
  };
  const hold = (event: PointerEvent): void => {
    if (event.currentTarget instanceof Element) event.currentTarget.setPointerCapture(event.pointerId);
  };
  const release = (): void => {
    const stroke = drawing();
    if (!stroke) return;
    setDrawing(null);
    const [from, to] = [Math.min(stroke.from, stroke.to), Math.max(stroke.from, stroke.to)];
    props.onBrush(stroke.id, to - from < TAP ? null : { from, to });
  };
  const drop = (): void => {
    const held = dragged();
    if (!held) return;
    setDragged(null);
    const step = (width() - 2 * LEAST_WIDTH) / Math.max(1, props.axes.length - 1);
    props.onMove(held.id, Math.round((held.x - LEAST_WIDTH) / step));
  };
  const brushOf = (id: AxisId): Brush | undefined => {
    const stroke = drawing();
    if (stroke?.id === id) return { from: Math.min(stroke.from, stroke.to), to: Math.max(stroke.from, stroke.to) };
    return props.brushes.get(id);
  };
  return (
    <section ref={box} class="cmp-scroll pc" aria-label="Parallel coordinates" tabindex={0}>
      <svg
        ref={svg}
        viewBox={`0 0 ${width()} ${HEIGHT}`}
        style={{ width: `${width()}px`, height: `${HEIGHT}px` }}
        role="img"
        aria-label={`${props.passing.filter(Boolean).length} of ${props.passing.length} trials over ${props.axes.length} axes. The ranges below filter the same way.`}
      >
        <path class="pc-dim" d={paths().dim} />
        <For each={paths().shades}>{(d, shade) => <path class={`pc-line w${shade()}`} d={d} />}</For>
        <Show when={props.pointed !== null}>
          <path class="pc-pointed" d={lineOf(props.pointed ?? 0)} />
        </Show>
        <For each={props.axes}>
          {(axis, at) => (
            <g
              transform={`translate(${dragged()?.id === axis.id ? (dragged()?.x ?? 0) : xOf(at())} 0)`}
              data-axis={axis.id}
            >
              <line class="pc-axis" y1={yOf(1)} y2={yOf(0)} />
              <For each={axis.ticks}>
                {(tick) => (
                  <g transform={`translate(0 ${yOf(tick.place)})`}>
                    <line class="pc-tick" x1="-4" x2="0" />
                    <text class="pc-text num" x="-7" dy="0.32em" text-anchor="end">
                      {tick.text.length > 14 ? `${tick.text.slice(0, 13)}…` : tick.text}
                    </text>
                  </g>
                )}
              </For>
              <text
                class="pc-name"
                y="14"
                text-anchor="middle"
                onPointerDown={(event) => {
                  hold(event);
                  setDragged({ id: axis.id, x: xOf(at()) });
                }}
                onPointerMove={(event) => dragged() && setDragged({ id: axis.id, x: xAt(event) })}
                onPointerUp={drop}
              >
                <title>{`${axis.name}: drag to another place`}</title>
                {axis.name.length > 20 ? `${axis.name.slice(0, 19)}…` : axis.name}
                {axis.kind === 'log' ? ' (log)' : ''}
              </text>
              <Show when={brushOf(axis.id)}>
                {(brush) => (
                  <rect
                    class="pc-brush"
                    x="-7"
                    width="14"
                    y={yOf(brush().to)}
                    height={Math.max(2, yOf(brush().from) - yOf(brush().to))}
                  />
                )}
              </Show>
              <rect
                class="pc-hit"
                x="-12"
                width="24"
                y={TOP - 6}
                height={HEIGHT - TOP - BOTTOM + 12}
                onPointerDown={(event) => {
                  hold(event);
                  const place = placeAt(event);
                  setDrawing({ id: axis.id, from: place, to: place });
                }}
                onPointerMove={(event) => {
                  const stroke = drawing();
                  if (stroke) setDrawing({ ...stroke, to: placeAt(event) });
                }}
                onPointerUp={release}
              />
            </g>
          )}
        </For>
      </svg>
    </section>
  );
}
