/** How a plot is drawn: the identity's colours, type and rules, as options of uPlot. */
import type uPlot from 'uplot';
import { fewPoints, type PlotModel } from './model.ts';
import { clockTick, logTick, logTicks, stepTick, TIME_STEPS, timeTick, valueTick } from './ticks.ts';

export interface PlotFrame {
  host: HTMLElement;
  width: number;
  height: number;
  syncKey: string | undefined;
  /** The newest model, read whenever extents are asked for. */
  current: () => PlotModel;
  zoomable: boolean;
}

/** Space left of the y axis and right of the lines, in CSS pixels. */
const LEFT = 44;
const RIGHT = 16;
const RIGHT_NAMED = 64;
const RIGHT_NAMED_NARROW = 52;

const STEP_INCREMENTS = Array.from({ length: 16 }, (_, power) => [1, 2, 5].map((lead) => lead * 10 ** power)).flat();

/** Options for a model's shape. Extents follow the newest model; the number and kind of lines do not. */
export function plotOptions(model: PlotModel, frame: PlotFrame): uPlot.Options {
  const styles = getComputedStyle(frame.host);
  const token = (name: string): string => styles.getPropertyValue(name).trim();
  const root = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const font = `${parseFloat(token('--text-micro')) * root}px ${token('--voice-instrument')}`;
  const wide = frame.host.clientWidth > 480;
  // Wide figures keep room for names even without any, so that the axes below one another are in line.
  const named = wide || model.lines.some(({ name }) => name !== '');
  const strokeWidth = parseFloat(token('--plot-stroke')) || 1.5;
  const pen = (colour: number): string => token(`--series-${colour}`);
  const dash = (colour: number): { dash?: number[] } => (colour > 6 ? { dash: [7, 2.5] } : {});
  const unseen = (): uPlot.Series => ({ stroke: 'transparent', width: 0, points: { show: false }, spanGaps: true });

  const series: uPlot.Series[] = [{}];
  const bands: uPlot.Band[] = [];
  for (const line of model.lines) {
    const first = series.length;
    series.push(unseen(), unseen(), {
      stroke: pen(line.colour),
      width: 1,
      alpha: Number(token('--series-ghost')) || 0.28,
      spanGaps: true,
      points: { show: false },
      pxAlign: false,
    });
    if (line.band) bands.push({ series: [first + 1, first], fill: translucent(pen(line.colour)) });
  }
  const inFront = series.length;
  for (const line of model.lines) {
    series.push({
      stroke: pen(line.colour),
      width: strokeWidth,
      spanGaps: true,
      pxAlign: false,
      ...dash(line.colour),
      points: { show: fewPoints(line.x), size: 5, fill: pen(line.colour), stroke: pen(line.colour) },
    });
  }

  const axis = {
    stroke: token('--ink-3'),
    font,
    ticks: { show: false },
    grid: { stroke: token('--grid'), width: 1 },
  };
  const { kind } = model.x;
  return {
    width: frame.width,
    height: frame.height,
    // Names grow with the letters of the page: on a wide screen, and on the wall.
    padding: [8, named ? ((wide ? RIGHT_NAMED : RIGHT_NAMED_NARROW) * root) / 16 : RIGHT, 0, 0],
    legend: { show: false },
    series,
    bands,
    scales: {
      x: { time: false, range: () => [frame.current().x.from, frame.current().x.to] },
      y: {
        distr: model.y.log ? 3 : 1,
        range: () => [frame.current().y.from, frame.current().y.to],
      },
    },
    axes: [
      {
        ...axis,
        size: 22,
        gap: 5,
        space: (plot) => Math.max(wide ? 64 : 72, plot.bbox.width / devicePixelRatio / 9),
        border: { show: true, stroke: token('--rule-strong'), width: 1 },
        ...(kind === 'time' || kind === 'clock'
          ? { incrs: TIME_STEPS }
          : kind === 'step'
            ? { incrs: STEP_INCREMENTS }
            : {}),
        values: (_, splits, __, ___, step) =>
          splits.map((value) =>
            kind === 'time'
              ? timeTick(value, step)
              : kind === 'clock'
                ? clockTick(value, step)
                : kind === 'step'
                  ? stepTick(value)
                  : valueTick(value, step),
          ),
      },
      {
        ...axis,
        // Long labels get the room they need; the usual ones keep the axes of figures in line.
        size: (_, values) => Math.max(LEFT, 14 + 6.6 * Math.max(0, ...(values ?? []).map((text) => text.length))),
        gap: 8,
        space: (plot) => Math.max(34, plot.bbox.height / devicePixelRatio / 7),
        ...(model.y.log
          ? {
              splits: (plot: uPlot, _: number, from: number, to: number) =>
                logTicks(from, to, Math.max(2, plot.bbox.height / devicePixelRatio / 36)),
              filter: (_: uPlot, splits: number[]) => splits,
              values: (_: uPlot, splits: number[]) => splits.map(logTick),
            }
          : {
              values: (_: uPlot, splits: number[], __: number, ___: number, step: number) =>
                splits.map((value) => valueTick(value, step)),
            }),
      },
    ],
    cursor: {
      y: false,
      points: {
        size: (_, index) => (index >= inFront ? 9 : 0),
        width: 2,
        stroke: token('--surface-0'),
        fill: (_, index) => pen(model.lines[index - inFront]?.colour ?? 1),
      },
      // Lines have steps of their own: the point nearest to the crosshair is shown, wherever it is.
      dataIdx: (plot, index, closest) => (index >= inFront ? nearestFilled(plot.data[index], closest) : null),
      drag: { x: frame.zoomable, y: false, setScale: false, dist: 5 },
      ...(frame.syncKey === undefined ? {} : { sync: { key: frame.syncKey, scales: ['x', null], setSeries: false } }),
    },
  };
}

function nearestFilled(column: ArrayLike<number | null | undefined> | undefined, at: number): number | null {
  if (!column) return null;
  for (let reach = 0; reach < column.length; reach++) {
    if (column[at - reach] != null) return at - reach;
    if (column[at + reach] != null) return at + reach;
  }
  return null;
}

const translucent = (colour: string): string => `color-mix(in srgb, ${colour} 16%, transparent)`;
