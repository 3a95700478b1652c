/** Launched trials that give back what they hold, or die, and go on from their checkpoint as the same trial; with real kernels. */
import { isOver } from '@trialroom/shared/trial/trial';
import { describe, expect, test, vi } from 'vitest';
import { testDatabases } from '../database/testing.ts';
import { ann, FIT, HOLD, LOOP, reaches, valuesOf, workspaces } from './testing.ts';

vi.setConfig({ testTimeout: 60_000 });

describe.each(testDatabases())('going on, on $name', ({ open: openDatabase }) => {
  const { start } = workspaces(openDatabase);

  test.each([
    ['fit', FIT, 'loss', 180],
    ['a loop of its own', LOOP, 'state', 200],
  ])(
    '%s gives back what it holds, and ends with the very numbers of a run that never paused',
    async (_, source, key, count) => {
      const { trials, launch } = await start();
      const whole = await launch(source);
      expect(await reaches(trials, whole.id, ({ status }) => isOver(status))).toMatchObject({ status: 'completed' });
      const { id } = await launch(source.replace('/* hold */', HOLD));
      await reaches(trials, id, ({ progress }) => (progress?.done ?? 0) >= 20);
      await trials.requestPause(id, ann, true);
      const paused = await reaches(trials, id, ({ release }) => release === 'done');
      expect(paused).toMatchObject({ status: 'paused', checkpoint: { step: expect.any(Number) } });
      expect(paused.checkpoint?.step).toBeGreaterThanOrEqual(20);
      expect(paused.checkpoint?.step).toBeLessThan(count);
      expect((await trials.requestResume(id, ann)).status).toBe('queued');
      const ended = await reaches(trials, id, ({ status }) => isOver(status));
      expect(ended).toMatchObject({ status: 'completed', id });
      const [expected, values] = [await valuesOf(trials, whole.id, key), await valuesOf(trials, id, key)];
      expect(expected.size).toBe(count);
      expect([...values].toSorted(([a], [b]) => a - b)).toEqual([...expected]);
      const [points] = await trials.series(id, [key], { width: 10_000 });
      // Where it released, not a step was taken twice.
      expect(points?.total).toBe(count);
    },
  );

  test('whoever lets it go on in the very moment when its run ends is not forgotten', async () => {
    let resumed = false;
    const { trials, launch } = await start((all) => ({
      ...all,
      get: async (id) => {
        const seen = await all.get(id);
        // Between what was read and what is done with it.
        if (seen.release === 'done' && seen.status === 'paused' && !resumed) {
          resumed = true;
          await all.requestResume(id, ann);
        }
        return seen;
      },
    }));
    const { id } = await launch(LOOP.replace('/* hold */', HOLD));
    await reaches(trials, id, ({ progress }) => (progress?.done ?? 0) >= 20);
    await trials.requestPause(id, ann, true);
    expect(await reaches(trials, id, ({ status }) => isOver(status))).toMatchObject({ status: 'completed', id });
    expect(resumed).toBe(true);
  });

  test('a kernel that is killed leaves a trial that says what it can go on from, and goes on', async () => {
    const { trials, launch } = await start();
    // Once its checkpoint is durable: what a kernel says last is lost with it.
    const killing = LOOP.replace(
      '/* hold */',
      `if (step === 120 && !(await readFile("killed").catch(() => null))) {
    await writeFile("killed", "1");
    await new Promise((next) => setTimeout(next, 1500));
    process.kill(process.pid, "SIGKILL");
  }`,
    );
    const { id } = await launch(killing);
    const failed = await reaches(trials, id, ({ status }) => isOver(status));
    expect(failed).toMatchObject({ status: 'failed', checkpoint: { step: 100 } });
    const [ended] = await trials.eventsOf(id, { kinds: ['ended'] });
    expect(ended?.data).toMatchObject({ status: 'failed', step: 100, path: `state-${id}.json` });
    await trials.requestResume(id, ann);
    expect(await reaches(trials, id, ({ status }) => status === 'completed')).toMatchObject({ id, reason: null });
    const values = await valuesOf(trials, id, 'state');
    let state = 1;
    for (let step = 1; step <= 200; step++) {
      state = (state * 48271) % 2147483647;
      // What the killed kernel had not sent was taken again.
      expect(values.get(step)).toBe(state);
    }
  });

  test('code without a checkpoint waits with what it holds, and the room is told so', async () => {
    const { trials, launch } = await start();
    const { id } = await launch(`import { trial } from "trialroom";
const run = await trial({ experiment: "bare", name: "bare", params: {} });
for await (const _ of run.steps(1e9)) await new Promise((next) => setTimeout(next, 5));
await run.finish();`);
    // Until its machine was sampled: that comes by itself.
    const sampled = async () => (await trials.metrics.keys(id)).some(({ key }) => key.startsWith('system/'));
    while (!(await sampled())) {
      await new Promise<void>((resolve) => {
        const end = trials.onPoints(() => {
          end();
          resolve();
        });
      });
    }
    const noted = new Promise<string>((resolve) => {
      trials.onEvents((trial, events) => {
        const note = events.find(({ kind }) => kind === 'note');
        if (trial === id && note) resolve(note.text);
      });
    });
    await trials.requestPause(id, ann, true);
    expect(await noted).toContain('keeps what it holds');
    const keys = (await trials.metrics.keys(id)).map(({ key }) => key);
    expect(keys).toEqual(expect.arrayContaining(['system/memory', 'system/load', 'system/machine_memory']));
    expect(await trials.get(id)).toMatchObject({ status: 'paused', release: 'requested' });
    await trials.requestStop(id, ann);
    expect(await reaches(trials, id, ({ status }) => isOver(status))).toMatchObject({ status: 'stopped' });
    await expect(trials.requestResume(id, ann)).rejects.toMatchObject({ status: 409 });
  });
});
