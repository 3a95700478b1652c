/** Headless runs that tell a server of their trials: real runs, real servers, and both are killed for real. */
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type NotebookFile, newNotebook, serialiseNotebook } from '@trialroom/shared/notebook/format';
import { Trial } from '@trialroom/shared/trial/trial';
import { afterEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import {
  again,
  cleanUp,
  counted,
  folder,
  get,
  Process,
  type Served,
  serve,
  steps,
  synced,
  until,
} from '../remote/testing-processes.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 });
afterEach(cleanUp);

const OPEN = `import { trial } from 'trialroom';
import { existsSync } from 'node:fs';
const later = () => new Promise((resolve) => setTimeout(resolve, 10));
const run = await trial({ experiment: 'runs', name: 'a run', params: { rate } });
console.log('open ' + run.id);`;

/** Logs until the file `end` is there, or it is to stop. */
const LOOP = `let step = 0;
while (!existsSync('end') && !run.stopping) {
  step++;
  run.log({ value: step, square: step * step }, { step });
  if (step % 10 === 0) console.log('step ' + step);
  if (step % 10 === 0) await later();
}
console.log('end ' + step);`;

function notebook(cwd: string, ...sources: string[]): string {
  const cells = ['const rate = 0.5;', ...sources].map((source, index): NotebookFile['cells'][number] => ({
    id: `cell-${index}`,
    cell_type: 'code',
    source,
    metadata: index === 0 ? { tags: ['parameters'] } : {},
    outputs: [],
    execution_count: null,
  }));
  const path = join(cwd, 'training.ipynb');
  writeFileSync(path, serialiseNotebook({ ...newNotebook(), cells }));
  return path;
}

/** `trialroom run`, with what its cells print. */
function run(
  cwd: string,
  path: string,
  { url, token }: Pick<Served, 'url' | 'token'>,
  { flags = [], env = {} }: { flags?: string[]; env?: Record<string, string> } = {},
): Process {
  const command = fileURLToPath(new URL('../bin/trialroom.js', import.meta.url));
  return new Process([command, 'run', path, '--log-output', '--out', join(cwd, 'done.ipynb'), ...flags], {
    cwd,
    env: { TRIALROOM_URL: url, TRIALROOM_TOKEN: token, TRIALROOM_FINISH_SECONDS: '60', ...env },
  });
}

async function ended({ child }: Process): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
  return child.exitCode;
}

const end = (cwd: string): void => writeFileSync(join(cwd, 'end'), '');
const left = (cwd: string): string[] =>
  existsSync(join(cwd, 'trialroom-spool')) ? readdirSync(join(cwd, 'trialroom-spool')) : [];

function ask({ url, token }: Served, id: string, what: string): Promise<Response> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return fetch(`${url}/api/trials/${id}/${what}`, { method: 'POST', headers, body: '{}' });
}

const Results = z.object({
  evaluations: z.array(z.object({ name: z.string() })),
  artifacts: z.array(z.object({ name: z.string() })),
});
const Media = z.object({ media: z.array(z.unknown()) });
const Lines = z.object({ lines: z.array(z.object({ text: z.string() })) });
const Series = z.object({ series: z.array(z.object({ total: z.number() })) });

