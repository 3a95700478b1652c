/**
 * Axes of an analysis: each parameter and each metric as a scale, with a place for every trial on it, and which trials a
 * brush lets through. Pure; what is drawn and where is the page's business.
 */
import type { AnalysedTrial, Analysis, ReadBy } from '@trialroom/shared/api/comparison';
import { fromWire } from '@trialroom/shared/trial/points';
import { scaleLinear, scaleLog } from 'd3-scale';
import { figure } from '../../components/figures.ts';

/** `p:name` of a parameter, `m:key` of a metric. */
export type AxisId = string;

/** What a trial has on an axis; null: nothing that can be placed. */
export type Setting = number | string | boolean | null;

export interface Axis {
  id: AxisId;
  name: string;
  kind: 'linear' | 'log' | 'category';
  /** By trial: its value, and its place from 0 (bottom) to 1. */
  values: Setting[];
  places: (number | null)[];
  /** Places that are labelled. */
  ticks: { place: number; text: string }[];
  /** Values of a category, in the order of their places. */
  categories: Setting[];
  /** The number at a place; undefined on categories. */
  at?: (place: number) => number;
}

/** A stretch of an axis, in places. */
export interface Brush {
  from: number;
  to: number;
}
export type Brushes = ReadonlyMap<AxisId, Brush>;

/** Positive numbers that span as many times as this are offered on a logarithmic scale first. */
const DECADES = 20;
/** More categories than this have no axis: they are names. */
const MOST_CATEGORIES = 40;
const TICKS = 5;
/** So few different numbers were chosen: each of them is labelled, where it does not stand on another. */
const FEW = 6;
const APART = 0.06;

/** The value of a trial on an axis. */
export function settingOf(trial: AnalysedTrial, id: AxisId, by: ReadBy): Setting {
  const name = id.slice(2);
  if (id.startsWith('p:')) return trial.params[name] ?? null;
  const reading = trial.metrics[name];
  if (!reading) return null;
  const value = by === 'best' ? reading.best : fromWire(reading.last);
  return value !== null && Number.isFinite(value) ? value : null;
}

/** Every axis that there could be: parameters that vary, then metrics. */
export function axisIds(analysis: Analysis): AxisId[] {
  const names = new Map<string, Set<unknown>>();
  for (const { params } of analysis.trials) {
    for (const [name, value] of Object.entries(params)) names.set(name, (names.get(name) ?? new Set()).add(value));
  }
  const params = [...names].filter(([, values]) => values.size > 1).map(([name]) => `p:${name}`);
  return [...params, ...Object.keys(analysis.directions).map((key) => `m:${key}`)];
}

/** The axis of a parameter or metric over these trials; null when it would have nothing on it, or far too many names. */
export function axisOf(trials: readonly AnalysedTrial[], id: AxisId, by: ReadBy): Axis | null {
  const values = trials.map((trial) => settingOf(trial, id, by));
  const there = values.filter((value) => value !== null);
  const numbers = there.filter((value) => typeof value === 'number');
  if (there.length === 0) return null;
  const name = id.slice(2);
  if (numbers.length === there.length) return numberAxis(id, name, values, numbers);
  const categories = [...new Set(there)].sort((a, b) =>
    typeof a === 'number' && typeof b === 'number' ? a - b : String(a) < String(b) ? -1 : 1,
  );
  if (categories.length > MOST_CATEGORIES) return null;
  const place = (value: Setting): number | null => {
    const at = categories.indexOf(value as string);
    return at < 0 ? null : categories.length === 1 ? 0.5 : at / (categories.length - 1);
  };
  return {
    ...{ id, name, kind: 'category', values, categories },
    places: values.map(place),
    ticks: categories.map((value) => ({ place: place(value) ?? 0, text: String(value) })),
  };
}

