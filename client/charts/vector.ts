/** A figure as SVG: the same lines, axes and names as on the screen, for papers and slides. Pure. */
import { roundStep } from '../components/graduations.ts';
import type { PlotLine, PlotModel } from './model.ts';
import { clockTick, logTick, logTicks, stepTick, timeTick, valueTick } from './ticks.ts';

/** Sizes in CSS pixels, and colours and type as the page has them. */
export interface VectorLook {
  width: number;
  height: number;
  ground: string;
  ink: string;
  faint: string;
  grid: string;
  font: string;
  /** Colour of a pen, 1 to 10. */
  pen: (colour: number) => string;
}

const LEFT = 56;
const RIGHT = 84;
const TOP = 40;
const BOTTOM = 30;

const escaped = (text: string): string =>
  // Control characters have no place in XML at all.
  [...text]
    .filter((letter) => letter >= ' ' || letter === '\t')
    .join('')
    .replace(/[&<>"]/g, (letter) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[letter] ?? '');
const n = (value: number): string => Number(value.toFixed(2)).toString();

/** An SVG document of a figure, complete by itself. */
export function svgOf(title: string, model: PlotModel, look: VectorLook): string {
  const { width, height } = look;
  const [right, bottom] = [width - RIGHT, height - BOTTOM];
  const scaleX = (x: number): number => LEFT + ((x - model.x.from) / (model.x.to - model.x.from)) * (right - LEFT);
  const { from, to, log } = model.y;
  const share = (y: number): number => (log ? Math.log(y / from) / Math.log(to / from) : (y - from) / (to - from));
  const scaleY = (y: number): number => bottom - share(y) * (bottom - TOP);
  const text = (x: number, y: number, words: string, more = ''): string =>
    `<text x="${n(x)}" y="${n(y)}" ${more}>${escaped(words)}</text>`;

  const yStep = roundStep((to - from) / 5);
  const ys = log ? logTicks(from, to, 6) : ticksOf(from, to, yStep);
  const xStep = roundStep((model.x.to - model.x.from) / 6);
  const xs = ticksOf(model.x.from, model.x.to, xStep);
  const { kind } = model.x;
  const named = (x: number): string =>
    kind === 'time'
      ? timeTick(x, xStep)
      : kind === 'clock'
        ? clockTick(x, xStep)
        : kind === 'step'
          ? stepTick(x)
          : valueTick(x, xStep);
  const parts = [
    `<rect width="${width}" height="${height}" fill="${look.ground}"/>`,
    text(12, 22, title, `fill="${look.ink}" font-weight="600" font-size="13"`),
    ...ys.map(
      (y) =>
        `<path d="M${LEFT} ${n(scaleY(y))}H${right}" stroke="${look.grid}"/>` +
        text(LEFT - 8, scaleY(y) + 4, log ? logTick(y) : valueTick(y, yStep), `fill="${look.faint}" text-anchor="end"`),
    ),
    ...xs.map((x) => text(scaleX(x), bottom + 18, named(x), `fill="${look.faint}" text-anchor="middle"`)),
    `<path d="M${LEFT} ${bottom}H${right}" stroke="${look.faint}"/>`,
    `<clipPath id="plot"><rect x="${LEFT}" y="${TOP}" width="${right - LEFT}" height="${bottom - TOP}"/></clipPath>`,
  ];
  const drawn = model.lines.flatMap((line) => {
    const pen = look.pen(line.colour);
    const path = (values: readonly number[]): string => pathOf(line, values, scaleX, scaleY, log);
    const dash = line.colour > 6 ? ' stroke-dasharray="7 2.5"' : '';
    const ghost = line.smoothed
      ? `<path d="${path(line.raw)}" stroke="${pen}" stroke-opacity="0.28" fill="none"/>`
      : '';
    return `${ghost}<path d="${path(line.shown)}" stroke="${pen}" stroke-width="1.5" fill="none"${dash}/>`;
  });
  const marks = [...model.oddities.map(({ from: x, kind: label }) => ({ x, label })), ...(model.marks ?? [])].map(
    ({ x, label }) =>
      `<path d="M${n(scaleX(x))} ${TOP}V${bottom}" stroke="${look.faint}" stroke-dasharray="3 3"/>` +
      text(scaleX(x), TOP - 3, label, `fill="${look.ink}" text-anchor="middle"`),
  );
  const names = model.lines.flatMap((line) => {
    const end = line.shown.findLastIndex((value) => Number.isFinite(value) && (!log || value > 0));
    const [x, y] = [line.x[end], line.shown[end]];
    if (x === undefined || y === undefined || line.name === '') return [];
    const top = Math.min(Math.max(scaleY(y), TOP), bottom);
    return [
      text(Math.min(scaleX(x), right) + 6, top + 4, line.name.slice(0, 40), `fill="${look.ink}" font-weight="600"`),
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="${escaped(look.font)}" font-size="11">`,
    ...parts,
    `<g clip-path="url(#plot)">${drawn.join('')}${marks.join('')}</g>`,
    ...names,
    '</svg>',
  ].join('\n');
}

function pathOf(
  line: PlotLine,
  values: readonly number[],
  scaleX: (x: number) => number,
  scaleY: (y: number) => number,
  positiveOnly: boolean,
): string {
  return line.x
    .flatMap((x, index) => {
      const y = values[index];
      if (y === undefined || !Number.isFinite(y) || !Number.isFinite(x) || (positiveOnly && y <= 0)) return [];
      return [`${n(scaleX(x))} ${n(scaleY(y))}`];
    })
    .map((place, index) => `${index === 0 ? 'M' : 'L'}${place}`)
    .join('');
}

function ticksOf(from: number, to: number, step: number): number[] {
  const first = Math.ceil(from / step);
  const count = Math.min(50, Math.floor(to / step + 1e-9) - first + 1);
  return Array.from({ length: Math.max(0, count) }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}
