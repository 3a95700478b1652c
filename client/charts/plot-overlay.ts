/** What lies over a plot's canvas: pen tips, names at line ends, marks where there is no number, the crosshair's label. */
import type uPlot from 'uplot';
import { count, duration, figure } from '../components/figures.ts';
import { spread } from './labels.ts';
import type { PlacedMark } from './marks.ts';
import type { PlotModel } from './model.ts';
import { clockTick } from './ticks.ts';

/** Least distance between two names, in CSS pixels. */
const NAME_GAP = 15;
/** Distance from a line's end that its tip covers, in CSS pixels. */
export const TIP_COVERS = 2;
/** Most marks drawn; the caption counts all. */
export const MARKS = 60;

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
    // As the plot worked them out; asking the page would make it lay itself out in every drawing.
    const width = plot.bbox.width / devicePixelRatio;
    const height = plot.bbox.height / devicePixelRatio;
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
    // Names that cannot be read help nobody: of more lines than fit below each other, none is named here.
    const named = ends.filter(({ line }) => line.name !== '').length <= Math.max(2, Math.floor(height / NAME_GAP));
    const parts: HTMLElement[] = [];
    ends.forEach(({ line, left, top }, at) => {
      const pen = ` s${line.colour}`;
      const tip = element(plot.over.ownerDocument, 'i', `tip${pen}${live ? '' : ' dead'}`);
      tip.style.translate = `${toHalf(left)}px ${toHalf(top)}px`;
      parts.push(tip);
      if (line.name === '' || !named) return;
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
    for (const mark of (model.marks ?? []).slice(0, MARKS)) {
      if (mark.end < model.x.from || mark.x > model.x.to) continue;
      parts.push(marked(plot, model, mark));
    }
    inRows(parts);
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
      if (part.dataset.mark === undefined) delete shown.dataset.mark;
      else if (shown.dataset.mark !== part.dataset.mark) shown.dataset.mark = part.dataset.mark;
      for (const name of PLACED) if (shown.style[name] !== part.style[name]) shown.style[name] = part.style[name];
    });
    while (this.#layer.children.length > parts.length) this.#layer.lastElementChild?.remove();
  }
}

/** How a part is put into its place; other properties of its style are not the overlay's. */
const PLACED = ['left', 'top', 'width', 'translate', 'paddingTop'] as const;

/** Least distance between two labels in one row, and most rows, in CSS pixels and rows. */
const LABEL_GAP = 20;
const MOST_ROWS = 4;

/** Puts labels of marks that stand nearly at one place below each other, the first on top. */
function inRows(parts: readonly HTMLElement[]): void {
  const taken: number[][] = [];
  const marks = parts.filter(({ classList }) => classList.contains('mk'));
  for (const mark of marks.sort((a, b) => Number.parseFloat(a.style.left) - Number.parseFloat(b.style.left))) {
    const left = Number.parseFloat(mark.style.left);
    const wide = (mark.textContent?.length ?? 0) > 2 ? LABEL_GAP + 8 : LABEL_GAP;
    const free = taken.findIndex((row) => row.every((other) => Math.abs(other - left) >= wide));
    const row = free < 0 ? Math.min(taken.length, MOST_ROWS - 1) : free;
    taken[row] = [...(taken[row] ?? []), left];
    mark.style.paddingTop = row === 0 ? '' : `${row * 1.125}rem`;
  }
}

/** To half a pixel: what moves less is not moved. */
const toHalf = (pixels: number): number => Math.round(pixels * 2) / 2;

/** An x value in words: a step, a time, or a plain figure. */
export function at(x: number, kind: PlotModel['x']['kind']): string {
  if (kind === 'clock') return clockTick(x, 1);
  if (kind === 'time') return x < 60 ? `${x.toFixed(1)} s` : duration(x * 1000);
  return kind === 'step' && Number.isInteger(x) ? count(x) : figure(x);
}

/** A mark: a dashed line at its step, or a tint over its steps, with its label on top. */
function marked(plot: uPlot, model: PlotModel, mark: PlacedMark): HTMLElement {
  const { ownerDocument } = plot.over;
  const made = element(ownerDocument, 'span', `mk m-${mark.kind}`);
  const left = plot.valToPos(Math.max(mark.x, model.x.from), 'x');
  made.style.left = `${left}px`;
  if (mark.end > mark.x) made.style.width = `${plot.valToPos(Math.min(mark.end, model.x.to), 'x') - left}px`;
  made.dataset.mark = mark.id;
  made.title = mark.title ?? mark.label;
  made.append(element(ownerDocument, 'b', 'num', mark.label));
  return made;
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
