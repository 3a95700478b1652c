/**
 * The five sockets of a kernel. They listen before the rest of the kernel is loaded, and what comes meanwhile waits.
 * What is said in one turn of this thread leaves in one write a client, and what a request printed before its reply.
 */
import type { Server, Socket } from 'node:net';
import { complain, wordsOf } from '../process/complain.ts';
import { type Connection, readConnection, SOCKETS } from './connection.ts';
import { listenAt } from './zmtp/endpoint.ts';
import { Heartbeat } from './zmtp/heartbeat.ts';
import { Publisher } from './zmtp/publisher.ts';
import { Router } from './zmtp/router.ts';

/** Where requests come from, and replies go to. */
export type AskedOn = 'shell' | 'control' | 'stdin';

/** What the sockets tell of. */
export interface SocketEvents {
  /** Parts of a message that came. */
  received(channel: AskedOn, parts: Uint8Array[]): void;
  /** Bytes came on the shell channel that are still to be read. */
  stirred(chunk: Uint8Array): void;
  /** A client listens to iopub from now on. */
  subscribed(topic: Uint8Array): void;
}

/** Sockets that listen; what comes waits in them until it is asked for. */
export interface Bound {
  connection: Connection;
  /** Begins to take in messages. */
  serve(events: SocketEvents): Sockets;
}

/** Longest that something waits for company, in ms: most cells have ended by then, and all is said in one go. */
const PATIENCE_MS = 2;
/** What is still on its way when the process ends gets this long, in ms. */
const LINGER_MS = 50;

type Open = { iopub: Publisher; hb: Heartbeat } & Record<AskedOn, Router>;

let begun: Promise<Bound> | undefined;

/**
 * Binds the sockets of a connection file, once for the process.
 * @throws Error in words when the file is of no use or an address is taken
 */
export function listen(file: string): Promise<Bound> {
  begun ??= bindAll(file);
  return begun;
}

async function bindAll(file: string): Promise<Bound> {
  const connection = readConnection(file);
  const router = (channel: AskedOn): Router => new Router(complainOf(channel));
  const open: Open = {
    shell: router('shell'),
    control: router('control'),
    stdin: router('stdin'),
    iopub: new Publisher(complainOf('iopub')),
    hb: new Heartbeat(complainOf('hb')),
  };
  const servers = await Promise.all(
    SOCKETS.map((name) => bind(name, connection.addresses[name], (socket) => open[name].accept(socket))),
  );
  return { connection, serve: (events) => new Sockets(open, servers, events) };
}

async function bind(name: string, address: string, accept: (socket: Socket) => void): Promise<Server> {
  try {
    return await listenAt(address, accept);
  } catch (error) {
    throw new Error(`the ${name} socket cannot listen on ${address}: ${wordsOf(error)}`);
  }
}

/** Complains in the name of a socket. */
const complainOf = (name: string) => (text: string) => complain(`${name}: ${text}`);

/** Where messages leave. */
export class Sockets {
  readonly #open: Open;
  readonly #servers: readonly Server[];
  /** Requests that came while nobody listened. */
  readonly #early: (() => void)[] = [];
  /** What waits for everything on iopub to be on its way. */
  #behind: (() => void)[] = [];
  #flush: NodeJS.Immediate | undefined;
  #soon: NodeJS.Timeout | undefined;
  /** True while something published has not been let go. */
  #unsent = false;

  constructor(open: Open, servers: readonly Server[], { received, stirred, subscribed }: SocketEvents) {
    this.#open = open;
    this.#servers = servers;
    open.iopub.subscriptions(subscribed);
    for (const channel of ['shell', 'control', 'stdin'] as const) {
      const take = (parts: Uint8Array[]): void => this.#whenHeard(() => received(channel, parts));
      open[channel].receive(take, channel === 'shell' ? stirred : undefined);
    }
  }

  /**
   * What is asked while nobody listens waits for the end of this turn: that the client listens may have come in the same
   * one, through another socket, and it would miss what is said about its request.
   */
  #whenHeard(take: () => void): void {
    if (this.#early.length === 0 && this.#open.iopub.isHeard) {
      take();
      return;
    }
    if (this.#early.push(take) > 1) return;
    setImmediate(() => {
      for (const each of this.#early.splice(0)) each();
    });
  }

  /** Says something to all who listen; `patient`: it may wait a moment, to leave together with what comes next. */
  publish(parts: Uint8Array[], patient = false): void {
    this.#open.iopub.send(parts);
    this.#unsent = true;
    if (patient) this.#soon ??= setTimeout(() => this.#later(), PATIENCE_MS);
    else this.#later();
  }

  /** Sends to one client, after all that was published before. */
  send(channel: AskedOn, parts: Uint8Array[]): void {
    this.published(() => {
      this.#open[channel].send(parts);
      this.#open[channel].flush();
    });
  }

  /** Calls back once all that was published is on its way. */
  published(done: () => void): void {
    if (!this.#unsent) {
      this.#open.iopub.drained(done);
      return;
    }
    this.#behind.push(done);
    this.#later();
  }

  /** Lets everything go and ends all connections, then calls back. */
  close(done: () => void): void {
    this.published(() => {
      for (const name of SOCKETS) this.#open[name].end();
      let left = this.#servers.length;
      const late = setTimeout(done, LINGER_MS);
      const closed = (): void => {
        if (--left > 0) return;
        clearTimeout(late);
        done();
      };
      // A server is closed when the last of its connections is.
      for (const server of this.#servers) server.close(closed);
    });
  }

  /** At the end of this turn, when the other messages that came with this one have been dealt with too. */
  #later(): void {
    clearTimeout(this.#soon);
    this.#soon = undefined;
    this.#flush ??= setImmediate(() => {
      this.#flush = undefined;
      this.#unsent = false;
      const { iopub } = this.#open;
      iopub.flush();
      for (const done of this.#behind.splice(0)) iopub.drained(done);
    });
  }
}
