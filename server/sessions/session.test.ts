import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setSource } from '@trialroom/shared/notebook/document';
import { describe, expect, it } from 'vitest';
import type { Database } from '../database/database.ts';
import { testDatabases } from '../database/testing.ts';
import { useWorkspace } from './testing-workspace.ts';
import { ann, idle, openWorkspace, type Workspace } from './workspace.ts';

/** Says a word, lets it out, and never ends. */
const FOREVER = 'console.log("in"); await new Promise((go) => setTimeout(go, 40)); for (;;) {}';

/** Kills the kernel from outside, as the system does when memory runs out. */
const KILLED = `(await import('node:child_process')).spawn('kill', ['-9', String(process.pid)]);`;

describe.each(testDatabases())('a session on $name', ({ open }) => {
  let db: Database;
  let work: Workspace;
  useWorkspace(
    (opened, database) => {
      work = opened;
      db = database;
    },
    { open, stopGraceMs: 100 },
  );

  it('runs the source that the server holds, and shows everyone what it says', async () => {
    const id = await work.notebook('run', { a: 'console.log("hello"); 1 + 1', b: '"second"' });
    const early = await work.watch(id);
    expect(early.session.kernel).toBe('none');
    const executions = await work.sessions.run(id, ['a', 'b'], ann);
    expect(executions).toHaveLength(2);
    await idle(early);
    expect([early.text('a'), early.text('b')]).toEqual(['hello\n2', "'second'"]);
    expect(early.cell('a')).toMatchObject({ validity: 'evaluated', status: 'ready', count: 1, by: ann });
    expect(early.cell('a')?.ms).toBeGreaterThan(0);
    // Whoever comes later knows the same.
    const late = await work.watch(id);
    expect(late.session).toEqual(early.session);
    expect(late.outputs).toEqual(early.outputs);
    // What runs, runs without its source on the wire.
    expect(JSON.stringify(late.session)).not.toContain('console.log');
    await work.documents.flush();
    const file: unknown = JSON.parse(await readFile(join(work.notebooksDir, 'run.ipynb'), 'utf8'));
    expect(file).toMatchObject({
      cells: [
        {
          id: 'a',
          execution_count: 1,
          outputs: [{ output_type: 'stream', text: ['hello\n'] }, { data: { 'text/plain': ['2'] } }],
        },
        { id: 'b', execution_count: 2 },
      ],
    });
  });

  it('stops a run of many at the first error', async () => {
    const id = await work.notebook('error', { a: '1', b: 'throw new Error("no")', c: '3' });
    const mirror = await work.watch(id);
    await work.sessions.run(id, ['a', 'b', 'c'], ann);
    await idle(mirror);
    expect(mirror.text('b')).toBe('Error: no');
    expect(mirror.session.cells).toMatchObject({
      a: { validity: 'evaluated' },
      b: { validity: 'failed' },
      c: { validity: 'fresh', status: 'ready' },
    });
  });

  it('marks a cell stale when its text changes, and true again when it changes back', async () => {
    const id = await work.notebook('stale', { a: '1' });
    const mirror = await work.watch(id);
    await work.sessions.run(id, ['a'], ann);
    await idle(mirror);
    const { doc, release } = await work.documents.open(id);
    setSource(doc, 'a', '12');
    await mirror.until((now) => now.cell('a')?.validity === 'stale');
    setSource(doc, 'a', '1');
    await mirror.until((now) => now.cell('a')?.validity === 'evaluated');
    release();
  });

  it('interrupts a loop and keeps the state', async () => {
    const id = await work.notebook('interrupt', {
      a: `let kept = 7; ${FOREVER}`,
      b: 'kept',
      c: '0',
    });
    const mirror = await work.watch(id);
    await work.sessions.run(id, ['a', 'c'], ann);
    await mirror.until((now) => now.text('a') === 'in\n');
    await work.sessions.interrupt(id);
    await idle(mirror);
    expect(mirror.session.cells).toMatchObject({
      a: { validity: 'aborted' },
      c: { validity: 'fresh', status: 'ready' },
    });
    await work.sessions.run(id, ['b'], ann);
    await idle(mirror);
    expect(mirror.text('b')).toBe('7');
  });

  it('replaces the kernel on restart, also in the middle of a run', async () => {
    const id = await work.notebook('restart', {
      a: 'globalThis.mark = process.pid; mark',
      b: FOREVER,
      c: 'typeof globalThis.mark',
    });
    const mirror = await work.watch(id);
    await work.sessions.run(id, ['a', 'b'], ann);
    await mirror.until((now) => now.text('b') === 'in\n');
    const before = mirror.text('a');
    await work.sessions.restart(id);
    await mirror.until((now) => now.session.kernel === 'idle');
    expect(mirror.session.cells).toMatchObject({ a: { validity: 'stale' }, b: { validity: 'aborted' } });
    await mirror.until((now) => now.text('b').includes('restarted'));
    expect(mirror.text('a')).toBe(before);
    await work.sessions.run(id, ['c'], ann);
    await idle(mirror);
    expect(mirror.text('c')).toBe("'undefined'");
    expect(mirror.cell('c')?.count).toBe(1);
  });

  it('makes an ordinary event of a kernel that is gone, and leaves other notebooks alone', async () => {
    const id = await work.notebook('gone', {
      a: `console.log("last words"); await new Promise(setImmediate); ${KILLED} for (;;) {}`,
      b: '"waits in vain"',
      c: '"alive"',
    });
    const other = await work.notebook('other', { a: 'let here = "still here"', b: 'here' });
    const [mirror, neighbour] = [await work.watch(id), await work.watch(other)];
    await work.sessions.run(other, ['a'], ann);
    await work.sessions.run(id, ['a', 'b'], ann);
    await mirror.until(({ session }) => session.kernel === 'dead');
    expect(mirror.session.kernelReason).toContain('SIGKILL');
    expect(mirror.text('a')).toContain('KernelDied: The kernel was killed');
    expect(mirror.session.cells).toMatchObject({
      a: { validity: 'aborted' },
      b: { validity: 'fresh', status: 'ready' },
    });
    await work.sink.until(/^gone failed The kernel was killed/);
    // The next run starts another kernel.
    await work.sessions.run(id, ['c'], ann);
    await idle(mirror);
    expect(mirror.text('c')).toBe("'alive'");
    await work.sessions.run(other, ['b'], ann);
    await idle(neighbour);
    expect(neighbour.text('b')).toBe("'still here'");
  });

  it("lets no cell end the process that holds everyone's variables", async () => {
    const id = await work.notebook('exit', { a: 'let kept = 1; process.exit(3)', b: 'kept' });
    const mirror = await work.watch(id);
    await work.sessions.run(id, ['a'], ann);
    await idle(mirror);
    expect(mirror.text('a')).toContain('process.exit()');
    expect(mirror.cell('a')?.validity).toBe('failed');
    await work.sessions.run(id, ['b'], ann);
    await idle(mirror);
    expect(mirror.text('b')).toBe('1');
  });

  it('refuses a notebook or a cell that is not there, and passes over what is no code', async () => {
    await expect(work.sessions.run('nowhere', ['a'], ann)).rejects.toMatchObject({ status: 404 });
    const id = await work.notebook('refuse', { a: '1' });
    await expect(work.sessions.run(id, ['gone'], ann)).rejects.toMatchObject({ problem: { error: 'no-such-cell' } });
    expect(await work.sessions.run(id, ['gone', 'a'], ann)).toHaveLength(1);
  });

  it('shows what the file holds under cells that never ran here', async () => {
    const id = await work.notebook('imported', { a: '1', b: '2' });
    const path = join(work.notebooksDir, 'imported.ipynb');
    const file = JSON.parse(await readFile(path, 'utf8'));
    file.cells[0].outputs = [{ output_type: 'stream', name: 'stdout', text: 'from Jupyter' }];
    file.cells[0].execution_count = 5;
    await writeFile(path, JSON.stringify(file));
    const mirror = await work.watch(id);
    expect(mirror.text('a')).toBe('from Jupyter');
    expect(mirror.cell('a')).toMatchObject({ count: 5, validity: 'stale' });
    await work.sessions.run(id, ['b'], ann);
    await idle(mirror);
    await work.documents.flush();
    expect(await readFile(path, 'utf8')).toContain('from Jupyter');
  });

  it('carries trials, and interrupts one that does not obey a stop', async () => {
    const source = (obeys: string) => `import { trial } from 'trialroom';
      const run = await trial({ experiment: 'e', name: 'n', params: {} });
      for (let step = 0; ${obeys}; step++) { run.log({ loss: step }, { step }); await new Promise(setImmediate); }
      await run.finish();`;
    const id = await work.notebook('trial', { a: source('!run.stopping'), b: source('true') });
    const mirror = await work.watch(id);
    await work.sessions.run(id, ['a'], ann);
    await work.sink.until(/^points t1 /);
    await work.wish('t1', 'stop');
    await idle(mirror);
    expect(mirror.cell('a')?.validity).toBe('evaluated');
    expect(work.sink.said).toContain('finish stopped');
    await work.sessions.run(id, ['b'], ann);
    await work.sink.until(/^points t2 /);
    await work.wish('t2', 'stop');
    await idle(mirror);
    expect(mirror.cell('b')?.validity).toBe('aborted');
    await work.sink.until(/^ended aborted/);
  });

  it('pauses a trial between two steps, lets it go on, and stops one at once', async () => {
    const id = await work.notebook('paused', {
      a: `import { trial } from 'trialroom';
        const run = await trial({ experiment: 'e', name: 'n', params: {} });
        for await (const step of run.steps(1e9)) { run.log({ loss: step }, { step }); await new Promise(setImmediate); }
        console.log('left off'); await run.finish();`,
    });
    const mirror = await work.watch(id);
    const before = work.sink.said.length;
    await work.sessions.run(id, ['a'], ann);
    const [, trial = ''] = /^points (\S+) /.exec(await work.sink.until(/^points t\d+ /, before)) ?? [];
    const points = () => work.sink.said.filter((line) => line.startsWith(`points ${trial} `)).length;
    await work.wish(trial, 'pause');
    await work.sink.until(new RegExp(`^paused ${trial} true`));
    const seen = points();
    await work.wish(trial, 'resume');
    await work.sink.until(new RegExp(`^paused ${trial} false`));
    expect(points()).toBe(seen);
    await work.sink.until(new RegExp(`^points ${trial} `), work.sink.said.length);
    await work.wish(trial, 'pause');
    await work.sink.until(new RegExp(`^paused ${trial} true`), work.sink.said.length - 1);
    await work.wish(trial, 'stop-now');
    await idle(mirror);
    expect(mirror.cell('a')?.validity).toBe('aborted');
    expect(mirror.text('a')).not.toContain('left off');
    expect(work.sink.said.slice(before)).not.toContain('finish stopped');
  });

  it('says what was lost when a server that died comes back', async () => {
    const id = await work.notebook('died', { a: FOREVER });
    const mirror = await work.watch(id);
    await work.sessions.run(id, ['a'], ann);
    await mirror.until((now) => now.text('a') === 'in\n');
    // Another server over the same database, as after a kill -9 of this one.
    const after = await openWorkspace(db, { dataDir: join(work.notebooksDir, '..') });
    const seen = await after.watch(id);
    expect(seen.text('a')).toContain('in\nAborted: The server ended');
    expect(seen.session).toMatchObject({ kernel: 'none', cells: { a: { validity: 'aborted', status: 'ready' } } });
    await after.close();
    await work.sessions.interrupt(id);
    await idle(mirror);
  });
});
