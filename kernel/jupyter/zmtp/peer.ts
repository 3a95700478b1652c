/**
 * One connection to a client: reads what it says, and hands what is for it to the system in order, many messages in one
 * write and never more at a time than tells whether it takes anything in. It ends the connection of whoever breaks the
 * protocol, says why, and harms nobody else.
 */
import type { Socket } from 'node:net';
import { encodeError, encodePong, encodeReady } from './commands.ts';
import { encodeCommand } from './frames.ts';
import { GREETING } from './greeting.ts';
import { ZmtpError } from './protocol-error.ts';
import { type Heard, type ServerType, Session } from './session.ts';

/** What the owner of a connection is told. */
export interface PeerEvents {
  /** Bytes have come that are still to be read. */
  stirred?(chunk: Uint8Array): void;
  heard(peer: Peer, heard: Heard): void;
  /** Nothing waits any more to be taken in by it. */
  drained?(peer: Peer): void;
  /** It is gone. `reason`: what it did wrong, if anything. */
  closed(peer: Peer, reason: string | undefined): void;
}

/** Small pieces are joined up to this size, in bytes. */
const JOINED = 64 * 1024;
/** Most bytes of one write: what a slow client must take in before it counts as having taken in something. */
const SLICE = 256 * 1024;
/** A client that has not said who it is after this many ms is sent away. */
const HANDSHAKE_MS = 30_000;
/** A connection without traffic is tried after this many ms, since the other end may have gone without a word. */
const KEEP_ALIVE_MS = 60_000;
/** A client with more bytes than this to take in is not read from until it has. */
const READ_UNTIL = 16 * 1024 * 1024;

/** A client at the other end of a connection. */
export class Peer {
  /** Since when it has taken in nothing of what waits for it, by `performance.now()`. */
  progressAt = 0;
  readonly #socket: Socket;
  readonly #events: PeerEvents;
  readonly #session: Session;
  #queue: Uint8Array[] = [];
  #queued = 0;
  #reason: string | undefined;
  #handshake: NodeJS.Timeout;
  #silence: NodeJS.Timeout | undefined;

  constructor(socket: Socket, own: ServerType, events: PeerEvents) {
    this.#socket = socket;
    this.#events = events;
    this.#session = new Session(own);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.on('data', (chunk: Uint8Array) => this.#read(chunk));
    // `close` follows, and tells the owner.
    socket.on('error', () => {});
    socket.on('close', () => this.#closed());
    this.#handshake = setTimeout(() => this.fail(new ZmtpError('it does not say who it is')), HANDSHAKE_MS).unref();
    const identity = own === 'ROUTER' ? { Identity: '' } : {};
    this.send([GREETING, encodeCommand(encodeReady({ 'Socket-Type': own, ...identity }))]);
    this.flush();
  }

  /** True when the system has taken all that was sent. */
  get idle(): boolean {
    return this.#queued === 0 && this.#socket.writableLength === 0;
  }

  /** Puts the pieces of a message behind what waits already; {@link flush} sends them. */
  send(pieces: readonly Uint8Array[]): void {
    if (!this.#socket.writable) return;
    if (this.idle) this.progressAt = performance.now();
    for (const piece of pieces) {
      this.#queue.push(piece);
      this.#queued += piece.length;
    }
  }

  /** Sends as much as the system takes; the rest follows by itself. */
  flush(): void {
    while (this.#queued > 0 && this.#socket.writableLength === 0 && this.#socket.writable) {
      this.#socket.write(this.#next(), this.#written);
    }
    if (this.#queued > READ_UNTIL) this.#socket.pause();
  }

  /** Ends the connection because of what the client did. */
  fail(error: ZmtpError): void {
    if (this.#reason !== undefined) return;
    this.#reason = error.message;
    this.#queue = [];
    this.#queued = 0;
    this.#socket.end(encodeCommand(encodeError(error.message)));
    // What it sends from now on is not even read.
    this.#socket.removeAllListeners('data').resume();
    setTimeout(() => this.#socket.destroy(), FAREWELL_MS).unref();
  }

  /** Ends the connection once everything is sent. */
  end(): void {
    this.flush();
    this.#socket.end();
  }

  readonly #written = (): void => {
    this.progressAt = performance.now();
    this.flush();
    if (!this.idle) return;
    if (this.#socket.isPaused() && this.#reason === undefined) this.#socket.resume();
    this.#events.drained?.(this);
  };

  /** What the next write takes off the queue. */
  #next(): Uint8Array {
    const queue = this.#queue;
    let count = 0;
    let size = 0;
    for (; count < queue.length; count++) {
      const length = queue[count]?.length ?? 0;
      if (size + length > JOINED) break;
      size += length;
    }
    if (count === 0) {
      const first = queue[0] ?? EMPTY;
      if (first.length <= SLICE) queue.shift();
      else queue[0] = first.subarray(SLICE);
      size = Math.min(first.length, SLICE);
      this.#queued -= size;
      return first.subarray(0, size);
    }
    this.#queued -= size;
    const taken = queue.splice(0, count);
    return taken.length === 1 ? (taken[0] ?? EMPTY) : Buffer.concat(taken, size);
  }

  #read(chunk: Uint8Array): void {
    this.#silence?.refresh();
    this.#events.stirred?.(chunk);
    try {
      this.#session.push(chunk, (heard) => this.#heard(heard));
    } catch (error) {
      if (!(error instanceof ZmtpError)) throw error;
      this.fail(error);
    }
  }

  #heard(heard: Heard): void {
    if (heard.is === 'ready') clearTimeout(this.#handshake);
    if (heard.is !== 'ping') {
      this.#events.heard(this, heard);
      return;
    }
    clearTimeout(this.#silence);
    if (heard.ttl > 0) {
      const patience = heard.ttl * 100;
      this.#silence = setTimeout(() => this.fail(new ZmtpError(`it is silent for ${patience} ms`)), patience).unref();
    }
    this.send([encodeCommand(encodePong(heard.context))]);
    this.flush();
  }

  #closed(): void {
    clearTimeout(this.#handshake);
    clearTimeout(this.#silence);
    this.#queue = [];
    this.#queued = 0;
    this.#events.closed(this, this.#reason);
  }
}

const EMPTY = new Uint8Array(0);
/** How long a client that is sent away may take to read why, in ms. */
const FAREWELL_MS = 1000;
