import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { ClientToServer, HomeSnapshot, Presence, ServerToClient, WatchReply } from '@trialroom/shared/live/events';
import type { Person } from '@trialroom/shared/policy/policy';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { io, type Socket } from 'socket.io-client';
import { afterEach, describe, expect, test } from 'vitest';
import { Refusal } from '../http/refusal.ts';
import { createHub, PEOPLE_CHANNEL, type SocketHub } from './socket-hub.ts';

const log = pino({ level: 'silent' });
const url = process.env.REDIS_URL;
const person = (id: string): Person => ({ id, name: id, colour: 'a', role: 'viewer' });
const home: HomeSnapshot = { topic: 'home', trials: [], notebooks: [], present: [], seq: 7 };

interface Pair {
  /** Two hubs of one workspace; in one process they are the same. */
  hubs: [SocketHub, SocketHub];
  end(): Promise<void>;
}

const adapters: { name: string; make(): Promise<Pair> }[] = [
  {
    name: 'in one process',
    make: async () => {
      const hub = await createHub({ log });
      return { hubs: [hub, hub], end: () => hub.close() };
    },
  },
];
if (url) {
  adapters.push({
    name: 'through Redis',
    make: async () => {
      const redis = new Redis(url);
      const prefix = `test-${randomUUID()}`;
      const hubs: [SocketHub, SocketHub] = [
        await createHub({ log, redis, prefix }),
        await createHub({ log, redis, prefix }),
      ];
      return {
        hubs,
        end: async () => {
          await Promise.all(hubs.map((hub) => hub.close()));
          await redis.quit();
        },
      };
    },
  });
}

type Client = Socket<ServerToClient, ClientToServer>;

/** The TCP connection of a client, to stop reading from it. */
function rawSocket(client: Client): { pause(): void; resume(): void } {
  const { ws } = client.io.engine.transport as unknown as { ws: { _socket: { pause(): void; resume(): void } } };
  return ws._socket;
}

