import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extentY, type PlotModel, plotLine } from './model.ts';
import { cutTo, scaled } from './zoom.ts';

const full = { from: 0, to: 100 };

describe('scaling what is shown', () => {
  it('halves around a place, and shows all again once that is asked for', () => {
    expect(scaled(full, full, 0.5, 50)).toEqual({ from: 25, to: 75 });
    expect(scaled({ from: 25, to: 75 }, full, 0.5, 25)).toEqual({ from: 25, to: 50 });
    expect(scaled({ from: 25, to: 75 }, full, 2, 50)).toBeNull();
  });

  it('never leaves what there is', () => {
    const number = fc.double({ min: 0, max: 100, noNaN: true });
    fc.assert(
      fc.property(number, number, fc.double({ min: 0.1, max: 4, noNaN: true }), number, (a, b, factor, at) => {
        fc.pre(Math.abs(a - b) > 0.01);
        const next = scaled({ from: Math.min(a, b), to: Math.max(a, b) }, full, factor, at);
        if (next === null) return;
        expect(next.from).toBeGreaterThanOrEqual(0);
        expect(next.to).toBeLessThanOrEqual(100 + 1e-9);
        expect(next.to - next.from).toBeCloseTo(Math.abs(a - b) * factor, 6);
      }),
    );
  });
});

describe('cutting a model', () => {
  const lines = [plotLine([0, 1, 2, 3], [100, 2, 1, 50], { name: 'loss', colour: 1, smoothing: 0, merged: false })];
  const model: PlotModel = {
    lines,
    x: { kind: 'number', from: 0, to: 3 },
    y: extentY(lines, { log: false, robust: false }),
    oddities: [],
  };

  it('fits y to the points that are left, and keeps the lines whole', () => {
    const cut = cutTo(model, { from: 0.5, to: 2.5 }, false);
    expect(cut.x).toEqual({ kind: 'number', from: 0.5, to: 2.5 });
    expect(cut.y.to).toBeLessThan(3);
    expect(cut.lines).toBe(model.lines);
  });

  it('keeps y where no point is, and everything when nothing is cut', () => {
    expect(cutTo(model, { from: 1.2, to: 1.4 }, false).y).toEqual(model.y);
    expect(cutTo(model, null, false)).toBe(model);
  });
});
