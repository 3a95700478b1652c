import type { Evaluation } from '@trialroom/shared/trial/evaluation';
import { describe, expect, test } from 'vitest';
import type { Database } from '../database/database.ts';
import { testDatabases } from '../database/testing.ts';
import { ExperimentEntity } from '../trials/entities.ts';
import type { Trials } from '../trials/trials.ts';
import type { Capture } from './capture.ts';
import { type Compared, comparing, ENVIRONMENT } from './testing.ts';

describe.each(testDatabases())('comparison on $name', ({ open }) => {
  const { ready, ran, get } = comparing(open);
  let db: Database;
  let trials: Trials;
  let capture: Capture;
  let intake: Compared['intake'];
  ready((made) => {
    ({ db, trials, capture, intake } = made);
  });

  test('figures, parameters, environment and code stand side by side', async () => {
    const one = await ran('one', { lr: 0.1, net: { depth: 2 } }, [0.2, 0.9, 0.8], { environment: ENVIRONMENT });
    const two = await ran('two', { lr: 0.1, net: { depth: 3 }, note: 'x' }, [0.3, 0.7], {
      environment: { ...ENVIRONMENT, node: '25.0.0' },
      script: { name: 'train.ts', source: 'went();' },
    });
    await capture.settled();
    const { status, body } = await get(`/api/comparison?trials=${one},${two}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ names: ['one', 'two'], metric: 'accuracy', direction: 'maximise' });
    expect(body.metrics[0].readings).toEqual([
      { last: 0.8, lastStep: 3, best: 0.9, bestStep: 2, min: 0.2, max: 0.9, count: 3 },
      { last: 0.7, lastStep: 2, best: 0.7, bestStep: 2, min: 0.3, max: 0.7, count: 2 },
    ]);
    expect(body.params).toEqual([
      { name: 'lr', values: ['0.1', '0.1'], differs: false },
      { name: 'net.depth', values: ['2', '3'], differs: true },
      { name: 'note', values: [null, '"x"'], differs: true },
    ]);
    const differing = body.environment.filter((row: { differs: boolean }) => row.differs);
    expect(differing).toEqual([{ name: 'node', values: ['"24.0.0"', '"25.0.0"'], differs: true }]);
    const sources = body.ran.map(({ code }: { code: string }) => body.code[code].cells[0].source);
    expect(sources).toEqual(['go();', 'went();']);
  });

  test('groups of seeds are tested against each other, and a trial against the baseline', async () => {
    const low = [0.912, 0.921, 0.918, 0.905, 0.931];
    const high = [0.934, 0.929, 0.941, 0.938];
    const experiment = { experiment: 'seeds' };
    const base: string[] = [];
    for (const [seed, value] of low.entries())
      base.push(await ran(`low ${seed}`, { lr: 1, seed }, [value], experiment));
    const better: string[] = [];
    for (const [seed, value] of high.entries())
      better.push(await ran(`high ${seed}`, { lr: 2, seed }, [value], experiment));
    const worse = await ran('worse', { lr: 3, seed: 0 }, [0.5], experiment);
    const { body } = await get(`/api/comparison?trials=${base[0]},${better[0]}`);
    expect(body.seeds.groups.map(({ runs }: { runs: unknown[] }) => runs.length)).toEqual([5, 4]);
    const [pair] = body.seeds.pairs;
    // ttest_ind(high, low, equal_var=False) of SciPy 1.17.1.
    expect(pair.welch.t).toBeCloseTo(3.562743632784763, 10);
    expect(pair.welch.p).toBeCloseTo(0.01099930675229547, 10);
    expect(pair.verdict.headline).toBe('high 0 is better; this difference would be surprising by chance.');
    expect(pair.verdict.missing).toEqual(['More seeds of high 0: it has 4 runs, and 5 say much more.']);
    expect(body.regressions).toEqual([null, null]);

    const { experimentId } = await trials.get(worse);
    await db.em().nativeUpdate(ExperimentEntity, { id: experimentId }, { baseline: base[2] ?? null });
    const said = async (id: string) => (await get(`/api/trials/${id}/regression`)).body.regression;
    expect(await said(worse)).toMatchObject({
      status: 'worse',
      n: 5,
      trial: base[2],
      metric: 'accuracy',
      reading: 0.5,
    });
    expect(await said(base[0] ?? '')).toBeNull();
    expect((await said(better[0] ?? '')).status).toBe('within');
    const asked = { trials: [worse, base[0], better[0], 'nobody'] };
    const flagged = await get('/api/trials/regressions', 'viewer', 'POST', asked);
    expect(flagged.body.worse).toEqual([{ id: worse, report: await said(worse) }]);
  });

  test('predictions of the same examples are paired by their ids', async () => {
    const classes = ['no', 'yes'];
    const empty = { precision: null, recall: null, f1: null };
    const evaluation = (at: number): Evaluation => ({
      ...{ task: 'classification', name: 'test', at, classes, count: 52, accuracy: 0.5, top: null, calibration: null },
      perClass: classes.map(() => ({ ...empty, support: 0, predicted: 0, sweep: null })),
      ...{ macro: empty, weighted: empty, confusion: [0, 0, 0, 0], samples: [], cells: [], worst: [], leftOut: 0 },
    });
    // Of 52 examples, 18 only the first gets right and 33 only the second; the last is of another example each.
    const lines = (right: (at: number) => boolean, own: string): string =>
      [
        'id,truth,predicted',
        ...Array.from({ length: 51 }, (_, at) => `e${at},yes,${right(at) ? 'yes' : 'no'}`),
        `${own},yes,yes`,
      ].join('\r\n');
    const ids: string[] = [];
    for (const [nth, right] of [(at: number) => at < 18, (at: number) => at >= 18].entries()) {
      const id = await ran(nth === 0 ? 'A' : 'B', { nth }, [0.5]);
      await intake.evaluation(id, 'x', 2, Buffer.from(JSON.stringify(evaluation(nth))));
      const piece = { name: 'predictions/test.csv', kind: 'predictions' as const, piece: 0, last: true };
      await intake.artifact(id, 'x', 3, piece, Buffer.from(lines(right, `own ${nth}`)));
      ids.push(id);
    }
    const { body } = await get(`/api/comparison?trials=${ids.join(',')}`);
    expect(body.predictions).toMatchObject({ evaluation: 'test', examples: 51, leftOut: 2, tested: [0, 1] });
    const [pair] = body.predictions.pairs;
    expect(pair.counts).toEqual({ bothRight: 0, onlyFirst: 18, onlySecond: 33, bothWrong: 0 });
    expect(pair.chiSquare).toBeCloseTo(4.4118, 4);
    expect(pair.p).toBeCloseTo(0.03569, 5);
    expect(pair.correctedChiSquare).toBeCloseTo(3.8431, 4);
    expect(pair.correctedP).toBeCloseTo(0.04995, 5);
    expect(pair.verdict.headline).toBe('B is better; this difference would be surprising by chance.');
    expect(body.predictions.missing[0]).toContain('2 of 53 examples are left out');
    const third = await ran('third', { nth: 9 }, [0.5]);
    const with3 = await get(`/api/comparison?trials=${ids.join(',')},${third}`);
    expect(with3.body.predictions.missing.join(' ')).toContain('third has no predictions');
  });

  test('too few, too many and unknown trials are refused, with what to do', async () => {
    const one = await ran('alone', {}, [1]);
    expect(await get(`/api/comparison?trials=${one}`)).toMatchObject({ status: 422, body: { error: 'compare-count' } });
    expect(await get(`/api/comparison?trials=${one},${one}`)).toMatchObject({ status: 422 });
    const many = Array.from({ length: 11 }, (_, at) => `t${at}`).join(',');
    expect((await get(`/api/comparison?trials=${many}`)).status).toBe(422);
    expect((await get(`/api/comparison?trials=${one},nothing`)).status).toBe(404);
    expect((await get('/api/experiments/nothing/analysis')).status).toBe(404);
    expect((await get('/api/importance/nothing')).status).toBe(404);
  });
});
