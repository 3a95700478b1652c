/** What `trialroom run` does with odd notebooks, places and readers: the command itself, as a process. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

vi.setConfig({ testTimeout: 120_000 });
const COMMAND = fileURLToPath(new URL('../bin/trialroom.js', import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trialroom-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function notebook(source: string, metadata: object = {}): string {
  const path = join(folder, 'in.ipynb');
  const cells = [{ cell_type: 'code', id: 'a', metadata: {}, source, outputs: [], execution_count: null }];
  writeFileSync(path, JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata, cells }));
  return path;
}

/** Runs the command in the folder; `reads`: whether anybody reads what it prints. */
async function run(args: string[], reads = true): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [COMMAND, 'run', ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = once(child, 'close');
  if (!reads) child.stdout.destroy();
  const [out, err] = await Promise.all([reads ? text(child.stdout) : '', text(child.stderr)]);
  const [code] = await closed;
  return { code, out, err };
}

const DONE = "process.getBuiltinModule('node:fs').writeFileSync('ran', '');";

test('a result that cannot be written is refused before anything runs', async () => {
  const path = notebook(DONE);
  const missing = await run([path, join('no', 'folder', 'out.ipynb')]);
  expect([missing.code, missing.err]).toEqual([1, expect.stringContaining('there is no folder no/folder')]);
  const itself = await run([path, folder]);
  expect([itself.code, itself.err]).toEqual([1, expect.stringContaining('it is a folder')]);
  expect(readdirSync(folder)).toEqual(['in.ipynb']);
});

test('a notebook of another language is refused, and may be prepared', async () => {
  const path = notebook('print(1)', { kernelspec: { name: 'python3', display_name: 'Python 3', language: 'python' } });
  const refused = await run([path]);
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('Python')]);
  expect(refused.out + refused.err).not.toContain('print is not defined');
  expect((await run([path, '--prepare-only'])).code).toBe(0);
});

test('a run goes on when nobody reads what it prints any more', async () => {
  const path = notebook(`for (let i = 0; i < 200; i++) console.log('line ' + i);\n${DONE}`);
  const { code, err } = await run([path, 'out.ipynb', '--log-output'], false);
  expect([code, err]).toEqual([0, '']);
  expect(existsSync(join(folder, 'ran'))).toBe(true);
  expect(readFileSync(join(folder, 'out.ipynb'), 'utf8')).toContain('line 199');
});

test('a result that nobody reads is told in words', async () => {
  const { code, err } = await run([notebook('1 + 1'), '-'], false);
  expect(code).toBe(1);
  expect(err).toContain('could not be written to the standard output');
  expect(err).not.toContain('node:events');
});
