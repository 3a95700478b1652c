import type { ServerToClient } from '@trialroom/shared/live/events';
import { fromWire, type PointColumns } from '@trialroom/shared/trial/points';
import { LIVE_KEYS, MOST_KEYS } from '@trialroom/shared/trial/series';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Database } from '../database/database.ts';
import { testDatabases } from '../database/testing.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { Seqs } from './seqs.ts';
import { eraseMetrics } from './store.ts';

vi.setConfig({ testTimeout: 60_000 });

const column = (key: string, values: readonly number[], first = 1): PointColumns => ({
  key,
  steps: Float64Array.from(values, (_, i) => first + i),
  walls: Float64Array.from(values, (_, i) => 1_700_000_000_000 + first + i),
  values: Float64Array.from(values),
});

describe.each(testDatabases())('ingest on $name', ({ name, open }) => {
  let db: Database;
  beforeAll(async () => {
    db = await open();
  });
  afterAll(() => db.close());
  const endings: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end();
  });

  interface Started extends Metrics {
    heard: Parameters<ServerToClient['points']>[0][];
    leftOut: string[];
  }
  const start = (fold = { points: 1e9, parts: 1e9, idleMs: 1e6 }): Started => {
    const heard: Started['heard'] = [];
    const leftOut: string[] = [];
    const metrics = createMetrics({
      db,
      hub: {
        emit: (_, event, payload) => {
          if (event === 'points') heard.push(payload as Started['heard'][number]);
        },
      },
      onPoints: () => {},
      onLeftOut: (trial, why) => void leftOut.push(`${trial}: ${why}`),
      onFault: expect.unreachable,
      pace: 0,
      fold,
    });
    endings.push(() => metrics.close());
    return { ...metrics, heard, leftOut };
  };
  let trials = 0;
  const expected = (...hosts: Metrics[]): string => {
    const trial = `${name} ${++trials}`;
    for (const { ingest } of hosts) ingest.expect(trial);
    return trial;
  };
  const valuesOf = async (metrics: Metrics, trial: string, key: string): Promise<number[]> => {
    const [series] = await metrics.series({ trial, keys: [key] }, { width: 100_000 });
    return (series?.points.values ?? []).map(fromWire);
  };

  test('keeps names of any length and letters apart, folded or not, and after a restart', async () => {
    const names = [
      '__proto__',
      'constructor',
      'a\0b',
      'a\uFFFDb',
      '\ud800',
      '\udfff',
      '',
      ' ',
      'é',
      'e\u0301',
      '🙂"\\\n',
    ];
    for (const long of ['x', '\u{10FFFF}', '\0']) names.push(long.repeat(10_000));
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.string({ unit: 'binary' }), { maxLength: 8 }), async (more) => {
        const all = [...new Set([...names, ...more])];
        const metrics = start({ points: all.length, parts: 1e9, idleMs: 1e6 });
        const trial = expected(metrics);
        for (let seq = 1; seq <= 3; seq++) {
          const columns = all.map((key, i) => column(key, [i + seq], seq));
          await metrics.ingest.add({ trial, source: 'code', seq, columns });
        }
        await metrics.ingest.settled();
        for (const reader of [metrics, start()]) {
          expect((await reader.keys(trial)).map(({ key, count, last }) => [key, count, last])).toEqual(
            all.map((key, i) => [key, 3, i + 3]),
          );
          const [odd = ''] = more;
          if (more.length > 0)
            expect(await valuesOf(reader, trial, odd)).toEqual([1, 2, 3].map((seq) => all.indexOf(odd) + seq));
          expect(await valuesOf(reader, trial, '__proto__')).toEqual([1, 2, 3]);
        }
      }),
      { numRuns: 6 },
    );
  });

  test('takes ten thousand metrics in a batch, tells the live ones, and bounds a million, hurting nobody', async () => {
    const metrics = start();
    const [many, other] = [expected(metrics), expected(metrics)];
    metrics.ingest.expect(many, 'key 7777');
    const all = Array.from({ length: 10_000 }, (_, i) => column(`key ${i}`, [i]));
    await metrics.ingest.add({ trial: many, source: 'code', seq: 1, columns: all });
    const told = metrics.heard.flatMap(({ series }) => series.map(({ key }) => key));
    expect(told).toHaveLength(LIVE_KEYS);
    expect(told).toContain('key 7777');
    const snapshot = await metrics.snapshot({ id: many, objective: { key: 'key 7777', direction: 'minimise' } });
    expect(snapshot.keys).toHaveLength(10_000);
    expect(snapshot.series.map(({ points }) => points.key).slice(0, 3)).toEqual(['key 7777', 'key 0', 'key 1']);
    expect(new Set(told)).toEqual(new Set(snapshot.series.map(({ points }) => points.key)));
    const million = Array.from({ length: 1_000_000 }, (_, i) => column(`flood ${i}`, [1]));
    await Promise.all([
      metrics.ingest.add({ trial: many, source: 'code', seq: 2, columns: [...million, column('key 3', [4], 2)] }),
      metrics.ingest.add({ trial: other, source: 'code', seq: 1, columns: [column('loss', [1])] }),
    ]);
    expect(metrics.leftOut).toHaveLength(1);
    expect(metrics.leftOut[0]).toContain(
      `${many}: This trial has 20,000 metrics, which is the most there can be: "flood 10000"`,
    );
    expect(await metrics.keys(many)).toHaveLength(MOST_KEYS);
    expect(await valuesOf(metrics, many, 'key 3')).toEqual([3, 4]);
    expect(await valuesOf(metrics, other, 'loss')).toEqual([1]);
    metrics.ingest.forget([many]);
    await metrics.ingest.settled();
    expect(await valuesOf(start(), many, 'key 9999')).toEqual([9999]);
  });

  test('refuses a batch that was cut, and stores nothing of it', async () => {
    const metrics = start();
    const trial = expected(metrics);
    const cut = { ...column('loss', [1, 2, 3]), values: Float64Array.of(1) };
    const columns = [column('fine', [1]), cut];
    await expect(metrics.ingest.add({ trial, source: 'code', seq: 1, columns })).rejects.toThrow(
      `batch 1 (code) of trial ${trial} is refused: "loss" has 3 steps, 3 times and 1 values`,
    );
    for (const seq of [0, -1, 1.5, Number.NaN]) {
      await expect(metrics.ingest.add({ trial, source: 'code', seq, columns: [] })).rejects.toThrow(
        'its number is not',
      );
    }
    await expect(metrics.ingest.add({ trial: 'unknown', source: 'code', seq: 1, columns: [] })).rejects.toThrow(
      'not opened',
    );
    // The whole of it comes after all.
    await metrics.ingest.add({ trial, source: 'code', seq: 1, columns: [column('loss', [1, 2, 3])] });
    expect((await metrics.keys(trial)).map(({ key, count }) => [key, count])).toEqual([['loss', 3]]);
  });

  test('takes any finite step and any clock; what has no step is left out, and said', async () => {
    const metrics = start();
    const trial = expected(metrics);
    const steps = [-1e308, 1e308, 0.5, -3, 2 ** 53, 0.25, -3];
    const values = steps.map((_, i) => i);
    const walls = Float64Array.from([0, -1, 9e15, Number.NaN, 1, 2, 3]);
    const odd = { key: 'odd', steps: Float64Array.from(steps), walls, values: Float64Array.from(values) };
    const lost = { ...column('odd', [7, 8]), steps: Float64Array.of(Number.NaN, 5) };
    await metrics.ingest.add({ trial, source: 'code', seq: 1, columns: [odd, lost] });
    const [series] = await metrics.series({ trial, keys: ['odd'] }, { width: 100 });
    expect(series?.points.steps).toEqual([-1e308, -3, -3, 0.25, 0.5, 5, 2 ** 53, 1e308]);
    expect(series?.points.values).toEqual([0, 3, 6, 5, 2, 8, 4, 1]);
    expect(series?.points.walls.every(Number.isFinite)).toBe(true);
    expect(metrics.leftOut).toEqual([expect.stringContaining('their steps are not finite numbers')]);
    const [wide] = await metrics.series({ trial, keys: ['odd'] }, { from: -1e308, to: 1e308, width: 1 });
    expect(wide?.total).toBe(8);
  });

  test('stores each batch of each source once, however often, in whatever order and through whomever it comes', async () => {
    const order = fc.array(fc.tuple(fc.constantFrom('code', 'system'), fc.integer({ min: 1, max: 12 }), fc.nat(1)), {
      minLength: 1,
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(order, async (sent) => {
        // Two processes take points of one trial, as when one was thought dead.
        const hosts = [start({ points: 9, parts: 3, idleMs: 1e6 }), start()];
        const trial = expected(...hosts);
        const columns = (source: string, seq: number) => [column(source, [seq, -seq], seq)];
        const answers = sent.map(([source, seq, host]) =>
          hosts[host]?.ingest.add({ trial, source, seq, columns: columns(source, seq) }),
        );
        await Promise.all(answers);
        await Promise.all(hosts.map(({ ingest }) => ingest.settled()));
        for (const source of ['code', 'system']) {
          const seqs = new Set(sent.filter(([of]) => of === source).map(([, seq]) => seq));
          const expectedValues = [...seqs].flatMap((seq) => [seq, -seq]).sort((a, b) => a - b);
          expect((await valuesOf(start(), trial, source)).sort((a, b) => a - b)).toEqual(expectedValues);
        }
      }),
      { numRuns: 12 },
    );
  });

  test('what a process left unfolded is folded by whoever reads it, and all of it can be erased', async () => {
    const metrics = start();
    const [trial, other] = [expected(metrics), expected(metrics)];
    const values = Array.from({ length: 150_000 }, (_, i) => i % 1000);
    for (const of of [trial, other]) {
      await metrics.ingest.add({ trial: of, source: 'code', seq: 1, columns: [column('loss', values)] });
    }
    const rows = async (table: string, of: string): Promise<number> => {
      const [row] = await db
        .em()
        .execute<{ count: number }[]>(`select count(*)::int as count from ${table} where trial = ?`, [of]);
      return row?.count ?? -1;
    };
    expect(await rows('metric_chunks', trial)).toBe(0);
    const [whole] = await start().series({ trial, keys: ['loss'] }, { width: 100_000 });
    expect(whole?.points.values).toEqual(values);
    expect([await rows('metric_chunks', trial), await rows('point_parts', trial)]).toEqual([37, 0]);
    // The process that takes its points finds out, and goes on.
    await metrics.ingest.add({ trial, source: 'code', seq: 2, columns: [column('loss', [7], 150_001)] });
    expect(await valuesOf(metrics, trial, 'loss')).toEqual([...values, 7]);
    await db.em().transactional((em) => eraseMetrics(em, [trial]));
    expect(await start().keys(trial)).toEqual([]);
    for (const table of ['point_parts', 'metric_heads', 'metric_shelves', 'metric_pieces', 'metric_chunks']) {
      expect(await rows(table, trial)).toBe(0);
    }
    expect((await start().keys(other)).map(({ count }) => count)).toEqual([150_000]);
  });

  test('goes on where another process ended: what it stored, or says is stored, is not stored again', async () => {
    const first = start();
    const trial = expected(first);
    for (const seq of [1, 2, 5])
      await first.ingest.add({ trial, source: 'code', seq, columns: [column('loss', [seq], seq)] });
    first.ingest.forget([trial]);
    await first.ingest.settled();
    const second = start();
    await second.ingest.resume(trial, 3);
    for (let seq = 1; seq <= 6; seq++) {
      await second.ingest.add({ trial, source: 'code', seq, columns: [column('loss', [10 * seq], seq)] });
    }
    expect(await valuesOf(second, trial, 'loss')).toEqual([1, 2, 40, 5, 60]);
    expect(second.heard.map(({ after, seq }) => [after, seq])).toEqual([
      [3, 4],
      [4, 5],
    ]);
  });
});

describe('numbers of batches', () => {
  test('are those added, whatever their order, also through JSON', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 })), fc.nat(20), (added, through) => {
        const seqs = new Seqs();
        for (const seq of added) seqs.add('code', seq);
        seqs.addThrough('code', through);
        const back = new Seqs(JSON.parse(JSON.stringify(seqs)));
        const all = new Set([...added, ...Array.from({ length: through }, (_, i) => i + 1)]);
        for (let seq = 1; seq <= 62; seq++) {
          for (const one of [seqs, back]) expect(one.has('code', seq)).toBe(all.has(seq));
          expect(seqs.has('system', seq)).toBe(false);
        }
        const stretches = seqs.toJSON().code ?? [];
        stretches.forEach(([first], i) => {
          expect(first).toBeGreaterThan((stretches[i - 1]?.[1] ?? -1) + 1);
        });
      }),
    );
  });
});
