/** The sockets beside ZeroMQ's own library, where it is installed. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Heartbeat } from './heartbeat.ts';
import { Publisher } from './publisher.ts';
import { complain, echoing, folder, open, undo } from './testing.ts';

const absent = ((): boolean => {
  try {
    createRequire(import.meta.url).resolve('zeromq');
    return false;
  } catch {
    console.warn('the optional package zeromq is not installed: what is said to libzmq is not tested');
    return true;
  }
})();

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
