/** The command line without a server: `trialroom run` and `trialroom doctor`. */
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTrialroom, trialroom } from './command.ts';
import { readNotebook, writeNotebook } from './notebook-file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trialroom-run-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('trialroom run', () => {
  it('injects parameters, shows progress, and writes the executed notebook', async () => {
    const from = join(folder, 'sum.ipynb');
    const to = join(folder, 'out.ipynb');
    await writeNotebook(from, [
      { id: 'params', source: 'let count = 1;\nlet word = "none";', tags: ['parameters'] },
      {
        id: 'loop',
        source:
          'import { trial } from "trialroom";\nconst run = await trial({ experiment: "sum", name: "up", params: { count } });\nfor (let i = 1; i <= count; i++) { run.log({ loss: 1 / i }, { step: i }); run.progress(i, count); }\nrun.summary({ total: count });\nrun.finish();',
      },
      { id: 'say', source: 'console.log(word, count);\ncount * 2' },
    ]);
    const { code, stdout, stderr } = await trialroom([
      'run',
      from,
      '--param',
      'count=21',
      '--param',
      'word=hello',
      '--out',
      to,
    ]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toContain('100 %');
    const executed = await readNotebook(to);
    expect(executed.cells.map(({ id }) => id)).toHaveLength(4);
    const injected = executed.cells[1];
    expect(injected?.metadata).toMatchObject({ tags: ['injected-parameters'] });
    expect(injected?.source).toContain('count = 21');
    const said = executed.cells[3]?.outputs ?? [];
    expect(said[0]).toMatchObject({ output_type: 'stream', name: 'stdout' });
    expect(JSON.stringify(said[0])).toContain('hello 21');
    expect(said[1]).toMatchObject({ output_type: 'execute_result', data: { 'text/plain': ['42'] } });
    expect((await readNotebook(from)).cells).toHaveLength(3);
  });

  it('ends with 1 and the error when a cell fails, and still writes what ran', async () => {
    const from = join(folder, 'fails.ipynb');
    const to = join(folder, 'failed.ipynb');
    await writeNotebook(from, [
      { id: 'good', source: '"ran"' },
      { id: 'bad', source: 'const x = 1;\nthrow new RangeError("too far")' },
      { id: 'never', source: '"not reached"' },
    ]);
    const { code, stderr } = await trialroom(['run', from, '--out', to]);
    expect(code).toBe(1);
    expect(stderr).toContain('RangeError: too far');
    expect(stderr).toMatch(/line 2/);
    const executed = await readNotebook(to);
    // A line at the top, and one before the cell, say where.
    expect(executed.cells.map(({ id }) => id)).toMatchObject({ 1: 'good', 3: 'bad', 4: 'never' });
    expect(JSON.stringify(executed.cells[0])).toContain('RangeError: too far');
    expect(executed.cells[1]?.outputs).toHaveLength(1);
    expect(executed.cells[3]?.outputs?.[0]).toMatchObject({ output_type: 'error', ename: 'RangeError' });
    expect(executed.cells[4]?.outputs).toEqual([]);
    // The next run begins without them.
    expect((await trialroom(['run', to, to, '--quiet'])).code).toBe(1);
    expect((await readNotebook(to)).cells).toHaveLength(5);
  });

  it('prepares a notebook for others to run, takes values as papermill does, and works in pipes', async () => {
    const from = join(folder, 'piped.ipynb');
    await writeNotebook(from, [
      { id: 'params', source: 'let rate = 1; let on = false;', tags: ['parameters'] },
      { id: 'say', source: '[rate, on]' },
    ]);
    const prepared = await trialroom(['run', from, '--prepare-only', '-p', 'rate', '.5', '-p', 'on', 'True']);
    expect(prepared.stderr).toBe('');
    expect(JSON.parse(prepared.stdout).cells[1].source).toEqual([
      '// Parameters\n',
      'const rate = 0.5;\n',
      'const on = true;',
    ]);
    const piped = await trialroom(['run', '-', '-'], { input: prepared.stdout });
    expect(piped.code).toBe(0);
    const executed = JSON.parse(piped.stdout);
    // What it had been given stays.
    expect(executed.cells[2].outputs[0].data['text/plain']).toEqual(['[ 0.5, true ]']);
  });

  it('takes parameters from a file, prints what cells print, and notes a name that looks misspelt', async () => {
    const from = join(folder, 'file.ipynb');
    const params = join(folder, 'params.yaml');
    await writeNotebook(from, [
      { id: 'params', source: 'let epochs = 1; let layers = [1];', tags: ['parameters'] },
      { id: 'say', source: 'console.log(epochs, layers.length);' },
    ]);
    await writeFile(params, 'epochs: 5\nlayers: [8, 16]\nepoch: 7\n');
    const args = ['run', from, from, '-f', params, '-p', 'epochs=6', '--log-output', '--quiet'];
    const { code, stdout, stderr } = await trialroom(args);
    expect(code).toBe(0);
    expect(stdout).toBe('6 2\n');
    expect(stderr).toMatch(/mentions epoch;/);
    // Written over itself: the injected cell is there, and the next run replaces it.
    expect((await readNotebook(from)).cells).toHaveLength(3);
    expect((await trialroom(args)).code).toBe(0);
    expect((await readNotebook(from)).cells).toHaveLength(3);
  });

  it('takes what papermill takes: parameters by four ways, a report, files for what is printed', async () => {
    const from = join(folder, 'mill.ipynb');
    const to = join(folder, 'milled.ipynb');
    const params = join(folder, 'mill.yaml');
    await writeNotebook(from, [
      { id: 'params', source: 'let a = 0, b = 0, c = 0, d = 0;', tags: ['parameters'] },
      { id: 'say', source: 'console.log(a, b, c, d, PAPERMILL_OUTPUT_PATH); console.error("bad"); a' },
      { id: 'text', source: '# Words', type: 'markdown' },
    ]);
    await writeFile(params, 'a: 2\nb: 2\n');
    const base64 = Buffer.from('a: 1\nb: 1\nc: 1\nd: 1').toString('base64');
    const files = ['--stdout-file', join(folder, 'mill.out'), '--stderr-file', join(folder, 'mill.err')];
    const given = ['-b', base64, '--parameters_file', params, '-y', 'b: 3', '-p', 'd', '4', '--inject-output-path'];
    const ran = await trialroom(['run', from, to, ...given, ...files, '--report-mode', '--no-progress-bar']);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).not.toContain('cell 1');
    expect(await readFile(join(folder, 'mill.out'), 'utf8')).toBe(`2 3 1 4 ${to}\n`);
    expect(await readFile(join(folder, 'mill.err'), 'utf8')).toBe('bad\n');
    const { cells } = await readNotebook(to);
    expect(cells.map(({ metadata }) => Object(metadata).jupyter)).toEqual([
      ...Array(3).fill({ source_hidden: true }),
      undefined,
    ]);
    const late = await trialroom(['run', from, '--start-timeout', '0.001', '--execution-timeout', '9']);
    expect(late).toMatchObject({ code: 1, stderr: expect.stringContaining('did not start within 0.001 s') });
    const nowhere = await trialroom(['run', from, '--stdout-file', join(folder, 'no', 'where')]);
    expect(nowhere).toMatchObject({ code: 1, stderr: expect.stringContaining('--stdout-file') });
  });

  it('has written every finished cell when it is killed', async () => {
    const from = join(folder, 'killed.ipynb');
    const to = join(folder, 'kept.ipynb');
    await writeNotebook(from, [
      { id: 'first', source: '"kept"' },
      { id: 'second', source: 'console.log("in the second"); await new Promise(() => {});' },
    ]);
    const child = startTrialroom(['run', from, to, '--log-output']);
    let said = '';
    for await (const chunk of child.stdout) {
      said += String(chunk);
      if (said.includes('in the second')) break;
    }
    child.kill('SIGKILL');
    await once(child, 'close');
    const { cells } = await readNotebook(to);
    expect(cells[0]?.outputs?.[0]).toMatchObject({ output_type: 'execute_result', execution_count: 1 });
    expect(cells[1]?.outputs).toEqual([]);
  });

  it('fails a cell that takes longer than it may', async () => {
    const from = join(folder, 'slow.ipynb');
    await writeNotebook(from, [{ id: 'loop', source: 'while (true) {}' }]);
    const { code, stderr } = await trialroom(['run', from, '--cell-timeout', '0.2']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/TimeLimit/);
  });

  it('names a file that is not there, and writes nothing', async () => {
    const out = join(folder, 'none.ipynb');
    const { code, stderr } = await trialroom(['run', join(folder, 'missing.ipynb'), '--out', out]);
    expect(code).toBe(1);
    expect(stderr).toContain('missing.ipynb');
    await expect(stat(out)).rejects.toThrow();
  });
});

describe('trialroom doctor', () => {
  it('says what runs and why the better ones do not', async () => {
    const { code, stdout } = await trialroom(['doctor']);
    expect(code).toBe(0);
    for (const word of ['Node', 'backend', 'tfjs-node', 'wasm', 'database', 'Redis', 'browser'])
      expect(stdout.toLowerCase()).toContain(word.toLowerCase());
  });

  it('says when a database or Redis that was asked for does not answer, and ends with 1', async () => {
    const { code, stdout } = await trialroom(['doctor'], {
      env: { DATABASE_URL: 'postgres://someone:secret@127.0.0.1:1/none', REDIS_URL: 'redis://127.0.0.1:1' },
    });
    expect(code).toBe(1);
    expect(stdout).toContain('DATABASE_URL');
    expect(stdout).not.toContain('secret');
    expect(stdout).toContain('REDIS_URL');
  });
});
