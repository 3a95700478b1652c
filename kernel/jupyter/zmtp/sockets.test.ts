/** The sockets over real connections, with clients that misbehave. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listenAt, readEndpoint } from './endpoint.ts';
import { encodeCommand, encodeMessage } from './frames.ts';
import { Publisher } from './publisher.ts';
import { Router } from './router.ts';
import { complain, complaint, echoing, folder, open, RawClient } from './testing.ts';

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
