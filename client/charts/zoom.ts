/** The part of x that a figure shows. Pure. */
import { extentY, type PlotModel } from './model.ts';

/** From and to in x values, `from` the smaller. */
export interface Stretch {
  from: number;
  to: number;
}

/**
 * The stretch made `factor` times as long around `at`, moved into `full` where it would stand out of it.
 * @returns null when it would show all of `full`
 */
export function scaled(shown: Stretch, full: Stretch, factor: number, at: number): Stretch | null {
  const length = (shown.to - shown.from) * factor;
  if (!(length < full.to - full.from)) return null;
  const middle = Math.min(Math.max(at, shown.from), shown.to);
  // What is pointed at stays where it is on the screen.
  const share = (middle - shown.from) / (shown.to - shown.from || 1);
  const from = Math.min(Math.max(middle - length * share, full.from), full.to - length);
  return { from, to: from + length };
}

/** The model with only this stretch of x shown, and y fitted to the points in it. Without any there, y stays as it was. */
export function cutTo(model: PlotModel, stretch: Stretch | null, robust: boolean): PlotModel {
  if (!stretch) return model;
  const seen = model.lines.map((line) => ({
    ...line,
    raw: line.raw.filter((_, index) => {
      const x = line.x[index] ?? Number.NaN;
      return x >= stretch.from && x <= stretch.to;
    }),
  }));
  const any = seen.some(({ raw }) => raw.some(Number.isFinite));
  return {
    ...model,
    x: { ...model.x, ...stretch },
    y: any ? extentY(seen, { log: model.y.log, robust }) : model.y,
  };
}
