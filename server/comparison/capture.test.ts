import { type NotebookFile, newNotebook, serialiseNotebook } from '@trialroom/shared/notebook/format';
import { describe, expect, test } from 'vitest';
import type { Database } from '../database/database.ts';
import { testDatabases } from '../database/testing.ts';
import { LaunchEntity } from '../launches/entities.ts';
import { TrialEntity } from '../trials/entities.ts';
import type { Trials } from '../trials/trials.ts';
import type { Capture } from './capture.ts';
import { CapturedContentEntity } from './entities.ts';
import { comparing, ENVIRONMENT } from './testing.ts';

const notebook = (source: string): NotebookFile => ({
  ...newNotebook(),
  cells: [{ id: 'a', cell_type: 'code', source, metadata: {}, outputs: [], execution_count: null }],
});

describe.each(testDatabases())('what is kept of how trials ran on $name', ({ open }) => {
  const { ready, ran, get } = comparing(open);
  let db: Database;
  let trials: Trials;
  let capture: Capture;
  ready((made) => {
    ({ db, trials, capture } = made);
  });

  test('what is equal is kept once, and what is not known says so', async () => {
    const before = await db.em().count(CapturedContentEntity);
    const open = { environment: { ...ENVIRONMENT, cpu: 'another chip' }, script: { name: 'same.ts', source: 'same' } };
    const [one, two] = [await ran('a', { x: 1 }, [1], open), await ran('b', { x: 2 }, [1], open)];
    const { trial } = await trials.open(
      { experiment: 'digits', name: 'c', params: {} },
      { kernel: 'k', execution: 'k', cell: 'c', notebook: null, by: null, backend: null },
    );
    await capture.settled();
    expect(await db.em().count(CapturedContentEntity)).toBe(before + 2);
    const { body } = await get(`/api/comparison?trials=${one},${two},${trial}`);
    expect(body.ran[0]).toEqual(body.ran[1]);
    expect(body.ran[2]).toBeNull();
    expect(Object.keys(body.code)).toHaveLength(1);
    expect(await capture.environmentOf(trial)).toBeNull();
  });

  test('a launched trial has the notebook that was launched', async () => {
    const id = 'launched';
    await db.em().insert(LaunchEntity, {
      ...{ trial: id, source: serialiseNotebook(notebook('train()')), params: '{}', folder: '.' },
    });
    const origin = { notebook: { id: 'n', path: 'digits.ipynb' }, cell: null, backend: null, by: null };
    await trials.queue({ id, open: { experiment: 'digits', name: 'launched', params: {} }, ...origin });
    await trials.take(id, 'launch');
    await trials.open(
      { experiment: 'digits', name: 'launched', params: {} },
      { kernel: 'kl', execution: 'kl', cell: 'a', notebook: 'n', by: null, backend: null, launched: id },
    );
    await capture.settled();
    expect((await capture.read([id])).get(id)).toMatchObject({
      code: { kind: 'launched', cells: [{ id: 'a', source: 'train()' }] },
      cell: 'a',
    });
  });

  test('what is kept goes with the last trial that shares it', async () => {
    const contents = async (): Promise<string[]> => {
      const kept = await db.em().find(CapturedContentEntity, {}, { fields: ['content'] });
      return kept.map(({ content }) => content).filter((content) => content.includes('purged'));
    };
    const run = (name: string, source: string): Promise<string> =>
      ran(name, {}, [1], {
        environment: { ...ENVIRONMENT, cpu: 'purged chip' },
        script: { name: 'purged.ts', source },
      });
    const ids = [await run('first', 'shared'), await run('second', 'shared'), await run('third', 'own')];
    await capture.settled();
    expect(await contents()).toHaveLength(3);
    const purged = async (...gone: (string | undefined)[]): Promise<void> => {
      const there = gone.filter((id) => id !== undefined);
      await trials.labelMany(there, { action: 'delete' }, { id: 'p', name: 'P', colour: 'a', role: 'editor' });
      expect(await trials.purge(Date.now() + 60_000)).toBe(there.length);
    };
    await purged(ids[0]);
    expect(await contents()).toHaveLength(3);
    expect((await capture.read([ids[1] ?? ''])).get(ids[1] ?? '')?.code?.cells[0]?.source).toBe('shared');
    await purged(ids[2]);
    expect((await contents()).some((content) => content.includes('"own"'))).toBe(false);
    expect(await contents()).toHaveLength(2);
    await purged(ids[1]);
    expect(await contents()).toEqual([]);
  });

  test('what a trial names while the last other one is purged is kept', async () => {
    const source = 'contested';
    const run = (name: string): Promise<string> => ran(name, {}, [1], { script: { name: 'contested.ts', source } });
    let last = await run('before');
    await capture.settled();
    for (let round = 0; round < 8; round++) {
      await trials.labelMany([last], { action: 'delete' }, { id: 'p', name: 'P', colour: 'a', role: 'editor' });
      const [next] = await Promise.all([run(`round ${round}`), trials.purge(Date.now() + 60_000)]);
      await capture.settled();
      expect((await capture.read([next])).get(next)?.code?.cells[0]?.source).toBe(source);
      last = next;
    }
  });

  test('what a trial named before its code was another is let go of', async () => {
    const id = 'again';
    await db.em().insert(LaunchEntity, {
      ...{ trial: id, source: serialiseNotebook(notebook('first()')), params: '{}', folder: '.' },
    });
    const open = { experiment: 'digits', name: 'again', params: {} };
    await trials.queue({ id, open, notebook: null, cell: null, backend: null, by: null });
    const run = async (kernel: string): Promise<void> => {
      await trials.take(id, kernel);
      await trials.open(open, {
        ...{ kernel, execution: kernel, cell: 'a', notebook: 'n' },
        by: null,
        backend: null,
        launched: id,
      });
      await capture.settled();
    };
    const kept = async (text: string): Promise<boolean> =>
      (await db.em().find(CapturedContentEntity, {})).some(({ content }) => content.includes(text));
    await run('again 1');
    expect(await kept('first()')).toBe(true);
    await trials.finish(id, 'failed');
    await db.em().nativeUpdate(LaunchEntity, { trial: id }, { source: serialiseNotebook(notebook('second()')) });
    await db.em().nativeUpdate(TrialEntity, { id }, { status: 'queued' });
    await run('again 2');
    expect([await kept('first()'), await kept('second()')]).toEqual([false, true]);
  });
});
