import { beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../database/database.ts';
import { testDatabases } from '../database/testing.ts';
import type { Payload } from '../live/hub.ts';
import { ExperimentEntity, TrialEntity } from '../trials/entities.ts';
import type { Trials } from '../trials/trials.ts';
import type { Experiments } from './experiments.ts';
import { kyselyOf } from './tables.ts';
import { ids, servedOn } from './testing-served.ts';
import type { Totals } from './totals.ts';

describe.each(testDatabases())('deleted trials on $name', ({ open }) => {
  const served = servedOn(open);
  const { told, send } = served;
  let db: Database;
  let trials: Trials;
  let totals: Totals;
  let experiments: Experiments;
  beforeAll(() => {
    ({ db, trials, totals, experiments } = served);
  });
  const query = async (body: object) => (await send('POST', '/api/trials/query', body)).body;

  test('what is deleted is gone from everywhere, comes back whole, and is purged when its time is over', async () => {
    const change = (action: string, trials = ['t00000', 't00003']) =>
      send('POST', '/api/trials/bulk', { trials, change: { action } });
    const whole = await trials.get('t00000');
    const { body } = await change('delete');
    expect(body).toMatchObject({
      changed: ['t00000'],
      refused: [{ trial: 't00003', why: 'it is queued; stop it first' }],
    });
    expect(body.undoUntil).toBeGreaterThan(Date.now() + trials.keptMs - 60_000);
    expect(told.filter(({ event }) => event === 'trialsGone')).toMatchObject([
      { topic: 'home', payload: { trials: ['t00000'], gone: true } },
      { topic: 'trial:t00000', payload: { trials: ['t00000'], gone: true } },
    ] satisfies { topic: string; payload: Payload<'trialsGone'> }[]);
    await expect(trials.get('t00000')).rejects.toMatchObject({
      status: 404,
      problem: { error: 'trial-deleted', message: expect.stringContaining('brought back until') },
    });
    expect(await send('PATCH', '/api/trials/t00000', { starred: true })).toMatchObject({
      status: 404,
      body: { error: 'trial-deleted' },
    });
    expect((await trials.list({})).map(({ id }) => id)).not.toContain('t00000');
    expect((await query({})).total).toBe(4);
    expect(await experiments.sparks(['t00000'], 'acc', 60)).toEqual([]);
    expect((await send('POST', '/api/trials/export', { format: 'csv', trials: ids })).body.text).not.toContain(
      't00000',
    );
    await change('restore', ['t00000']);
    expect(await trials.get('t00000')).toEqual({ ...whole, revision: expect.any(Number) });
    expect((await query({})).total).toBe(5);

    const origin = { kernel: 'k2', execution: 'e2', cell: 'c2', notebook: null, by: null, backend: null };
    const { trial: full } = await trials.open({ experiment: 'digits', name: 'full', params: {} }, origin);
    trials.print('e2', 'stdout', 'a line\n');
    const one = Float64Array.from([1]);
    await trials.points(full, 'e2', 1, [{ key: 'loss', steps: one, walls: one, values: one }]);
    await trials.finish(full, 'completed');
    await totals.refresh(full);
    const rowsOf = async (): Promise<string[]> => {
      const tables = await db
        .em()
        .execute<{ name: string }[]>(
          "select table_name as name from information_schema.columns where column_name = 'trial' and table_schema = current_schema()",
        );
      const kept: string[] = [];
      for (const { name } of tables) {
        const [found] = await db
          .em()
          .execute<{ n: string }[]>(`select count(*) as n from "${name}" where trial = ?`, [full]);
        if (Number(found?.n) > 0) kept.push(name);
      }
      return kept;
    };
    expect(await rowsOf()).toEqual(expect.arrayContaining(['log_chunks', 'trial_events', 'trial_metrics']));
    await change('delete', ['t00000', full]);
    served.now = Date.now() + trials.keptMs - 60_000;
    await experiments.purge();
    expect(await db.em().count(TrialEntity, { id: 't00000' })).toBe(1);
    served.now = Date.now() + trials.keptMs + 60_000;
    await experiments.purge();
    expect(await db.em().count(TrialEntity, { id: 't00000' })).toBe(0);
    expect(
      await kyselyOf(db).selectFrom('trial_metrics').select('key').where('trial', '=', 't00000').execute(),
    ).toEqual([]);
    expect(await rowsOf()).toEqual([]);
    expect(await db.em().count(TrialEntity, {})).toBe(4);
  });

  test('an experiment goes with the last of its trials, its rules and what others hold of it; not one with a note', async () => {
    const asked: string[][] = [];
    trials.onExperimentPurge(async (_em, gone) => void asked.push([...gone]));
    const origin = { kernel: 'k3', execution: 'e3', cell: 'c3', notebook: null, by: null, backend: null };
    const made = async (experiment: string) => {
      const { trial } = await trials.open({ experiment, name: 'only', params: {} }, origin);
      await trials.finish(trial, 'completed');
      const { experimentId } = await trials.get(trial);
      await trials.alerts.add(experimentId, { when: 'loss > 1', level: 'info' }, { id: 'p', name: 'P', colour: 'a' });
      return { trial, experiment: experimentId };
    };
    const bare = await made('bare');
    const noted = await made('noted');
    await experiments.change(noted.experiment, { note: 'why it went wrong', baseline: noted.trial });
    await send('POST', '/api/trials/bulk', { trials: [bare.trial, noted.trial], change: { action: 'delete' } });
    served.now = Date.now() + trials.keptMs + 60_000;
    await experiments.purge();
    expect(asked).toEqual([[bare.experiment]]);
    await expect(experiments.get(bare.experiment)).rejects.toMatchObject({ status: 404 });
    expect(await trials.alerts.rules(bare.experiment)).toEqual([]);
    expect(await experiments.get(noted.experiment)).toMatchObject({ note: 'why it went wrong', baseline: null });
    expect(await trials.alerts.rules(noted.experiment)).toHaveLength(1);
    // The same name begins a new one.
    const { trial: again } = await trials.open({ experiment: 'bare', name: 'again', params: {} }, origin);
    expect((await trials.get(again)).experimentId).not.toBe(bare.experiment);
    await trials.finish(again, 'completed');
    await db.em().nativeDelete(TrialEntity, { id: again });
    await db.em().execute(`delete from experiments where name in ('bare', 'noted')`);
  });

  test('tags that nobody gave are none, however a row is made', async () => {
    const em = db.em();
    em.create(ExperimentEntity, { id: 'untagged', name: 'untagged', createdAt: 1 });
    await em.flush();
    const row = await db.em().findOneOrFail(ExperimentEntity, { id: 'untagged' });
    expect(row.tags).toEqual([]);
    await db.em().nativeDelete(ExperimentEntity, { id: 'untagged' });
  });
});
