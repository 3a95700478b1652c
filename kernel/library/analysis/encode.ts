/**
 * Parameters as dimensions of a box. Numbers keep their order, on a logarithmic scale where they span decades; everything
 * else is a category, and categories stand in the order of what they lead to, so that a split can part any of them.
 */
import type { Extent } from './variance.ts';

export type Setting = number | string | boolean | null;

/** One parameter as a dimension. */
export interface Dimension {
  name: string;
  kind: 'linear' | 'log' | 'category';
  values: Float64Array;
  extent: Extent;
}

/** Positive numbers are taken logarithmically when the greatest is at least this many times the least. */
const DECADES = 100;
/** A parameter of more categories than this is a name, not a choice. */
const MOST_CATEGORIES = 50;

/** Whether the middle one of positive numbers lies nearer to the middle of their logarithms than to that of themselves. */
function isLogarithmic(numbers: readonly number[]): boolean {
  const sorted = numbers.toSorted((a, b) => a - b);
  const [least, middle, most] = [0, sorted.length >> 1, sorted.length - 1].map((at) => sorted[at] ?? 1);
  const place = (scale: (value: number) => number, [a = 1, b = 1, c = 1] = [least, middle, most]): number =>
    Math.abs((scale(b) - scale(a)) / (scale(c) - scale(a)) - 0.5);
  return place(Math.log) < place((value) => value);
}

/**
 * The dimension of a parameter over examples with these targets. Null when it does not vary, or is a name: a text that is
 * another almost each time.
 */
export function dimensionOf(name: string, settings: readonly Setting[], target: Float64Array): Dimension | null {
  if (new Set(settings).size < 2) return null;
  const numbers = settings.filter((value): value is number => typeof value === 'number' && Number.isFinite(value));
  if (numbers.length === settings.length) {
    const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
    const log = least > 0 && most / least >= DECADES && isLogarithmic(numbers);
    const values = Float64Array.from(numbers, (value) => (log ? Math.log(value) : value));
    const extent = log ? { low: Math.log(least), high: Math.log(most) } : { low: least, high: most };
    return { name, kind: log ? 'log' : 'linear', values, extent };
  }
  const groups = new Map<Setting, { sum: number; count: number }>();
  settings.forEach((value, at) => {
    const group = groups.get(value) ?? { sum: 0, count: 0 };
    group.sum += target[at] ?? 0;
    group.count++;
    groups.set(value, group);
  });
  if (groups.size > MOST_CATEGORIES) return null;
  const order = [...groups].sort(
    ([a, one], [b, other]) => one.sum / one.count - other.sum / other.count || (String(a) < String(b) ? -1 : 1),
  );
  const code = new Map(order.map(([value], at) => [value, at]));
  return {
    ...{ name, kind: 'category' },
    values: Float64Array.from(settings, (value) => code.get(value) ?? 0),
    extent: { low: -0.5, high: order.length - 0.5 },
  };
}
