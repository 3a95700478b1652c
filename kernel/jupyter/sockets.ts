/**
 * The five ZeroMQ sockets of a kernel. ZeroMQ is an optional package and loaded here only, when a kernel is started with
 * a connection file. Sending never blocks this thread: messages wait in an outlet, and who must know asks it.
 */
import { createRequire } from 'node:module';
import { type Connection, readConnection, SOCKETS, type SocketName } from './connection.ts';

type ZeroMq = typeof import('zeromq');

export interface SocketEvents {
  /** Parts of a message that came. */
  received(channel: 'shell' | 'control' | 'stdin', parts: Uint8Array[]): void;
  /** A client listens to iopub from now on. */
  subscribed(topic: Uint8Array): void;
}

/** Messages that a client of iopub may lag behind before it is waited for. */
const IOPUB_AHEAD = 1000;
/** A client that takes in nothing for this long, in ms, loses what it does not read, so that it cannot stop everyone. */
const STUCK_MS = 10_000;
const RETRY_MS = 2;
/** Most bytes of one part of a message. */
const LARGEST = 512 * 1024 * 1024;
/** What was sent last gets this long to leave before the process ends, in ms. */
const LINGER_MS = 100;

/** Sends the messages of one socket in order. */
export class Outlet {
  #queue: Uint8Array[][] = [];
  #sending = false;
  #waiting: (() => void)[] = [];
  #send: (parts: Uint8Array[]) => Promise<void>;

  constructor(send: (parts: Uint8Array[]) => Promise<void>) {
    this.#send = send;
  }

  /** True when nothing waits. */
  get idle(): boolean {
    return !this.#sending;
  }

  push(parts: Uint8Array[]): void {
    this.#queue.push(parts);
    if (!this.#sending) void this.#pump();
  }

  /** Calls back once all that was pushed before has been handed to ZeroMQ. */
  drained(done: () => void): void {
    if (this.#sending) this.#waiting.push(done);
    else done();
  }

  async #pump(): Promise<void> {
    this.#sending = true;
    for (let parts = this.#queue.shift(); parts; parts = this.#queue.shift()) await this.#send(parts);
    this.#sending = false;
    for (const done of this.#waiting.splice(0)) done();
  }
}

/** Where messages leave. */
export interface Sockets {
  shell: Outlet;
  control: Outlet;
  iopub: Outlet;
  stdin: Outlet;
  /** Lets what was sent go, then calls back. */
  close(done: () => void): void;
}

/** Sockets that listen; what comes waits in them until it is asked for. */
export interface Bound {
  connection: Connection;
  /** Begins to take in messages. */
  serve(events: SocketEvents): Sockets;
}

let begun: Promise<Bound> | undefined;

/**
 * Binds the sockets of a connection file, once for the process.
 * @throws Error in words when the file is of no use, ZeroMQ is not there or an address is taken
 */
export function listen(file: string): Promise<Bound> {
  begun ??= bindAll(file);
  return begun;
}

async function bindAll(file: string): Promise<Bound> {
  const connection = readConnection(file);
  const zmq = loadZeroMq();
  const options = { linger: LINGER_MS, maxMessageSize: LARGEST };
  const router = (): InstanceType<ZeroMq['Router']> => new zmq.Router({ ...options, sendHighWaterMark: 0 });
  const sockets = {
    shell: router(),
    control: router(),
    stdin: router(),
    iopub: new zmq.XPublisher({ ...options, sendHighWaterMark: IOPUB_AHEAD, noDrop: true, sendTimeout: 0 }),
    hb: new zmq.Reply(options),
  };
  sockets.iopub.verbosity = 'allSubs';
  await Promise.all(SOCKETS.map((name) => bind(name, sockets[name], connection.addresses[name])));
  return { connection, serve: (events) => serve(sockets, events) };
}

interface Open {
  shell: InstanceType<ZeroMq['Router']>;
  control: InstanceType<ZeroMq['Router']>;
  stdin: InstanceType<ZeroMq['Router']>;
  iopub: InstanceType<ZeroMq['XPublisher']>;
  hb: InstanceType<ZeroMq['Reply']>;
}

function serve(sockets: Open, { received, subscribed }: SocketEvents): Sockets {
  for (const channel of ['shell', 'control', 'stdin'] as const) {
    void take(sockets[channel], (parts) => received(channel, parts));
  }
  void take(sockets.iopub, ([news]) => {
    if (news?.[0] !== 1) return;
    sockets.iopub.noDrop = true;
    subscribed(news.subarray(1));
  });
  void take(sockets.hb, (parts) => sockets.hb.send(parts));

  const publish = async (parts: Uint8Array[]): Promise<void> => {
    const since = performance.now();
    for (;;) {
      try {
        await sockets.iopub.send(parts);
        return;
      } catch (error) {
        if (!isAgain(error)) return;
        // From now on ZeroMQ leaves out whoever is full, and nobody else, until another client comes.
        if (performance.now() - since > STUCK_MS) sockets.iopub.noDrop = false;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  };
  // A reply to a client that is gone is nobody's loss.
  const outlet = (socket: { send(parts: Uint8Array[]): Promise<void> }): Outlet =>
    new Outlet((parts) => socket.send(parts).catch(() => {}));
  return {
    shell: outlet(sockets.shell),
    control: outlet(sockets.control),
    stdin: outlet(sockets.stdin),
    iopub: new Outlet(publish),
    close(done) {
      for (const name of SOCKETS) sockets[name].close();
      setTimeout(done, LINGER_MS / 2);
    },
  };
}

function loadZeroMq(): ZeroMq {
  try {
    const zmq: ZeroMq = createRequire(import.meta.url)('zeromq');
    return zmq;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new Error(
      `Jupyter needs the optional package zeromq, which does not load (${reason}); npm install zeromq@6.8.0`,
    );
  }
}

async function bind(
  name: SocketName,
  socket: { bind(address: string): Promise<void> },
  address: string,
): Promise<void> {
  try {
    await socket.bind(address);
  } catch (error) {
    throw new Error(
      `the ${name} socket cannot listen on ${address}: ${error instanceof Error ? error.message : error}`,
    );
  }
}

/** Takes in messages one after another until the socket is closed. */
async function take(socket: AsyncIterable<Uint8Array[]>, handle: (parts: Uint8Array[]) => unknown): Promise<void> {
  for await (const parts of socket) await handle(parts);
}

const isAgain = (error: unknown): boolean => error instanceof Error && Reflect.get(error, 'code') === 'EAGAIN';
