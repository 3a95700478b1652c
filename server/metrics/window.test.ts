/** Windows against a reading of everything, for any series, however it was cut into batches and folded. */
import { fromWire, type PointColumns } from '@trialroom/shared/trial/points';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../database/database.ts';
import { testDatabases } from '../database/testing.ts';
import { placeOn } from './axis.ts';
import { createMetrics, type Metrics } from './metrics.ts';

interface Logged {
  step: number;
  wall: number;
  value: number;
}

// Zero has one sign here: which of two equal extremes stays is nobody's business.
const value = fc.oneof(
  { weight: 30, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }).map((one) => one + 0) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY) },
);
const strange = fc.oneof(
  fc.integer({ min: -50, max: 50 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((one) => one + 0),
);

/** Something that rises and falls without order, the same each time. */
const noise = (i: number): number => ((Math.imul(i, 2_654_435_761) ^ (i << 7)) >>> 0) / 4_294_967_296;

/** Series as loops make them, with late steps, steps logged twice, and steps that mean nothing; clocks that jump. */
const series = fc
  .record({
    length: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 900, max: 12_000 })),
    // With none, each extreme is there once.
    seed: fc.oneof(fc.constant([]), fc.array(value, { minLength: 1, maxLength: 300 })),
    odd: fc.array(fc.tuple(fc.nat(12_000), strange, fc.integer({ min: -1e6, max: 1e6 })), { maxLength: 12 }),
    batch: fc.integer({ min: 1, max: 3000 }),
    folds: fc.constantFrom(40, 700, 5000, 1e9),
    shuffled: fc.boolean(),
  })
  .map(({ length, seed, odd, batch, ...rest }) => {
    const points: Logged[] = Array.from({ length }, (_, i) => ({
      step: i,
      wall: 1e12 + 10 * i,
      value: seed.length > 200 || i % 97 === 0 ? (seed[(i * 31) % (seed.length || 1)] ?? noise(i)) : noise(i),
    }));
    for (const [place, step, skew] of odd) {
      const point = points[place % length];
      if (point) Object.assign(point, { step, wall: point.wall + skew });
    }
    const batches = Array.from({ length: Math.ceil(length / batch) }, (_, i) =>
      points.slice(i * batch, (i + 1) * batch),
    );
    return { points, batches, ...rest };
  });

const column = (key: string, points: readonly Logged[]): PointColumns => ({
  key,
  steps: Float64Array.from(points, ({ step }) => step),
  walls: Float64Array.from(points, ({ wall }) => wall),
  values: Float64Array.from(points, (point) => point.value),
});

const finite = (points: readonly Logged[]): number[] => points.map((point) => point.value).filter(Number.isFinite);
const least = (list: readonly number[]): number =>
  list.reduce((low, one) => Math.min(low, one), Number.POSITIVE_INFINITY);
const most = (list: readonly number[]): number =>
  list.reduce((high, one) => Math.max(high, one), Number.NEGATIVE_INFINITY);
const identity = ({ step, wall, value: one }: Logged): string => `${step} ${wall} ${one}`;

