/**
 * One plot on the page: uPlot draws lines and axes on a canvas; names at line ends, pen tips, marks and the label of the
 * crosshair lie over it as HTML, so that text never distorts. It is told what to draw and says where people point; it
 * decides nothing about data.
 */
import './language.ts';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { columnOf, unionOf } from './columns.ts';
import { fewPoints, nearest, type PlotModel } from './model.ts';
import { plotOptions } from './plot-options.ts';
import { MARKS, PlotOverlay, TIP_COVERS } from './plot-overlay.ts';
import { type Sketch, sketchOf, stillShows } from './sketch.ts';

export interface PlotEvents {
  /** The x value under the crosshair, or null when it left. */
  pointed(x: number | null): void;
  /** A range of x was dragged over. */
  dragged?: (from: number, to: number) => void;
  /** The whole range is wanted again. */
  reset?: () => void;
  /** A mark was pressed. */
  marked?: (id: string) => void;
  /** A place, or with the range dragged a range, of x is to be talked about: pressed or dragged with Shift held. */
  pinned?: (from: number, to: number) => void;
  /** What was asked for has been drawn, in this very frame. */
  drawn(model: PlotModel): void;
  /** A drawing is wanted, though nothing new came. */
  wanted(): void;
}

/** How long a picture may lack what is too little to be seen, in ms, while more comes; a little longer when nothing does. */
const SETTLED = 1000;

export class PlotView {
  readonly #host: HTMLElement;
  readonly #events: PlotEvents;
  readonly #syncKey: string | undefined;
  readonly #overlay: PlotOverlay;
  #plot: uPlot | undefined;
  #shape = '';
  #model: PlotModel | undefined;
  #live = false;
  #shift = false;
  /** Size of the host in CSS pixels; null: to be measured. Asking the page in every drawing would make it lay itself out. */
  #size: { width: number; height: number } | null = null;
  /** What the canvas shows; null: it is to be drawn whatever it shows. */
  #sketch: Sketch | null = null;
  /** What was there when tips, names and marks were last put into their places. */
  #placed: Sketch | null = null;
  #notes = '';
  #drawnAt = Number.NEGATIVE_INFINITY;
  #settling: ReturnType<typeof setTimeout> | undefined;

  constructor(host: HTMLElement, events: PlotEvents, syncKey?: string) {
    this.#host = host;
    this.#events = events;
    this.#syncKey = syncKey;
    this.#overlay = new PlotOverlay(host);
  }

