/** Cells that do what no cell should, in real kernels: the server goes on, loses nothing, and says what happened. */

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { MIME, STREAM_SHOWN } from '@trialroom/shared/notebook/outputs';
import { describe, expect, it } from 'vitest';
import { useWorkspace } from './testing-workspace.ts';
import { ann, idle, type Mirror, type Workspace } from './workspace.ts';

describe('bad cells', { timeout: 240_000 }, () => {
  let work: Workspace;
  let neighbour: Mirror;
  let other: string;
  useWorkspace(
    async (opened) => {
      work = opened;
      other = await work.notebook('neighbour', { a: 'let kept = 41', b: 'kept + 1' });
      neighbour = await work.watch(other);
      await work.sessions.run(other, ['a'], ann);
      await idle(neighbour);
    },
    { kernelMemoryMb: 600, interruptGraceMs: 300 },
  );

  /** Another notebook's kernel answers, and still has its variables. */
  async function othersAreWell(): Promise<void> {
    await work.sessions.run(other, ['b'], ann);
    await idle(neighbour);
    expect(neighbour.text('b')).toBe('42');
  }

  it('a million lines: all are kept, and a browser gets a page of them', async () => {
    const id = await work.notebook('lines', { a: 'for (let i = 0; i < 1_000_000; i++) console.log("line", i)' });
    const mirror = await work.watch(id);
    const [execution = ''] = await work.sessions.run(id, ['a'], ann);
    await mirror.until((now) => now.text('a').length > 0);
    await othersAreWell();
    await idle(mirror);
    expect(mirror.cell('a')?.validity).toBe('evaluated');
    const spilled = await work.blobs.findSpill(execution, 'stdout');
    let count = 0;
    for await (const line of createInterface({ input: createReadStream(spilled?.path ?? '') })) {
      if (line !== `line ${count}`) throw new Error(`line ${count} reads ${line}`);
      count++;
    }
    expect(count).toBe(1_000_000);
    const [shown] = mirror.outputs.a ?? [];
    if (shown?.type !== 'stream') throw new Error('expected a stream');
    expect(shown.text.endsWith('line 999999\n')).toBe(true);
    expect(shown.text.length).toBeLessThan(STREAM_SHOWN + 100);
    expect(shown.spill).toMatchObject({ lines: 1_000_000, bytes: spilled?.bytes });
    // The browser was sent a part of the 11.9 MB only, and a newcomer gets a page.
    const whole = (await stat(spilled?.path ?? '')).size;
    expect(mirror.received).toBeLessThan(whole);
    const late = await work.watch(id);
    expect(late.outputs).toEqual(mirror.outputs);
  });

  it('50 MB of text at once', async () => {
    const id = await work.notebook('text', { a: 'process.stdout.write("x".repeat(50_000_000) + "end\\n"); undefined' });
    const mirror = await work.watch(id);
    const [execution = ''] = await work.sessions.run(id, ['a'], ann);
    await idle(mirror);
    expect((await work.blobs.findSpill(execution, 'stdout'))?.bytes).toBe(50_000_004);
    expect(mirror.text('a').endsWith('xend\n')).toBe(true);
    expect(mirror.text('a').length).toBeLessThan(STREAM_SHOWN + 100);
    await othersAreWell();
  });

  it('50 MB of HTML: kept as a blob, shown as a preview', async () => {
    const source = `import { display, html } from 'trialroom';
      display(html('<p>' + 'y'.repeat(50_000_000) + '</p>')); undefined`;
    const id = await work.notebook('html', { a: source });
    const mirror = await work.watch(id);
    await work.sessions.run(id, ['a'], ann);
    await idle(mirror);
    const [shown] = mirror.outputs.a ?? [];
    if (shown?.type !== 'display') throw new Error(`expected a display, got ${mirror.text('a')}`);
    expect(shown.data[MIME.blob]).toMatchObject({ mime: 'text/html', bytes: 50_000_007 });
    expect(mirror.received).toBeLessThan(100_000);
    await othersAreWell();
  });

  it('a cell that exhausts memory: its kernel ends, with the reason', async () => {
    const id = await work.notebook('memory', {
      a: 'const kept = []; for (;;) kept.push(new Float64Array(500_000).fill(1));',
      b: '"again"',
    });
    const mirror = await work.watch(id);
    await work.sessions.run(id, ['a'], ann);
    await mirror.until(({ session }) => session.kernel === 'dead');
    expect(mirror.session.kernelReason).toMatch(/ran out of memory.*600 MB/);
    expect(mirror.text('a')).toContain('ran out of memory');
    await othersAreWell();
    await work.sessions.run(id, ['b'], ann);
    await idle(mirror);
    expect(mirror.text('b')).toBe("'again'");
  });

  it.each([
    [
      'derives a key for years',
      "import { pbkdf2Sync } from 'node:crypto'; console.log('in'); pbkdf2Sync('p', 's', 2 ** 31 - 1, 64, 'sha512');",
    ],
    // V8 forgets a request to stop that meets its parser of JSON.
    [
      'does nothing but parse',
      "const text = '[' + '1,'.repeat(1e7) + '1]'; console.log('in'); for (;;) JSON.parse(text);",
    ],
  ])('a cell that no interrupt reaches, as it %s: its kernel is replaced after a grace', async (what, source) => {
    const id = await work.notebook(what, { a: source, b: '"new"' });
    const mirror = await work.watch(id);
    await work.sessions.run(id, ['a'], ann);
    await mirror.until((now) => now.text('a') === 'in\n');
    await work.sessions.interrupt(id);
    await mirror.until(({ session }) => session.kernelReason !== null && session.kernel === 'idle');
    expect(mirror.session.kernelReason).toContain('did not stop when it was interrupted and was given 300 ms more');
    expect(mirror.cell('a')?.validity).toBe('aborted');
    await work.sessions.run(id, ['b'], ann);
    await idle(mirror);
    expect(mirror.text('b')).toBe("'new'");
    await othersAreWell();
  });
});