function numberAxis(id: AxisId, name: string, values: Setting[], numbers: readonly number[]): Axis {
  const least = numbers.reduce((a, b) => Math.min(a, b));
  const most = numbers.reduce((a, b) => Math.max(a, b));
  const log = least > 0 && most / least >= DECADES;
  const wide = most > least ? 0 : Math.abs(least) || 1;
  const domain: [number, number] = [least - wide / 2, most + wide / 2];
  const scale = log ? scaleLog(domain, [0, 1]) : scaleLinear(domain, [0, 1]);
  const ticks = scale.ticks(TICKS);
  // A logarithmic scale offers each digit of each decade: only whole decades are kept when there are many.
  const kept = ticks.length > 2 * TICKS ? ticks.filter((tick) => Number.isInteger(Math.log10(tick))) : ticks;
  return {
    ...{ id, name, kind: log ? 'log' : 'linear', values, categories: [] },
    places: values.map((value) => (typeof value === 'number' ? scale(value) : null)),
    ticks:
      (id.startsWith('p:') ? fewOf(numbers, scale) : null) ??
      kept.map((tick) => ({ place: scale(tick), text: figure(tick, 3) })),
    at: (place) => scale.invert(place),
  };
}

/** The values themselves as ticks; null where there are many of them. */
function fewOf(numbers: readonly number[], scale: (value: number) => number): Axis['ticks'] | null {
  const chosen = [...new Set(numbers)].sort((a, b) => a - b);
  if (chosen.length > FEW) return null;
  const ticks: Axis['ticks'] = [];
  for (const value of chosen) {
    const place = scale(value);
    if (place - (ticks.at(-1)?.place ?? -1) >= APART) ticks.push({ place, text: figure(value, 6) });
  }
  return ticks;
}

/** Which trials all brushes let through; a trial without a value on a brushed axis is not among them. */
export function passing(axes: readonly Axis[], brushes: Brushes, count: number): boolean[] {
  return Array.from({ length: count }, (_, trial) =>
    axes.every(({ id, places }) => {
      const brush = brushes.get(id);
      if (!brush) return true;
      const place = places[trial] ?? null;
      // A hair more on both sides: a brush set to a value's own place holds it.
      return place !== null && place >= brush.from - 1e-9 && place <= brush.to + 1e-9;
    }),
  );
}

/** Moves an axis to stand where another stands. */
export function moved(order: readonly AxisId[], id: AxisId, to: number): AxisId[] {
  const rest = order.filter((other) => other !== id);
  rest.splice(Math.min(Math.max(to, 0), rest.length), 0, id);
  return rest;
}

/** Brushes in the address: `p%3Alr:0.1:0.5`, with commas between them. Names are percent-encoded. */
export const writeBrushes = (brushes: Brushes): string =>
  [...brushes].map(([id, { from, to }]) => `${encodeURIComponent(id)}:${short(from)}:${short(to)}`).join(',');

/** Reads {@link writeBrushes}; what cannot be read is left out. */
export function readBrushes(text: string | undefined): Map<AxisId, Brush> {
  const read = new Map<AxisId, Brush>();
  for (const part of (text ?? '').split(',')) {
    const [id, from, to] = part.split(':');
    const [low, high] = [Number(from), Number(to)];
    if (id === undefined || from === undefined || to === undefined || !(low >= 0 && high <= 1 && low <= high)) continue;
    try {
      read.set(decodeURIComponent(id), { from: low, to: high });
    } catch {
      // A percent sign that encodes nothing: written by hand.
    }
  }
  return read;
}

const short = (place: number): string => String(Number(place.toFixed(4)));

/** Lists of axes in the address. */
export const writeIds = (ids: readonly AxisId[]): string => ids.map(encodeURIComponent).join(',');
export function readIds(text: string | undefined, known: readonly AxisId[]): AxisId[] {
  const there = new Set(known);
  return [...new Set((text ?? '').split(','))].flatMap((part) => {
    try {
      const id = decodeURIComponent(part);
      return there.has(id) ? [id] : [];
    } catch {
      return [];
    }
  });
}
