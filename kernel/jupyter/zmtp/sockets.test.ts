/** The sockets over real connections: with libzmq where it is installed, and with clients that misbehave. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { encodeReady } from './commands.ts';
import { listenAt, readEndpoint } from './endpoint.ts';
import { encodeCommand, encodeMessage, FrameCutter, type ZmtpFrame } from './frames.ts';
import { GREETING } from './greeting.ts';
import { Heartbeat } from './heartbeat.ts';
import { Publisher } from './publisher.ts';
import { Router } from './router.ts';

const absent = ((): boolean => {
  try {
    createRequire(import.meta.url).resolve('zeromq');
    return false;
  } catch {
    console.warn('the optional package zeromq is not installed: what is said to libzmq is not tested');
    return true;
  }
})();

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trialroom-zmtp-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const work of undo.splice(0).reverse()) await work();
});

const complaints: string[] = [];
let complained = Promise.withResolvers<void>();
const complain = (text: string): void => {
  complaints.push(text);
  complained.resolve();
};
/** Resolves once something was complained of with these words. */
async function complaint(words: string): Promise<void> {
  while (!complaints.some((text) => text.includes(words))) {
    complained = Promise.withResolvers();
    await complained.promise;
  }
  complaints.length = 0;
}

async function open(
  socket: { accept(socket: Socket): void },
  address = 'tcp://127.0.0.1:0',
): Promise<{ server: Server; address: string }> {
  const connections: Socket[] = [];
  const server = await listenAt(address, (connection) => {
    connections.push(connection);
    socket.accept(connection);
  });
  undo.push(async () => {
    for (const connection of connections) connection.destroy();
    server.close();
    await once(server, 'close');
  });
  const at: AddressInfo | string | null = server.address();
  return { server, address: at !== null && typeof at === 'object' ? `tcp://127.0.0.1:${at.port}` : address };
}

/** A client that speaks as it is told to. */
class RawClient {
  readonly socket: Socket;
  readonly frames: ZmtpFrame[] = [];
  readonly #cutter = new FrameCutter();
  #changed = Promise.withResolvers<void>();
  #greeted = false;