describe.each(adapters)('a hub $name', ({ make }) => {
  const endings: (() => Promise<void> | void)[] = [];
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end();
  });

  const start = async (): Promise<{ hubs: Pair['hubs']; ports: [number, number] }> => {
    const { hubs, end } = await make();
    const serve = async (hub: SocketHub): Promise<number> => {
      const server: Server = createServer();
      hub.attach(server, async ({ authorization }) => {
        const name = authorization?.replace('Bearer ', '');
        return name && name !== 'stranger' ? person(name) : null;
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      endings.push(() => {
        server.closeAllConnections();
        server.close();
      });
      const address = server.address();
      return typeof address === 'object' && address ? address.port : 0;
    };
    endings.push(end);
    const first = await serve(hubs[0]);
    return { hubs, ports: [first, hubs[0] === hubs[1] ? first : await serve(hubs[1])] };
  };

  const connect = async (port: number, name: string, headers: Record<string, string> = {}): Promise<Client> => {
    const client: Client = io(`http://127.0.0.1:${port}`, {
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
      extraHeaders: { authorization: `Bearer ${name}`, ...headers },
    });
    endings.push(() => void client.close());
    await new Promise<void>((resolve, reject) => {
      client.on('connect', resolve);
      client.on('connect_error', reject);
    });
    return client;
  };

  const watch = (client: Client, topic: string): Promise<WatchReply> => client.emitWithAck('watch', topic as 'home');

  const presentWith = (client: Client, wanted: (present: Presence[]) => boolean): Promise<Presence[]> =>
    new Promise((resolve) => {
      client.on('present', ({ present }) => {
        if (wanted(present)) resolve(present);
      });
    });

  test('refuses strangers, and pages of other sites', async () => {
    const { ports } = await start();
    await expect(connect(ports[0], 'stranger')).rejects.toThrow('not signed in');
    await expect(connect(ports[0], 'ada', { origin: 'http://evil.example' })).rejects.toThrow();
    await expect(connect(ports[0], 'ada', { origin: `http://127.0.0.1:${ports[0]}` })).resolves.toBeDefined();
  });

  test('joins first and reads then: what happens while the snapshot is made is not lost', async () => {
    const { hubs, ports } = await start();
    const reading = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    for (const hub of new Set(hubs)) {
      hub.provide('home', async (id, who) => {
        expect([id, who.name]).toEqual([null, 'ada']);
        reading.resolve();
        await gate.promise;
        return home;
      });
    }
    const client = await connect(ports[0], 'ada');
    const heard = new Promise((resolve) => client.on('notebooks', resolve));
    const reply = watch(client, 'home');
    await reading.promise;
    hubs[1].emit('home', 'notebooks', { notebooks: [] });
    expect(await heard).toEqual({ notebooks: [] });
    gate.resolve();
    expect(await reply).toEqual({ ok: true, snapshot: home });
  });

  test('tells one person in all their windows, whatever they watch, and nobody else', async () => {
    const { hubs, ports } = await start();
    for (const hub of new Set(hubs)) hub.provide('trial', async () => home);
    const [here, there, bob] = await Promise.all([
      connect(ports[0], 'ada'),
      connect(ports[1], 'ada'),
      connect(ports[1], 'bob'),
    ]);
    // Nobody can ask to hear what is told to another.
    expect(await watch(bob, 'person:ada')).toMatchObject({ ok: false });
    const read = { subject: { kind: 'notebook', id: 'n' }, annotation: 'a', to: 7 } as const;
    const heard = [here, there].map((client) => new Promise((resolve) => client.on('annotationRead', resolve)));
    const overheard: unknown[] = [];
    bob.on('annotationRead', (event) => overheard.push(event));
    const last = new Promise((resolve) => bob.on('trial', resolve));
    await watch(bob, 'trial:t');
    hubs[1].tell('ada', 'annotationRead', read);
    expect(await Promise.all(heard)).toEqual([read, read]);
    hubs[1].emit('trial:t', 'trial', { trial: {} as never });
    await last;
    expect(overheard).toEqual([]);
  });

  test('sends a topic only to those who watch it, from any server', async () => {
    const { hubs, ports } = await start();
    for (const hub of new Set(hubs)) hub.provide('trial', async () => home);
    const [ada, bob] = await Promise.all([connect(ports[0], 'ada'), connect(ports[1], 'bob')]);
    await watch(ada, 'trial:1');
    await watch(bob, 'trial:1');
    await watch(bob, 'trial:2');
    const got: Record<string, string[]> = { ada: [], bob: [] };
    const last = Promise.withResolvers<void>();
    ada.on('log', ({ trial }) => void got.ada?.push(trial));
    bob.on('log', ({ trial }) => void got.bob?.push(trial));
    ada.on('points', () => last.resolve());
    hubs[0].emit('trial:2', 'log', { trial: '2', lines: [] });
    hubs[0].emit('trial:1', 'log', { trial: '1', lines: [] });
    hubs[0].emit('trial:1', 'points', { trial: '1', seq: 1, series: [] });
    await last.promise;
    await watch(bob, 'trial:1');
    await expect.poll(() => got).toEqual({ ada: ['1'], bob: ['2', '1'] });
  });

  test('a viewer that stops reading falls behind alone, and is told to look again once it reads', async () => {
    const { hubs, ports } = await start();
    for (const hub of new Set(hubs)) hub.provide('trial', async () => ({ ...home, seq: 0 }));
    const [slow, fast] = await Promise.all([connect(ports[0], 'ada'), connect(ports[0], 'bob')]);
    await watch(slow, 'trial:1');
    await watch(fast, 'trial:1');
    const heard: number[] = [];
    slow.on('points', ({ seq }) => heard.push(seq));
    const missed = new Promise<string[]>((resolve) => slow.on('missed', ({ topics }) => resolve(topics)));
    const line = rawSocket(slow);
    line.pause();
    // More than what the operating system holds between two sockets of one machine.
    const EVENTS = 3000;
    let reached = 0;
    let check = (): void => {};
    fast.on('points', ({ seq }) => {
      reached = seq;
      check();
    });
    const fastHas = (seq: number): Promise<void> =>
      new Promise((resolve) => {
        check = () => reached >= seq && resolve();
        check();
      });
    const series = [{ key: 'k'.repeat(10_000), steps: [], walls: [], values: [] }];
    for (let seq = 1; seq <= EVENTS; seq++) {
      hubs[1].emit('trial:1', 'points', { trial: '1', seq, series });
      // Not faster than someone who reads can be told on a busy machine.
      if (seq % 20 === 0) await fastHas(seq);
    }
    line.resume();
    expect(await missed).toEqual(['trial:1']);
    expect(heard.length).toBeLessThan(EVENTS);
    expect(heard).toEqual(Array.from({ length: heard.length }, (_, i) => i + 1));
    expect(await watch(slow, 'trial:1')).toMatchObject({ ok: true });
    const next = new Promise((resolve) => slow.on('points', ({ seq }) => seq > EVENTS && resolve(seq)));
    hubs[1].emit('trial:1', 'points', { trial: '1', seq: EVENTS + 1, series: [] });
    expect(await next).toBe(EVENTS + 1);
  });

  test('answers what cannot be watched in words, and sends nothing of it', async () => {
    const { hubs, ports } = await start();
    for (const hub of new Set(hubs)) {
      hub.provide('notebook', async () => {
        throw new Refusal(404, { error: 'none', message: 'there is no such notebook' });
      });
      hub.provide('trial', async () => {
        throw new Error('secret detail');
      });
    }
    const client = await connect(ports[0], 'ada');
    expect(await watch(client, 'notebook:x')).toEqual({
      ok: false,
      error: 'there is no such notebook',
      code: 'none',
    });
    const failed = await watch(client, 'trial:x');
    expect(failed.ok ? '' : failed.error).not.toContain('secret');
    for (const bad of ['', 'room', 'notebook:', 'other:1']) {
      expect(await watch(client, bad)).toMatchObject({ ok: false });
    }
    const heard: unknown[] = [];
    client.on('file', (event) => heard.push(event));
    const file = { path: 'x', state: 'synced' as const, message: null, savedAt: null };
    hubs[0].emit('notebook:x', 'file', { notebook: 'x', file });
    expect(await watch(client, 'notebook:x')).toMatchObject({ ok: false });
    expect(heard).toEqual([]);
  });

  test('tells who is here, on every server, and when they look elsewhere, rename themselves or leave', async () => {
    const { hubs, ports } = await start();
    for (const hub of new Set(hubs)) hub.provide('trial', async () => home);
    const ada = await connect(ports[0], 'ada');
    const both = presentWith(ada, (present) =>
      present.some((entry) => entry.person.id === 'bob' && entry.topics.includes('trial:9')),
    );
    const bob = await connect(ports[1], 'bob');
    await watch(bob, 'trial:9');
    expect(await both).toEqual([
      { person: person('ada'), topics: [] },
      { person: person('bob'), topics: ['trial:9'] },
    ]);
    expect(hubs[0].present().map((entry) => entry.person.id)).toEqual(['ada', 'bob']);
    const renamed = presentWith(ada, (present) => present.some((entry) => entry.person.name === 'Robert'));
    await hubs[0].publish(PEOPLE_CHANNEL, { ...person('bob'), name: 'Robert' });
    await renamed;
    const alone = presentWith(ada, (present) => present.length === 1);
    bob.close();
    expect(await alone).toEqual([{ person: person('ada'), topics: [] }]);
  });

  test('carries messages between processes, itself included, until told to stop', async () => {
    const { hubs } = await start();
    const heard: [number, unknown][] = [];
    const third = Promise.withResolvers<void>();
    const stop = await hubs[0].subscribe('news', (message) => heard.push([0, message]));
    await hubs[1].subscribe('news', (message) => {
      heard.push([1, message]);
      if (heard.length >= 3) third.resolve();
    });
    await hubs[1].publish('other', 'not this');
    await hubs[1].publish('news', { a: [1] });
    await expect.poll(() => heard.length).toBe(2);
    await stop();
    await hubs[0].publish('news', 'again');
    await third.promise;
    expect(heard.filter(([hub]) => hub === 0)).toEqual([[0, { a: [1] }]]);
    expect(heard.filter(([hub]) => hub === 1).map(([, message]) => message)).toEqual([{ a: [1] }, 'again']);
  });
});
