import type { AnalysedTrial, Analysis } from '@trialroom/shared/api/comparison';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { axisIds, axisOf, type Brush, moved, passing, readBrushes, readIds, writeBrushes, writeIds } from './axes.ts';
import { barsOf, bestSoFar } from './timeline.ts';

const trial = (nth: number, over: Partial<AnalysedTrial> = {}): AnalysedTrial => ({
  ...{ id: `t${nth}`, name: `trial ${nth}`, status: 'completed' },
  ...{ createdAt: nth, startedAt: nth * 10, endedAt: nth * 10 + 15 },
  params: {},
  metrics: {},
  ...over,
});

const trials = [1e-4, 1e-3, 1e-2].map((lr, at) =>
  trial(at, {
    params: { lr, optimizer: at === 1 ? 'sgd' : 'adam', fixed: 1 },
    metrics: { loss: { last: [0.5, 'NaN' as const, 0.2][at] ?? 0, best: [0.4, 0.3, 0.1][at] ?? null } },
  }),
);
const analysis: Analysis = {
  ...{ experiment: { id: 'e', name: 'digits' }, objective: null, trials, leftOut: 0 },
  directions: { loss: 'minimise' },
};

test('axes are the parameters that vary, and the metrics', () => {
  expect(axisIds(analysis)).toEqual(['p:lr', 'p:optimizer', 'm:loss']);
  expect(axisOf(trials, 'p:nothing', 'last')).toBeNull();
  const names = Array.from({ length: 60 }, (_, at) => trial(at, { params: { run: `run ${at}` } }));
  expect(axisOf(names, 'p:run', 'last')).toBeNull();
});

test('numbers over decades stand on a logarithmic axis, texts in order of their names', () => {
  const lr = axisOf(trials, 'p:lr', 'last');
  expect(lr).toMatchObject({ kind: 'log' });
  expect(lr?.places.map((place) => Number(place?.toFixed(6)))).toEqual([0, 0.5, 1]);
  expect(lr?.at?.(0.5)).toBeCloseTo(1e-3, 10);
  expect(lr?.ticks.map(({ text }) => text)).toContain('0.001');
  expect(axisOf(trials, 'p:optimizer', 'last')).toMatchObject({ kind: 'category', places: [0, 1, 0] });
});

test('what is not finite has no place, and the best reading may have one where the newest has none', () => {
  expect(axisOf(trials, 'm:loss', 'last')?.places[1]).toBeNull();
  expect(axisOf(trials, 'm:loss', 'best')?.places[1]).toBeCloseTo(2 / 3, 10);
});

test('a brush lets through what lies in it, and all of them must', () => {
  const axes = ['p:lr', 'p:optimizer', 'm:loss'].flatMap((id) => axisOf(trials, id, 'last') ?? []);
  const through = (brushes: [string, Brush][]) => passing(axes, new Map(brushes), 3);
  expect(through([])).toEqual([true, true, true]);
  expect(through([['p:lr', { from: 0.5, to: 1 }]])).toEqual([false, true, true]);
  expect(
    through([
      ['p:lr', { from: 0.5, to: 1 }],
      ['p:optimizer', { from: 0, to: 0 }],
    ]),
  ).toEqual([false, false, true]);
  expect(through([['m:loss', { from: 0, to: 1 }]])).toEqual([true, false, true]);
});

test('brushes and orders survive the address, whatever the names', () => {
  const place = fc.integer({ min: 0, max: 10_000 }).map((n) => n / 10_000);
  const brush = fc.tuple(place, place).map(([a, b]): Brush => ({ from: Math.min(a, b), to: Math.max(a, b) }));
  const id = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).map((name) => `p:${name}`);
  fc.assert(
    fc.property(fc.array(fc.tuple(id, brush), { maxLength: 6 }), (entries) => {
      const brushes = new Map(entries);
      expect(readBrushes(writeBrushes(brushes))).toEqual(brushes);
      const ids = [...brushes.keys()];
      expect(readIds(writeIds(ids), ids)).toEqual(ids);
    }),
  );
  expect(readBrushes('p%3Alr:0.9:0.1,nonsense,%E0%A4%A:0:1').size).toBe(0);
  expect(readIds(undefined, ['p:a'])).toEqual([]);
});

test('an axis moves to where another stands, and none is lost', () => {
  expect(moved(['a', 'b', 'c'], 'a', 2)).toEqual(['b', 'c', 'a']);
  expect(moved(['a', 'b', 'c'], 'c', -3)).toEqual(['c', 'a', 'b']);
  fc.assert(
    fc.property(fc.uniqueArray(fc.string(), { minLength: 1 }), fc.nat(), fc.integer(), (ids, nth, to) => {
      const id = ids[nth % ids.length] ?? '';
      expect([...moved(ids, id, to)].sort()).toEqual([...ids].sort());
    }),
  );
});

test('a timeline puts trials that ran at once into rows of their own, and says the best so far', () => {
  const running = trial(9, { startedAt: 12, endedAt: null, status: 'running' });
  const bars = barsOf([...trials, trial(8, { startedAt: null, endedAt: null, status: 'queued' }), running], 100);
  expect(bars.map(({ trial: { id }, lane }) => [id, lane])).toEqual([
    ['t0', 0],
    ['t1', 1],
    ['t9', 2],
    ['t2', 0],
  ]);
  expect(bars.find(({ trial: { id } }) => id === 't9')?.to).toBe(100);
  expect(bestSoFar(trials, 'm:loss', 'minimise').map(({ value }) => value)).toEqual([0.5, 0.2]);
  expect(bestSoFar(trials, 'm:loss', 'maximise').map(({ value }) => value)).toEqual([0.5]);
});
