import { createEffect, type JSX, on, onCleanup, onMount } from 'solid-js';
import { theme } from '../components/theme.ts';
import './charts.css';
import { createFrames, type Frames } from './frames.ts';
import type { PlotModel } from './model.ts';
import { PlotView } from './plot-view.ts';

/** A plot that draws itself again, once a frame and only while it can be seen, whenever `changes` does. */
export function Plot(props: {
  /** Read to learn that something changed. */
  changes: () => unknown;
  /** Makes what is drawn; called in the frame that draws it. */
  model: () => PlotModel;
  live: boolean;
  /** What a screen reader says of the plot. */
  label: string;
  /** Plots with one key share a crosshair. */
  syncKey?: string | undefined;
  onPoint?: (x: number | null) => void;
  /** A range of x was dragged over; without it nothing can be dragged. */
  onZoom?: ((from: number, to: number) => void) | undefined;
  onReset?: () => void;
  onMark?: ((id: string) => void) | undefined;
  /** A place or range of x is to be talked about. */
  onPin?: ((from: number, to: number) => void) | undefined;
  /** After each drawing, in the frame that drew. */
  onDrawn?: (model: PlotModel) => void;
}): JSX.Element {
  let host: HTMLDivElement | undefined;
  let view: PlotView | undefined;
  let frames: Frames | undefined;
  /** What was last looked at, while nothing newer came. */
  let looked: PlotModel | null = null;

  onMount(() => {
    if (!host) return;
    const zoomable = props.onZoom !== undefined;
    const made = new PlotView(
      host,
      {
        pointed: (x) => props.onPoint?.(x),
        ...(zoomable ? { dragged: (from: number, to: number) => props.onZoom?.(from, to) } : {}),
        reset: () => props.onReset?.(),
        marked: (id) => props.onMark?.(id),
        ...(props.onPin ? { pinned: (from: number, to: number) => props.onPin?.(from, to) } : {}),
        drawn: (model) => props.onDrawn?.(model),
        wanted: () => frames?.request(),
      },
      props.syncKey,
    );
    const planned = createFrames(host, {
      changed: () => {
        looked = props.model();
        return made.changes(looked, props.live);
      },
      draw: () => made.draw(looked ?? props.model(), props.live),
    });
    view = made;
    frames = planned;
    const sizes = new ResizeObserver(() => {
      made.resized();
      planned.request(true);
    });
    sizes.observe(host);
    onCleanup(() => {
      sizes.disconnect();
      planned.end();
      made.destroy();
    });
  });
  createEffect(() => {
    props.changes();
    void props.live;
    looked = null;
    frames?.request();
  });
  createEffect(on(theme, () => view?.recolour(), { defer: true }));

  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'ArrowLeft') view?.step(-1);
    else if (event.key === 'ArrowRight') view?.step(1);
    else if (event.key === 'Escape') props.onReset?.();
    else if (event.key === 'p' && props.onPin && !event.ctrlKey && !event.metaKey) view?.pin();
    else return;
    event.preventDefault();
  };
  return (
    // The arrow keys read values along the curve, so the plot must be able to hold the focus.
    <div ref={host} class="plot-host" role="application" aria-label={props.label} tabindex={0} onKeyDown={onKey} />
  );
}
