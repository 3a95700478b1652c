/** Scripts and servers are processes here, and are killed for real: every point that was kept arrives, once. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
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
} from './testing-processes.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 });
afterEach(cleanUp);

function script(
  cwd: string,
  { url, token }: Pick<Served, 'url' | 'token'>,
  env: Record<string, string> = {},
  name = 'testing-script.ts',
): Process {
  return new Process([fileURLToPath(new URL(`../../kernel/library/remote/${name}`, import.meta.url))], {
    cwd,
    env: { TRIALROOM_URL: url, TRIALROOM_TOKEN: token, TRIALROOM_FINISH_SECONDS: '60', ...env },
  });
}

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

test('a script whose trial cannot be kept on the disk is told so, without a server too', async () => {
  const cwd = folder();
  const spool = join(cwd, 'a file');
  writeFileSync(spool, '');
  const run = script(cwd, { url: '', token: '' }, { TRIALROOM_MODE: 'offline', TRIALROOM_SPOOL: spool });
  await run.line(/^Error: the trial cannot be kept in .*a file/);
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
