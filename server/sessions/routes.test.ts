import { describe, expect, it } from 'vitest';
import { sessionsRoutes } from './routes.ts';
import { appOfRoles } from './testing.ts';
import { useWorkspace } from './testing-workspace.ts';
import { idle, type Workspace } from './workspace.ts';

describe('sessions over HTTP', () => {
  let work: Workspace;
  const { app, router } = appOfRoles();
  useWorkspace((opened) => {
    work = opened;
    sessionsRoutes(router, work.sessions);
  });
  const post = async (path: string, body: unknown, role = 'editor') => {
    const headers = { authorization: `Bearer ${role}`, 'content-type': 'application/json' };
    const reply = await app.request(path, { method: 'POST', headers, body: JSON.stringify(body) });
    return { status: reply.status, body: await reply.json() };
  };

  it('queues cells in the name of who asks', async () => {
    const id = await work.notebook('http', { a: '6 * 7' });
    const mirror = await work.watch(id);
    expect(await post(`/api/notebooks/${id}/run`, { cells: ['a'] })).toMatchObject({
      status: 200,
      body: { executions: [expect.any(String)] },
    });
    await idle(mirror);
    expect(mirror.text('a')).toBe('42');
    expect(mirror.cell('a')?.by).toEqual({ id: 'editor', name: 'Bo', colour: 'b' });
    expect(await post(`/api/notebooks/${id}/interrupt`, {})).toEqual({ status: 200, body: {} });
    expect(await post(`/api/notebooks/${id}/restart`, {})).toEqual({ status: 200, body: {} });
    await mirror.until(({ session }) => session.kernelReason === 'The kernel was restarted.');
  });

  it('reorders what waits, and takes some of it back', async () => {
    const id = await work.notebook('queue', { wait: 'await new Promise(() => {})', a: '1', b: '2', c: '3' });
    const mirror = await work.watch(id);
    await post(`/api/notebooks/${id}/run`, { cells: ['wait', 'a', 'b', 'c'] });
    await mirror.until(({ session }) => session.running !== null && session.queue.length === 3);
    const [a, , c] = mirror.session.queue.map((execution) => execution.id);
    const order = { execution: c, before: a };
    expect(await post(`/api/notebooks/${id}/queue/order`, order)).toEqual({ status: 200, body: {} });
    await mirror.until(({ session }) => session.queue.map(({ cell }) => cell).join() === 'c,a,b');
    expect(await post(`/api/notebooks/${id}/queue/withdraw`, { executions: [a] })).toEqual({ status: 200, body: {} });
    await mirror.until(({ session }) => session.queue.map(({ cell }) => cell).join() === 'c,b');
    expect(mirror.cell('a')?.status).toBe('ready');
    expect(await post(`/api/notebooks/${id}/queue/order`, order, 'viewer')).toMatchObject({ status: 403 });
    expect(await post(`/api/notebooks/${id}/queue/withdraw`, { executions: [c] }, 'viewer')).toMatchObject({
      status: 403,
    });
    expect(await post(`/api/notebooks/${id}/queue/withdraw`, { executions: [] })).toMatchObject({ status: 400 });
    await post(`/api/notebooks/${id}/interrupt`, {});
    await idle(mirror);
  });

  it('refuses those who only look, and what makes no sense', async () => {
    const id = await work.notebook('refused', { a: '1' });
    for (const action of ['run', 'interrupt', 'restart']) {
      expect(await post(`/api/notebooks/${id}/${action}`, { cells: ['a'] }, 'viewer')).toMatchObject({ status: 403 });
    }
    expect(work.sessions.status(id)).toBe('none');
    expect(await post(`/api/notebooks/${id}/run`, { cells: [] })).toMatchObject({ status: 400 });
    expect(await post(`/api/notebooks/${id}/run`, { cells: ['gone'] })).toMatchObject({ status: 404 });
    expect(await post('/api/notebooks/nowhere/run', { cells: ['a'] })).toMatchObject({ status: 404 });
  });
});
