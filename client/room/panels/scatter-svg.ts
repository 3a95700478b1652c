/** Dots on two axes, worked out for the page and for a picture of it. Pure. */
import { valueTick } from '../../charts/ticks.ts';
import type { VectorLook } from '../../charts/vector.ts';
import { roundStep } from '../../components/graduations.ts';

export interface Dot {
  id: string;
  name: string;
  colour: number;
  x: number;
  y: number;
}

export interface Axis {
  /** Where a value is, 0 to 1 from the beginning of the axis. */
  share: (value: number) => number;
  ticks: number[];
  step: number;
}

/** Dots that have both numbers, and axes on which all of them are seen. */
export function scatterOf(dots: readonly Dot[]): { dots: Dot[]; x: Axis; y: Axis } {
  const seen = dots.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y));
  return { dots: seen, x: axisOf(seen.map(({ x }) => x)), y: axisOf(seen.map(({ y }) => y)) };
}

function axisOf(values: readonly number[]): Axis {
  let [low, high] = [Math.min(...values), Math.max(...values)];
  if (!(low < high)) {
    const around = Number.isFinite(low) ? Math.abs(low) * 0.1 || 1 : 1;
    [low, high] = [(Number.isFinite(low) ? low : 0) - around, (Number.isFinite(low) ? low : 0) + around];
  }
  const air = (high - low) * 0.06;
  const [from, to] = [low - air, high + air];
  const step = roundStep((to - from) / 5);
  const first = Math.ceil(from / step);
  const count = Math.min(20, Math.max(0, Math.floor(to / step) - first + 1));
  return {
    share: (value) => (value - from) / (to - from),
    step,
    ticks: Array.from({ length: count }, (_, index) => Number(((first + index) * step).toPrecision(12))),
  };
}

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (letter) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[letter] ?? '');

/** The dots as an SVG document. */
export function svgScatter(title: string, { dots, x, y }: ReturnType<typeof scatterOf>, look: VectorLook): string {
  const { width, height } = look;
  const left = (value: number): string => (56 + x.share(value) * (width - 80)).toFixed(1);
  const top = (value: number): string => (height - 30 - y.share(value) * (height - 70)).toFixed(1);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="${escaped(look.font)}" font-size="11">`,
    `<rect width="${width}" height="${height}" fill="${look.ground}"/>`,
    `<text x="12" y="22" font-size="13" font-weight="600" fill="${look.ink}">${escaped(title)}</text>`,
    ...y.ticks.map(
      (tick) =>
        `<path d="M56 ${top(tick)}H${width - 24}" stroke="${look.grid}"/><text x="48" y="${top(tick)}" text-anchor="end" fill="${look.faint}">${valueTick(tick, y.step)}</text>`,
    ),
    ...x.ticks.map(
      (tick) =>
        `<text x="${left(tick)}" y="${height - 12}" text-anchor="middle" fill="${look.faint}">${valueTick(tick, x.step)}</text>`,
    ),
    ...dots.map(
      (dot) =>
        `<circle cx="${left(dot.x)}" cy="${top(dot.y)}" r="4" fill="${look.pen(dot.colour)}"><title>${escaped(dot.name)}</title></circle>`,
    ),
    '</svg>',
  ].join('\n');
}
