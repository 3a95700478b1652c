/**
 * What a picture shows of its model, in a few numbers: enough to tell whether a newer model would look different. Of a
 * curve of thousands of points on a few hundred pixels a new point changes nothing that can be seen, and drawing all of it
 * again is by far the most that a live page does. Pure.
 */
import type { PlotLine, PlotModel } from './model.ts';

export interface Sketch {
  x: PlotModel['x'];
  y: PlotModel['y'];
  lines: SketchedLine[];
}

interface SketchedLine {
  /** Points that were drawn. The arrays of a model may grow afterwards. */
  count: number;
  /** Some of them, the first and the last among them. */
  samples: { index: number; x: number; y: number }[];
}

/** Sizes in device pixels. */
export interface Canvas {
  width: number;
  height: number;
  /** How far from the end of a line its tip covers what is, or is not, below. */
  covered: number;
}

/** Points of a line that are compared: all move when the smoothing, the axis or what was merged changes. */
const SAMPLES = 8;
/** Changes of scales and of what was drawn that nobody sees, in device pixels. */
const UNSEEN = 0.5;

export function sketchOf(model: PlotModel): Sketch {
  return {
    x: { ...model.x },
    y: { ...model.y },
    lines: model.lines.map((line) => {
      const count = line.x.length;
      const indices = new Set(
        Array.from({ length: Math.min(SAMPLES, count) }, (_, at) => Math.round((at * (count - 1)) / (SAMPLES - 1))),
      );
      indices.add(count - 1);
      return { count, samples: [...indices].flatMap((index) => pointAt(line, index)) };
    }),
  };
}

const pointAt = (line: PlotLine, index: number): SketchedLine['samples'] => {
  const x = line.x[index];
  const y = line.shown[index];
  return x === undefined || y === undefined ? [] : [{ index, x, y }];
};

/**
 * True when a picture of `sketch` serves for `model`, too: the same lines on the same scales, and what has come since lies
 * so close to where the line ended that its tip, once moved, stands over it.
 * Names, colours and kinds of lines are not compared.
 */
export function stillShows(sketch: Sketch, model: PlotModel, canvas: Canvas): boolean {
  if (sketch.lines.length !== model.lines.length || sketch.y.log !== model.y.log) return false;
  const across = (x: number): number => ((x - sketch.x.from) / (sketch.x.to - sketch.x.from)) * canvas.width;
  const scaled = sketch.y.log ? Math.log : (y: number): number => y;
  const [low, high] = [scaled(sketch.y.from), scaled(sketch.y.to)];
  const up = (y: number): number => ((scaled(y) - low) / (high - low)) * canvas.height;
  const near = (one: number, other: number, within: number): boolean =>
    Math.abs(one - other) < within || (!Number.isFinite(one) && !Number.isFinite(other));
  if (!near(across(model.x.from), 0, UNSEEN) || !near(across(model.x.to), canvas.width, UNSEEN)) return false;
  if (!near(up(model.y.from), 0, UNSEEN) || !near(up(model.y.to), canvas.height, UNSEEN)) return false;
  return sketch.lines.every(({ count, samples }, at) => {
    const line = model.lines[at];
    if (!line || line.x.length < count) return false;
    for (const { index, x, y } of samples) {
      if (!near(across(line.x[index] ?? Number.NaN), across(x), UNSEEN)) return false;
      if (!near(up(line.shown[index] ?? Number.NaN), up(y), UNSEEN)) return false;
    }
    const end = samples.at(-1);
    if (!end) return line.x.length === 0;
    // A line that has left the picture goes on unseen.
    if (across(end.x) > canvas.width) return true;
    for (let index = count; index < line.x.length; index++) {
      const y = line.shown[index] ?? Number.NaN;
      // What is no number is marked beside the line, and leaves it as it is.
      if (!Number.isFinite(y)) continue;
      if (!(across(line.x[index] ?? Number.NaN) - across(end.x) < canvas.covered)) return false;
      if (!(Math.abs(up(y) - up(end.y)) < canvas.covered)) return false;
    }
    return true;
  });
}
