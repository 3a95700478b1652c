import { describe, expect, test } from 'vitest';
import { testDatabases } from '../database/testing.ts';
import type { Trials } from '../trials/trials.ts';
import { comparing } from './testing.ts';

describe.each(testDatabases())('analysis of an experiment on $name', ({ open }) => {
  const { ready, ran, get } = comparing(open);
  let trials: Trials;
  ready((made) => {
    ({ trials } = made);
  });

  test('importance is computed in a kernel, for those who may run; it can be cancelled, and is kept', async () => {
    const ids: string[] = [];
    for (let at = 0; at < 24; at++) {
      const [a, b] = [at % 6, Math.floor(at / 6)];
      ids.push(await ran(`p${at}`, { a, b, seed: at }, [a + b / 10], { experiment: 'importance' }));
    }
    const { experimentId } = await trials.get(ids[0] ?? '');
    const path = `/api/experiments/${experimentId}/importance`;
    const body = { metric: 'accuracy' };
    expect((await get(path, 'viewer', 'POST', body)).status).toBe(403);
    const begun = await get(path, 'editor', 'POST', body);
    expect(begun.body.state).toBe('running');
    // Asked again while it runs, it is the same.
    expect((await get(path, 'editor', 'POST', body)).body.id).toBe(begun.body.id);
    expect((await get(`/api/importance/${begun.body.id}`, 'viewer', 'DELETE')).status).toBe(403);
    expect((await get(`/api/importance/${begun.body.id}`, 'editor', 'DELETE')).body.state).toBe('cancelled');

    const again = await get(path, 'editor', 'POST', body);
    expect(again.body.id).not.toBe(begun.body.id);
    const done = await expect
      .poll(async () => (await get(`/api/importance/${again.body.id}`)).body, { timeout: 40_000, interval: 100 })
      .toMatchObject({ state: 'done' })
      .then(async () => (await get(`/api/importance/${again.body.id}`)).body);
    expect(done.importance).toMatchObject({ metric: 'accuracy', n: 24 });
    expect(done.importance.single.map(({ name }: { name: string }) => name)).toEqual(['a', 'b']);
    expect(done.importance.single[0].share).toBeGreaterThan(0.8);
    expect((await get(path, 'editor', 'POST', body)).body).toEqual(done);
    const none = await get(path, 'editor', 'POST', { metric: 'nothing' });
    await expect
      .poll(async () => (await get(`/api/importance/${none.body.id}`)).body, { timeout: 40_000, interval: 100 })
      .toMatchObject({ state: 'failed', reason: expect.stringContaining('at least 8 trials') });
  }, 240_000);

  test('an analysis has flat parameters, and which way is better', async () => {
    const id = await ran('flat', { net: { depth: 2 }, list: [1, 2], on: true }, [0.5, Number.NaN], {
      experiment: 'flat',
    });
    const { experimentId } = await trials.get(id);
    const { body } = await get(`/api/experiments/${experimentId}/analysis`);
    expect(body).toMatchObject({ experiment: { name: 'flat' }, directions: { accuracy: 'maximise' }, leftOut: 0 });
    expect(body.trials).toMatchObject([
      { params: { 'net.depth': 2, list: '[1,2]', on: true }, metrics: { accuracy: { last: 'NaN', best: 0.5 } } },
    ]);
  });
});
