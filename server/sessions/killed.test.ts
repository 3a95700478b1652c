/** Invariant: output that anyone was shown survives `kill -9` of the server, and the kernel does not outlive it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { connect } from '../database/connect.ts';
import { ann, idle, openWorkspace } from './workspace.ts';

it('output that was shown survives kill -9 of the server', { timeout: 120_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'trialroom-killed-'));
  // Listened to from the start: a reset closes a socket whether anyone looks or not.
  const kernelGone = Promise.withResolvers<void>();
  const listener = createServer((socket) => {
    socket.on('error', () => {}).on('close', () => kernelGone.resolve());
    socket.resume();
  }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  const port = typeof address === 'object' && address ? address.port : 0;

  const program = fileURLToPath(new URL('./killed-server.ts', import.meta.url));
  const server = spawn(process.execPath, [program, folder, String(port)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(server, 'exit');
  let told = -1;
  for await (const line of createInterface({ input: server.stdout })) {
    told = Number(line);
    // Well into the run, in the middle of a write as likely as not.
    if (told > 200 && !server.killed) server.kill('SIGKILL');
  }
  await exited;
  expect(told).toBeGreaterThan(200);

  await kernelGone.promise;
  listener.close();

  const db = await connect({ dataDir: join(folder, 'db') });
  const work = await openWorkspace(db, { dataDir: folder });
  const { id } = await work.notebooks.at('killed.ipynb');
  const mirror = await work.watch(id);
  const lines = mirror.text('a').split('\n');
  const numbers = lines.filter((line) => /^\d+$/.test(line)).map(Number);
  expect(numbers).toEqual(numbers.map((_, index) => index));
  expect(numbers.at(-1)).toBeGreaterThanOrEqual(told);
  expect(mirror.text('a')).toContain('The server ended while this cell ran');
  expect(mirror.cell('a')).toMatchObject({ validity: 'aborted', status: 'ready' });
  expect(mirror.session.kernel).toBe('none');
  // And work goes on.
  await work.sessions.run(id, ['a'], ann);
  await mirror.until((now) => now.text('a').startsWith('0\n'));
  await work.sessions.interrupt(id);
  await idle(mirror);
  await work.close();
  await db.close();
  await rm(folder, { recursive: true, force: true });
});