describe.each(testDatabases())('windows on $name', ({ name, open }) => {
  let db: Database;
  beforeAll(async () => {
    db = await open();
  });
  afterAll(() => db.close());
  const endings: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end();
  });

  const start = (folds = 1e9): Metrics => {
    const faults: unknown[] = [];
    const metrics = createMetrics({
      db,
      hub: { emit: () => {} },
      onPoints: () => {},
      onFault: (error) => void faults.push(error),
      pace: 0,
      fold: { points: folds, parts: 1e9, idleMs: 1e6 },
    });
    endings.push(async () => {
      await metrics.close();
      expect(faults).toEqual([]);
    });
    return metrics;
  };
  let trials = 0;

  const stored = async (
    { batches, folds, shuffled }: { batches: readonly Logged[][]; folds: number; shuffled: boolean },
    metrics = start(folds),
  ): Promise<{ metrics: Metrics; trial: string }> => {
    const trial = `${name} ${++trials}`;
    metrics.ingest.expect(trial);
    const sent = batches.map((points, i) => ({ seq: i + 1, points }));
    const order = shuffled ? [...sent].sort((a, b) => ((a.seq * 7919) % 13) - ((b.seq * 7919) % 13)) : sent;
    for (const { seq, points } of order) {
      const columns = [column('loss', points), column('other', points.slice(0, 1))];
      const added = metrics.ingest.add({ trial, source: 'code', seq, columns });
      // Every third is sent again before it is answered, every fourth after.
      if (seq % 3 === 0) await metrics.ingest.add({ trial, source: 'code', seq, columns });
      await added;
      if (seq % 4 === 0) await metrics.ingest.add({ trial, source: 'code', seq, columns: [column('loss', points)] });
    }
    await metrics.ingest.settled();
    return { metrics, trial };
  };

  const read = async (
    metrics: Metrics,
    trial: string,
    window: { from?: number; to?: number; width: number },
  ): Promise<{ points: Logged[]; total: number }> => {
    const [one] = await metrics.series({ trial, keys: ['loss'] }, window);
    const points = (one?.points.values ?? []).map((_, i) => ({
      step: fromWire(one?.points.steps[i] ?? 'NaN'),
      wall: one?.points.walls[i] ?? Number.NaN,
      value: fromWire(one?.points.values[i] ?? 'NaN'),
    }));
    return { points, total: one?.total ?? 0 };
  };

  const expectTrue = (shown: { points: Logged[]; total: number }, inside: readonly Logged[], width: number): void => {
    const limit = 2 * Math.max(8, width);
    expect(shown.total).toBe(inside.length);
    expect(shown.points.length).toBeLessThanOrEqual(limit);
    if (inside.length <= limit) expect(shown.points.length).toBe(inside.length);
    const logged = Map.groupBy(inside, identity);
    for (const [what, found] of Map.groupBy(shown.points, identity)) {
      expect(logged.get(what)?.length ?? 0).toBeGreaterThanOrEqual(found.length);
    }
    const steps = shown.points.map(({ step }) => step);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    if (inside.length === 0) return;
    const all = inside.map(({ step }) => step);
    expect([steps[0], steps.at(-1)]).toEqual([least(all), most(all)]);
    expect([least(finite(shown.points)), most(finite(shown.points))]).toEqual([
      least(finite(inside)),
      most(finite(inside)),
    ]);
    for (const kind of ['NaN', 'Infinity', '-Infinity']) {
      const at = (points: readonly Logged[]) =>
        least(points.filter((point) => String(point.value) === kind).map(({ step }) => step));
      expect(at(shown.points)).toBe(at(inside));
    }
    const odd = inside.filter((point) => !Number.isFinite(point.value));
    if (odd.length <= Math.max(8, width)) {
      const given = new Set(shown.points.map(identity));
      for (const point of odd) expect(given).toContain(identity(point));
    }
  };

  test('give the exact extremes, ends and odd values of what was logged, in at most two points a pixel', async () => {
    await fc.assert(
      fc.asyncProperty(
        series,
        fc.integer({ min: 1, max: 700 }),
        fc.array(fc.tuple(fc.integer({ min: -60, max: 12_000 }), fc.integer({ min: 0, max: 6000 })), { maxLength: 3 }),
        async (given, width, windows) => {
          const { metrics, trial } = await stored(given);
          // The second has nothing in memory, as after a crash or on another server.
          for (const reader of [metrics, start()]) {
            expectTrue(await read(reader, trial, { width }), given.points, width);
            for (const [from, span] of windows) {
              const inside = given.points.filter(({ step }) => step >= from && step <= from + span);
              expectTrue(await read(reader, trial, { from, to: from + span, width }), inside, width);
            }
          }
          const figures = await metrics.keys(trial);
          const arrived = given.shuffled ? undefined : given.points.at(-1);
          expect(figures[0]).toMatchObject({ key: 'loss', count: given.points.length });
          if (arrived) expect(fromWire(figures[0]?.last ?? 0)).toBe(arrived.value);
        },
      ),
      { numRuns: 25 },
    );
  });

  test('and every point is there once, as they followed each other in time, with the batches that it came in', async () => {
    await fc.assert(
      fc.asyncProperty(series, async (given) => {
        const { metrics, trial } = await stored(given);
        for (const reader of [metrics, start()]) {
          const { seqs, slices } = await reader.raw(trial, 'loss');
          const found: Logged[] = [];
          for await (const { steps, walls, values } of slices) {
            steps.forEach((step, i) => void found.push({ step, wall: walls[i] ?? 0, value: values[i] ?? 0 }));
          }
          const inTime = given.points.toSorted((a, b) => a.wall - b.wall || a.step - b.step);
          expect(found.map(identity)).toEqual(inTime.map(identity));
          expect(seqs.toJSON()).toEqual({ code: [[1, given.batches.length]] });
          expect(await (await reader.raw(trial, 'nothing')).slices.next()).toMatchObject({ done: true });
        }
      }),
      { numRuns: 6 },
    );
  });

  test('stand on other axes, with pauses taken out, and beside another metric of the same step', async () => {
    const points = Array.from({ length: 6000 }, (_, i) => ({ step: i, wall: 1000 + i * 10, value: Math.cos(i / 100) }));
    const { metrics, trial } = await stored({ batches: [points], folds: 100, shuffled: false });
    const accuracy = points.filter(({ step }) => step % 2 === 0).map((point) => ({ ...point, value: -point.step }));
    await metrics.ingest.add({ trial, source: 'code', seq: 2, columns: [column('accuracy', accuracy)] });
    const pauses = [
      { from: 2000, to: 3000 },
      { from: 50_000, to: 50_500 },
    ];
    const axis = { kind: 'relative', start: 1000, pauses } as const;
    const [relative] = await metrics.series({ trial, keys: ['loss'], axis }, { from: 1000, to: 40_000, width: 300 });
    const inside = points.filter(({ step, wall }) => {
      const place = placeOn(axis, step, wall);
      return place >= 1000 && place <= 40_000;
    });
    expect(relative?.total).toBe(inside.length);
    expect(fromWire(relative?.xs?.at(-1) ?? 0)).toBe(40_000);
    expect(relative?.xs?.map(fromWire)).toEqual(relative?.points.walls.map((wall) => placeOn(axis, 0, wall)));
    expect(placeOn(axis, 0, 60_000)).toBe(60_000 - 1000 - 1000 - 500);
    const [wall] = await metrics.series(
      { trial, keys: ['loss'], axis: { kind: 'wall' } },
      { from: 1000, to: 1990, width: 300 },
    );
    expect(wall?.total).toBe(100);
    const [beside] = await metrics.series(
      { trial, keys: ['loss'], axis: { kind: 'metric', key: 'accuracy' } },
      { width: 6000 },
    );
    expect(beside?.xs?.map(fromWire)).toEqual(accuracy.map((point) => point.value).reverse());
    expect(beside?.points.steps).toEqual(accuracy.map(({ step }) => step).reverse());
    const [none] = await metrics.series(
      { trial, keys: ['loss'], axis: { kind: 'metric', key: 'none' } },
      { width: 60 },
    );
    expect(none?.points.steps).toEqual([]);
  });

  test('of many trials come in columns, in the order asked for', async () => {
    const metrics = start(2000);
    const made: string[] = [];
    for (let i = 0; i < 5; i++) {
      const points = Array.from({ length: 1000 * i + 5 }, (_, step) => ({ step, wall: step, value: step % (i + 2) }));
      made.unshift((await stored({ batches: [points], folds: 0, shuffled: false }, metrics)).trial);
    }
    const read = await metrics.columns(
      made.map((trial) => ({ trial, keys: ['loss', 'not there'] })),
      { width: 50 },
    );
    expect(read.map(({ trial, key, total }) => [trial, key, total])).toEqual(
      made.map((trial, i) => [trial, 'loss', 1000 * (4 - i) + 5]),
    );
    for (const [i, one] of read.entries()) {
      const { xs, steps, values } = one;
      expect([...xs]).toEqual([...steps]);
      expect(steps.at(-1)).toBe(one.total - 1);
      expect(Math.max(...values)).toBe(5 - i);
    }
  });

  test('are the same of chunks from before there were as many storeys', async () => {
    const points = Array.from({ length: 30_000 }, (_, step) => ({ step, wall: step, value: noise(step) }));
    const { metrics, trial } = await stored({ batches: [points], folds: 5000, shuffled: false });
    // Wide enough that whole chunks are told by bins between coarse and fine.
    const asked = { trial, width: 400 };
    const before = await read(metrics, asked.trial, asked);
    await db.em().execute('update metric_chunks set middle = null where trial = ?', [trial]);
    const after = await read(metrics, asked.trial, asked);
    for (const shown of [before, after]) expectTrue(shown, points, asked.width);
    expect(before.points.length).toBeGreaterThan(400);
  });

  test('and the whole text of a trial has every point, exactly', async () => {
    await fc.assert(
      fc.asyncProperty(series, async (given) => {
        const { metrics, trial } = await stored(given);
        let text = '';
        for await (const piece of metrics.text(trial, 'jsonl')) text += piece;
        const lines = text.trimEnd().split('\n');
        const read = lines.map((line) => JSON.parse(line)).filter((line) => line.metric === 'loss');
        const told = read.map((line) => identity({ ...line, value: fromWire(line.value) }));
        expect(told.sort()).toEqual(given.points.map(identity).sort());
      }),
      { numRuns: 8 },
    );
    const { metrics, trial } = await stored({
      batches: [[{ step: 1.5, wall: 7, value: Number.NaN }]],
      folds: 1,
      shuffled: false,
    });
    let csv = '';
    for await (const piece of metrics.text(trial, 'csv')) csv += piece;
    expect(csv).toBe('metric,step,wall,value\n"loss",1.5,7,NaN\n"other",1.5,7,NaN\n');
  });
});
