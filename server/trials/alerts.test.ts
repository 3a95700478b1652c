import type { SaidEvent } from '@trialroom/shared/trial/event';
import type { PointColumns } from '@trialroom/shared/trial/points';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../database/database.ts';
import { testDatabases } from '../database/testing.ts';
import { ada, origin, processOf } from './testing.ts';

const column = (key: string, first: number, values: number[]): PointColumns => ({
  key,
  steps: Float64Array.from(values, (_, at) => first + at),
  walls: Float64Array.from(values, () => 1),
  values: Float64Array.from(values),
});

describe.each(testDatabases())('alert rules on $name', ({ open: openDatabase }) => {
  const endings: (() => Promise<unknown>)[] = [];
  let db: Database;
  let clock = 1_000_000;
  beforeAll(async () => {
    db = await openDatabase();
  });
  afterAll(() => db.close());
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end();
  });
  const start = async () => {
    const started = await processOf(db, { now: () => clock });
    endings.push(started.close);
    return started.trials;
  };
  type Trials = Awaited<ReturnType<typeof start>>;
  const open = async (trials: Trials, experiment: string) => {
    const { trial } = await trials.open({ experiment, name: 'run', params: {} }, origin());
    return { trial, experiment: (await trials.get(trial)).experimentId };
  };
  const alerts = async (trials: Trials, trial: string) => {
    await trials.alerts.settled();
    const events = await trials.eventsOf(trial, { kinds: ['alert'] });
    return events.map(({ text, data }) => `${data.cleared ? '-' : '+'} ${text}`);
  };

  test('are raised once, cleared once, and not again by a process that takes the trial up', async () => {
    const trials = await start();
    const { trial, experiment } = await open(trials, 'rules');
    await trials.points(trial, 'e1', 1, [column('loss', 1, [1, 2])]);
    await trials.alerts.add(experiment, { when: 'loss > 10', level: 'error' }, ada);
    await trials.alerts.add(experiment, { when: 'any metric is NaN', level: 'warning' }, ada);
    await trials.alerts.settled();
    await trials.points(trial, 'e1', 2, [column('loss', 3, [11, 12, 13])]);
    await trials.points(trial, 'e1', 2, [column('loss', 3, [11, 12, 13])]);
    await trials.points(trial, 'e1', 3, [column('loss', 6, [14]), column('acc', 6, [Number.NaN])]);
    const raised = ['+ loss > 10 (loss is 11).', '+ any metric is NaN or infinite (acc is NaN).'];
    expect(await alerts(trials, trial)).toEqual(raised);

    // Another process takes it up: it knows what is raised.
    const other = await start();
    await other.metrics.ingest.expect(trial);
    other.alerts.begin(trial);
    other.alerts.seen(trial, 50, [column('loss', 7, [15])]);
    expect(await alerts(other, trial)).toEqual(raised);
    other.alerts.seen(trial, 51, [column('loss', 8, [3, 4])]);
    other.alerts.seen(trial, 52, [column('loss', 10, [20])]);
    expect(await alerts(other, trial)).toEqual([...raised, '- No longer: loss > 10.', '+ loss > 10 (loss is 20).']);
  });

  test('notice silence by the clock, but not of a trial that waits or is over', async () => {
    const trials = await start();
    const { trial, experiment } = await open(trials, 'silence');
    await trials.alerts.add(experiment, { when: 'no points for 60 s', level: 'warning' }, ada);
    await trials.points(trial, 'e1', 1, [column('loss', 1, [1])]);
    await trials.alerts.settled();
    const goBy = (seconds: number): void => {
      clock += seconds * 1000;
      trials.alerts.tick();
    };
    goBy(59);
    expect(await alerts(trials, trial)).toEqual([]);
    await trials.requestPause(trial, ada);
    await trials.paused(trial, true);
    goBy(600);
    await trials.requestResume(trial, ada);
    await trials.paused(trial, false);
    goBy(59);
    expect(await alerts(trials, trial)).toEqual([]);
    goBy(1);
    goBy(100);
    expect(await alerts(trials, trial)).toEqual(['+ no points for 60 s.']);
    await trials.points(trial, 'e1', 2, [column('loss', 2, [1])]);
    expect(await alerts(trials, trial)).toEqual(['+ no points for 60 s.', '- No longer: no points for 60 s.']);
    await trials.finish(trial, 'completed');
    goBy(600);
    expect(await alerts(trials, trial)).toHaveLength(2);
  });

  test('are refused with what to do when they cannot be read, or watch what nobody logs', async () => {
    const trials = await start();
    const { trial, experiment } = await open(trials, 'refused');
    await trials.points(trial, 'e1', 1, [column('val_loss', 1, [1])]);
    await expect(trials.alerts.add(experiment, { when: 'loss goes up', level: 'info' }, ada)).rejects.toMatchObject({
      status: 422,
      problem: { error: 'rule-unreadable', fix: expect.stringContaining('has not improved') },
    });
    const typo = { when: 'val_los > 3', level: 'info' } as const;
    await expect(trials.alerts.add(experiment, typo, ada)).rejects.toMatchObject({
      problem: { error: 'metric-unknown', message: expect.stringContaining('val_loss') },
    });
    const rule = await trials.alerts.add(experiment, { ...typo, anyway: true }, ada);
    expect(await trials.alerts.rules(experiment)).toEqual([rule]);
    await expect(trials.alerts.remove('other', rule.id)).rejects.toMatchObject({ status: 404 });
    await trials.alerts.remove(experiment, rule.id);
    expect(await trials.alerts.rules(experiment)).toEqual([]);
    await expect(trials.alerts.add('nothing', typo, ada)).rejects.toMatchObject({ status: 404 });
  });

  const ruleSaid = (when: string, level = 'warning'): SaidEvent => ({
    ...{ kind: 'watch', at: 1, step: null, text: `Watches: ${when}.` },
    data: { rule: `code: ${when}`, when, level },
  });

  test('come from code too: of its own trial, once for each sentence, also where it goes on', async () => {
    const trials = await start();
    const { trial, experiment } = await open(trials, 'code');
    const { trial: other } = await trials.open(
      { experiment: 'code', name: 'other', params: {} },
      origin({ cell: 'c2', execution: 'e2' }),
    );
    const when = 'val_loss (lower is better) has not improved for 3 epochs';
    await trials.points(trial, 'e1', 1, [column('val_loss', 1, [0.5, 0.6])]);
    await trials.events(trial, 'e1', 2, [ruleSaid(when)]);
    await trials.events(trial, 'e1', 3, [ruleSaid(when, 'error'), ruleSaid('this cannot be read')]);
    await trials.points(trial, 'e1', 4, [column('val_loss', 3, [0.7])]);
    await trials.points(other, 'e2', 1, [column('val_loss', 1, [0.5, 0.6, 0.7, 0.8])]);
    expect(await alerts(trials, trial)).toEqual([]);
    await trials.points(trial, 'e1', 5, [column('val_loss', 4, [0.8, 0.9])]);
    const raised = [`+ ${when} (val_loss is 0.8).`];
    expect(await alerts(trials, trial)).toEqual(raised);
    const [event] = await trials.eventsOf(trial, { kinds: ['alert'] });
    expect(event).toMatchObject({ step: 4, data: { level: 'error', rule: `code: ${when}` } });
    expect(await alerts(trials, other)).toEqual([]);
    expect(await trials.alerts.rules(experiment)).toEqual([]);

    const elsewhere = await start();
    elsewhere.alerts.begin(trial);
    await elsewhere.alerts.settled();
    // Its code says it again where it goes on.
    await elsewhere.events(trial, 'e9', 20, [ruleSaid(when)]);
    elsewhere.alerts.seen(trial, 21, [column('val_loss', 6, [1])]);
    expect(await alerts(elsewhere, trial)).toEqual(raised);
    elsewhere.alerts.seen(trial, 22, [column('val_loss', 7, [0.1])]);
    expect(await alerts(elsewhere, trial)).toEqual([...raised, `- No longer: ${when}.`]);
  });

  test('may be made others: what was raised is taken back, and the new one sees all that was logged', async () => {
    const trials = await start();
    const { trial, experiment } = await open(trials, 'edited');
    const rule = await trials.alerts.add(experiment, { when: 'loss > 10', level: 'warning' }, ada);
    await trials.points(trial, 'e1', 1, [column('loss', 1, [5, 6, 11])]);
    const raised = ['+ loss > 10 (loss is 11).'];
    expect(await alerts(trials, trial)).toEqual(raised);

    const louder = await trials.alerts.edit(experiment, rule.id, { level: 'error' });
    expect(louder).toEqual({ ...rule, level: 'error' });
    await trials.points(trial, 'e1', 2, [column('loss', 4, [12])]);
    expect(await alerts(trials, trial)).toEqual(raised);

    const edited = await trials.alerts.edit(experiment, rule.id, { when: 'loss  has not improved for 4 points' });
    const when = 'loss (lower is better) has not improved for 4 epochs';
    expect(edited).toEqual({ ...louder, when });
    expect(await trials.alerts.rules(experiment)).toEqual([edited]);
    expect(await alerts(trials, trial)).toEqual([...raised, '- No longer watched: loss > 10.']);
    await trials.points(trial, 'e1', 3, [column('loss', 5, [20, 21])]);
    expect((await alerts(trials, trial)).slice(2)).toEqual([`+ ${when} (loss is 20).`]);

    await trials.alerts.remove(experiment, rule.id);
    expect((await alerts(trials, trial)).slice(3)).toEqual([`- No longer watched: ${when}.`]);
    const gone = trials.alerts.edit(experiment, rule.id, { level: 'info' });
    await expect(gone).rejects.toMatchObject({ status: 404, problem: { error: 'alert-rule-unknown' } });
    const kept = await trials.alerts.add(experiment, { when: 'loss > 50', level: 'info' }, ada);
    const typo = trials.alerts.edit(experiment, kept.id, { when: 'los > 50' });
    await expect(typo).rejects.toMatchObject({ problem: { error: 'metric-unknown' } });
    await expect(trials.alerts.edit('other', kept.id, {})).rejects.toMatchObject({ status: 404 });
    expect(await trials.alerts.rules(experiment)).toEqual([kept]);
  });

  test('count exactly from the best on, whatever was folded meanwhile and however late batches came', async () => {
    const trials = await start();
    const { trial, experiment } = await open(trials, 'exact');
    // Long enough to be folded into chunks; the best lies in the middle of the first.
    const values = Array.from({ length: 9000 }, (_, at) => (at === 2500 ? 0.01 : 1 + (at % 7)));
    const at = (first: number, last: number): PointColumns => {
      const part = column('val_loss', first, values.slice(first - 1, last));
      return { ...part, walls: part.steps.map((step) => 1_000_000 + step) };
    };
    await trials.points(trial, 'e1', 1, [at(1, 5000)]);
    await trials.points(trial, 'e1', 3, [at(7001, 8990)]);
    await trials.points(trial, 'e1', 2, [at(5001, 7000)]);
    await trials.metrics.ingest.settled();
    const rules = ['val_loss has not improved for 6499 points', 'val_loss has not improved for 6500 points'];
    for (const when of rules) await trials.alerts.add(experiment, { when, level: 'warning' }, ada);
    await trials.alerts.settled();
    trials.metrics.ingest.forget([trial]);

    const other = await start();
    other.metrics.ingest.expect(trial);
    other.alerts.begin(trial);
    // What is stored already is sent again by a kernel that did not hear so.
    await other.points(trial, 'e1', 3, [at(7001, 8990)]);
    await other.points(trial, 'e1', 4, [at(8991, 8999)]);
    expect(await alerts(other, trial)).toEqual([]);
    await other.points(trial, 'e1', 5, [column('val_loss', 9000, [3])]);
    const raised = ['+ val_loss (lower is better) has not improved for 6499 epochs (val_loss is 3).'];
    expect(await alerts(other, trial)).toEqual(raised);
    await other.points(trial, 'e1', 6, [column('val_loss', 9001, [3])]);
    raised.push('+ val_loss (lower is better) has not improved for 6500 epochs (val_loss is 3).');
    expect(await alerts(other, trial)).toEqual(raised);
  });

  test('what was best before a process looked is no news to it', async () => {
    const trials = await start();
    const objective = { key: 'loss', direction: 'minimise' } as const;
    const { trial } = await trials.open({ experiment: 'known', name: 'run', params: {}, objective }, origin());
    await trials.points(trial, 'e1', 1, [column('loss', 1, [5, 0.2, 7])]);
    await trials.alerts.settled();
    const other = await start();
    other.metrics.ingest.expect(trial);
    other.alerts.begin(trial);
    clock += 20_000;
    await other.points(trial, 'e1', 2, [column('loss', 4, [3, 0.5])]);
    await other.alerts.settled();
    clock += 20_000;
    await other.points(trial, 'e1', 3, [column('loss', 6, [0.1])]);
    await other.alerts.settled();
    const told = (await other.eventsOf(trial, { kinds: ['best'] })).map(({ data }) => data.value);
    expect(told).toEqual([0.2, 0.1]);
  });

  test('the best value of the objective is told now and then, and at the end', async () => {
    const trials = await start();
    const objective = { key: 'acc', direction: 'maximise' } as const;
    const { trial } = await trials.open({ experiment: 'best', name: 'run', params: {}, objective }, origin());
    await trials.alerts.settled();
    await trials.points(trial, 'e1', 1, [column('acc', 1, [0.1, 0.2])]);
    await trials.points(trial, 'e1', 2, [column('acc', 3, [0.3, 0.25, Number.NaN])]);
    clock += 10_000;
    await trials.points(trial, 'e1', 3, [column('acc', 6, [0.1])]);
    await trials.points(trial, 'e1', 4, [column('acc', 7, [0.9])]);
    await trials.alerts.end(trial);
    const told = (await trials.eventsOf(trial, { kinds: ['best'] })).map(({ step, data }) => [step, data.value]);
    expect(told).toEqual([
      [2, 0.2],
      [3, 0.3],
      [7, 0.9],
    ]);
  });
});
