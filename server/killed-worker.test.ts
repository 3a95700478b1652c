/** A worker, a process of its own, is killed as the system does it: what it ran is seen to be lost, and goes on elsewhere. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ClientToServer, ServerToClient } from '@trialroom/shared/live/events';
import { newNotebook, serialiseNotebook } from '@trialroom/shared/notebook/format';
import { TrialEvent } from '@trialroom/shared/trial/event';
import { Trial } from '@trialroom/shared/trial/trial';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { type RunningServer, startServer } from './app.ts';
import { readConfig } from './config.ts';
import { makeTestSchema, testName } from './database/testing-schemas.ts';
import { LEASE } from './trials/lease.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });
const { DATABASE_URL, REDIS_URL } = process.env;

describe.runIf(DATABASE_URL && REDIS_URL)('a worker that is killed', () => {
  const name = testName();
  const root = mkdtempSync(join(tmpdir(), 'trialroom-killed-worker-'));
  const notebooksDir = join(root, 'notebooks');
  const shared = { TRIALROOM_DATABASE_SCHEMA: name, TRIALROOM_REDIS_PREFIX: name };
  const workers: ChildProcess[] = [];
  let server: RunningServer;
  let live: Socket<ServerToClient, ClientToServer>;

  const killed = async (worker: ChildProcess): Promise<void> => {
    if (worker.exitCode !== null || worker.signalCode !== null) return;
    const closed = once(worker, 'exit');
    worker.kill('SIGKILL');
    await closed;
  };
  /** Starts a worker; resolves once it takes trials. */
  const work = async (): Promise<ChildProcess> => {
    const command = fileURLToPath(new URL('./bin/trialroom.js', import.meta.url));
    const worker = spawn(
      process.execPath,
      [command, 'worker', '--data', join(root, `worker ${workers.length}`), '--notebooks', notebooksDir],
      { env: { ...process.env, ...shared }, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    workers.push(worker);
    for await (const line of createInterface({ input: worker.stdout })) {
      if (line.startsWith('The worker takes trials')) return worker;
    }
    throw new Error('the worker ended before it took a trial');
  };
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const reply = await fetch(server.url + path, {
      method,
      headers: {
        authorization: `Bearer ${server.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await reply.text();
    expect(reply.status, text).toBe(200);
    return JSON.parse(text);
  };
  /** What was told of each trial last. */
  const known = new Map<string, Trial>();
  /** Resolves with the first of these trials that is as wanted, now or once it is told so. */
  const first = (ids: readonly string[], wanted: (trial: Trial) => boolean): Promise<Trial> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = ids.map((id) => known.get(id)).find((trial) => trial && wanted(trial));
        if (!found) return;
        live.off('trial', look);
        resolve(found);
      };
      live.on('trial', look);
      look();
    });

  beforeAll(async () => {
    await makeTestSchema(DATABASE_URL ?? '', name);
    mkdirSync(notebooksDir, { recursive: true });
    server = await startServer(
      readConfig({ port: 0, dataDir: join(root, 'server'), notebooksDir }, { DATABASE_URL, REDIS_URL, ...shared }),
    );
    live = io(server.url, {
      transports: ['websocket'],
      reconnection: false,
      extraHeaders: { authorization: `Bearer ${server.token}` },
    });
    live.on('trial', ({ trial }) => void known.set(trial.id, trial));
    await new Promise<void>((resolve) => live.on('connect', resolve));
    await live.emitWithAck('watch', 'home');
  });
  afterAll(async () => {
    for (const worker of workers) await killed(worker);
    live?.close();
    await server?.close();
    rmSync(root, { recursive: true, force: true });
  });

  test('leaves a trial that is lost, says from where it can go on, and goes on in another worker', async () => {
    const enough = join(root, 'enough');
    const [cell] = newNotebook().cells;
    if (!cell) throw new Error('a new notebook has a cell');
    const source = `import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { trial } from "trialroom";
const run = await trial({ experiment: "killed", name: "killed", params: {} });
const steps = run.steps(1e9, {
  every: 5,
  checkpoint: async (step) => {
    const file = "state-" + run.id + "-" + step;
    await writeFile(file, String(step));
    return file;
  },
  restore: async (path, step) => { run.note("read " + (Number(await readFile(path, "utf8")) === step)); },
});
for await (const step of steps) {
  run.log({ loss: 1 / (step + 1) }, { step: step + 1 });
  await new Promise((next) => setTimeout(next, 5));
  if (existsSync(${JSON.stringify(enough)})) break;
}
await run.finish();`;
    writeFileSync(
      join(notebooksDir, 'killed.ipynb'),
      serialiseNotebook({ ...newNotebook(), cells: [{ ...cell, source }] }),
    );
    const { notebooks } = z
      .object({ notebooks: z.array(z.object({ id: z.string() })) })
      .parse(await call('GET', '/api/notebooks'));
    const launch = async (): Promise<string> =>
      Trial.parse(await call('POST', '/api/trials', { notebook: notebooks[0]?.id, params: {} })).id;

    const worker = await work();
    // Server and worker run one at a time each, so that one of the two is the worker's.
    const ids = [await launch(), await launch()];
    for (const id of ids) await first([id], ({ status, checkpoint }) => status === 'running' && checkpoint !== null);
    await killed(worker);

    const lost = await first(ids, ({ status }) => status === 'lost');
    const { step } = lost.checkpoint ?? { step: 0 };
    expect(step).toBeGreaterThanOrEqual(5);
    expect(lost.reason).toContain(`It can go on from step ${step.toLocaleString('en')}.`);
    const { events } = z
      .object({ events: z.array(TrialEvent) })
      .parse(await call('GET', `/api/trials/${lost.id}/events?kind=lost`));
    expect(events).toMatchObject([{ kind: 'lost', data: { path: `state-${lost.id}-${step}`, step } }]);
    // Whoever dies is seen by the others within this time, wherever it ran: here its process is known to be gone at once.
    expect(LEASE.length + LEASE.renew).toBeLessThan(10_000);
    const other = ids.find((id) => id !== lost.id) ?? '';
    expect(await call('GET', `/api/trials/${other}`)).toMatchObject({ status: 'running' });

    expect(await call('POST', `/api/trials/${lost.id}/resume`)).toMatchObject({ status: 'queued' });
    await work();
    await first([lost.id], ({ status, checkpoint }) => status === 'running' && (checkpoint?.step ?? 0) > step);
    writeFileSync(enough, '');
    for (const id of ids) await first([id], ({ status }) => status === 'completed');
    const notes = await call('GET', `/api/trials/${lost.id}/events?kind=note`);
    expect(notes).toMatchObject({ events: [{ text: 'read true' }] });
  });
});
