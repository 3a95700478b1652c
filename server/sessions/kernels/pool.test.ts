import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FromKernel } from '@trialroom/shared/kernel/protocol';
import { describe, expect, it } from 'vitest';
import type { Database } from '../../database/database.ts';
import { useWorkspace } from '../testing-workspace.ts';
import { ann, idle, openWorkspace, type Workspace } from '../workspace.ts';

describe('kernels that stand ready', () => {
  let db: Database;
  let work: Workspace;
  useWorkspace(
    (opened, database) => {
      work = opened;
      db = database;
      work.sessions.pool.begin();
    },
    { warmKernels: 1, warmPauseMs: 10 },
  );

  const isThere = (pid: number): boolean => {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  };

  it('are no sessions, are taken by the first run, work where the notebook is, and are replaced', async () => {
    await mkdir(join(work.notebooksDir, 'deep'));
    const id = await work.notebook('deep/warm', { a: '[process.pid, process.cwd()].join(" ")', b: '1' });
    const mirror = await work.watch(id);
    const pid = await work.sessions.pool.warm();
    expect(work.sessions.live()).toBe(0);
    await work.sessions.run(id, ['a', 'b'], ann);
    await idle(mirror);
    expect(mirror.text('a')).toBe(`'${pid} ${join(work.notebooksDir, 'deep')}'`);
    const next = await work.sessions.pool.warm();
    expect(next).not.toBe(pid);
    expect(work.sessions.live()).toBe(1);
  });

  it('are replaced when they die, even if nobody has noticed yet when they are taken', async () => {
    const id = await work.notebook('after', { a: 'process.pid' });
    const mirror = await work.watch(id);
    await work.sessions.runSource(id, { source: '', cell: null, by: ann });
    await idle(mirror);
    await work.sessions.shutdown(id);
    const pid = await work.sessions.pool.warm();
    if (pid === undefined) throw new Error('a kernel without a process');
    process.kill(pid, 'SIGKILL');
    await work.sessions.run(id, ['a'], ann);
    await idle(mirror);
    expect(mirror.cell('a')).toMatchObject({ validity: 'evaluated', count: 1 });
    expect(mirror.text('a')).not.toBe(String(pid));
    expect(await work.sessions.pool.warm()).not.toBe(pid);
  });

  it('take the place of one that was dead when it was taken', async () => {
    const pid = await work.sessions.pool.warm();
    if (pid === undefined) throw new Error('a kernel without a process');
    process.kill(pid, 'SIGKILL');
    const said: FromKernel[] = [];
    const done = Promise.withResolvers<void>();
    const link = work.sessions.pool.take(work.notebooksDir, {
      onReady: () => link?.send({ type: 'execute', execution: 'x', cell: 'c', count: 1, source: 'process.cwd()' }),
      onMessage: (message, _payload, taken) => {
        said.push(message);
        taken();
        if (message.type === 'done') done.resolve();
      },
      onEnd: (reason) => done.reject(new Error(reason)),
    });
    await done.promise;
    expect(link?.pid).not.toBe(pid);
    expect(said).toContainEqual(
      expect.objectContaining({ type: 'result', data: { 'text/plain': `'${work.notebooksDir}'` } }),
    );
    expect(said.filter(({ type }) => type === 'done')).toHaveLength(1);
    await link?.stop();
  });

  it('end with the server', async () => {
    const other = await openWorkspace(db, { warmKernels: 2, warmPauseMs: 10 });
    other.sessions.pool.begin();
    const pid = await other.sessions.pool.warm();
    expect(pid !== undefined && isThere(pid)).toBe(true);
    await other.close();
    expect(pid !== undefined && isThere(pid)).toBe(false);
    expect(other.sessions.pool.ready()).toBe(0);
  });
});
