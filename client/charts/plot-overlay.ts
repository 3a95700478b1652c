/** What lies over a plot's canvas: pen tips, names at line ends, marks where there is no number, the crosshair's label. */
import type uPlot from 'uplot';
import { count, duration, figure } from '../components/figures.ts';
import { spread } from './labels.ts';
import type { PlotModel } from './model.ts';

/** Least distance between two names, in CSS pixels. */
const NAME_GAP = 15;
/** Most marks drawn; the caption counts all. */
const MARKS = 60;

export class PlotOverlay {
  readonly #layer: HTMLElement;
  readonly #label: HTMLElement;

  constructor(host: HTMLElement) {
    this.#layer = element(host.ownerDocument, 'div', 'plot-layer');
    this.#label = element(host.ownerDocument, 'b', 'plot-at num');
    this.#label.hidden = true;
  }

  /** Puts everything where the plot has drawn. */
  place(plot: uPlot, model: PlotModel, live: boolean): void {
    if (this.#layer.parentElement !== plot.over) plot.over.append(this.#layer, this.#label);
    const { clientWidth: width, clientHeight: height } = plot.over;
    const inside = (x: number): boolean => x >= model.x.from && x <= model.x.to;
    const ends = model.lines.flatMap((line, index) => {
      const end = lastDrawn(line.x, line.shown, inside, model.y.log);
      if (!end) return [];
      const left = plot.valToPos(end.x, 'x');
      const top = Math.min(Math.max(plot.valToPos(end.y, 'y'), 0), height);
      return [{ line, index, left, top }];
    });
    const rightmost = Math.max(0, ...ends.map(({ left }) => left));
    const tops = spread(
      ends.map(({ top }) => top),
      NAME_GAP,
      4,
      height - 4,
    );
    const parts: HTMLElement[] = [];
    ends.forEach(({ line, left, top }, at) => {
      const pen = ` s${line.colour}`;
      const tip = element(plot.over.ownerDocument, 'i', `tip${pen}${live ? '' : ' dead'}`);
      tip.style.left = `${left}px`;
      tip.style.top = `${top}px`;
      parts.push(tip);
      if (line.name === '') return;
      // Names of lines that end close together stand in one column; a line that ended long before keeps its own place.
      const name = element(plot.over.ownerDocument, 'span', `el${pen}`, line.name);
      name.style.left = `${rightmost - left < width * 0.15 ? rightmost : left}px`;
      name.style.top = `${tops[at] ?? top}px`;
      parts.push(name);
    });
    for (const oddity of model.oddities.slice(0, MARKS)) {
      if (oddity.to < model.x.from || oddity.from > model.x.to) continue;
      const mark = element(plot.over.ownerDocument, 'span', 'mk odd');
      const line = model.lines[oddity.line];
      mark.style.left = `${plot.valToPos(Math.max(oddity.from, model.x.from), 'x')}px`;
      if (oddity.to > oddity.from) {
        mark.style.width = `${plot.valToPos(Math.min(oddity.to, model.x.to), 'x') - plot.valToPos(Math.max(oddity.from, model.x.from), 'x')}px`;
      }
      const run = oddity.count > 1 ? `, ${count(oddity.count)} points to ${at(oddity.to, model.x.kind)}` : '';
      mark.title = `${line?.name || 'value'} is ${oddity.kind} at ${at(oddity.from, model.x.kind)}${run}`;
      mark.append(element(plot.over.ownerDocument, 'b', 'num', oddity.kind));
      parts.push(mark);
    }
    this.#reuse(parts);
  }

  /** Writes the x value under the crosshair on the axis. */
  crosshair(plot: uPlot, point: { x: number; kind: PlotModel['x']['kind'] } | null): void {
    this.#label.hidden = point === null;
    if (!point) return;
    this.#label.textContent = at(point.x, point.kind);
    const half = this.#label.offsetWidth / 2;
    const left = plot.valToPos(point.x, 'x');
    this.#label.style.left = `${Math.min(Math.max(left, half - 40), plot.over.clientWidth + 12 - half)}px`;
  }

  /** Keeps elements that stay, so that a breathing tip does not start its breath anew at every frame. */
  #reuse(parts: readonly HTMLElement[]): void {
    parts.forEach((part, index) => {
      const shown = this.#layer.children[index];
      if (!(shown instanceof HTMLElement) || shown.tagName !== part.tagName) {
        if (shown) shown.replaceWith(part);
        else this.#layer.append(part);
        return;
      }
      if (shown.className !== part.className) shown.className = part.className;
      if (shown.textContent !== part.textContent) shown.replaceChildren(...part.childNodes);
      if (shown.title !== part.title) shown.title = part.title;
      shown.style.cssText = part.style.cssText;
    });
    while (this.#layer.children.length > parts.length) this.#layer.lastElementChild?.remove();
  }
}

/** An x value in words: a step, a time, or a plain figure. */
export function at(x: number, kind: PlotModel['x']['kind']): string {
  if (kind === 'time') return x < 60 ? `${x.toFixed(1)} s` : duration(x * 1000);
  return kind === 'step' && Number.isInteger(x) ? count(x) : figure(x);
}

function lastDrawn(
  xs: readonly number[],
  ys: readonly number[],
  inside: (x: number) => boolean,
  positiveOnly: boolean,
): { x: number; y: number } | null {
  for (let index = xs.length - 1; index >= 0; index--) {
    const x = xs[index];
    const y = ys[index];
    if (x !== undefined && y !== undefined && Number.isFinite(y) && inside(x) && (!positiveOnly || y > 0))
      return { x, y };
  }
  return null;
}

function element(document: Document, tag: 'b' | 'div' | 'i' | 'span', className: string, text = ''): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}