test('all that a run says of its trial is in its room, as what a script says', async () => {
  const [home, cwd] = [folder(), folder()];
  const server = await serve(home);
  const results = `run.text('note', 'as planned', { step: 3 });
await run.artifact('words.txt', { text: 'hello' });
await run.evaluate({ truth: [0, 1, 1, 0], probabilities: [0.2, 0.9, 0.4, 0.1], classes: ['ham', 'spam'] });
run.summary({ found: 7 });
await run.finish();`;
  // By flags, over what the environment says.
  const started = run(
    cwd,
    notebook(cwd, OPEN, LOOP, results),
    { url: 'http://127.0.0.1:9', token: 'wrong' },
    {
      flags: ['--url', server.url, '--token', server.token, '--param', 'rate=0.25'],
    },
  );
  const [, room = ''] = await started.line(/^ {2}runs \/ a run {2}(http.*)$/);
  const [, id = ''] = await started.line(/^open (\w+)/);
  expect(room).toBe(`${server.url}/trials/${id}`);
  await started.line(/^step 50$/);
  for (let sampled = 0; sampled === 0; ) {
    const { series } = await get(server, `/api/trials/${id}/series?keys=system/memory`, Series);
    sampled = series[0]?.total ?? 0;
  }
  end(cwd);
  const [, last = ''] = await started.line(/^end (\d+)/);
  expect([await ended(started), started.lines]).toEqual([0, expect.arrayContaining(['  found 7'])]);
  const trial = await get(server, `/api/trials/${id}`, Trial);
  expect(trial).toMatchObject({ status: 'completed', params: { rate: 0.25 }, summary: { found: 7 } });
  expect(trial.reason).toBeNull();
  expect(await steps(server, id)).toEqual(counted(Number(last)));
  const { evaluations, artifacts } = await get(server, `/api/trials/${id}/results`, Results);
  expect(evaluations).toHaveLength(1);
  expect(artifacts.map(({ name }) => name)).toContain('words.txt');
  const { media } = await get(server, `/api/trials/${id}/media?key=note`, Media);
  expect(media).toHaveLength(1);
  const { lines } = await get(server, `/api/trials/${id}/log?limit=500`, Lines);
  expect(lines.map(({ text }) => text)).toEqual(expect.arrayContaining([`open ${id}`, `end ${last}`]));
  expect(left(cwd)).toEqual([]);
  expect(readFileSync(join(cwd, 'done.ipynb'), 'utf8')).toContain(`end ${last}`);
});

test('a server that is killed and comes back has every point of the run once', async () => {
  const [home, cwd] = [folder(), folder()];
  const server = await serve(home);
  const started = run(cwd, notebook(cwd, OPEN, LOOP), server);
  const [, id = ''] = await started.line(/^open (\w+)/);
  await started.line(/^step 200$/);
  await server.process.kill();
  await started.line(/^trialroom: .* does not answer/);
  const back = await again(home, server);
  await started.line(/^trialroom: .* is there again/);
  end(cwd);
  const [, last = ''] = await started.line(/^end (\d+)/);
  expect(await ended(started)).toBe(0);
  expect(await steps(back, id)).toEqual(counted(Number(last)));
  // Its code did not say that it is over: the notebook is.
  expect(await get(back, `/api/trials/${id}`, Trial)).toMatchObject({ status: 'completed', reason: null });
  expect(left(cwd)).toEqual([]);
});

test('the trial of a run that is killed is lost, and what was kept is delivered by a later process', async () => {
  const [home, cwd] = [folder(), folder()];
  const server = await serve(home);
  const started = run(cwd, notebook(cwd, OPEN, LOOP), server);
  const [, id = ''] = await started.line(/^open (\w+)/);
  await started.line(/^step 200$/);
  await server.process.kill();
  await started.line(/^trialroom: .* does not answer/);
  await started.kill();
  const back = await again(home, server);
  await until(back, id, ({ status }) => status === 'lost');
  const sync = await synced(cwd, back);
  expect([sync.child.exitCode, sync.lines.join('\n')]).toEqual([0, expect.stringContaining('ended without a word')]);
  const kept = await steps(back, id);
  expect(kept).toEqual(counted(kept.length));
  // What a cell prints comes after what it has logged before.
  expect(kept.length).toBeGreaterThanOrEqual(200);
  expect(await get(back, `/api/trials/${id}`, Trial)).toMatchObject({ status: 'failed' });
  expect(left(cwd)).toEqual([]);
});

test('people pause it, let it go on, and stop it; the run goes on to its end', async () => {
  const [home, cwd] = [folder(), folder()];
  const server = await serve(home);
  const looped = 'for await (const step of run.steps(1e9)) { run.log({ value: step }, { step }); await later(); }';
  const started = run(cwd, notebook(cwd, OPEN, looped, "console.log('after')"), server);
  const [, id = ''] = await started.line(/^open (\w+)/);
  for (const [what, status] of [
    ['pause', 'paused'],
    ['resume', 'running'],
    ['stop', 'stopped'],
  ] as const) {
    expect((await ask(server, id, what)).status).toBe(200);
    await until(server, id, (trial) => trial.status === status);
    if (status === 'stopped') break;
  }
  await started.line(/^after$/);
  expect(await ended(started)).toBe(0);
});

