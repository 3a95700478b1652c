/**
 * Points made few enough to draw, without lying: every point given is a point that was logged, each stretch of the axis
 * keeps its lowest and highest, and values that are not finite are never averaged away. It refuses to interpolate.
 */
import { extremes } from './chunk.ts';
import { orderOf, type Points, picked } from './points.ts';

/** Points with their places on the horizontal axis, in its order. */
export interface Plotted extends Points {
  xs: Float64Array;
}

/** Least width that a window is reduced to, in pixels: both ends, both extremes and each kind of odd value fit in it. */
export const LEAST_WIDTH = 8;

/** Most points of a window that is `width` pixels wide. */
export const mostPoints = (width: number): number => 2 * Math.max(LEAST_WIDTH, Math.floor(width));

/** The points in order of their places; of one place, in the order given. Points whose place is not finite are left out. */
export function plotted(points: Points, xs: Float64Array): Plotted {
  const held = xs.every(Number.isFinite) ? null : Uint32Array.from(xs.keys()).filter((i) => Number.isFinite(xs[i]));
  const some = held ? { ...picked(points, held), xs: Float64Array.from(held, (i) => xs[i] ?? 0) } : { ...points, xs };
  const order = orderOf(some.xs);
  return order ? { ...picked(some, order), xs: Float64Array.from(order, (i) => some.xs[i] ?? 0) } : some;
}

/**
 * At most {@link mostPoints} of the points. Where there are more, the axis is cut into equal columns and each keeps its
 * lowest and highest point. The first and the last stay. Points whose value is not finite all stay while there are at most
 * `width` of them; beyond that, the first of each kind, and of each kind in each column of a coarser cut.
 */
export function reduced(points: Plotted, width: number): Plotted {
  const most = mostPoints(width);
  const { xs, values } = points;
  const count = xs.length;
  if (count <= most) return points;
  const keep = new Uint8Array(count);
  keep[0] = keep[count - 1] = 1;
  let odd = 0;
  for (const place of oddPlaces(points, most / 2)) {
    if (!keep[place]) odd++;
    keep[place] = 1;
  }
  const columns = Math.max(1, Math.floor((most - 2 - odd) / 2));
  for (const [from, to] of cut(xs, columns)) {
    for (const place of extremes(values, from, to)) if (place >= 0) keep[place] = 1;
  }
  const kept: number[] = [];
  for (let i = 0; i < count; i++) if (keep[i]) kept.push(i);
  return { ...picked(points, kept), xs: Float64Array.from(kept, (i) => xs[i] ?? 0) };
}

function oddPlaces({ xs, values }: Plotted, most: number): number[] {
  const all: number[] = [];
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) all.push(i);
  if (all.length <= most) return all;
  // Three kinds a column, and the first of each kind is the first of its column.
  const columns = Math.max(1, Math.floor(most / 4));
  const kept: number[] = [];
  for (const [from, to] of cut(xs, columns)) {
    const seen = new Set<string>();
    for (let i = from; i < to; i++) {
      const value = values[i] ?? Number.NaN;
      if (Number.isFinite(value) || seen.has(String(value))) continue;
      seen.add(String(value));
      kept.push(i);
    }
  }
  return kept;
}

/** Stretches of points that fall into each of `columns` equal parts of the axis; empty ones are left out. */
function* cut(xs: Float64Array, columns: number): Generator<[from: number, to: number]> {
  const low = xs[0] ?? 0;
  const high = xs.at(-1) ?? 0;
  // Halved, so that the width of an axis from one end of float64 to the other is a number too.
  const width = (high / 2 - low / 2) / columns;
  let from = 0;
  let column = 0;
  for (let i = 0; i < xs.length; i++) {
    const own = width > 0 ? Math.min(columns - 1, Math.floor(((xs[i] ?? 0) / 2 - low / 2) / width)) : 0;
    if (own === column) continue;
    if (i > from) yield [from, i];
    from = i;
    column = own;
  }
  yield [from, xs.length];
}
