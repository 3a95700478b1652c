/**
 * A client of a kernel behind ZeroMQ, for tests and measurements: starts the process with a connection file of its own
 * and speaks to it as Jupyter's clients do.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Json, type JupyterParts, MessageMaker, parentId } from '@trialroom/shared/jupyter/messages';
import { kernelCommand } from '@trialroom/shared/kernel/spawn';
import { Dealer, Request as Req, Subscriber } from 'zeromq';
import { type Connection, parseConnection, SOCKETS } from './connection.ts';
import { Wire } from './wire.ts';

/** How the kernel under test is started. */
export interface ClientOptions {
  /** `''`: nothing is signed. */
  key?: string;
  env?: NodeJS.ProcessEnv;
}

type Asked = 'shell' | 'control' | 'stdin';

/** Everything that one request led to. */
export interface Answered {
  reply: JupyterParts;
  /** What iopub said about it, busy and idle included. */
  iopub: JupyterParts[];
}

/** A running kernel and a client of it. */
export class JupyterClient {
  readonly connection: Connection;
  readonly child: ChildProcess;
  readonly folder: string;
  readonly wire: Wire;
  readonly iopub: JupyterParts[] = [];
  /** Requests for input, in order. */
  readonly asked: JupyterParts[] = [];
  stderr = '';
  readonly exited: Promise<number | null>;
  readonly maker = new MessageMaker(randomUUID(), 'tester');
  readonly #dealers: Record<Asked, Dealer>;
  readonly #subscriber = new Subscriber({ receiveHighWaterMark: 0, linger: 0 });
  readonly #replies: JupyterParts[] = [];
  #changed = Promise.withResolvers<void>();
  #gone = false;
  #listening = false;

  constructor(connection: Connection, child: ChildProcess, folder: string) {
    this.connection = connection;
    this.child = child;
    this.folder = folder;
    this.wire = new Wire(connection.key, connection.digest);
    // Jupyter uses one identity for all, so that the kernel can ask back on stdin.
    const routingId = randomUUID();
    const dealer = (): Dealer => new Dealer({ routingId, linger: 0 });
    this.#dealers = { shell: dealer(), control: dealer(), stdin: dealer() };
    for (const channel of ['shell', 'control', 'stdin'] as const) {
      this.#dealers[channel].connect(connection.addresses[channel]);
      void this.#listen(this.#dealers[channel], channel === 'stdin' ? this.asked : this.#replies);
    }
    this.#subscriber.connect(connection.addresses.iopub);
    this.#subscriber.subscribe('');
    void this.#listen(this.#subscriber, this.iopub);
    child.stderr?.on('data', (chunk) => {
      this.stderr += String(chunk);
      this.#wake();
    });
    this.exited = once(child, 'close').then(([code]) => {
      this.#gone = true;
      this.#wake();
      return code;
    });
  }

  /** Sends a request and returns its id. */
  send(channel: Asked, type: string, content: Json, parent?: JupyterParts, buffers: Uint8Array[] = []): string {
    const message = this.maker.message(channel, type, content, { parent: parent?.header, buffers });
    this.sendParts(channel, this.wire.encode({ identities: [], message }));
    return message.header.msg_id;
  }

  /** Sends parts as they are, which need not be a message. */
  sendParts(channel: Asked, parts: Uint8Array[]): void {
    void this.#dealers[channel].send(parts);
  }

  /** Resolves once `look` finds something, now or after any message. */
  async until<T>(look: () => T | undefined): Promise<T> {
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      if (this.#gone) throw new Error(`the kernel has ended: ${this.stderr}`);
      await this.#changed.promise;
    }
  }

  /** The reply to the request of this id, once it is there. */
  reply(id: string): Promise<JupyterParts> {
    return this.until(() => this.#replies.find((one) => parentId(one.parent_header) === id));
  }

  /** All of iopub about a request, once it is idle. */
  async about(id: string): Promise<JupyterParts[]> {
    await this.until(() =>
      this.iopub.find((one) => parentId(one.parent_header) === id && one.content.execution_state === 'idle'),
    );
    return this.iopub.filter((one) => parentId(one.parent_header) === id);
  }

  /** Resolves once nothing on iopub is missed any more. */
  async listening(): Promise<void> {
    if (this.#listening) return;
    await this.until(() => this.iopub.find((one) => one.header.msg_type === 'iopub_welcome'));
    this.#listening = true;
  }

  /** Sends a request and waits for all that comes of it. */
  async ask(channel: 'shell' | 'control', type: string, content: Json = {}): Promise<Answered> {
    await this.listening();
    const id = this.send(channel, type, content);
    const [reply, iopub] = await Promise.all([this.reply(id), this.about(id)]);
    return { reply, iopub };
  }

  /** Sends an `execute_request`; returns its id. */
  start(code: string, more: Json = {}): string {
    return this.send('shell', 'execute_request', {
      code,
      silent: false,
      store_history: true,
      user_expressions: {},
      allow_stdin: true,
      stop_on_error: true,
      ...more,
    });
  }

  /** Runs code and waits for all that comes of it. */
  async run(code: string, more: Json = {}): Promise<Answered> {
    await this.listening();
    const id = this.start(code, more);
    const [reply, iopub] = await Promise.all([this.reply(id), this.about(id)]);
    return { reply, iopub };
  }

  /** Forgets what was heard, so that a long measurement does not search through all of it. */
  forget(): void {
    this.iopub.length = 0;
    this.#replies.length = 0;
  }

  /** Sends bytes to the heartbeat and returns what comes back. */
  async beat(bytes: string): Promise<string> {
    const heart = new Req({ linger: 0 });
    heart.connect(this.connection.addresses.hb);
    await heart.send(bytes);
    const [back] = await heart.receive();
    heart.close();
    return String(back);
  }

  /** Ends the kernel and removes its folder. */
  async close(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
    for (const socket of [...Object.values(this.#dealers), this.#subscriber]) socket.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  async #listen(socket: AsyncIterable<Uint8Array[]>, into: JupyterParts[]): Promise<void> {
    for await (const parts of socket) {
      into.push(this.wire.decode(parts).message);
      this.#wake();
    }
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

/** Starts a kernel; it may not listen yet when this resolves, which ZeroMQ's clients need not mind. */
export async function startJupyter({
  key = randomUUID(),
  env = process.env,
}: ClientOptions = {}): Promise<JupyterClient> {
  const folder = await mkdtemp(join(tmpdir(), 'trialroom-jupyter-'));
  const ports = await freePorts(SOCKETS.length);
  const text = JSON.stringify({
    transport: 'tcp',
    ip: '127.0.0.1',
    key,
    signature_scheme: 'hmac-sha256',
    ...Object.fromEntries(SOCKETS.map((name, index) => [`${name}_port`, ports[index]])),
  });
  const file = join(folder, 'connection.json');
  await writeFile(file, text);
  const entry = fileURLToPath(new URL('../main.js', import.meta.url));
  const { execArgv } = kernelCommand({ entry, socket: '' });
  const child = spawn(process.execPath, [...execArgv, entry, '--connection', file], {
    cwd: folder,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return new JupyterClient(parseConnection(text), child, folder);
}

/** As Jupyter finds ports: asks the system for some, and lets go of them. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  return Promise.all(
    servers.map(async (server) => {
      const address = server.address();
      server.close();
      await once(server, 'close');
      if (address === null || typeof address === 'string') throw new Error('no port');
      return address.port;
    }),
  );
}