  /**
   * Whether the model would look different from what is there. Where it would not, it counts as drawn, and what little it
   * lacks is drawn later.
   */
  changes(model: PlotModel, live: boolean): boolean {
    const plot = this.#plot;
    if (!plot || !this.#size || !this.#placed || live !== this.#live || shapeOf(model) !== this.#shape) return true;
    const { width, height } = this.#size;
    if (!this.#serves(plot, model, width, height) || notesOf(model) !== this.#notes) return true;
    if (!stillShows(this.#placed, model, { width: plot.bbox.width, height: plot.bbox.height, covered: 1 })) return true;
    this.#model = model;
    this.#settleLater();
    this.#events.drawn(model);
    return false;
  }

  /** Draws the model; `live` makes the pen tips breathe. */
  draw(model: PlotModel, live: boolean): void {
    this.#size ??= { width: this.#host.clientWidth, height: this.#host.clientHeight };
    const { width, height } = this.#size;
    if (width === 0 || height === 0) return;
    this.#model = model;
    this.#live = live;
    const shape = shapeOf(model);
    const plot = this.#plot;
    if (plot && shape === this.#shape && this.#serves(plot, model, width, height)) {
      this.#finish(plot, model);
      this.#settleLater();
      return;
    }
    clearTimeout(this.#settling);
    this.#settling = undefined;
    this.#sketch = sketchOf(model);
    this.#drawnAt = performance.now();
    const data = dataOf(model);
    if (!plot || shape !== this.#shape) {
      plot?.destroy();
      this.#shape = shape;
      this.#plot = this.#make(model, width, height, data);
      return;
    }
    if (plot.width !== width || plot.height !== height) plot.setSize({ width, height });
    plot.setData(data);
  }

  /** True when the picture on the canvas is as good for this model; under the crosshair only the very same points are. */
  #serves(plot: uPlot, model: PlotModel, width: number, height: number): boolean {
    if (!this.#sketch || performance.now() - this.#drawnAt >= SETTLED) return false;
    if (plot.width !== width || plot.height !== height || (plot.cursor.left ?? -1) >= 0) return false;
    const { width: across, height: up } = plot.bbox;
    return stillShows(this.#sketch, model, { width: across, height: up, covered: TIP_COVERS * devicePixelRatio });
  }

  #settleLater(): void {
    this.#settling ??= setTimeout(() => this.#settle(), SETTLED * 1.25);
  }

  /** Draws what was too little to be seen. */
  #settle(): void {
    this.#settling = undefined;
    this.#sketch = null;
    this.#events.wanted();
  }

  #finish(plot: uPlot, model: PlotModel): void {
    this.#overlay.place(plot, model, this.#live);
    this.#placed = sketchOf(model);
    this.#notes = notesOf(model);
    this.#events.drawn(model);
  }

  /** Moves the crosshair to the neighbouring point, with the keyboard. */
  step(direction: 1 | -1): void {
    const plot = this.#plot;
    if (!plot) return;
    if (this.#settling !== undefined) this.#settle();
    const xs = plot.data[0];
    if (!xs || xs.length === 0) return;
    const left = plot.cursor.left ?? -1;
    const at = left < 0 ? xs.length - 1 : plot.posToIdx(left) + direction;
    const x = xs[Math.min(Math.max(at, 0), xs.length - 1)];
    if (x === undefined) return;
    // The third argument, which the library's types leave out, moves the crosshairs of the other plots, too.
    const move: (to: { left: number; top: number }, fire: boolean, publish: boolean) => void = plot.setCursor;
    move({ left: plot.valToPos(x, 'x'), top: plot.over.clientHeight / 2 }, true, true);
  }

  /** The host may have another size now. */
  resized(): void {
    this.#size = null;
  }

  /** Colours are read anew, after the theme changed. */
  recolour(): void {
    this.#shape = '';
    this.#sketch = null;
    if (this.#model) this.draw(this.#model, this.#live);
  }

  destroy(): void {
    clearTimeout(this.#settling);
    this.#plot?.destroy();
    this.#plot = undefined;
  }

  #make(model: PlotModel, width: number, height: number, data: uPlot.AlignedData): uPlot {
    const options = plotOptions(model, {
      host: this.#host,
      width,
      height,
      syncKey: this.#syncKey,
      current: () => this.#model ?? model,
      zoomable: this.#events.dragged !== undefined,
    });
    options.hooks = {
      draw: [
        (plot) => {
          this.#finish(plot, this.#model ?? model);
        },
      ],
      setCursor: [(plot) => this.#point(plot)],
      setSelect: [(plot) => this.#select(plot)],
      ready: [
        (plot) => {
          plot.over.addEventListener('dblclick', () => this.#events.reset?.());
          plot.over.addEventListener('mousedown', ({ shiftKey }) => {
            this.#shift = shiftKey;
          });
          plot.over.addEventListener('click', (event) => this.#press(plot, event));
          // Touch: a finger that rests reads the value, one that moves up or down scrolls the page.
          plot.over.style.touchAction = 'pan-y pinch-zoom';
        },
      ],
    };
    return new uPlot(options, data, this.#host);
  }

  #point(plot: uPlot): void {
    const left = plot.cursor.left ?? -1;
    const model = this.#model;
    if (left < 0 || !model) {
      this.#overlay.crosshair(plot, null);
      this.#events.pointed(null);
      return;
    }
    const raw = plot.posToVal(left, 'x');
    const xs = plot.data[0];
    const at = xs ? nearest(Array.from(xs, Number), raw) : -1;
    const x = Number(xs?.[at] ?? raw);
    this.#overlay.crosshair(plot, { x, kind: model.x.kind });
    this.#events.pointed(x);
  }

  #press(plot: uPlot, event: MouseEvent): void {
    const mark = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-mark]') : null;
    if (mark?.dataset.mark) this.#events.marked?.(mark.dataset.mark);
    else if (event.shiftKey) this.pin(plot);
  }

  /** Asks to talk about the place under the crosshair. */
  pin(plot = this.#plot): void {
    const left = plot?.cursor.left ?? -1;
    if (!plot || left < 0) return;
    const xs = Array.from(plot.data[0] ?? [], Number);
    const x = xs[nearest(xs, plot.posToVal(left, 'x'))];
    if (x !== undefined) this.#events.pinned?.(x, x);
  }

  #select(plot: uPlot): void {
    const { left, width } = plot.select;
    if (width < 4) return;
    const from = plot.posToVal(left, 'x');
    const to = plot.posToVal(left + width, 'x');
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    if (this.#shift && this.#events.pinned) this.#events.pinned(from, to);
    else this.#events.dragged?.(from, to);
  }
}

/** What cannot be changed in a plot that exists. */
const shapeOf = (model: PlotModel): string =>
  [
    model.x.kind,
    model.y.log,
    ...model.lines.map((line) => [line.name, line.colour, line.band !== null, line.smoothed, fewPoints(line.x)].join()),
  ].join('|');

/** What stands beside and over the lines. */
const notesOf = ({ oddities, marks = [] }: PlotModel): string =>
  JSON.stringify([oddities.slice(0, MARKS), marks.slice(0, MARKS)]);

/** Columns: x, then low, high and raw of each line, then each line as shown. See `plotOptions` for the same order. */
function dataOf(model: PlotModel): uPlot.AlignedData {
  const union = unionOf(model.lines.map(({ x }) => x));
  const column = (xs: readonly number[], values: readonly number[]) => columnOf(union, xs, values, model.y.log);
  const behind = model.lines.flatMap((line) => [
    line.band ? column(line.x, line.band.low) : [],
    line.band ? column(line.x, line.band.high) : [],
    line.smoothed && !line.band ? column(line.x, line.raw) : [],
  ]);
  return [union, ...behind, ...model.lines.map((line) => column(line.x, line.shown))];
}
