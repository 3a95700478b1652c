/** The line of a sparkline, as an SVG path in a box; the x axis is the planned run, so that the blank part is what is left. */

export interface Spark {
  d: string;
  /** Where the pen stands, in percent of the box; null without finite points. */
  tip: { left: number; top: number } | null;
}

/** Draws finite points into `width` × `height`. Many points become means of neighbours; values beyond the 1st and 99th percentile do not flatten the rest. */
export function sparkPath(
  steps: readonly number[],
  values: readonly number[],
  options: { width: number; height: number; from: number; to: number },
): Spark {
  const points: { x: number; y: number }[] = [];
  steps.forEach((x, index) => {
    const y = values[index];
    if (y !== undefined && Number.isFinite(x) && Number.isFinite(y)) points.push({ x, y });
  });
  const last = points.at(-1);
  if (!last) return { d: '', tip: null };
  const drawn = thinned(points, Math.max(8, Math.floor(options.width / 2)));
  const sorted = drawn.map(({ y }) => y).sort((a, b) => a - b);
  const trim = sorted.length > 50 ? Math.floor(sorted.length / 100) : 0;
  const low = sorted[trim] ?? last.y;
  const high = sorted[sorted.length - 1 - trim] ?? last.y;
  const pad = 2;
  const span = Math.max(options.to - options.from, Number.MIN_VALUE);
  const x = (value: number) => ((value - options.from) / span) * (options.width - 2 * pad) + pad;
  const y = (value: number) => {
    const share = high > low ? (Math.min(high, Math.max(low, value)) - low) / (high - low) : 0.5;
    return options.height - pad - share * (options.height - 2 * pad);
  };
  const d = drawn.map((point, index) => `${index === 0 ? 'M' : 'L'}${x(point.x).toFixed(1)} ${y(point.y).toFixed(1)}`);
  return {
    d: d.join(''),
    tip: { left: (x(last.x) / options.width) * 100, top: (y(last.y) / options.height) * 100 },
  };
}

/** At most `most` points and the newest one: means of neighbours, since a sparkline shows a shape and no extremes. */
function thinned(points: { x: number; y: number }[], most: number): { x: number; y: number }[] {
  const newest = points.at(-1);
  if (points.length <= most || !newest) return points;
  const size = Math.ceil(points.length / most);
  const means: { x: number; y: number }[] = [];
  for (let start = 0; start < points.length - 1; start += size) {
    const group = points.slice(start, Math.min(start + size, points.length - 1));
    means.push({
      x: group.reduce((sum, { x }) => sum + x, 0) / group.length,
      y: group.reduce((sum, { y }) => sum + y, 0) / group.length,
    });
  }
  return [...means, newest];
}
