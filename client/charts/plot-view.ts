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
import { PlotOverlay } from './plot-overlay.ts';

export interface PlotEvents {
  /** The x value under the crosshair, or null when it left. */
  pointed(x: number | null): void;
  /** A range of x was dragged over. */
  dragged?: (from: number, to: number) => void;
  /** The whole range is wanted again. */
  reset?: () => void;
  /** What was asked for has been drawn, in this very frame. */
  drawn(model: PlotModel): void;
}

export class PlotView {
  readonly #host: HTMLElement;
  readonly #events: PlotEvents;
  readonly #syncKey: string | undefined;
  readonly #overlay: PlotOverlay;
  #plot: uPlot | undefined;
  #shape = '';
  #model: PlotModel | undefined;
  #live = false;

  constructor(host: HTMLElement, events: PlotEvents, syncKey?: string) {
    this.#host = host;
    this.#events = events;
    this.#syncKey = syncKey;
    this.#overlay = new PlotOverlay(host);
  }

  /** Draws the model; `live` makes the pen tips breathe. */
  draw(model: PlotModel, live: boolean): void {
    const width = this.#host.clientWidth;
    const height = this.#host.clientHeight;
    if (width === 0 || height === 0) return;
    this.#model = model;
    this.#live = live;
    const shape = shapeOf(model);
    const data = dataOf(model);
    if (!this.#plot || shape !== this.#shape) {
      this.#plot?.destroy();
      this.#shape = shape;
      this.#plot = this.#make(model, width, height, data);
      return;
    }
    if (this.#plot.width !== width || this.#plot.height !== height) this.#plot.setSize({ width, height });
    this.#plot.setData(data);
  }

  /** Moves the crosshair to the neighbouring point, with the keyboard. */
  step(direction: 1 | -1): void {
    const plot = this.#plot;
    if (!plot) return;
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

  /** Colours are read anew, after the theme changed. */
  recolour(): void {
    this.#shape = '';
    if (this.#model) this.draw(this.#model, this.#live);
  }

  destroy(): void {
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
          const shown = this.#model ?? model;
          this.#overlay.place(plot, shown, this.#live);
          this.#events.drawn(shown);
        },
      ],
      setCursor: [(plot) => this.#point(plot)],
      setSelect: [(plot) => this.#select(plot)],
      ready: [
        (plot) => {
          plot.over.addEventListener('dblclick', () => this.#events.reset?.());
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

  #select(plot: uPlot): void {
    const { left, width } = plot.select;
    if (width < 4) return;
    const from = plot.posToVal(left, 'x');
    const to = plot.posToVal(left + width, 'x');
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.#events.dragged?.(from, to);
  }
}

/** What cannot be changed in a plot that exists. */
const shapeOf = (model: PlotModel): string =>
  [
    model.x.kind,
    model.y.log,
    ...model.lines.map((line) => [line.name, line.colour, line.band !== null, line.smoothed, fewPoints(line.x)].join()),
  ].join('|');

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
