import { END_OF_INPUT } from '@trialroom/shared/kernel/limits';
import type { InputPrompt, WidgetState } from '@trialroom/shared/notebook/widgets';
import { describe, expect, it } from 'vitest';
import { sessionsRoutes } from '../routes.ts';
import { appOfRoles } from '../testing.ts';
import { useWorkspace } from '../testing-workspace.ts';
import { ann, idle, type Mirror, type Workspace } from '../workspace.ts';

describe('what cells ask people for', () => {
  let work: Workspace;
  const { app, router } = appOfRoles();
  useWorkspace((opened) => {
    work = opened;
    sessionsRoutes(router, work.sessions);
  });
  const send = async (method: string, path: string, body?: unknown, role = 'editor') => {
    const headers = { authorization: `Bearer ${role}`, 'content-type': 'application/json' };
    const reply = await app.request(`/api/notebooks/${path}`, {
      ...{ method, headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: reply.status, body: await reply.json() };
  };
  const prompted = async (mirror: Mirror): Promise<InputPrompt> => {
    await mirror.until(({ prompts }) => prompts.length > 0);
    const [prompt] = mirror.prompts;
    if (!prompt) throw new Error('no prompt');
    return prompt;
  };
  const widgetOf = async (mirror: Mirror, cell: string): Promise<WidgetState> => {
    await mirror.until(({ widgets }) => widgets.some((widget) => widget.cell === cell));
    const widget = mirror.widgets.find((one) => one.cell === cell);
    if (!widget) throw new Error('no widget');
    return widget;
  };

  it('is answered by the first who answers, and the text is shown to nobody', async () => {
    const id = await work.notebook('asks', {
      a: 'const answer = await input("Password?", { password: true }); answer.length',
    });
    const mirror = await work.watch(id);
    await work.sessions.run(id, ['a'], ann);
    const prompt = await prompted(mirror);
    expect(prompt).toMatchObject({ cell: 'a', prompt: 'Password?', password: true });
    // Whoever comes later sees it too.
    expect((await work.watch(id)).prompts).toEqual([prompt]);
    const path = `${id}/inputs/${prompt.request}`;
    expect(await send('POST', path, { value: 'x' }, 'viewer')).toMatchObject({ status: 403 });
    expect(await send('POST', path, { value: 'secret' })).toEqual({ status: 200, body: {} });
    expect(await send('POST', path, { value: 'late' })).toMatchObject({
      ...{ status: 409, body: { error: 'not-asked', fix: expect.any(String) } },
    });
    await idle(mirror);
    await mirror.until(({ prompts }) => prompts.length === 0);
    expect(mirror.text('a')).toBe('6');
    expect(JSON.stringify([mirror.session, mirror.outputs])).not.toContain('secret');
  });

  it('of process.stdin can be told that there is no more', async () => {
    const id = await work.notebook('reads', {
      a: 'const all = []; for await (const chunk of process.stdin) all.push(String(chunk)); all',
    });
    const mirror = await work.watch(id);
    await work.sessions.run(id, ['a'], ann);
    for (const value of ['line', END_OF_INPUT]) {
      const { request, stdin } = await prompted(mirror);
      expect(stdin).toBe(true);
      expect(await send('POST', `${id}/inputs/${request}`, { value })).toMatchObject({ status: 200 });
      await mirror.until(({ prompts }) => prompts[0]?.request !== request);
    }
    await idle(mirror);
    expect(mirror.text('a')).toBe("[ 'line\\n' ]");
  });

  it('is forgotten when its cell is interrupted', async () => {
    const id = await work.notebook('interrupted', { a: 'await input("Well?")', b: '"goes on"' });
    const mirror = await work.watch(id);
    await work.sessions.run(id, ['a'], ann);
    const { request } = await prompted(mirror);
    await work.sessions.interrupt(id);
    await idle(mirror);
    await mirror.until(({ prompts }) => prompts.length === 0);
    await expect(work.sessions.answerInput(id, request, 'x', ann)).rejects.toMatchObject({ status: 409 });
    await work.sessions.run(id, ['b'], ann);
    await idle(mirror);
    expect(mirror.text('b')).toBe("'goes on'");
  });

  it('is forgotten when the kernel is killed while it waits, also by code that blocks', async () => {
    const id = await work.notebook('killed', {
      a: 'import { slider } from "trialroom"; console.log(process.pid); slider("Rate")',
      b: 'prompt("Blocked?")',
      c: '"alive"',
    });
    const mirror = await work.watch(id);
    await work.sessions.run(id, ['a', 'b'], ann);
    await prompted(mirror);
    const widget = await widgetOf(mirror, 'a');
    process.kill(Number(/\d+/.exec(mirror.text('a'))?.[0]), 'SIGKILL');
    await mirror.until(({ session }) => session.kernel === 'dead');
    await mirror.until(({ prompts }) => prompts.length === 0);
    await mirror.until(({ widgets }) => widgets.every(({ live }) => !live));
    expect(mirror.cell('b')?.validity).toBe('aborted');
    expect(await send('PUT', `${id}/widgets/${widget.id}`, { value: 1 })).toMatchObject({
      ...{ status: 409, body: { error: 'widget-closed' } },
    });
    await work.sessions.run(id, ['c'], ann);
    await idle(mirror);
    expect(mirror.text('c')).toBe("'alive'");
  });

  it('is a widget that everyone shares', async () => {
    const id = await work.notebook('widgets', {
      a: 'import { slider } from "trialroom"; const rate = slider("Rate", { min: 0, max: 10, value: 3 }); rate',
      b: 'rate.value',
      c: 'for await (const value of rate) if (value === 9) break; "nine"',
    });
    const [mirror, other] = [await work.watch(id), await work.watch(id)];
    await work.sessions.run(id, ['a'], ann);
    await idle(mirror);
    const widget = await widgetOf(mirror, 'a');
    expect(widget).toMatchObject({
      cell: 'a',
      spec: { kind: 'slider', label: 'Rate' },
      value: 3,
      by: null,
      live: true,
    });
    const path = `${id}/widgets/${widget.id}`;
    expect(await send('PUT', path, { value: 1 }, 'viewer')).toMatchObject({ status: 403 });
    expect(await send('PUT', path, { value: 'many' })).toMatchObject({
      ...{ status: 422, body: { error: 'bad-widget-value', message: expect.stringContaining('Rate') } },
    });
    expect(await send('PUT', `${id}/widgets/none`, { value: 1 })).toMatchObject({ status: 404 });
    expect(await send('PUT', path, { value: 1, content: 'AAAA' })).toMatchObject({ status: 422 });
    expect(await send('PUT', path, { value: 99 })).toEqual({ status: 200, body: {} });
    await other.until(({ widgets }) => widgets[0]?.value === 10);
    expect(other.widgets[0]?.by).toEqual({ id: 'editor', name: 'Bo' });
    await work.sessions.run(id, ['b'], ann);
    await idle(mirror);
    expect(mirror.text('b')).toBe('10');
    // Code waits for a change.
    await work.sessions.run(id, ['c'], ann);
    await mirror.until((now) => now.cell('c')?.startedAt != null);
    await work.sessions.setWidget(id, widget.id, 9, ann);
    await idle(mirror);
    expect(mirror.text('c')).toBe("'nine'");
    // Run again, the cell has a widget of its own, and the old one is gone.
    await work.sessions.run(id, ['a'], ann);
    await idle(mirror);
    await mirror.until(({ widgets }) => widgets.length === 1 && widgets[0]?.id !== widget.id);
    await work.sessions.restart(id);
    await mirror.until(({ widgets }) => widgets.every(({ live }) => !live));
  });

  it('is a file, of which the kernel gets the bytes and people the name', async () => {
    const id = await work.notebook('file', {
      a: 'import { file } from "trialroom"; const given = file("Data"); given',
      c: 'given.value',
    });
    const mirror = await work.watch(id);
    await work.sessions.run(id, ['a'], ann);
    await idle(mirror);
    const path = `${id}/widgets/${(await widgetOf(mirror, 'a')).id}`;
    const value = { name: 'data.csv', mime: 'text/csv', bytes: 1 };
    expect(await send('PUT', path, { value })).toMatchObject({ status: 422 });
    const content = Buffer.from('1,2,3').toString('base64');
    expect(await send('PUT', path, { value, content })).toEqual({ status: 200, body: {} });
    await mirror.until(({ widgets }) => widgets[0]?.value !== null);
    expect(mirror.widgets[0]?.value).toEqual({ ...value, bytes: 5 });
    await work.sessions.run(id, ['c'], ann);
    await idle(mirror);
    expect(mirror.text('c')).toContain('data.csv');
  });

  it('answers with variables, members and values, also while a cell runs', async () => {
    const id = await work.notebook('variables', {
      a: 'const numbers = [1, 2, 3]; const text = "word";',
      b: 'console.log("in"); await new Promise((go) => setTimeout(go, 40)); for (;;) {}',
    });
    const mirror = await work.watch(id);
    await work.sessions.run(id, ['a', 'b'], ann);
    await mirror.until((now) => now.text('b') === 'in\n');
    const { body } = await send('GET', `${id}/variables`, undefined, 'viewer');
    expect(body.variables).toEqual(
      expect.arrayContaining([expect.objectContaining({ name: 'numbers' }), expect.objectContaining({ name: 'text' })]),
    );
    await work.sessions.interrupt(id);
    await idle(mirror);
    expect(await work.sessions.inspect(id, 'numbers.length')).toMatchObject({ text: '3' });
    expect(await work.sessions.inspect(id, 'nothing.here')).toBeNull();
    expect((await work.sessions.complete(id, 'numbers')).map(({ name }) => name)).toContain('push');
    expect((await work.sessions.complete(id, '')).map(({ name }) => name)).toContain('numbers');
  });
});
