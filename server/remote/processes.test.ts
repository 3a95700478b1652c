/** Scripts and servers are processes here, and are killed for real: every point that was kept arrives, once. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Trial } from '@trialroom/shared/trial/trial';
import { afterEach, expect, test, vi } from 'vitest';
import { z } from 'zod';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 });
const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

/** A process whose lines are heard. */
class Process {
  readonly child: ChildProcess;
  readonly lines: string[] = [];
  #check = (): void => {};

  constructor(args: string[], options: { cwd?: string; env?: Record<string, string> } = {}) {
    const env = { ...process.env, ...options.env };
    this.child = spawn(process.execPath, args, { ...options, env, stdio: ['pipe', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      if (!stream) throw new Error('no stream');
      createInterface({ input: stream }).on('line', (line) => {
        this.lines.push(line);
        this.#check();
      });
    }
    this.child.on('close', () => this.#check());
    endings.push(() => this.kill());
  }

  /** The first line, from now or before, that matches. */
  async line(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      for (const line of this.lines) {
        const found = pattern.exec(line);
        if (found) return found;
      }
      if (this.over) throw new Error(`it ended without ${pattern}: ${this.lines.join('\n')}`);
      await new Promise<void>((resolve) => {
        this.#check = resolve;
      });
    }
  }

  get over(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  async kill(): Promise<void> {
    if (this.over) return;
    const closed = once(this.child, 'close');
    this.child.kill('SIGKILL');
    await closed;
  }
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'trialroom-remote-'));
  endings.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

interface Served {
  process: Process;
  url: string;
  token: string;
}

const Said = z.object({ url: z.string(), token: z.string() });

async function serve(home: string, port = '0'): Promise<Served> {
  const server = new Process([file('./testing-server.ts'), home, port], { env: { LOG_LEVEL: 'error' } });
  const [line] = await server.line(/^\{"url".*/);
  return { process: server, ...Said.parse(JSON.parse(line)) };
}

const again = (home: string, { url }: Served): Promise<Served> => serve(home, new URL(url).port);

function script(
  cwd: string,
  { url, token }: Pick<Served, 'url' | 'token'>,
  env: Record<string, string> = {},
  name = 'testing-script.ts',
): Process {
  return new Process([file(`../../kernel/library/remote/${name}`)], {
    cwd,
    env: { TRIALROOM_URL: url, TRIALROOM_TOKEN: token, TRIALROOM_FINISH_SECONDS: '60', ...env },
  });
}

async function synced(cwd: string, { url, token }: Served): Promise<Process> {
  const sync = new Process([file('../bin/trialroom.js'), 'sync', '--url', url, '--token', token], { cwd });
  await once(sync.child, 'close');
  return sync;
}

async function get<T>({ url, token }: Served, path: string, schema: z.ZodType<T>): Promise<T> {
  const response = await fetch(url + path, { headers: { authorization: `Bearer ${token}` } });
  return schema.parse(await response.json());
}

/** Asks until the trial is so. */
async function until(server: Served, id: string, is: (trial: Trial) => boolean): Promise<Trial> {
  for (;;) {
    const trial = await get(server, `/api/trials/${id}`, Trial);
    if (is(trial)) return trial;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const SERIES = z.object({
  series: z.array(
    z.object({
      points: z.object({ key: z.string(), steps: z.array(z.number()), values: z.array(z.number()) }),
      total: z.number(),
    }),
  ),
});

/** The steps of `value`, after looking that both metrics have each step once with its value. */
async function steps(server: Served, id: string): Promise<number[]> {
  const { series } = await get(server, `/api/trials/${id}/series?width=10000&keys=value,square`, SERIES);
  const [value, square] = ['value', 'square'].map((key) => series.find(({ points }) => points.key === key)?.points);
  expect(value?.values).toEqual(value?.steps);
  expect(square?.steps).toEqual(value?.steps);
  expect(square?.values).toEqual(value?.steps.map((step) => step * step));
  return value?.steps ?? [];
}

const counted = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

test('a server that is killed and comes back has every point of the script once', async () => {
  const [home, cwd] = [folder(), folder()];
  const server = await serve(home);
  const run = script(cwd, server);
  const [, id = ''] = await run.line(/^open (\w+)/);
  await run.line(/^step 500$/);
  await server.process.kill();
  await run.line(/^trialroom: .* does not answer/);
  const back = await again(home, server);
  await run.line(/^trialroom: .* is there again/);
  run.child.stdin?.write('end\n');
  const [, last = ''] = await run.line(/^end (\d+)/);
  expect(await steps(back, id)).toEqual(counted(Number(last)));
  expect(await get(back, `/api/trials/${id}`, Trial)).toMatchObject({ status: 'completed', params: { rate: 0.1 } });
  expect(readdirSync(join(cwd, 'trialroom-spool'))).toEqual([]);
});

test('the trial of a script that is killed is lost, and what the script had kept is delivered by a later process', async () => {
  const [home, cwd] = [folder(), folder()];
  const server = await serve(home);
  const run = script(cwd, server);
  const [, id = ''] = await run.line(/^open (\w+)/);
  await run.line(/^step 300$/);
  await run.kill();
  const lost = await until(server, id, ({ status }) => status === 'lost');
  expect(lost.reason).toContain('trialroom sync');
  const before = await steps(server, id);
  expect(before).toEqual(counted(before.length));
  const sync = await synced(cwd, server);
  expect([sync.child.exitCode, sync.lines.join('\n')]).toEqual([0, expect.stringContaining('ended without a word')]);
  const after = await steps(server, id);
  expect(after).toEqual(counted(after.length));
  expect(after.length).toBeGreaterThanOrEqual(before.length);
  expect(await get(server, `/api/trials/${id}`, Trial)).toMatchObject({ status: 'failed' });
  expect(readdirSync(join(cwd, 'trialroom-spool'))).toEqual([]);
});

test('both are killed: what was on the disk of the script is complete in the end', async () => {
  const [home, cwd] = [folder(), folder()];
  const server = await serve(home);
  const run = script(cwd, server);
  const [, id = ''] = await run.line(/^open (\w+)/);
  await run.line(/^step 300$/);
  await server.process.kill();
  await run.line(/^trialroom: .* does not answer/);
  const at = Number((await run.line(/^step (\d+)$/))[1]);
  const seen = Number(run.lines.findLast((line) => line.startsWith('step '))?.slice(5) ?? at);
  await run.line(new RegExp(`^step ${seen + 1000}$`));
  await run.kill();
  const back = await again(home, server);
  await synced(cwd, back);
  await synced(cwd, back);
  const kept = await steps(back, id);
  expect(kept).toEqual(counted(kept.length));
  // The thread that writes has long had what was said a second before.
  expect(kept.length).toBeGreaterThanOrEqual(seen);
});

test('a script without a server is delivered later, and completes', async () => {
  const [home, cwd] = [folder(), folder()];
  const run = script(cwd, { url: '', token: '' }, { TRIALROOM_MODE: 'offline' });
  const [, id = ''] = await run.line(/^open (\w+)/);
  await run.line(/^step 50$/);
  run.child.stdin?.write('end\n');
  const [, last = ''] = await run.line(/^end (\d+)/);
  await run.line(/npx trialroom sync/);
  const server = await serve(home);
  await synced(cwd, server);
  expect(await steps(server, id)).toEqual(counted(Number(last)));
  expect(await get(server, `/api/trials/${id}`, Trial)).toMatchObject({ status: 'completed' });
});

test('one that is paused waits, and goes on to its end', async () => {
  const [home, cwd] = [folder(), folder()];
  const server = await serve(home);
  const run = script(cwd, server, {}, 'testing-steps.ts');
  const [, id = ''] = await run.line(/^open (\w+)/);
  const headers = { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' };
  const ask = (what: string): Promise<Response> =>
    fetch(`${server.url}/api/trials/${id}/${what}`, { method: 'POST', headers, body: '{}' });
  await ask('pause');
  const waiting = await until(server, id, ({ status }) => status !== 'running');
  expect(waiting.status).toBe('paused');
  expect((await ask('resume')).status).toBe(200);
  await until(server, id, ({ status }) => status === 'completed');
  expect(await steps(server, id)).toEqual(counted(100));
});

test('people stop it, and who may not run is refused with words', async () => {
  const [home, cwd] = [folder(), folder()];
  const server = await serve(home);
  const run = script(cwd, server);
  const [, id = ''] = await run.line(/^open (\w+)/);
  await run.line(/^step 50$/);
  const headers = { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' };
  await fetch(`${server.url}/api/trials/${id}/stop`, { method: 'POST', headers, body: '{}' });
  await run.line(/^end (\d+)/);
  expect((await until(server, id, ({ status }) => status !== 'running')).status).toBe('stopped');

  const wrong = script(cwd, { ...server, token: 'wrong' });
  await wrong.line(/does not take the trial .*the token is wrong/);
  const invited = await fetch(`${server.url}/api/invites`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ role: 'viewer' }),
  });
  const { url } = z.object({ url: z.string() }).parse(await invited.json());
  const viewer = script(cwd, { ...server, token: new URL(url).searchParams.get('token') ?? '' });
  await viewer.line(/does not take the trial .*as viewer you may not run here/);
  expect(existsSync(join(cwd, 'trialroom-spool')) ? readdirSync(join(cwd, 'trialroom-spool')) : []).toEqual([]);
});
