import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../database/database.ts';
import { testDatabases } from '../database/testing.ts';
import { ann, idle, openWorkspace } from './workspace.ts';

describe('limits', () => {
  let db: Database;
  beforeAll(async () => {
    const [embedded] = testDatabases();
    if (!embedded) throw new Error('no database to test on');
    db = await embedded.open();
  });
  afterAll(() => db.close());

  it('end a cell that takes too long, and keep the kernel', async () => {
    const work = await openWorkspace(db, { cellLimitMs: 300 });
    const id = await work.notebook('slow', { a: 'let kept = 4; for (;;) {}', b: 'kept', c: '"not reached"' });
    const mirror = await work.watch(id);
    await work.sessions.run(id, ['a', 'c'], ann);
    await idle(mirror);
    expect(mirror.session.cells).toMatchObject({ a: { validity: 'failed' }, c: { validity: 'fresh' } });
    expect(mirror.text('a')).toContain('limit of 0.3 s');
    await work.sessions.run(id, ['b'], ann);
    await idle(mirror);
    expect(mirror.text('b')).toBe('4');
    await work.close();
  });

  it('end a kernel whose cell cannot be stopped at its limit, and say what was granted', async () => {
    const work = await openWorkspace(db, { cellLimitMs: 200, interruptGraceMs: 300 });
    // Computes in native code, where no one can reach it.
    const id = await work.notebook('deaf', {
      a: '"again"',
      b: 'import { pbkdf2Sync } from "node:crypto"; pbkdf2Sync("p", "s", 2 ** 31 - 1, 64, "sha512")',
    });
    const mirror = await work.watch(id);
    await work.sessions.run(id, ['b'], ann);
    await mirror.until(({ session }) => session.kernelReason !== null);
    expect(mirror.session.kernelReason).toContain('at its limit of 200 ms and was given 300 ms more');
    await mirror.until((now) => now.text('b').includes('did not stop'));
    await work.sessions.run(id, ['a'], ann);
    await idle(mirror);
    expect(mirror.text('a')).toBe("'again'");
    await work.close();
  });

  it('end a kernel that nobody needs, say why, and start another for the next run', async () => {
    const work = await openWorkspace(db, { idleLimitMs: 200 });
    const watched = await work.notebook('watched', { a: '"here"' });
    const left = await work.notebook('left', { a: '1', b: '2' });
    const mirror = await work.watch(watched);
    await work.sessions.run(watched, ['a'], ann);
    const detached = await work.sessions.detached('left by its program');
    await work.sessions.runSource(detached, { source: '1', cell: null, by: ann });
    const ended = new Promise<void>((resolve) => {
      work.sessions.onChange((notebook) => {
        if (notebook === left && work.sessions.status(left) === 'none') resolve();
      });
    });
    const forgotten = new Promise<void>((resolve) => {
      work.sessions.onChange((notebook) => {
        if (notebook === detached && work.sessions.status(detached) === 'none') resolve();
      });
    });
    await work.sessions.run(left, ['a'], ann);
    await Promise.all([ended, forgotten]);
    expect(work.sessions.state(left)?.kernelReason).toContain('nobody watched for 200 ms');
    expect(work.sessions.status(watched)).toBe('idle');
    await idle(mirror);
    const late = await work.watch(left);
    expect(late.session.cells.a).toMatchObject({ validity: 'stale' });
    await work.sessions.run(left, ['b'], ann);
    await idle(late);
    expect(late.text('b')).toBe('2');
    expect(late.session.kernelReason).toContain('The variables of the one before are gone');
    await work.close();
  });
});
