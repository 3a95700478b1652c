import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClientToServer, HomeSnapshot, ServerToClient } from '@trialroom/shared/live/events';
import type { PointColumns } from '@trialroom/shared/trial/points';
import { pino } from 'pino';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../database/database.ts';
import { testDatabases } from '../database/testing.ts';
import type { Payload } from '../live/hub.ts';
import { createHub, type SocketHub } from '../live/socket-hub.ts';
import { createNotebooks } from '../notebooks/notebooks.ts';
import { createTrials, type Trials } from '../trials/trials.ts';
import { GLANCE_MS, tellGlances } from './glances.ts';
import { createHome } from './home.ts';

const log = pino({ level: 'silent' });
const points = (from: number, count: number): PointColumns[] => {
  const steps = Float64Array.from({ length: count }, (_, i) => from + i);
  return [{ key: 'loss', steps, walls: steps, values: steps.map((step) => 1 / step) }];
};

describe.each(testDatabases())('home on $name', ({ open: openDatabase }) => {
  const endings: (() => unknown)[] = [];
  let db: Database;
  let hub: SocketHub;
  let trials: Trials;
  let port: number;
  beforeAll(async () => {
    db = await openDatabase();
    endings.push(() => db.close());
    hub = await createHub({ log });
    endings.push(() => hub.close());
    const folder = await mkdtemp(join(tmpdir(), 'trialroom-home-'));
    endings.push(() => rm(folder, { recursive: true, force: true }));
    await writeFile(join(folder, 'broken.ipynb'), '{');
    const notebooks = await createNotebooks({ path: folder, database: db, hub });
    endings.push(() => notebooks.close());
    trials = await createTrials({ db, hub, log, pathOf: async () => 'x.ipynb' });
    endings.push(() => trials.close());
    createHome({ hub, trials, notebooks });
    endings.push(
      tellGlances({
        hub,
        trials,
        onError: (error) => {
          throw error;
        },
      }),
    );
    const server = createServer();
    hub.attach(server, async ({ authorization }) => ({
      id: authorization ?? '',
      name: 'Ada',
      colour: 'a',
      role: 'viewer',
    }));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    port = typeof address === 'object' && address ? address.port : 0;
    endings.push(() => {
      server.closeAllConnections();
      server.close();
    });
  });
  afterAll(async () => {
    for (const end of endings.splice(0).reverse()) await end();
  });

  const connect = async (name: string): Promise<Socket<ServerToClient, ClientToServer>> => {
    const client: Socket<ServerToClient, ClientToServer> = io(`http://127.0.0.1:${port}`, {
      transports: ['websocket'],
      forceNew: true,
      extraHeaders: { authorization: name },
    });
    endings.push(() => client.close());
    await new Promise<void>((resolve) => client.on('connect', resolve));
    return client;
  };
  const watch = async (client: Socket<ServerToClient, ClientToServer>): Promise<HomeSnapshot> => {
    const reply = await client.emitWithAck('watch', 'home');
    if (!reply.ok || reply.snapshot.topic !== 'home') throw new Error('no home');
    return reply.snapshot;
  };
  let cell = 0;
  const open = () =>
    trials.open(
      { experiment: 'home', name: 'run', params: {} },
      { kernel: 'k', execution: `e${++cell}`, cell: `c${cell}`, notebook: null, by: null, backend: null },
    );

  test('shows every running trial and the newest others, notebooks with what is wrong, and who is here', async () => {
    const { trial: oldest } = await open();
    await trials.points(oldest, 'e1', 1, points(1, 500));
    const over: string[] = [];
    for (let i = 0; i < 31; i++) {
      const { trial } = await open();
      await trials.finish(trial, 'completed');
      over.push(trial);
    }
    const ada = await connect('ada');
    await watch(ada);
    const home = await watch(await connect('bob'));
    expect(home.trials.map(({ trial }) => trial.id)).toEqual([...over.slice(-30).reverse(), oldest]);
    expect(home.trials.at(-1)?.glance).toMatchObject([{ key: 'loss', count: 500, last: 1 / 500, lastStep: 500 }]);
    expect(home.trials.at(-1)?.glance[0]?.spark.values.length).toBeLessThanOrEqual(120);
    expect(home.notebooks).toMatchObject([{ path: 'broken.ipynb', problem: expect.stringContaining('line 1') }]);
    expect(home.present.find(({ person }) => person.id === 'ada')?.topics).toEqual(['home']);
    await trials.finish(oldest, 'completed');
  });

  test('tells of a running trial as points come, gathered, and of its end', async () => {
    const client = await connect('ada');
    const { trial } = await open();
    await watch(client);
    const began = performance.now();
    const glances: Payload<'glance'>[] = [];
    const whole = new Promise<void>((resolve) =>
      client.on('glance', (event) => {
        if (event.trial !== trial) return;
        glances.push(event);
        if (event.glance[0]?.count === 200) resolve();
      }),
    );
    const ended = new Promise<void>((resolve) =>
      client.on('trial', (event) => event.trial.status === 'failed' && resolve()),
    );
    for (let seq = 1; seq <= 20; seq++) await trials.points(trial, `e${cell}`, seq, points(seq * 10, 10));
    await whole;
    await trials.finish(trial, 'failed', 'enough');
    await ended;
    // However slowly the batches came: timers never fire early.
    expect(glances.length).toBeLessThanOrEqual((performance.now() - began) / GLANCE_MS + 1);
  });
});
