/** For tests: sockets that listen, clients that misbehave, and what is complained of. Used by one test file at a time. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { encodeReady } from './commands.ts';
import { listenAt } from './endpoint.ts';
import { encodeCommand, FrameCutter, type ZmtpFrame } from './frames.ts';
import { GREETING } from './greeting.ts';
import { Router } from './router.ts';

/** A folder of the test file's own. */
export let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trialroom-zmtp-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What each test leaves to be undone after it, the latest first. */
export const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const work of undo.splice(0).reverse()) await work();
});

const complaints: string[] = [];
let complained = Promise.withResolvers<void>();
/** Remembers what a socket complains of. */
export const complain = (text: string): void => {
  complaints.push(text);
  complained.resolve();
};
/** Resolves once something was complained of with these words. */
export async function complaint(words: string): Promise<void> {
  while (!complaints.some((text) => text.includes(words))) {
    complained = Promise.withResolvers();
    await complained.promise;
  }
  complaints.length = 0;
}

/** Lets a socket listen; the connections end with the test. */
export async function open(
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
export class RawClient {
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

  /** Sends bytes as they are. */
  say(...pieces: Uint8Array[]): this {
    for (const piece of pieces) this.socket.write(piece);
    return this;
  }

  /** Greets and says what kind of socket it is, as a peer must before anything else. */
  greet(type: string, identity = ''): this {
    return this.say(GREETING, encodeCommand(encodeReady({ 'Socket-Type': type, Identity: identity })));
  }

  /** The bodies of what came, commands by their names. */
  get bodies(): string[] {
    return this.frames.map(({ command, body }) =>
      command ? `<${Buffer.from(body.subarray(1, 1 + (body[0] ?? 0)))}>` : String(Buffer.from(body)),
    );
  }

  /** Resolves once what came satisfies `look`. */
  async until(look: () => boolean): Promise<void> {
    while (!look()) {
      if (this.socket.closed) throw new Error(`the connection is closed; it said ${this.bodies.join(', ')}`);
      this.#changed = Promise.withResolvers();
      await this.#changed.promise;
    }
  }

  /** Resolves when the other end has closed the connection. */
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
export function echoing(): Router {
  const router = new Router(complain);
  router.receive((parts) => {
    router.send(parts);
    router.flush();
  });
  return router;
}