test('a cell that fails ends its trial with the reason, and one that is stopped says so', async () => {
  const [home, cwd] = [folder(), folder()];
  const server = await serve(home);
  const failing = run(cwd, notebook(cwd, OPEN, "run.log({ value: 1 });\nthrow new Error('out of luck');"), server);
  const [, failed = ''] = await failing.line(/^open (\w+)/);
  expect(await ended(failing)).toBe(1);
  expect(await get(server, `/api/trials/${failed}`, Trial)).toMatchObject({
    status: 'failed',
    reason: 'Error: out of luck',
  });
  const stopping = run(cwd, notebook(cwd, OPEN, LOOP), server);
  const [, stopped = ''] = await stopping.line(/^open (\w+)/);
  await stopping.line(/^step 20$/);
  stopping.child.kill('SIGINT');
  expect(await ended(stopping)).toBe(130);
  expect(await get(server, `/api/trials/${stopped}`, Trial)).toMatchObject({ status: 'stopped' });
  expect(left(cwd)).toEqual([]);
});

test('a run that is ended at once keeps the end of its trial, and says where', async () => {
  const cwd = folder();
  const stuck = "process.on('SIGINT', () => {}); console.log('stuck'); while (!existsSync('never')) await later();";
  const started = run(cwd, notebook(cwd, OPEN, stuck), { url: 'http://127.0.0.1:9', token: 'any' });
  const [, id = ''] = await started.line(/^open (\w+)/);
  await started.line(/^stuck$/);
  started.child.kill('SIGINT');
  await started.line(/^Stopping after this step/);
  started.child.kill('SIGINT');
  expect([await ended(started), left(cwd)]).toEqual([130, [id]]);
  expect(started.lines.join('\n')).toContain(`npx trialroom sync ${join(cwd, 'trialroom-spool')}`);
  const server = await serve(folder());
  await synced(cwd, server);
  expect(await get(server, `/api/trials/${id}`, Trial)).toMatchObject({ status: 'stopped' });
});

test('without a server all is kept, and completes when it is delivered', async () => {
  const [home, cwd] = [folder(), folder()];
  end(cwd);
  const body = 'for (let step = 1; step <= 30; step++) run.log({ value: step, square: step * step }, { step });';
  const started = run(cwd, notebook(cwd, OPEN, body), { url: '', token: '' }, { env: { TRIALROOM_MODE: 'offline' } });
  const [, id = ''] = await started.line(/^open (\w+)/);
  await started.line(/npx trialroom sync/);
  expect(await ended(started)).toBe(0);
  const server = await serve(home);
  await synced(cwd, server);
  expect(await steps(server, id)).toEqual(counted(30));
  expect(await get(server, `/api/trials/${id}`, Trial)).toMatchObject({ status: 'completed' });
});

test('who may not run there is refused with words, and a folder that cannot be written is named', async () => {
  const [home, cwd] = [folder(), folder()];
  const server = await serve(home);
  const wrong = run(cwd, notebook(cwd, OPEN), { ...server, token: 'wrong' });
  await wrong.line(/does not take the trial .*the token is wrong/);
  expect([await ended(wrong), left(cwd)]).toEqual([1, []]);
  const env = { TRIALROOM_MODE: 'offline', TRIALROOM_SPOOL: notebook(cwd, OPEN) };
  const unwritable = run(cwd, notebook(cwd, OPEN), server, { env });
  await unwritable.line(/the trial cannot be kept in .*training\.ipynb/);
  expect(await ended(unwritable)).toBe(1);
  const nonsense = run(cwd, notebook(cwd, OPEN), { url: 'somewhere', token: '' });
  await nonsense.line(/TRIALROOM_URL is "somewhere"/);
  expect(await ended(nonsense)).toBe(1);
});