  constructor(address: string) {
    this.socket = connect(Number(address.split(':').at(-1)), '127.0.0.1');
    undo.push(() => this.socket.destroy());
    this.socket.on('data', (chunk: Uint8Array) => {
      this.#cutter.push(chunk);
      this.#greeted ||= this.#cutter.take(GREETING.length) !== undefined;
      if (!this.#greeted) return;
      for (let frame = this.#cutter.next(2 ** 30); frame; frame = this.#cutter.next(2 ** 30)) this.frames.push(frame);
      this.#wake();
    });
    this.socket.on('error', () => {});
    this.socket.on('close', () => this.#wake());
  }

  say(...pieces: Uint8Array[]): this {
    for (const piece of pieces) this.socket.write(piece);
    return this;
  }

  greet(type: string, identity = ''): this {
    return this.say(GREETING, encodeCommand(encodeReady({ 'Socket-Type': type, Identity: identity })));
  }

  /** The bodies of what came, commands by their names. */
  get bodies(): string[] {
    return this.frames.map(({ command, body }) =>
      command ? `<${Buffer.from(body.subarray(1, 1 + (body[0] ?? 0)))}>` : String(Buffer.from(body)),
    );
  }

  async until(look: () => boolean): Promise<void> {
    while (!look()) {
      if (this.socket.closed) throw new Error(`the connection is closed; it said ${this.bodies.join(', ')}`);
      this.#changed = Promise.withResolvers();
      await this.#changed.promise;
    }
  }

  async closed(): Promise<void> {
    while (!this.socket.closed) {
      this.#changed = Promise.withResolvers();
      await this.#changed.promise;
    }
  }

  #wake(): void {
    this.#changed.resolve();
  }
}

/** A router that says back what it hears. */
function echoing(): Router {
  const router = new Router(complain);
  router.receive((parts) => {
    router.send(parts);
    router.flush();
  });
  return router;
}

describe('addresses', () => {
  it('are read as ZeroMQ writes them', () => {
    expect(readEndpoint('tcp://127.0.0.1:5555')).toEqual({ host: '127.0.0.1', port: 5555 });
    expect(readEndpoint('tcp://[::1]:80')).toEqual({ host: '::1', port: 80 });
    expect(readEndpoint('tcp://*:80')).toEqual({ port: 80 });
    expect(readEndpoint('ipc:///tmp/a b-1')).toEqual({ path: '/tmp/a b-1' });
    expect(readEndpoint('ipc://@name')).toEqual({ path: '\0name' });
    for (const bad of ['udp://1:1', 'tcp://1.2.3.4', 'tcp://a:b', 'tcp://::1:80', 'tcp://a:70000', 'ipc://']) {
      expect(() => readEndpoint(bad)).toThrow('is no address');
    }
  });

  it.skipIf(process.platform === 'win32')('in the file system replace what a dead owner left', async () => {
    const path = join(folder, 'left');
    const { server } = await open(echoing(), `ipc://${path}`);
    await expect(listenAt(`ipc://${path}`, () => {})).rejects.toThrow('EADDRINUSE');
    // As if its owner had been killed: the file stays, and nobody answers.
    const { execFileSync } = await import('node:child_process');
    const stale = join(folder, 'stale');
    const code = `require('node:net').createServer().listen(${JSON.stringify(stale)}, () => process.kill(process.pid, 'SIGKILL'))`;
    expect(() => execFileSync(process.execPath, ['-e', code])).toThrow();
    expect(existsSync(stale)).toBe(true);
    await open(echoing(), `ipc://${stale}`);
    expect(server.listening).toBe(true);
  });
});

describe('a client that breaks the protocol', () => {
  it('is told why and disconnected; the others do not notice', async () => {
    const { address } = await open(echoing());
    const good = new RawClient(address).greet('DEALER', 'good');
    const cases: [(client: RawClient) => void, string][] = [
      [(client) => client.say(Buffer.from('GET / HTTP/1.1\r\n\r\n')), 'does not begin as ZeroMQ does'],
      [(client) => client.greet('SUB'), 'cannot talk to ROUTER'],
      [(client) => client.greet('DEALER').say(Buffer.from([0xf0, 0])), 'which do not exist'],
      [(client) => client.greet('DEALER').say(Buffer.from([2, 255, 0, 0, 0, 0, 0, 0, 0])), 'are the most'],
    ];
    for (const [misbehave, reason] of cases) {
      const bad = new RawClient(address);
      misbehave(bad);
      await bad.closed();
      expect(bad.frames.at(-1)?.command).toBe(true);
      expect(String(Buffer.from(bad.frames.at(-1)?.body ?? []))).toContain(reason);
      await complaint(reason);
    }
    good.say(...encodeMessage([Buffer.from('still here')]));
    await good.until(() => good.bodies.includes('still here'));
  });

  it('that goes in the middle of a message leaves nothing behind', async () => {
    const { address } = await open(echoing());
    const half = new RawClient(address).greet('DEALER', 'half').say(Buffer.from([1, 3, 65, 66, 67, 0, 9, 65]));
    await half.until(() => half.bodies.includes('<READY>'));
    half.socket.destroy();
    const again = new RawClient(address).greet('DEALER', 'half').say(...encodeMessage([Buffer.from('whole')]));
    await again.until(() => again.bodies.includes('whole'));
    expect(again.bodies).toEqual(['<READY>', 'whole']);
  });
});

describe('a router', () => {
  it('lets a new connection take over its identity, and answers a PING', async () => {
    const { address } = await open(echoing());
    const older = new RawClient(address).greet('DEALER', 'me').say(...encodeMessage([Buffer.from('1')]));
    await older.until(() => older.bodies.includes('1'));
    const newer = new RawClient(address).greet('DEALER', 'me').say(...encodeMessage([Buffer.from('2')]));
    await newer.until(() => newer.bodies.includes('2'));
    await older.closed();
    await complaint('a newer connection');
    newer.say(encodeCommand(Buffer.from('\u0004PING\u0000\u0000abc')));
    await newer.until(() => newer.bodies.includes('<PONG>'));
    expect(String(Buffer.from(newer.frames.at(-1)?.body.subarray(5) ?? []))).toBe('abc');
  });

  it('keeps what came before anybody asked for it', async () => {
    const router = new Router(complain);
    const { address } = await open(router);
    const client = new RawClient(address).greet('DEALER').say(...encodeMessage([Buffer.from('early')]));
    await client.until(() => client.bodies.includes('<READY>'));
    const received = new Promise<Uint8Array[]>((resolve) => router.receive(resolve));
    const [identity, body] = await received;
    // A name that no client may give itself.
    expect(identity).toHaveLength(5);
    expect(identity?.[0]).toBe(0);
    expect(String(body)).toBe('early');
  });
});

describe('a publisher', () => {
  const line = (index: number): Uint8Array[] => [Buffer.from('stream'), Buffer.alloc(50_000, 65 + (index % 26))];
  const LINES = 400;

  it('waits for a slow subscriber and loses nothing', async () => {
    const publisher = new Publisher(complain);
    const subscribed = new Promise((resolve) => publisher.subscriptions(resolve));
    const { address } = await open(publisher);
    const slow = new RawClient(address).greet('SUB').say(encodeCommand(Buffer.from('\u0009SUBSCRIBEstr')));
    await subscribed;
    slow.socket.pause();
    let drained = false;
    for (let index = 0; index < LINES; index++) publisher.send(line(index));
    publisher.send([Buffer.from('other'), Buffer.from('not asked for')]);
    publisher.flush();
    const waited = new Promise<void>((resolve) =>
      publisher.drained(() => {
        drained = true;
        resolve();
      }),
    );
    // 20 MB are more than a connection holds by itself.
    await new Promise((resolve) => setImmediate(resolve));
    expect(drained).toBe(false);
    slow.socket.resume();
    await waited;
    await slow.until(() => slow.frames.length === 1 + 2 * LINES);
    expect(slow.frames.filter((_, index) => index % 2 === 0 && index > 0).map(({ body }) => body[0])).toEqual(
      Array.from({ length: LINES }, (_, index) => 65 + (index % 26)),
    );
  });

  it('stops waiting for one that is stuck, says so, and has it back when it moves', async () => {
    const publisher = new Publisher(complain, 40);
    let subscriptions = 0;
    const both = new Promise<void>((resolve) => publisher.subscriptions(() => ++subscriptions === 2 && resolve()));
    const { address } = await open(publisher);
    const listen = (topic: string): RawClient =>
      new RawClient(address).greet('SUB').say(...encodeMessage([Buffer.from(`\u0001${topic}`)]));
    const [stuck, lively] = [listen(''), listen('word')];
    await both;
    stuck.socket.pause();
    for (let index = 0; index < LINES; index++) publisher.send(line(index));
    const say = (word: string): void => {
      publisher.send([Buffer.from('word'), Buffer.from(word)]);
      publisher.flush();
    };
    say('first');
    await new Promise<void>((resolve) => publisher.drained(resolve));
    await complaint('has taken in nothing');
    say('second');
    say('third');
    await lively.until(() => lively.bodies.at(-1) === 'third');
    stuck.socket.resume();
    await complaint('2 have passed it by');
    say('last');
    await stuck.until(() => stuck.frames.length === 1 + 2 * LINES + 4);
    expect([1, 3].map((from) => stuck.bodies.at(-from))).toEqual(['last', 'first']);
  });
});

describe.skipIf(absent)('libzmq', () => {
  it.each(['tcp', 'ipc'])('asks and is answered over %s, small and large', async (transport) => {
    const { Dealer } = await import('zeromq');
    const { address } = await open(echoing(), transport === 'ipc' ? `ipc://${join(folder, 'asked')}` : undefined);
    const dealer = new Dealer({ routingId: 'somebody', linger: 0 });
    undo.push(() => dealer.close());
    dealer.connect(address);
    for (const length of [0, 1, 255, 256, 70_000, 5_000_000]) {
      await dealer.send(['', Buffer.alloc(length, 7), 'end']);
      const parts = await dealer.receive();
      expect(parts.map((part) => part.length)).toEqual([0, length, 3]);
      expect(parts[1]?.every((byte) => byte === 7)).toBe(true);
    }
    const crowd = Array.from({ length: 5 }, () => new Dealer({ linger: 0 }));
    undo.push(() => crowd.map((one) => one.close()));
    for (const [index, one] of crowd.entries()) {
      one.connect(address);
      await one.send(`I am ${index}`);
    }
    const answers = await Promise.all(crowd.map(async (one) => String((await one.receive())[0])));
    expect(answers).toEqual(crowd.map((_, index) => `I am ${index}`));
  });

  it('subscribes, unsubscribes, and hears in order', async () => {
    const { Subscriber } = await import('zeromq');
    const publisher = new Publisher(complain);
    const topics: string[] = [];
    let changed = Promise.withResolvers<void>();
    publisher.subscriptions((topic) => {
      topics.push(String(Buffer.from(topic)));
      changed.resolve();
    });
    const { address } = await open(publisher);
    const subscriber = new Subscriber({ linger: 0, receiveHighWaterMark: 0 });
    undo.push(() => subscriber.close());
    subscriber.connect(address);
    subscriber.subscribe('stream', 'status');
    while (topics.length < 2) {
      await changed.promise;
      changed = Promise.withResolvers();
    }
    expect(topics.sort()).toEqual(['status', 'stream']);
    for (let index = 0; index < 1000; index++) {
      publisher.send([Buffer.from(index % 2 === 0 ? 'stream.a' : 'other'), Buffer.from(String(index))]);
    }
    publisher.flush();
    for (let index = 0; index < 1000; index += 2) {
      const [, body] = await subscriber.receive();
      expect(String(body)).toBe(String(index));
    }
    subscriber.unsubscribe('stream');
    subscriber.subscribe('now');
    while (topics.length < 3) {
      await changed.promise;
      changed = Promise.withResolvers();
    }
    publisher.send([Buffer.from('stream'), Buffer.from('unheard')]);
    publisher.send([Buffer.from('now'), Buffer.from('heard')]);
    publisher.flush();
    expect((await subscriber.receive()).map(String)).toEqual(['now', 'heard']);
  });

  it('feels the heartbeat', async () => {
    const { Request, Dealer } = await import('zeromq');
    const { address } = await open(new Heartbeat(complain));
    const heart = new Request({ linger: 0 });
    undo.push(() => heart.close());
    heart.connect(address);
    for (const beat of ['ping', 'again']) {
      await heart.send(beat);
      expect((await heart.receive()).map(String)).toEqual([beat]);
    }
    // With heartbeats of ZeroMQ's own, which end a connection that does not answer them.
    const dealer = new Dealer({ linger: 0, heartbeatInterval: 5, heartbeatTimeout: 1000, heartbeatTimeToLive: 2000 });
    undo.push(() => dealer.close());
    dealer.connect(address);
    await dealer.send(['', 'one']);
    expect((await dealer.receive()).map(String)).toEqual(['', 'one']);
  });
});
