import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type NotebookFile, newNotebook } from '@trialroom/shared/notebook/format';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBlobs } from '../../blobs/blobs.ts';
import { Shares } from '../kernels/share.ts';
import { recordingSink } from '../testing.ts';
import { type HeadlessOptions, runNotebook } from './headless.ts';

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'trialroom-headless-'));
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

type Cell = NotebookFile['cells'][number];
let serial = 0;
const code = (source: string, ...tags: string[]): Cell => ({
  id: `cell-${++serial}`,
  cell_type: 'code',
  source,
  metadata: { tags },
  outputs: [],
  execution_count: null,
});

function run(cells: Cell[], options: Partial<HeadlessOptions> = {}) {
  const sink = recordingSink();
  const origin = { notebook: null, by: null };
  const result = runNotebook({
    notebook: { ...newNotebook(), cells },
    params: {},
    cwd,
    trials: sink,
    origin,
    ...options,
  });
  return { sink, result };
}

const outputsOf = (notebook: NotebookFile) =>
  notebook.cells.map((cell) => (cell.cell_type === 'code' ? cell.outputs : []));

describe('a headless run', () => {
  it('runs every code cell with the injected parameters and returns the executed notebook', async () => {
    const began: string[] = [];
    const heard: string[] = [];
    const text: Cell = { id: 'text', cell_type: 'markdown', source: '# Title', metadata: {} };
    const cells = [
      text,
      code('const epochs = 1;', 'parameters'),
      code(''),
      code('console.log("epochs", epochs);\nepochs * 2'),
    ];
    const { result } = run(cells, {
      params: { epochs: 21 },
      onCell: ({ source }, index, total) => began.push(`${index}/${total} ${source.split('\n').at(-1)}`),
      onOutput: (_cell, event) => heard.push(event.type),
    });
    const { notebook, end, failed } = await result;
    expect([end, failed]).toEqual(['completed', null]);
    expect(began).toEqual(['0/3 const epochs = 1;', '1/3 const epochs = 21;', '2/3 epochs * 2']);
    expect(heard).toEqual(['stream', 'result']);
    expect(notebook.cells.map(({ source }) => source)).toContain('// Parameters\nconst epochs = 21;');
    expect(outputsOf(notebook).at(-1)).toMatchObject([
      { output_type: 'stream', name: 'stdout', text: 'epochs 21\n' },
      { output_type: 'execute_result', data: { 'text/plain': '42' }, execution_count: 3 },
    ]);
  });

  it('shares the cores with other kernels while it runs, and gives them back', async () => {
    const shares = new Shares({ cores: 8 });
    const told: number[] = [];
    expect(shares.begins('another', (threads) => void told.push(threads))).toBe(8);
    const { result } = run([code('Number(process.env.TRIALROOM_THREADS)')], { shares });
    expect(outputsOf((await result).notebook)).toMatchObject([[{ data: { 'text/plain': '4' } }]]);
    expect(shares.begins('a third', () => {})).toBe(4);
    shares.close();
  });

  it('stops at the first cell that fails, and says which', async () => {
    const bad = code('throw new TypeError("no good")');
    const { result } = run([code('1'), code('throw new Error("expected")', 'raises-exception'), bad, code('2')]);
    const { notebook, end, failed } = await result;
    expect(end).toBe('failed');
    expect(failed).toMatchObject({ cell: bad.id, index: 2, error: { name: 'TypeError', message: 'no good' } });
    expect(outputsOf(notebook)[2]).toMatchObject([{ output_type: 'error', ename: 'TypeError' }]);
    expect(notebook.cells[3]).toMatchObject({ execution_count: null, outputs: [] });
  });

  it('ends when it is told to, even if the cell does not listen', async () => {
    const controller = new AbortController();
    const stubborn = code('for (;;) { try { for (;;) console.log("on"); } finally { continue; } }');
    const { result, sink } = run([stubborn], {
      signal: controller.signal,
      onOutput: () => controller.abort(),
      interruptGraceMs: 200,
    });
    expect(await result).toMatchObject({ end: 'stopped', failed: { cell: stubborn.id } });
    expect(sink.said.at(-1)).toMatch(/^gone stopped/);
  });

  it('is stopped before its first cell when the signal came earlier', async () => {
    const { result } = run([code('console.log("never")')], { signal: AbortSignal.abort() });
    const { end, notebook } = await result;
    expect(end).toBe('stopped');
    expect(JSON.stringify(notebook)).not.toContain('"never"\\n');
  });

  it('reports a kernel that ends in the middle', async () => {
    const { result, sink } = run([
      code(`(await import('node:child_process')).spawn('kill', ['-9', String(process.pid)]); for (;;) {}`),
      code('1'),
    ]);
    const { end, failed } = await result;
    expect(end).toBe('failed');
    expect(failed?.error).toMatchObject({ name: 'KernelDied', message: expect.stringContaining('SIGKILL') });
    expect(sink.said.at(-1)).toMatch(/^gone failed/);
  });

  it('keeps long streams whole where there is a place for them', async () => {
    const blobs = createBlobs(join(cwd, 'blobs'));
    const { result } = run([code('for (let i = 0; i < 100_000; i++) console.log("line", i)')], { blobs });
    const { notebook, end } = await result;
    expect(end).toBe('completed');
    expect(JSON.stringify(notebook).length).toBeLessThan(300_000);
    const names = await import('node:fs/promises').then(({ readdir }) =>
      readdir(join(cwd, 'blobs'), { recursive: true }),
    );
    const spilled = names.find((name) => name.endsWith('stdout')) ?? '';
    const whole = await readFile(join(cwd, 'blobs', spilled), 'utf8');
    expect(whole.split('\n')).toHaveLength(100_001);
    expect(whole.endsWith('line 99999\n')).toBe(true);
  });

  it('tells a cell that asks for text that nobody is there', async () => {
    const asking = code('await input("Well?")');
    const { failed } = await run([asking, code('1')]).result;
    expect(failed).toMatchObject({ cell: asking.id, error: { message: expect.stringContaining('nobody is there') } });
    const reading = code('await new Promise((got) => process.stdin.once("data", got))');
    expect((await run([reading]).result).failed).toMatchObject({
      error: { message: expect.stringContaining('nobody is there') },
    });
    const { result } = run([code('const said = prompt("Blocked?"); said')]);
    expect(outputsOf((await result).notebook)[0]).toMatchObject([{ data: { 'text/plain': 'null' } }]);
  });

  it('carries trials to the sink, and a wish to stop back', async () => {
    const source = `import { trial } from 'trialroom';
      const run = await trial({ experiment: 'e', name: 'n', params: { lr: 0.1 } });
      for (let step = 0; !run.stopping; step++) { run.log({ loss: 1 / (step + 1) }, { step }); await new Promise(setImmediate); }
      await run.finish();`;
    let tell: ((wish: unknown) => void) | undefined;
    const { result, sink } = run([code(source)], {
      origin: { notebook: 'nb', by: null, launched: 't9' },
      onWish: async (_trial, heard) => {
        tell = heard;
        return async () => {};
      },
    });
    await sink.until(/^points/);
    tell?.({ action: 'stop' });
    expect((await result).end).toBe('completed');
    expect(sink.said[0]).toBe('open e/n {"lr":0.1} nb t9');
    expect(sink.said).toContain('finish stopped');
    expect(sink.said.at(-1)).toMatch(/^gone completed/);
  });
});
