import { toWire } from '@trialroom/shared/trial/points';
import { readSeries } from '@trialroom/shared/trial/series-bytes';
import type { Trial } from '@trialroom/shared/trial/trial';
import { beforeAll, describe, expect, test } from 'vitest';
import { testDatabases } from '../database/testing.ts';
import type { Trials } from '../trials/trials.ts';
import type { Experiments } from './experiments.ts';
import { ids, servedOn } from './testing-served.ts';
import type { Totals } from './totals.ts';

describe.each(testDatabases())('experiments on $name', ({ open }) => {
  const served = servedOn(open);
  const { told, send } = served;
  let trials: Trials;
  let totals: Totals;
  let experiments: Experiments;
  beforeAll(() => {
    ({ trials, totals, experiments } = served);
  });
  const acc = { of: 'metric', key: 'acc', reading: 'last' } as const;
  const query = async (body: object) => (await send('POST', '/api/trials/query', body)).body;
  const names = (rows: { trial: Trial }[]): string[] => rows.map(({ trial }) => trial.id);

  test('answers a window of what fits, sorted; NaN and what is missing come last both ways', async () => {
    const up = await query({ sort: { column: acc, direction: 'ascending' }, columns: [acc] });
    expect(names(up.rows)).toEqual(['t00002', 't00000', 't00001', 't00004', 't00003']);
    expect(up).toMatchObject({ total: 5, all: 5, groups: null });
    expect(up.rows[4].metrics.acc).toMatchObject({ last: 'NaN', count: 10 });
    const down = await query({ sort: { column: acc, direction: 'descending' }, offset: 1, limit: 2 });
    expect(names(down.rows)).toEqual(['t00000', 't00002']);
    const some = await query({
      filter: 'params.lr = 0.1 or tag:baseline',
      sort: { column: { of: 'params', key: 'seed' }, direction: 'ascending' },
    });
    expect([names(some.rows), some.total, some.all]).toEqual([['t00002', 't00000', 't00001'], 3, 5]);
    const byName = await query({ sort: { column: { of: 'trial', name: 'name' }, direction: 'descending' }, limit: 1 });
    expect(names(byName.rows)).toEqual(['t00004']);
  });

  test('groups by parameters, with mean and spread over what has a number; rows stand in the order of groups', async () => {
    const reply = await query({
      group: ['lr'],
      columns: [acc, { of: 'trial', name: 'name' }],
      sort: { column: acc, direction: 'descending' },
    });
    expect(reply.groups).toMatchObject([
      { values: [0.1], count: 2, spreads: [{ n: 2, min: 0.8, max: 0.9, odd: 0 }, null] },
      { values: [0.01], count: 2, spreads: [{ n: 1, mean: 0.5, std: null, odd: 1 }, null] },
      { values: [null], count: 1, spreads: [{ n: 0, mean: null, std: null }, null] },
    ]);
    const [first] = reply.groups;
    expect(first.spreads[0].mean).toBeCloseTo(0.85, 12);
    expect(first.spreads[0].std).toBeCloseTo(Math.SQRT1_2 * 0.1, 12);
    expect(names(reply.rows)).toEqual(['t00001', 't00000', 't00002', 't00003', 't00004']);
    const two = await query({ group: ['experiment', 'lr'] });
    expect(two.groups.map(({ values }: { values: unknown[] }) => values)).toEqual([
      ['other', null],
      ['digits', 0.01],
      ['digits', 0.1],
    ]);
  });

  test('says where a filter cannot be read', async () => {
    expect(await send('POST', '/api/trials/query', { filter: 'status:runing' })).toMatchObject({
      status: 400,
      body: { error: 'filter-unreadable', where: 'filter, character 8', fix: 'write running' },
    });
  });

  test('knows what columns, filters and groups may name', async () => {
    const { body } = await send('POST', '/api/trials/columns', { filter: 'not status:failed' });
    expect(body).toMatchObject({
      metrics: [{ name: 'acc', count: 4 }],
      params: [
        { name: 'lr', count: 4, distinct: 2 },
        { name: 'seed', count: 4, distinct: 2 },
      ],
      tags: [{ name: 'baseline', count: 1 }],
      people: [
        { name: 'Ada', count: 3 },
        { name: 'Bo', count: 1 },
      ],
      experiments: [{ name: 'digits', count: 4 }],
    });
  });

  test("labels are for those who may edit, told live, with a line in the trial's events", async () => {
    expect(await send('PATCH', '/api/trials/t00000', { starred: true }, 'viewer')).toMatchObject({ status: 403 });
    expect(told).toEqual([]);
    const labels = { tags: ['good', 'good', 'x'], starred: true, note: 'a\0b', name: 'best seed' };
    expect(await send('PATCH', '/api/trials/t00000', labels)).toMatchObject({
      status: 200,
      body: { tags: ['good', 'x'], starred: true, note: 'a\uFFFDb', name: 'best seed', revision: 1 },
    });
    expect(told.map(({ topic, event }) => [topic, event])).toEqual([
      ['trial:t00000', 'trial'],
      ['home', 'trial'],
      ['trial:t00000', 'trialEvents'],
    ]);
    const [line] = await trials.eventsOf('t00000', {});
    expect(line).toMatchObject({
      kind: 'label',
      by: { name: 'Ada' },
      text: expect.stringContaining('tagged it good, x'),
    });
    told.length = 0;
    expect(await send('PATCH', '/api/trials/t00000', labels)).toMatchObject({ status: 200, body: { revision: 1 } });
    expect(told).toEqual([]);
    expect(await send('PATCH', '/api/trials/nothing', { starred: true })).toMatchObject({ status: 404 });
    expect(await send('PATCH', '/api/trials/t00000', { tags: [''] })).toMatchObject({ status: 400 });
  });

  test('many are changed at once, and what is put away is seen by who asks for it', async () => {
    const change = (action: object) =>
      send('POST', '/api/trials/bulk', { trials: ['t00000', 't00002', 'gone'], change: action });
    expect(
      await send('POST', '/api/trials/bulk', { trials: ids, change: { action: 'delete' } }, 'viewer'),
    ).toMatchObject({ status: 403 });
    expect(await change({ action: 'tag', tags: ['baseline', 'new'] })).toMatchObject({
      body: {
        changed: ['t00000', 't00002'],
        refused: [{ trial: 'gone', why: 'it does not exist any more' }],
        undoUntil: null,
      },
    });
    expect((await query({ filter: 'tag:new' })).total).toBe(2);
    await change({ action: 'untag', tags: ['baseline'] });
    expect((await query({ filter: 'tag:baseline' })).total).toBe(0);
    await change({ action: 'archive' });
    expect(await query({})).toMatchObject({ total: 3, all: 3 });
    expect(names((await query({ filter: 'is:archived' })).rows)).toEqual(['t00002', 't00000']);
    await change({ action: 'unarchive' });
    expect((await query({})).total).toBe(5);
  });

  test('experiments tell of their trials, and are changed by those who may edit', async () => {
    const [digits, other] = (await send('GET', '/api/experiments')).body.experiments;
    expect(digits).toMatchObject({
      ...{ name: 'digits', counts: { completed: 3, queued: 1 }, baseline: null },
      best: { trial: 't00001', key: 'acc', value: 0.9, direction: 'maximise' },
      people: [{ name: 'Ada' }, { name: 'Bo' }],
    });
    expect(other).toMatchObject({ name: 'other', counts: { failed: 1 }, best: null });
    const path = `/api/experiments/${digits.id}`;
    expect(await send('PATCH', path, { starred: true }, 'viewer')).toMatchObject({ status: 403 });
    const change = { starred: true, note: 'Does the *seed* matter?', tags: ['q1'], baseline: 't00002' };
    expect(await send('PATCH', path, change)).toMatchObject({ status: 200, body: change });
    expect(told).toEqual([{ topic: 'home', event: 'experiment', payload: { experiment: digits.id } }]);
    expect(names((await query({ filter: 'is:baseline' })).rows)).toEqual(['t00002']);
    expect(await send('PATCH', path, { name: 'other' })).toMatchObject({ status: 409 });
    expect(await send('PATCH', path, { baseline: 't00004' })).toMatchObject({ status: 422 });
    expect(await send('GET', '/api/experiments/nothing')).toMatchObject({ status: 404 });
  });

  test('filters are kept for oneself or for all', async () => {
    const mine = await send('POST', '/api/filters', { name: 'Mine', view: 'q=is%3Amine' }, 'viewer');
    expect(mine).toMatchObject({ status: 200, body: { shared: false, by: { name: 'Bo' } } });
    expect(await send('POST', '/api/filters', { name: 'All', view: '', shared: true }, 'viewer')).toMatchObject({
      status: 403,
    });
    const all = await send('POST', '/api/filters', { name: 'All', view: '', shared: true });
    const seen = async (role: string) =>
      (await send('GET', '/api/filters', {}, role)).body.filters.map(({ name }: { name: string }) => name);
    expect([await seen('viewer'), await seen('editor')]).toEqual([['Mine', 'All'], ['All']]);
    expect(await send('DELETE', `/api/filters/${mine.body.id}`)).toMatchObject({ status: 404 });
    expect(await send('DELETE', `/api/filters/${all.body.id}`, {}, 'viewer')).toMatchObject({ status: 403 });
    expect(await send('PATCH', `/api/filters/${mine.body.id}`, { name: 'Still mine' }, 'viewer')).toMatchObject({
      status: 200,
    });
    for (const [id, role] of [
      [mine.body.id, 'viewer'],
      [all.body.id, 'editor'],
    ]) {
      expect(await send('DELETE', `/api/filters/${id}`, {}, role)).toMatchObject({ status: 200 });
    }
    expect(await seen('viewer')).toEqual([]);
  });

  test('metrics in figures follow the points, and are exact', async () => {
    const origin = { kernel: 'k', execution: 'e', cell: 'c', notebook: null, by: null, backend: null };
    const { trial } = await trials.open({ experiment: 'digits', name: 'live', params: {} }, origin);
    const values = Float64Array.from({ length: 5000 }, (_, step) =>
      step === 1234 ? -7 : step === 4000 ? 99 : Math.sin(step),
    );
    const steps = Float64Array.from(values, (_, step) => step);
    await trials.points(trial, 'e', 1, [
      { key: 'loss', steps, walls: steps, values },
      { key: 'odd', steps: steps.slice(0, 2), walls: steps.slice(0, 2), values: Float64Array.from([1, Number.NaN]) },
    ]);
    const few = Float64Array.from([1, 2]);
    const many = Array.from({ length: 300 }, (_, n) => ({ key: `layer/${n}`, steps: few, walls: few, values: few }));
    await trials.points(trial, 'e', 2, many);
    await totals.refresh(trial);
    expect((await query({ filter: '"layer/299" = 2 and "layer/0" = 2' })).total).toBe(1);
    const [found] = (
      await query({
        filter: 'min(loss) = -7 and max(loss) = 99 and count(loss) = 5000 and odd = NaN and max(odd) = 1',
        columns: [{ ...acc, key: 'loss' }],
      })
    ).rows;
    expect(found).toMatchObject({
      trial: { id: trial },
      metrics: { loss: { last: toWire(Math.sin(4999)), lastStep: 4999 } },
    });
    const asked = { trials: [trial, 't00000'], key: 'loss', width: 60 };
    const sparks = readSeries((await send('POST', '/api/trials/sparks', asked)).body);
    expect(sparks.map((spark) => spark.trial)).toEqual([trial]);
    const drawn = sparks[0]?.values ?? [];
    expect(drawn.length).toBeLessThanOrEqual(120);
    expect(Math.max(...drawn)).toBe(99);
    await trials.finish(trial, 'completed');
    const { trial: fresh } = await trials.open(
      { experiment: 'fresh', name: 'first', params: {} },
      { ...origin, cell: 'd' },
    );
    expect((await experiments.list(false))[0]).toMatchObject({ name: 'fresh', tags: [], starred: false, note: '' });
    await trials.finish(fresh, 'completed');
  });

  test('exports what fits, or what is named, as CSV and JSON', async () => {
    const { body } = await send('POST', '/api/trials/export', {
      format: 'csv',
      filter: 'params.lr = 0.1',
      columns: [{ of: 'trial', name: 'name' }, { of: 'params', key: 'lr' }, acc],
    });
    expect(body).toMatchObject({
      type: 'text/csv',
      text: 'id,name,params.lr,acc\r\nt00001,seed 1,0.1,0.9\r\nt00000,seed 0,0.1,0.8\r\n',
    });
    const json = await send('POST', '/api/trials/export', { format: 'json', trials: ['t00003'] });
    expect(JSON.parse(json.body.text)).toMatchObject([{ trial: { id: 't00003' }, metrics: { acc: { last: 'NaN' } } }]);
    const all = (await send('POST', '/api/trials/export', { format: 'csv', filter: '' })).body.text.split('\r\n');
    expect([all[0], all.length]).toEqual([
      'id,name,experiment,status,by,created,started,ended,ran_s,notebook,backend,tags,note,params.lr,params.seed,acc',
      7,
    ]);
  });
});
