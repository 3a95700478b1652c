import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PlotModel, plotLine } from './model.ts';
import { sketchOf, stillShows } from './sketch.ts';

const canvas = { width: 1000, height: 200, covered: 2 };

/** Steps 0 to 1000 in a thousand pixels, values 0 to 2 in two hundred. */
function model(values: readonly number[], more: Partial<PlotModel> & { smoothing?: number } = {}): PlotModel {
  const { smoothing = 0, ...rest } = more;
  const x = values.map((_, step) => step / 4);
  return {
    lines: [plotLine(x, [...values], { name: '', colour: 1, smoothing, merged: false })],
    x: { kind: 'step', from: 0, to: 1000 },
    y: { from: 0, to: 2, log: false },
    oddities: [],
    ...rest,
  };
}
const wave = (count: number): number[] => Array.from({ length: count }, (_, step) => 1 + Math.sin(step / 20) / 2);
const stays = (before: PlotModel, after: PlotModel): boolean => stillShows(sketchOf(before), after, canvas);

describe('a picture', () => {
  it('shows a point that falls below the tip, and no other', () => {
    const before = model(wave(400));
    const last = wave(400).at(-1) ?? 0;
    expect(stays(before, model([...wave(400), last + 0.01]))).toBe(true);
    expect(stays(before, model([...wave(400), last + 0.03]))).toBe(false);
    expect(stays(before, model([...wave(400), last - 0.03, last]))).toBe(false);
    expect(stays(before, model([...wave(400), ...Array.from({ length: 9 }, () => last)]))).toBe(false);
  });

  it('is of what was drawn, however the arrays grow afterwards', () => {
    const before = model(wave(400));
    const sketch = sketchOf(before);
    before.lines[0]?.x.push(500);
    before.lines[0]?.shown.push(1);
    expect(stillShows(sketch, before, canvas)).toBe(false);
  });

  it('is another one on other scales', () => {
    const before = model(wave(400));
    expect(stays(before, model(wave(400), { x: { kind: 'step', from: 0, to: 1000.4 } }))).toBe(true);
    expect(stays(before, model(wave(400), { x: { kind: 'step', from: 0, to: 1010 } }))).toBe(false);
    expect(stays(before, model(wave(400), { y: { from: 0, to: 2.1, log: false } }))).toBe(false);
    expect(stays(before, model(wave(400), { y: { from: 0, to: 2, log: true } }))).toBe(false);
  });

  it('is another one when the line was smoothed or merged otherwise, or is gone', () => {
    const before = model(wave(400), { smoothing: 0.5 });
    expect(stays(before, model(wave(400), { smoothing: 0.5 }))).toBe(true);
    expect(stays(before, model(wave(400), { smoothing: 0.9 }))).toBe(false);
    expect(stays(before, model(wave(399), { smoothing: 0.5 }))).toBe(false);
    expect(stays(before, { ...before, lines: [] })).toBe(false);
  });

  it('begins with the first point, and ends where the line leaves it', () => {
    expect(stays(model([]), model([]))).toBe(true);
    expect(stays(model([]), model([1]))).toBe(false);
    const zoomed = { x: { kind: 'step' as const, from: 0, to: 50 } };
    expect(stays(model(wave(400), zoomed), model([...wave(400), 2], zoomed))).toBe(true);
  });

  it('stays as it is when what comes is no number', () => {
    expect(stays(model(wave(400)), model([...wave(400), Number.NaN, Infinity]))).toBe(true);
    const ended = model([...wave(399), Number.NaN]);
    expect(stays(ended, model([...wave(399), Number.NaN, 1]))).toBe(false);
  });

  it('shows itself, on linear and logarithmic axes', () => {
    const value = fc.double({ min: 1e-3, max: 1e3, noNaN: true });
    fc.assert(
      fc.property(fc.array(value, { maxLength: 50 }), fc.boolean(), (values, log) => {
        const one = model(values, { y: { from: 1e-3, to: 1e3, log } });
        expect(stays(one, one)).toBe(true);
      }),
    );
  });
});
