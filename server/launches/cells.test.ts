/** Trials of open notebooks that give back what they hold and go on in their session; with real kernels. */
import { cellsOf, setSource } from '@trialroom/shared/notebook/document';
import { isOver, type Trial } from '@trialroom/shared/trial/trial';
import { describe, expect, test, vi } from 'vitest';
import { testDatabases } from '../database/testing.ts';
import type { SessionNews } from '../sessions/news.ts';
import { ann, ben, FIT, HOLD, LOOP, openWorkspace, reaches, valuesOf, type Workspace, workspaces } from './testing.ts';

vi.setConfig({ testTimeout: 60_000 });

/** What a session said, and what it will say. */
class Heard {
  readonly news: SessionNews[] = [];
  readonly #waiting = new Set<() => void>();

  constructor({ sessions }: Workspace, notebook: string) {
    sessions.listen(notebook, (news) => {
      this.news.push(news);
      for (const look of [...this.#waiting]) look();
    });
  }

  /** How the run ended, once it has. */
  ended(execution: string): Promise<string> {
    return new Promise((resolve) => {
      const look = (): void => {
        const end = this.news.find((news) => news.type === 'ended' && news.execution === execution);
        if (end?.type !== 'ended') return;
        this.#waiting.delete(look);
        resolve(end.end);
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** Text of streams, results and errors of a run. */
  text(execution: string): string {
    return this.news
      .flatMap((news) => {
        if (news.type !== 'output' || news.execution !== execution) return [];
        const { event } = news;
        if (event.type === 'error') return [`${event.error.name}: ${event.error.message}`];
        if (event.type === 'stream') return [event.text];
        return event.type === 'result' ? [String(event.data['text/plain'])] : [];
      })
      .join('');
  }
}

describe.each(testDatabases())('trials of cells going on, on $name', ({ open: openDatabase }) => {
  const place = workspaces(openDatabase);
  const { endings, start } = place;
  /** The trial that a cell opens next. */
  const opened = ({ trials }: Workspace): Promise<string> =>
    new Promise((resolve) => {
      const end = trials.onOpen((trial) => {
        end();
        resolve(trial);
      });
    });
  /** Runs a cell; its trial, which holds still, is given back once it is in its 30th step. */
  const released = async (work: Workspace, notebook: string, cell: string): Promise<Trial> => {
    const { sessions, trials } = work;
    const opening = opened(work);
    await sessions.run(notebook, [cell], ann);
    const id = await opening;
    await reaches(trials, id, ({ progress }) => (progress?.done ?? 0) >= 20);
    await trials.requestPause(id, ann, true);
    return reaches(trials, id, ({ release }) => release === 'done');
  };

  test.each([
    // One more model is bound where it paused: a kernel and a bias for each of its layers.
    ['fit', FIT, 'loss', 180, 4],
    ['a loop of its own', LOOP, 'state', 200, 0],
  ])('%s gives back what it holds, and ends with the very numbers of a run that never paused', async (...given) => {
    const [, source, key, count, weights] = given;
    const work = await start();
    const { documents, sessions, trials } = work;
    const held = 'import { memory } from "@tensorflow/tfjs"; [kept, memory().numTensors].join()';
    const notebook = await work.notebook({ before: 'const kept = 41 + 1;', whole: source, pausing: source, held });
    const { doc, release } = await documents.open(notebook);
    endings.push(release);
    setSource(doc, 'pausing', source.replace('/* hold */', HOLD));
    const heard = new Heard(work, notebook);
    const look = async (): Promise<string> => {
      const [run = ''] = await sessions.run(notebook, ['held'], ann);
      expect(await heard.ended(run)).toBe('ok');
      return heard.text(run);
    };

    const opening = opened(work);
    await sessions.run(notebook, ['before', 'whole'], ann);
    const whole = await opening;
    expect(await reaches(trials, whole, ({ status }) => isOver(status))).toMatchObject({ status: 'completed' });
    const left = await look();
    const tensors = (text: string): number => Number(/^'42,(\d+)'$/.exec(text)?.[1]);
    expect(tensors(left)).toBeGreaterThanOrEqual(0);

    const paused = await released(work, notebook, 'pausing');
    const { id } = paused;
    expect(paused).toMatchObject({ status: 'paused', checkpoint: { step: expect.any(Number) } });
    // The kernel lives, with what other cells made; of the run it holds no more than one that has ended leaves.
    const [first = ''] = heard.news.flatMap((news) =>
      news.type === 'begun' && news.execution.cell === 'pausing' ? [news.execution.id] : [],
    );
    expect(await heard.ended(first)).toBe('aborted');
    expect(heard.text(first)).toMatch(/^Released: Paused and released: "(fit|loop)" goes on from step \d+ when/m);
    expect(sessions.state(notebook)?.cells.pausing).toMatchObject({ validity: 'aborted', status: 'ready' });
    expect(tensors(await look())).toBeLessThanOrEqual(tensors(left) + weights);

    // What is written meanwhile is another trial's code.
    setSource(doc, 'pausing', 'throw new Error("edited")');
    expect((await trials.requestResume(id, ben)).status).toBe('queued');
    expect(await reaches(trials, id, ({ status }) => isOver(status))).toMatchObject({ status: 'completed', id });
    const again = heard.news.flatMap((news) =>
      news.type === 'begun' && news.execution.resumes === id ? [news.execution] : [],
    );
    expect(again).toMatchObject([{ by: ben, cell: 'pausing' }]);
    expect(await heard.ended(again[0]?.id ?? '')).toBe('ok');
    expect(sessions.state(notebook)?.cells.pausing).toMatchObject({ validity: 'stale', by: ben });

    const [expected, values] = [await valuesOf(trials, whole, key), await valuesOf(trials, id, key)];
    expect(expected.size).toBe(count);
    expect([...values].toSorted(([a], [b]) => a - b)).toEqual([...expected]);
    const [points] = await trials.series(id, [key], { width: 10_000 });
    // Not a step was taken twice.
    expect(points?.total).toBe(count);
  });

  test('it goes on in a new kernel, and where its cell was deleted, in the console', async () => {
    const work = await start();
    const { documents, sessions, trials } = work;
    const notebook = await work.notebook({ c: LOOP.replace('/* hold */', HOLD) });
    const { id } = await released(work, notebook, 'c');
    await sessions.restart(notebook);
    const { doc, release } = await documents.open(notebook);
    endings.push(release);
    cellsOf(doc).delete('c');
    await trials.requestResume(id, ben);
    const ended = await reaches(trials, id, ({ status }) => isOver(status));
    expect(ended).toMatchObject({ status: 'completed', cell: expect.stringMatching(/^console:/) });
    expect((await valuesOf(trials, id, 'state')).size).toBe(200);
  });

  test('a run that is taken out of the queue stops its trial, which can be resumed again; and so does a stop', async () => {
    const work = await start();
    const { sessions, trials } = work;
    const busy = 'await new Promise((end) => { globalThis.end = end; setTimeout(() => {}, 1e9); })';
    const notebook = await work.notebook({ c: LOOP.replace('/* hold */', HOLD), busy });
    const heard = new Heard(work, notebook);
    const { id } = await released(work, notebook, 'c');
    const waits = async (): Promise<string> => {
      expect((await trials.requestResume(id, ben)).status).toBe('queued');
      return sessions.state(notebook)?.queue.find(({ resumes }) => resumes === id)?.id ?? '';
    };

    const [holding = ''] = await sessions.run(notebook, ['busy'], ann);
    await sessions.withdraw(notebook, [await waits()]);
    const withdrawn = await reaches(trials, id, ({ status }) => isOver(status));
    expect(withdrawn).toMatchObject({ status: 'stopped', reason: expect.stringContaining('taken out of the queue') });

    const second = await waits();
    expect((await trials.requestStop(id, ben)).status).toBe('stopped');
    expect(await heard.ended(second)).toBe('aborted');

    await waits();
    await sessions.interrupt(notebook);
    expect(await heard.ended(holding)).toBe('aborted');
    expect(await reaches(trials, id, ({ status }) => isOver(status))).toMatchObject({ status: 'stopped' });

    await waits();
    expect(await reaches(trials, id, ({ status }) => isOver(status))).toMatchObject({ status: 'completed', id });
  });

  test('a cell that fails before it opens the trial fails it, and says what to do', async () => {
    const work = await start();
    const { sessions, trials } = work;
    const source = `needed;\n${LOOP.replace('/* hold */', HOLD)}`;
    const notebook = await work.notebook({ before: 'const needed = 1;', c: source });
    await sessions.run(notebook, ['before'], ann);
    const { id } = await released(work, notebook, 'c');
    await sessions.restart(notebook);
    await trials.requestResume(id, ben);
    const failed = await reaches(trials, id, ({ status }) => isOver(status));
    expect(failed).toMatchObject({ status: 'failed', reason: expect.stringContaining('the cells that it builds on') });
    await sessions.run(notebook, ['before'], ann);
    await trials.requestResume(id, ben);
    expect(await reaches(trials, id, ({ status }) => isOver(status))).toMatchObject({ status: 'completed' });
  });

  test('a trial that was not the first of its cell is refused, with what to do', async () => {
    const work = await start();
    const { sessions, trials } = work;
    const one = 'await (await trial({ experiment: "several", name: "one" })).finish();';
    const notebook = await work.notebook({
      c: `import { trial } from "trialroom"; ${one} const run = await trial({ experiment: "several", name: "two" });
for await (const _ of run.steps(1e9, { checkpoint: () => "x" })) await new Promise((next) => setTimeout(next, 5));`,
    });
    const two = new Promise<string>((resolve) => {
      const end = trials.onOpen((trial, { name }) => {
        if (name !== 'two') return;
        end();
        resolve(trial);
      });
    });
    await sessions.run(notebook, ['c'], ann);
    await expect(trials.requestPause(await two, ann, true)).rejects.toMatchObject({
      status: 409,
      problem: { error: 'trial-not-first', message: expect.stringContaining('other trials before it') },
    });
  });

  test('what waited for its turn when the server ended is stopped by the next one, and goes on from there', async () => {
    const first = await openWorkspace(place.db, place.folder);
    const notebook = await first.notebook({ c: LOOP.replace('/* hold */', HOLD) });
    const { id } = await released(first, notebook, 'c');
    await first.close();
    const second = await start();
    // As one finds it whose server was killed in between.
    await place.db
      .em()
      .execute(`update trials set status = 'queued', release = 'none', pause_requested = false where id = ?`, [id]);
    await second.cells.recover();
    expect(await second.trials.get(id)).toMatchObject({
      status: 'stopped',
      reason: expect.stringContaining('resume it again'),
    });
    await second.trials.requestResume(id, ben);
    const ended = await reaches(second.trials, id, ({ status }) => isOver(status));
    expect(ended).toMatchObject({ status: 'completed', id });
    expect((await valuesOf(second.trials, id, 'state')).size).toBe(200);
  });
});
