/** Threads on a notebook, over HTTP, on each database: who may say what, and what becomes of it. */
import type { Annotation, Waiting } from '@trialroom/shared/annotation/annotation';
import { cellsOf, deleteCell, sourceOf } from '@trialroom/shared/notebook/document';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import type { Database } from '../database/database.ts';
import { testDatabases } from '../database/testing.ts';
import { notebookOf } from '../documents/testing.ts';
import { type Caller, startAnnotations, type TestAnnotations } from './testing.ts';

let requests = 0;
const request = (): string => `request-${++requests}`;
const onCell = (cell = 'c0') => ({ kind: 'cell', cell }) as const;

describe.each(testDatabases())('annotations on $name', ({ open }) => {
  let db: Database;
  let work: TestAnnotations;
  let [ada, ben, owner]: Caller[] = [];
  let notebook: string;
  const at = (): string => `/api/notebooks/${notebook}/annotations`;
  const begin = (by: Caller | undefined, text: string, target: unknown = onCell()): Promise<Annotation> =>
    who(by).thread('POST', at(), { target, text, request: request() });
  const say = (by: Caller | undefined, { id }: Annotation, text: string): Promise<Annotation> =>
    who(by).thread('POST', `/api/annotations/${id}/messages`, { text, request: request() });
  const listed = async (by: Caller | undefined): Promise<Annotation[]> => {
    const { body } = await who(by).ask('GET', at());
    return (body as { annotations: Annotation[] }).annotations;
  };
  const seen = async (by: Caller | undefined, { id }: Annotation): Promise<Annotation | undefined> =>
    (await listed(by)).find((thread) => thread.id === id);
  const who = (caller: Caller | undefined): Caller => {
    if (!caller) throw new Error('nobody');
    return caller;
  };

  beforeAll(async () => {
    db = await open();
    work = await startAnnotations(db);
    await work.server.put('n.ipynb', notebookOf('first line', 'second'));
    notebook = await work.server.id('n.ipynb');
    ada = await work.person('viewer');
    ben = await work.person('editor');
    owner = await work.person('owner');
  });
  afterAll(async () => {
    await work.close();
    await db.close();
  });

  it('lets viewers begin a thread and others answer, in order', async () => {
    const begun = await begin(ada, '  Why *forty*?  ');
    expect(begun).toMatchObject({
      subject: { kind: 'notebook', id: notebook },
      number: 1,
      target: onCell(),
      resolved: null,
      messages: [{ author: { id: who(ada).id }, text: 'Why *forty*?', editedAt: null }],
    });
    const answered = await say(ben, begun, 'Because\u0000 of the book.');
    expect(answered.messages.map(({ text }) => text)).toEqual(['Why *forty*?', 'Because\u0000 of the book.']);
    expect(answered.revision).toBeGreaterThan(begun.revision);
    expect(await seen(ada, begun)).toMatchObject({ messages: answered.messages });
  });

  it('says once what is asked twice, also when both ask at once', async () => {
    const body = { target: onCell(), text: 'once', request: request() };
    const [one, two] = await Promise.all([who(ada).thread('POST', at(), body), who(ada).thread('POST', at(), body)]);
    expect(two.id).toBe(one.id);
    const reply = { text: 'me too', request: request() };
    const path = `/api/annotations/${one.id}/messages`;
    await Promise.all([who(ben).thread('POST', path, reply), who(ben).thread('POST', path, reply)]);
    expect((await who(ben).thread('POST', path, reply)).messages.map(({ text }) => text)).toEqual(['once', 'me too']);
    expect((await listed(ada)).filter(({ messages }) => messages[0]?.text === 'once')).toHaveLength(1);
    expect(await who(ada).ask('POST', path, reply)).toMatchObject({ status: 409, body: { error: 'request-taken' } });
  });

  it('keeps answers that come at once, each after what it answers', async () => {
    const thread = await begin(ada, 'all at once');
    await Promise.all(Array.from({ length: 8 }, (_, index) => say(index % 2 ? ada : ben, thread, `answer ${index}`)));
    const times = (await seen(ada, thread))?.messages.map((message) => message.at) ?? [];
    expect(times).toHaveLength(9);
    expect(new Set(times).size).toBe(9);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it('takes ranges of text and outputs, and refuses places that are none', async () => {
    const opened = await work.server.documents.open(notebook);
    const text = sourceOf(cellsOf(opened.doc).get('c0') ?? new Y.Map());
    const position = (index: number, assoc: number): string =>
      Buffer.from(Y.encodeRelativePosition(Y.createRelativePositionFromTypeIndex(text, index, assoc))).toString(
        'base64',
      );
    opened.release();
    const range = { kind: 'text', cell: 'c0', start: position(0, 0), end: position(5, -1), quote: 'first' };
    expect(await begin(ada, 'this word', range)).toMatchObject({ target: range });
    const output = { kind: 'output', cell: 'c1', index: 0, quote: '42' };
    expect(await begin(ada, 'this number', output)).toMatchObject({ target: output });
    const refused = (target: unknown) => who(ada).ask('POST', at(), { target, text: 'x', request: request() });
    expect(await refused(onCell('nowhere'))).toMatchObject({ status: 422, body: { error: 'cell-unknown' } });
    expect(await refused({ ...range, cell: 'nowhere' })).toMatchObject({ status: 422 });
    expect(await refused({ ...range, start: 'not base64!' })).toMatchObject({ status: 400 });
    expect(await refused({ ...range, end: '' })).toMatchObject({ status: 422, body: { error: 'bad-position' } });
    expect(await refused({ kind: 'margin', cell: 'c0' })).toMatchObject({ status: 400 });
  });

  it('shuts every door to strangers', async () => {
    const { id, messages } = await begin(ada, 'not for you');
    const message = `/api/annotations/${id}/messages/${messages[0]?.id}`;
    for (const [method, path, body] of [
      ['GET', at(), undefined],
      ['POST', at(), { target: onCell(), text: 'x', request: request() }],
      ['POST', `/api/annotations/${id}/messages`, { text: 'x', request: request() }],
      ['PATCH', message, { text: 'x' }],
      ['DELETE', message, undefined],
      ['PUT', `/api/annotations/${id}/resolved`, { resolved: true }],
      ['PUT', `/api/annotations/${id}/read`, { to: 1 }],
      ['GET', '/api/annotations/unread', undefined],
      ['GET', '/api/people', undefined],
    ] as const) {
      expect(await work.stranger.ask(method, path, body), `${method} ${path}`).toMatchObject({ status: 401 });
    }
  });

  it('lets nobody change the words of another, and only owners delete them', async () => {
    const begun = await begin(ada, 'mine');
    const mine = `/api/annotations/${begun.id}/messages/${begun.messages[0]?.id}`;
    for (const other of [ben, owner]) {
      expect(await who(other).ask('PATCH', mine, { text: 'theirs' })).toMatchObject({ status: 403 });
    }
    expect(await who(ben).ask('DELETE', mine)).toMatchObject({ status: 403, body: { error: 'not-yours' } });
    const edited = await who(ada).thread('PATCH', mine, { text: 'mine, better' });
    expect(edited.messages[0]).toMatchObject({ text: 'mine, better', editedAt: expect.any(Number) });
    const answered = await say(ben, begun, 'an answer');
    const answer = answered.messages[1]?.id;
    expect(await who(owner).ask('DELETE', `/api/annotations/${begun.id}/messages/${answer}`)).toMatchObject({
      status: 200,
    });
    expect((await seen(ada, begun))?.messages).toHaveLength(1);
    // The message of one thread is not to be reached through another.
    const elsewhere = await begin(ada, 'elsewhere');
    const crossed = `/api/annotations/${elsewhere.id}/messages/${begun.messages[0]?.id}`;
    expect(await who(ada).ask('DELETE', crossed)).toMatchObject({ status: 404 });
  });

  it('goes with its last message, and says so', async () => {
    const begun = await begin(ada, 'short');
    const path = `/api/annotations/${begun.id}/messages/${begun.messages[0]?.id}`;
    expect(await who(ada).ask('DELETE', path)).toMatchObject({ status: 200 });
    expect(await seen(ada, begun)).toBeUndefined();
    expect(work.server.sent.at(-1)).toEqual({
      topic: `notebook:${notebook}`,
      event: 'annotationGone',
      payload: { subject: { kind: 'notebook', id: notebook }, id: begun.id },
    });
    expect(await who(ada).ask('DELETE', path)).toMatchObject({ status: 404 });
    expect(await who(ada).ask('PUT', `/api/annotations/${begun.id}/resolved`, { resolved: true })).toMatchObject({
      status: 404,
    });
    expect(
      await who(ada).ask('POST', `/api/annotations/${begun.id}/messages`, { text: 'x', request: request() }),
    ).toMatchObject({ status: 404 });
  });

  it('is resolved by anyone, and opened again by hand or by an answer', async () => {
    const begun = await begin(ben, 'to do');
    const path = `/api/annotations/${begun.id}/resolved`;
    const resolved = await who(ada).thread('PUT', path, { resolved: true });
    expect(resolved.resolved).toMatchObject({ by: { id: who(ada).id } });
    expect((await who(ben).thread('PUT', path, { resolved: true })).resolved).toEqual(resolved.resolved);
    expect((await who(ben).thread('PUT', path, { resolved: false })).resolved).toBeNull();
    await who(ben).thread('PUT', path, { resolved: true });
    expect((await say(ada, begun, 'not yet')).resolved).toBeNull();
  });

  it('remembers how far each has read, never backwards, and tells only them', async () => {
    const begun = await begin(ada, 'read me');
    const { messages } = await say(ben, begun, 'read me too');
    const last = messages[1]?.at ?? 0;
    expect((await seen(ada, begun))?.readTo).toBe(messages[0]?.at);
    expect((await seen(ben, begun))?.readTo).toBe(last);
    expect((await seen(owner, begun))?.readTo).toBe(0);
    const told = work.told.length;
    const path = `/api/annotations/${begun.id}/read`;
    expect(await who(ada).ask('PUT', path, { to: last + 60_000 })).toMatchObject({ status: 200 });
    expect(await who(ada).ask('PUT', path, { to: 1 })).toMatchObject({ status: 200 });
    expect((await seen(ada, begun))?.readTo).toBe(last);
    expect(work.told.slice(told)[0]).toEqual({
      person: who(ada).id,
      event: 'annotationRead',
      payload: { subject: { kind: 'notebook', id: notebook }, annotation: begun.id, to: last },
    });
    expect(work.told.slice(told).every(({ person }) => person === who(ada).id)).toBe(true);
    // What everyone hears carries nobody's reading.
    const heard = work.server.sent.filter(({ event }) => event === 'annotation');
    expect(heard.every(({ payload }) => (payload as { annotation: Annotation }).annotation.readTo === 0)).toBe(true);
  });

  it('counts unread threads by notebook; resolved ones ask for nobody', async () => {
    const reader = await work.person('viewer');
    const counted = async (): Promise<number> => {
      const { body } = await reader.ask('GET', '/api/annotations/unread');
      const { waiting } = body as { waiting: Waiting[] };
      return waiting.find(({ subject }) => subject.id === notebook)?.threads ?? 0;
    };
    const before = await counted();
    const begun = await begin(ada, 'new');
    const answered = await say(ben, begun, 'and more');
    expect(await counted()).toBe(before + 1);
    await reader.ask('PUT', `/api/annotations/${begun.id}/read`, { to: answered.messages[1]?.at });
    expect(await counted()).toBe(before);
    await say(ben, begun, 'and again');
    expect(await counted()).toBe(before + 1);
    await who(ben).thread('PUT', `/api/annotations/${begun.id}/resolved`, { resolved: true });
    expect(await counted()).toBe(before);
  });

  it('names people as they are called now, and lists who can be mentioned', async () => {
    const begun = await begin(ada, 'by me');
    await work.accounts.rename(who(ada).id, { name: 'Ada the Second' });
    expect((await seen(ben, begun))?.messages[0]?.author.name).toBe('Ada the Second');
    const { body } = await who(ben).ask('GET', '/api/people');
    const { people } = body as { people: { id: string; name: string }[] };
    expect(people.find(({ id }) => id === who(ada).id)).toEqual({
      id: who(ada).id,
      name: 'Ada the Second',
      colour: expect.any(String),
    });
    expect(people.map(({ name }) => name)).toEqual(people.map(({ name }) => name).sort((a, b) => a.localeCompare(b)));
  });

  it('keeps the thread of a deleted cell, which can still be answered', async () => {
    const begun = await begin(ada, 'about what was here', onCell('c1'));
    const opened = await work.server.documents.open(notebook);
    deleteCell(opened.doc, 'c1');
    await opened.saved();
    opened.release();
    expect(await seen(ada, begun)).toMatchObject({ target: onCell('c1') });
    expect((await say(ben, begun, 'gone now')).messages).toHaveLength(2);
  });

  it('knows nothing of notebooks that are not there, and forgets those that are gone', async () => {
    const nowhere = '/api/notebooks/nowhere/annotations';
    expect(await who(ada).ask('GET', nowhere)).toMatchObject({ status: 404 });
    const body = { target: onCell(), text: 'x', request: request() };
    expect(await who(ada).ask('POST', nowhere, body)).toMatchObject({ status: 404 });
    await work.server.put('other.ipynb', notebookOf('x'));
    const other = await work.server.id('other.ipynb');
    await who(ada).thread('POST', `/api/notebooks/${other}/annotations`, { ...body, request: request() });
    const here = (await listed(ada)).length;
    await db.em().transactional((em) => work.annotations.holder.erase(em, other));
    expect(await who(ada).ask('GET', `/api/notebooks/${other}/annotations`)).toMatchObject({
      body: { annotations: [] },
    });
    expect(await listed(ada)).toHaveLength(here);
    const { body: left } = await who(ben).ask('GET', '/api/annotations/unread');
    expect(JSON.stringify(left)).not.toContain(other);
  });

  it('refuses what is too long or empty', async () => {
    const refused = (text: string) => who(ada).ask('POST', at(), { target: onCell(), text, request: request() });
    expect(await refused('   ')).toMatchObject({ status: 400 });
    expect(await refused('x'.repeat(20_001))).toMatchObject({ status: 400 });
  });
});
