import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setSource } from '@trialroom/shared/notebook/document';
import { CONSOLE_KEPT } from '@trialroom/shared/notebook/session';
import { describe, expect, it } from 'vitest';
import type { Database } from '../database/database.ts';
import { testDatabases } from '../database/testing.ts';
import type { SessionNews } from './news.ts';
import { useWorkspace } from './testing-workspace.ts';
import { ann, idle, openWorkspace, type Workspace } from './workspace.ts';

/** Everything a listener hears, and a way to wait for it. */
function listen(work: Workspace, notebook: string) {
  const news: SessionNews[] = [];
  const waiting = new Set<() => void>();
  work.sessions.listen(notebook, (item) => {
    news.push(item);
    for (const check of [...waiting]) check();
  });
  const until = (holds: (item: SessionNews) => boolean): Promise<SessionNews> =>
    new Promise((resolve) => {
      const check = (): void => {
        const found = news.find(holds);
        if (!found) return;
        waiting.delete(check);
        resolve(found);
      };
      waiting.add(check);
      check();
    });
  return {
    news,
    until,
    ended: (execution: string) => until((item) => item.type === 'ended' && item.execution === execution),
  };
}

describe.each(testDatabases())('code that is not a cell, on $name', ({ open }) => {
  let db: Database;
  let work: Workspace;
  useWorkspace(
    (opened, database) => {
      work = opened;
      db = database;
    },
    { open },
  );

  it('goes to the console, where everyone sees it, and never into the file', async () => {
    const id = await work.notebook('console', { a: '1' });
    const mirror = await work.watch(id);
    const heard = listen(work, id);
    const first = await work.sessions.runSource(id, {
      source: 'let x = 20; console.log("hi"); x + 1',
      cell: null,
      by: ann,
    });
    await heard.ended(first);
    await idle(mirror);
    const [entry] = mirror.session.console;
    expect(entry).toMatchObject({ source: 'let x = 20; console.log("hi"); x + 1', by: ann });
    expect(mirror.text(entry?.cell ?? '')).toBe('hi\n21');
    expect(heard.news.map(({ type }) => type)).toEqual([
      ...['kernel', 'kernel', 'begun', 'output', 'output', 'ended', 'kernel'],
    ]);
    expect(heard.news.flatMap((item) => (item.type === 'kernel' ? [item.status] : []))).toEqual([
      ...['starting', 'busy', 'idle'],
    ]);
    expect(heard.news.at(-2)).toMatchObject({ end: 'ok', count: 1 });
    await work.documents.flush();
    const { cells } = JSON.parse(await readFile(join(work.notebooksDir, 'console.ipynb'), 'utf8'));
    expect(cells).toHaveLength(1);
    // Another server over the same database knows the console too.
    const after = await openWorkspace(db, { dataDir: `${work.notebooksDir}/..` });
    const seen = await after.watch(id);
    expect(seen.session.console).toEqual(mirror.session.console);
    expect(seen.text(entry?.cell ?? '')).toBe('hi\n21');
    await after.close();
  });

  it('shows a cell whose text differs from what ran as stale', async () => {
    const id = await work.notebook('differs', { a: '1 + 1' });
    const mirror = await work.watch(id);
    await work.sessions.runSource(id, { source: '3 * 3', cell: 'a', by: ann });
    await idle(mirror);
    expect(mirror.text('a')).toBe('9');
    expect(mirror.cell('a')?.validity).toBe('stale');
    const { doc, release } = await work.documents.open(id);
    setSource(doc, 'a', '3 * 3');
    await mirror.until((now) => now.cell('a')?.validity === 'evaluated');
    release();
    await work.sessions.runSource(id, { source: '3 * 3', cell: 'a', by: ann });
    await idle(mirror);
    expect(mirror.cell('a')?.validity).toBe('evaluated');
    await expect(work.sessions.runSource(id, { source: '1', cell: 'console:x', by: ann })).rejects.toMatchObject({
      status: 400,
    });
  });

  it('forgets old console entries with all they said', async () => {
    const own = await openWorkspace(db);
    const id = await own.notebook('many', {});
    const mirror = await own.watch(id);
    let last = '';
    for (let at = 0; at < CONSOLE_KEPT + 20; at++) {
      last = await own.sessions.runSource(id, { source: String(at), cell: null, by: ann });
    }
    await idle(mirror);
    const more = await own.sessions.runSource(id, { source: '"last"', cell: null, by: ann });
    expect(more).not.toBe(last);
    await idle(mirror);
    expect(mirror.session.console).toHaveLength(CONSOLE_KEPT);
    expect(Object.keys(mirror.session.cells)).toHaveLength(CONSOLE_KEPT);
    await own.close();
    const [rows] = await db
      .em()
      .execute<{ count: number }[]>('select count(*) as count from executions where notebook = ?', [id]);
    expect(Number(rows?.count)).toBe(CONSOLE_KEPT);
  });

  it('runs in kernels without a notebook, of which nothing is left', async () => {
    const id = await work.sessions.detached('a script');
    const heard = listen(work, id);
    await heard.ended(await work.sessions.runSource(id, { source: 'let y = 5; y * 2', cell: null, by: ann }));
    expect(heard.news).toContainEqual(
      expect.objectContaining({ type: 'output', event: expect.objectContaining({ type: 'result' }) }),
    );
    expect(work.sessions.list()).toContainEqual(
      expect.objectContaining({ id, notebook: null, name: 'a script', kernel: 'idle', connections: 1 }),
    );
    await work.sessions.shutdown(id);
    expect(work.sessions.list().map((listed) => listed.id)).not.toContain(id);
    await expect(work.sessions.runSource(id, { source: '1', cell: null, by: ann })).rejects.toMatchObject({
      status: 404,
    });
  });

  it('ends the kernel of a notebook when told to, and starts another for the next run', async () => {
    const id = await work.notebook('ended', { a: '1' });
    const mirror = await work.watch(id);
    await work.sessions.run(id, ['a'], ann);
    await idle(mirror);
    await work.sessions.shutdown(id);
    await mirror.until(({ session }) => session.kernel === 'none');
    await work.sessions.run(id, ['a'], ann);
    await idle(mirror);
    expect(mirror.cell('a')?.count).toBe(1);
  });

  it('answers nothing without a kernel', async () => {
    const id = await work.notebook('silent', { a: '1' });
    expect(await work.sessions.variables(id)).toEqual([]);
    expect(await work.sessions.complete(id, '')).toEqual([]);
    expect(await work.sessions.inspect(id, '1')).toBeNull();
    await expect(work.sessions.variables('nowhere')).rejects.toMatchObject({ status: 404 });
  });
});
