import { availableParallelism, getPriority } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../database/database.ts';
import { testDatabases } from '../database/testing.ts';
import { KERNEL_NICENESS, threadShare } from './share.ts';
import { ann, idle, openWorkspace, type Workspace } from './workspace.ts';

describe('cores', () => {
  it.each([
    [0, 8, 8],
    [1, 8, 8],
    [2, 8, 4],
    [3, 8, 2],
    [5, 2, 1],
  ])('for one of %i busy kernels, of %i: %i', (busy, cores, share) => {
    expect(threadShare(busy, cores)).toBe(share);
  });
});

describe('kernels of one server', () => {
  let db: Database;
  let work: Workspace;
  beforeAll(async () => {
    const [embedded] = testDatabases();
    if (!embedded) throw new Error('no database to test on');
    db = await embedded.open();
    work = await openWorkspace(db);
  });
  afterAll(async () => {
    await work.close();
    await db.close();
  });

  it('share the cores while several compute, unless a cell says otherwise, and give way to the server', async () => {
    const busy = await work.notebook('busy', { a: 'console.log("go"); while (true) {}' });
    const other = await work.notebook('other', {
      threads: 'Number(process.env.TRIALROOM_THREADS)',
      own: 'process.env.TRIALROOM_THREADS = "3"',
      priority: "process.getBuiltinModule('node:os').getPriority()",
    });
    const [first, second] = [await work.watch(busy), await work.watch(other)];
    const threads = async (): Promise<string> => {
      await work.sessions.run(other, ['threads'], ann);
      await idle(second);
      return second.text('threads');
    };
    expect(await threads()).toBe(String(availableParallelism()));
    await work.sessions.run(busy, ['a'], ann);
    await first.until(() => first.text('a').includes('go'));
    expect(await threads()).toBe(String(Math.max(1, Math.floor(availableParallelism() / 2))));
    await work.sessions.interrupt(busy);
    await idle(first);
    expect(await threads()).toBe(String(availableParallelism()));
    await work.sessions.run(other, ['own', 'priority'], ann);
    await idle(second);
    expect(await threads()).toBe('3');
    // Only Linux has these values as they are given.
    if (process.platform === 'linux') {
      expect(second.text('priority')).toBe(String(Math.max(KERNEL_NICENESS, getPriority())));
    }
  });
});
