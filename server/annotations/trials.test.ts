/** Threads on trials and experiments, over HTTP, on each database: their places, their numbers, who is told, exports. */
import type { Annotation, Notice, Waiting } from '@trialroom/shared/annotation/annotation';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../database/database.ts';
import { testDatabases } from '../database/testing.ts';
import { TrialEntity } from '../trials/entities.ts';
import { TrialRecords } from '../trials/records.ts';
import { type Caller, startAnnotations, type TestAnnotations } from './testing.ts';

const request = (): string => crypto.randomUUID();
const point = (step: number, key: string | null = null) => ({ kind: 'point', key, step, value: null }) as const;

describe.each(testDatabases())('annotations of trials on $name', ({ open }) => {
  let db: Database;
  let work: TestAnnotations;
  let [ada, ben, owner]: Caller[] = [];
  let made = 0;

  const who = (caller: Caller | undefined): Caller => {
    if (!caller) throw new Error('nobody');
    return caller;
  };
  const newTrial = async (name = `trial ${++made}`) => {
    const trial = { experiment: 'digits', name, params: {} };
    return new TrialRecords(db, () => {}, undefined, 86_400_000).create({
      open: trial,
      notebook: null,
      cell: null,
      backend: null,
      by: null,
    });
  };
  const begin = (by: Caller | undefined, trial: string, target: unknown, text = 'Hm'): Promise<Annotation> =>
    who(by).thread('POST', `/api/trials/${trial}/annotations`, { target, text, request: request() });
  const say = (by: Caller | undefined, { id }: Annotation, text: string): Promise<Annotation> =>
    who(by).thread('POST', `/api/annotations/${id}/messages`, { text, request: request() });
  const listed = async (by: Caller | undefined, path: string): Promise<Annotation[]> => {
    const { body } = await who(by).ask('GET', `${path}/annotations`);
    return (body as { annotations: Annotation[] }).annotations;
  };
  const waiting = async (by: Caller | undefined): Promise<{ waiting: Waiting[]; recent: Notice[] }> => {
    const { body } = await who(by).ask('GET', '/api/annotations/unread');
    return body as { waiting: Waiting[]; recent: Notice[] };
  };
  const mention = (caller: Caller | undefined): string => `@[Someone](${who(caller).id})`;

  beforeAll(async () => {
    db = await open();
    work = await startAnnotations(db);
    ada = await work.person('viewer');
    ben = await work.person('editor');
    owner = await work.person('owner');
  });
  afterAll(async () => {
    await work.close();
    await db.close();
  });

  it('stand on every place of a trial, keep what was seen there, and are told to who watches it', async () => {
    const { id } = await newTrial();
    const targets = [
      { kind: 'trial' },
      { kind: 'point', key: 'val_loss', step: 44_200, value: 'NaN' },
      point(-0.5),
      { kind: 'range', keys: ['a', '\u0000\ud83d'], from: 1, to: 2e300 },
      { kind: 'image', seq: 3, key: 'samples', step: null, quote: 'a cat' },
      { kind: 'log', seq: 18_402, quote: 'loader: shard 0412 slow' },
      { kind: 'confusion', evaluation: 'test', row: 0, column: 9, labels: ['cat', 'dog'], count: 12 },
      { kind: 'panel', id: 'p1', quote: 'Loss' },
    ];
    for (const target of targets) await begin(ada, id, target);
    const there = await listed(ben, `/api/trials/${id}`);
    expect(there.map(({ target }) => target)).toEqual(targets);
    expect(there.map(({ number }) => number)).toEqual(targets.map((_, index) => index + 1));
    expect(work.server.sent.at(-1)).toMatchObject({
      topic: `trial:${id}`,
      event: 'annotation',
      payload: { annotation: { subject: { kind: 'trial', id }, target: targets.at(-1), readTo: 0 } },
    });
  });

  it('take metrics of any name, and refuse what has no place on an axis', async () => {
    const { id } = await newTrial();
    const long = '損'.repeat(10_000);
    expect((await begin(ada, id, point(1, long))).target).toEqual(point(1, long));
    const refused = (target: unknown) =>
      who(ada).ask('POST', `/api/trials/${id}/annotations`, { target, text: 'x', request: request() });
    // NaN and ∞ become null in JSON; as words they are no numbers either.
    for (const step of [Number.NaN, Number.POSITIVE_INFINITY, 'NaN', '-Infinity', '12', undefined]) {
      expect(await refused({ ...point(0), step })).toMatchObject({
        status: 400,
        body: { where: 'body.target.step', message: 'body.target.step: a step is a finite number' },
      });
    }
    expect(await refused({ kind: 'range', keys: [], from: 3, to: 2 })).toMatchObject({ status: 400 });
    expect(await refused(point(1, 'x'.repeat(20_001)))).toMatchObject({ status: 400 });
    expect(await refused({ kind: 'cell', cell: 'c0' })).toMatchObject({ status: 400 });
    expect(await refused({ kind: 'experiment' })).toMatchObject({ status: 400 });
    expect(await listed(ada, `/api/trials/${id}`)).toHaveLength(1);
  });

  it('are numbered one by one, also when many begin at once', async () => {
    const { id } = await newTrial();
    await Promise.all(Array.from({ length: 8 }, (_, index) => begin(index % 2 ? ada : ben, id, point(index))));
    const numbers = (await listed(ada, `/api/trials/${id}`)).map(({ number }) => number);
    expect(numbers.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('know nothing of trials and experiments that are not there, or were deleted', async () => {
    const { id } = await newTrial();
    const begun = await begin(ada, id, point(1), `for you, ${mention(owner)}`);
    expect((await waiting(owner)).waiting.some(({ subject }) => subject.id === id)).toBe(true);
    await db.em().nativeUpdate(TrialEntity, { id }, { deletedAt: 1 });
    const body = { target: point(1), text: 'x', request: request() };
    for (const [method, path, sent] of [
      ['GET', `/api/trials/${id}/annotations`, undefined],
      ['POST', `/api/trials/${id}/annotations`, body],
      ['GET', '/api/trials/nowhere/annotations', undefined],
      ['POST', '/api/trials/nowhere/annotations', body],
      ['GET', '/api/experiments/nowhere/annotations', undefined],
      ['POST', '/api/experiments/nowhere/annotations', { ...body, target: { kind: 'experiment' } }],
      ['GET', `/api/trials/${id}/annotations.md`, undefined],
      ['GET', '/api/experiments/nowhere/annotations.json', undefined],
      ['POST', `/api/annotations/${begun.id}/messages`, { text: 'x', request: request() }],
      ['PUT', `/api/annotations/${begun.id}/resolved`, { resolved: true }],
    ] as const) {
      expect(await who(ada).ask(method, path, sent), `${method} ${path}`).toMatchObject({ status: 404 });
    }
    expect(JSON.stringify(await waiting(owner))).not.toContain(id);
    // What is brought back brings its threads along.
    await db.em().nativeUpdate(TrialEntity, { id }, { deletedAt: null });
    expect(await listed(ada, `/api/trials/${id}`)).toHaveLength(1);
  });

  it('go for good with their trial, and no others go', async () => {
    const [one, other] = [await newTrial(), await newTrial()];
    for (const { id } of [one, one, other]) await begin(ada, id, point(1));
    await db.em().transactional((em) => work.annotations.erase(em, 'trial', [one.id]));
    expect(await listed(ada, `/api/trials/${one.id}`)).toEqual([]);
    expect(await listed(ada, `/api/trials/${other.id}`)).toHaveLength(1);
    expect((await begin(ada, one.id, point(1))).number).toBe(1);
  });

  it('shut every door to strangers', async () => {
    const { id, experimentId } = await newTrial();
    await begin(ada, id, point(1));
    for (const subject of [`trials/${id}`, `experiments/${experimentId}`]) {
      const sent = { target: point(1), text: 'x', request: request() };
      expect(await work.stranger.ask('GET', `/api/${subject}/annotations`)).toMatchObject({ status: 401 });
      expect(await work.stranger.ask('POST', `/api/${subject}/annotations`, sent)).toMatchObject({ status: 401 });
      expect(await work.stranger.ask('GET', `/api/${subject}/annotations.md`)).toMatchObject({ status: 401 });
      expect(await work.stranger.ask('GET', `/api/${subject}/annotations.json`)).toMatchObject({ status: 401 });
    }
  });

  it('belong to experiments too, told to who watches the lists', async () => {
    const { experimentId } = await newTrial();
    const path = `/api/experiments/${experimentId}`;
    const sent = { target: { kind: 'experiment' }, text: 'Which seed?', request: request() };
    const begun = await who(ada).thread('POST', `${path}/annotations`, sent);
    expect(begun.subject).toEqual({ kind: 'experiment', id: experimentId });
    expect(work.server.sent.at(-1)).toMatchObject({ topic: 'home', event: 'annotation' });
    expect((await listed(ben, path)).map(({ id }) => id)).toContain(begun.id);
    const wrong = { ...sent, request: request(), target: { kind: 'log', seq: 1, quote: '' } };
    expect(await who(ada).ask('POST', `${path}/annotations`, wrong)).toMatchObject({ status: 400 });
  });

  it('call whom they mention and who is in them, wherever these are; nobody else, and nobody twice', async () => {
    const { id } = await newTrial();
    const calls = (from: number) =>
      work.told
        .slice(from)
        .filter(({ event }) => event === 'annotationWaiting')
        .map(({ person, payload }) => [person, (payload as { mention: boolean }).mention]);
    let from = work.told.length;
    const begun = await begin(ada, id, point(7), `${mention(ben)} ${mention(ben)} and ${mention(ada)}`);
    expect(calls(from)).toEqual([[who(ben).id, true]]);
    from = work.told.length;
    await say(ben, begun, `and ${mention(owner)}`);
    expect(calls(from).sort()).toEqual(
      [
        [who(ada).id, false],
        [who(owner).id, true],
      ].sort(),
    );
  });

  it('wait for people: mentions first, with where they stand and what was said', async () => {
    const reader = await work.person('viewer');
    const [loud, quiet] = [await newTrial('loud'), await newTrial('quiet')];
    const mentioned = await begin(ada, loud.id, point(44_200, 'loss'), `Look,\n\n${mention(reader)}`);
    await say(ben, mentioned, 'Me too');
    const other = await begin(ben, quiet.id, { kind: 'trial' }, 'x'.repeat(500));
    const { waiting: subjects, recent } = await waiting(reader);
    expect(subjects[0]).toEqual({ subject: { kind: 'trial', id: loud.id }, name: 'loud', threads: 1, mentions: 1 });
    expect(subjects).toContainEqual({
      ...{ subject: { kind: 'trial', id: quiet.id }, name: 'quiet', threads: 1, mentions: 0 },
    });
    expect(recent.slice(0, 2)).toMatchObject([
      {
        ...{ subject: { id: loud.id }, name: 'loud', place: 'loss at 44,200', thread: mentioned.id },
        ...{ text: 'Look, @Someone', author: { id: who(ada).id }, replies: 1, unread: true, mention: true },
      },
      { name: 'quiet', place: '', thread: other.id, text: `${'x'.repeat(199)}…`, mention: false },
    ]);
    await reader.ask('PUT', `/api/annotations/${mentioned.id}/read`, { to: Date.now() + 1000 });
    await who(ben).thread('PUT', `/api/annotations/${other.id}/resolved`, { resolved: true });
    const after = await waiting(reader);
    expect(after.waiting.map(({ name }) => name)).not.toContain('loud');
    expect(after.recent.find(({ thread }) => thread === mentioned.id)).toMatchObject({
      ...{ unread: false, mention: false, text: 'Me too' },
    });
    expect(after.recent.map(({ thread }) => thread)).not.toContain(other.id);
  });

  it('leave a line among what happened to the trial when they are begun, and not when they are answered', async () => {
    const { id } = await newTrial();
    const point = { kind: 'point', key: 'loss', step: 1200, value: 0.5 } as const;
    const thread = await begin(ada, id, point, `A **jump**,\n${mention(ben)}?`);
    await say(ben, thread, 'Yes.');
    await begin(ben, id, { kind: 'trial' }, 'x'.repeat(400));
    expect(work.noted.filter(({ trial }) => trial === id).flatMap(({ events }) => events)).toEqual([
      {
        kind: 'note',
        text: 'Note 1, loss at 1,200: A **jump**, @Someone?',
        step: 1200,
        by: { id: who(ada).id, name: expect.any(String), colour: expect.any(String) },
        data: { annotation: thread.id, number: 1 },
      },
      expect.objectContaining({ text: `Note 2: ${'x'.repeat(159)}…`, step: null, data: expect.anything() }),
    ]);
  });

  it('are files, as Markdown and as JSON', async () => {
    const { id } = await newTrial('vit *s16*');
    await begin(ada, id, { kind: 'log', seq: 7, quote: '# slow\u0000' }, `Why, ${mention(ben)}?`);
    const get = async (form: string) => {
      const { status, text } = await who(ben).read(`/api/trials/${id}/annotations.${form}`);
      expect(status).toBe(200);
      return text;
    };
    expect(await get('md')).toContain('> **Note 1, log line 7: `# slow\u0000`**');
    expect(await get('md')).toContain('> Why, @Someone?');
    expect(JSON.parse(await get('json'))).toMatchObject({
      trial: { id, name: 'vit *s16*' },
      annotations: [{ number: 1, target: { kind: 'log', seq: 7, quote: '# slow\u0000' }, resolved: false }],
    });
    const { name, annotations } = await work.annotations.annotationsOf({ kind: 'trial', id });
    expect([name, annotations.map(({ readTo }) => readTo)]).toEqual(['vit *s16*', [0]]);
    const other = await newTrial();
    const notes = await work.annotations.notesOf('trial', [other.id, id]);
    expect([...notes].map(([trial, written]) => [trial, written.map(({ number }) => number)])).toEqual([[id, [1]]]);
  });
});
