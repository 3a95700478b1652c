import { language as endpoints } from '@trialroom/shared/api/endpoints';
import type { LanguageAnswer, LanguageQuery } from '@trialroom/shared/language/language';
import { setSource } from '@trialroom/shared/notebook/document';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Database } from '../database/database.ts';
import { testDatabases } from '../database/testing.ts';
import { createHttpApp } from '../http/router.ts';
import { ann, idle, openWorkspace, type Workspace } from '../sessions/workspace.ts';
import { createLanguage, type Language } from './language.ts';
import { languageRoutes } from './routes.ts';

describe('help with types over HTTP', () => {
  let db: Database;
  let work: Workspace;
  let language: Language;
  const log = pino({ level: process.env.TEST_LOG ?? 'silent' });
  const { app, router } = createHttpApp({
    authenticate: async () => ({ id: 'viewer', name: 'Bo', colour: 'b', role: 'viewer' }),
    log,
    version: 'test',
  });
  beforeAll(async () => {
    const [embedded] = testDatabases();
    if (!embedded) throw new Error('no database to test on');
    db = await embedded.open();
    work = await openWorkspace(db);
    language = createLanguage({ ...work, log, pauseMs: 20 });
    work.sessions.remarksFrom(language.remarks);
    languageRoutes(router, language);
  });
  afterAll(async () => {
    await language.close();
    await work.close();
    await db.close();
  });

  const ask = async (notebook: string, query: LanguageQuery): Promise<LanguageAnswer> => {
    const reply = await app.request(`/api/notebooks/${notebook}/language`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(query),
    });
    expect(reply.status).toBe(200);
    return endpoints.ask.reply.parse(await reply.json());
  };
  /** Asks at the end of a cell's new text. */
  const complete = async (notebook: string, cell: string, source: string) => {
    const answer = await ask(notebook, { ask: 'complete', cell, source, offset: source.length });
    if (answer.ask !== 'complete') throw new Error(`answered ${answer.ask}`);
    return answer;
  };
  const edit = async (notebook: string, cell: string, source: string): Promise<void> => {
    const { doc, release } = await work.documents.open(notebook);
    setSource(doc, cell, source);

    release();
  };

  it('answers from types, before anything ran', async () => {
    const id = await work.notebook('typed', { a: 'const point = { x: 1, y: "s" };', b: '' });
    const { items, from } = await complete(id, 'b', 'point.');
    expect(items.map(({ label }) => label)).toEqual(['x', 'y']);
    expect(from).toBe(6);
    expect(await ask(id, { ask: 'definition', cell: 'b', source: 'point', offset: 2 })).toEqual({
      ask: 'definition',
      definition: { cell: 'a', from: 6, to: 11 },
    });
  });

  it('adds what the kernel knows where types end', async () => {
    const id = await work.notebook('live', {
      a: 'const anything: any = { weight: 3, grow() {} }; const point = { x: 1 }; Object.assign(point, { hidden: 2 }); let typedOnly = 1;',
      b: '',
    });
    const mirror = await work.watch(id);
    await work.sessions.run(id, ['a'], ann);
    await idle(mirror);
    const any = await complete(id, 'b', 'anything.');
    expect(any.items.find(({ label }) => label === 'weight')).toMatchObject({ live: true });
    expect(any.items.find(({ label }) => label === 'grow')).toMatchObject({ live: true, kind: 'method' });
    const point = await complete(id, 'b', 'point.');
    expect(point.items.slice(0, 1)).toEqual([expect.objectContaining({ label: 'x' })]);
    expect(point.items[0]).not.toHaveProperty('live');
    expect(point.items.find(({ label }) => label === 'hidden')).toMatchObject({ live: true });
    const hovered = await ask(id, { ask: 'hover', cell: 'b', source: 'point.x + 1', offset: 6 });
    expect(hovered).toMatchObject({ hover: { from: 6, to: 7, value: '1' } });
    const inner = '((point: { a: string }) => point.';
    expect((await complete(id, 'b', inner)).items.map(({ label }) => label)).toEqual(['a']);
    // A call is never made, and neither is a getter's.
    const call = await ask(id, { ask: 'hover', cell: 'b', source: 'anything.grow()', offset: 15 });
    expect(call).toEqual({ ask: 'hover', hover: null });
  });

  it('tells those who watch what the type checker remarks, after each edit', async () => {
    const id = await work.notebook('remarks', { a: 'const size: number = 1;', b: 'const text: string = size;' });
    const mirror = await work.watch(id);
    await mirror.until(({ diagnostics }) => 'b' in diagnostics);
    expect(mirror.diagnostics).toEqual({
      b: [
        {
          from: 6,
          to: 10,
          severity: 'error',
          message: "Type 'number' is not assignable to type 'string'.",
          code: 2322,
        },
      ],
    });
    // Who comes later is told at once.
    expect((await work.watch(id)).diagnostics).toEqual(mirror.diagnostics);
    await edit(id, 'a', 'const size = "one";');
    await mirror.until(({ diagnostics }) => !('b' in diagnostics));
    await edit(id, 'b', 'size.toFixed(2)');
    await mirror.until(({ diagnostics }) => diagnostics.b?.[0]?.code === 2339 || diagnostics.b?.[0]?.code === 2551);
  });

  it('goes on after the process was killed', async () => {
    const id = await work.notebook('killed', { a: 'const point = { x: 1 };', b: '' });
    const mirror = await work.watch(id);
    expect((await complete(id, 'b', 'point.')).items).toHaveLength(1);
    const pid = language.pid();
    if (pid === undefined) throw new Error('nothing runs');
    process.kill(pid, 'SIGKILL');
    // Its place is taken: an edit is remarked on by the next one.
    await edit(id, 'b', 'point.y');
    await mirror.until(({ diagnostics }) => 'b' in diagnostics);
    expect(language.pid()).not.toBe(pid);
    expect((await complete(id, 'b', 'point.')).items).toHaveLength(1);
  });

  it('lets go of notebooks that nobody looks at, and of the process with the last of them', async () => {
    const brief = createLanguage({ ...work, log, lingerMs: 1 });
    const id = await work.notebook('brief', { a: 'const point = { x: 1 };', b: '' });
    const query = { ask: 'complete', cell: 'b', source: 'point.', offset: 6 } as const;
    expect(await brief.ask(id, query)).toMatchObject({ items: [{ label: 'x' }] });
    await vi.waitFor(() => expect(brief.pid()).toBeUndefined(), { timeout: 20_000 });
    expect(await brief.ask(id, query)).toMatchObject({ items: [{ label: 'x' }] });
    await brief.close();
    expect(brief.pid()).toBeUndefined();
  });

  it('says nothing rather than failing while no process can be had', async () => {
    const broken = createLanguage({ ...work, log, entry: '/nowhere/language.js' });
    const id = await work.notebook('broken', { a: 'const anything: any = { weight: 3 };', b: '' });
    const mirror = await work.watch(id);
    await work.sessions.run(id, ['a'], ann);
    await idle(mirror);
    const source = 'anything.';
    const answer = await broken.ask(id, { ask: 'complete', cell: 'b', source, offset: source.length });
    expect(answer).toMatchObject({ ask: 'complete', from: 9 });
    expect(answer.ask === 'complete' && answer.items.find(({ label }) => label === 'weight')).toMatchObject({
      live: true,
    });
    expect(await broken.ask(id, { ask: 'signature', cell: 'b', source, offset: 3 })).toEqual({
      ask: 'signature',
      signature: null,
    });
    await broken.close();
  });

  it('refuses what is not there or makes no sense', async () => {
    const post = (path: string, body: unknown) =>
      app.request(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const query = { ask: 'hover', cell: 'a', source: 'x', offset: 0 };
    expect((await post('/api/notebooks/nowhere/language', query)).status).toBe(404);
    const id = await work.notebook('senseless', { a: '1' });
    expect((await post(`/api/notebooks/${id}/language`, { ...query, ask: 'what' })).status).toBe(400);
    expect((await post(`/api/notebooks/${id}/language`, { ...query, offset: 99, cell: 'gone' })).status).toBe(200);
  });
});
