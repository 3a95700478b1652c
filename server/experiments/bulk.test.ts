import { describe, expect, test } from 'vitest';
import { testDatabases } from '../database/testing.ts';
import { servedOn } from './testing-served.ts';

describe.each(testDatabases())('all that fit a filter, on $name', ({ open }) => {
  const { send } = servedOn(open);
  const bulk = (body: object, role?: string) => send('POST', '/api/trials/bulk', body, role);
  const total = async (filter: string): Promise<number> =>
    (await send('POST', '/api/trials/query', { filter })).body.total;

  test('are changed, but for those left out; and it is told which of them were different', async () => {
    const fits = { filter: 'experiment:digits', except: ['t00001'], count: 3 };
    await bulk({ trials: ['t00002'], change: { action: 'star' } });
    const starred = await bulk({ fits, change: { action: 'star' } });
    expect(starred.body.changed.toSorted()).toEqual(['t00000', 't00002', 't00003']);
    expect(starred.body.altered.toSorted()).toEqual(['t00000', 't00003']);
    expect(await total('is:starred')).toBe(3);
    const deleted = await bulk({ fits: { ...fits, except: [], count: 4 }, change: { action: 'delete' } });
    expect(deleted.body).toMatchObject({
      refused: [{ trial: 't00003', why: 'it is queued; stop it first' }],
      undoUntil: expect.any(Number),
    });
    expect(await total('experiment:digits')).toBe(1);
    const undone = await bulk({ trials: deleted.body.altered, change: { action: 'restore' } });
    expect(undone.body.altered).toHaveLength(3);
    expect(await total('experiment:digits')).toBe(4);
  });

  test('are left alone when others fit than the asker was told of, or may not be changed by them', async () => {
    const fits = { filter: 'experiment:digits', count: 5 };
    const change = { action: 'delete' };
    const refused = await bulk({ fits, change });
    expect(refused).toMatchObject({ status: 409, body: { error: 'others-fit' } });
    expect(refused.body.message).toContain('4 trials fit by now, not 5');
    expect(await bulk({ fits: { ...fits, count: 4 }, change }, 'viewer')).toMatchObject({ status: 403 });
    expect(await bulk({ fits: { ...fits, filter: 'acc > high' }, change })).toMatchObject({ status: 400 });
    expect(await bulk({ fits, trials: ['t00000'], change })).toMatchObject({
      status: 400,
      body: { where: 'body.trials' },
    });
    expect(await bulk({ change })).toMatchObject({ status: 400 });
    expect(await total('')).toBe(5);
  });

  test('are exported but for those left out', async () => {
    const body = { format: 'csv', filter: 'experiment:digits', except: ['t00003', 't00000'], columns: [] };
    const { text } = (await send('POST', '/api/trials/export', body)).body;
    expect(text.trimEnd().split('\r\n')).toEqual(['id', 't00002', 't00001']);
  });
});
