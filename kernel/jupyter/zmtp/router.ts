/**
 * A socket that many clients ask and that answers each by its identity. A client that connects again under the same
 * identity takes the place of its older connection, which may be dead without having said so.
 */
import type { Socket } from 'node:net';
import { latin1 } from './commands.ts';
import { encodeMessage } from './frames.ts';
import { Peer } from './peer.ts';
import { ZmtpError } from './protocol-error.ts';

/** A ROUTER socket; {@link accept} takes connections, wherever they come from. */
export class Router {
  readonly #peers = new Map<string, Peer>();
  readonly #identities = new Map<Peer, Uint8Array>();
  readonly #complain: (text: string) => void;
  #receive: ((parts: Uint8Array[]) => void) | undefined;
  #stirred: ((chunk: Uint8Array) => void) | undefined;
  /** What came before anybody listened. */
  #early: Uint8Array[][] = [];
  #touched = new Set<Peer>();
  #nameless = 0;

  /** `complain` is told why a client was sent away. */
  constructor(complain: (text: string) => void) {
    this.#complain = complain;
  }

  /**
   * From now on messages are handed over, the identity of the sender as their first part. `stirred` gets
   * the bytes as they come, before they are read.
   */
  receive(handle: (parts: Uint8Array[]) => void, stirred?: (chunk: Uint8Array) => void): void {
    this.#receive = handle;
    this.#stirred = stirred;
    for (const parts of this.#early.splice(0)) handle(parts);
  }

  /** Takes over a connection. */
  readonly accept = (socket: Socket): void => {
    new Peer(socket, 'ROUTER', {
      stirred: (chunk) => this.#stirred?.(chunk),
      heard: (peer, heard) => {
        if (heard.is === 'ready') this.#welcome(peer, heard.identity);
        else if (heard.is === 'message') this.#received([this.#identities.get(peer) ?? EMPTY, ...heard.parts]);
      },
      closed: (peer, reason) => {
        const identity = latin1(this.#identities.get(peer) ?? EMPTY);
        if (this.#peers.get(identity) === peer) this.#peers.delete(identity);
        this.#identities.delete(peer);
        this.#touched.delete(peer);
        if (reason !== undefined) this.#complain(`a client was sent away: ${reason}`);
      },
    });
  };

  /** Sends a message to the client whose identity is its first part; one that is gone misses it. */
  send([identity, ...parts]: readonly Uint8Array[]): void {
    const peer = identity && this.#peers.get(latin1(identity));
    if (!peer) return;
    peer.send(encodeMessage(parts));
    this.#touched.add(peer);
  }

  /** Lets go what was sent since the last time. */
  flush(): void {
    for (const peer of this.#touched) peer.flush();
    this.#touched.clear();
  }

  /** Ends all connections once everything is sent. */
  end(): void {
    for (const peer of this.#identities.keys()) peer.end();
  }

  #received(parts: Uint8Array[]): void {
    if (this.#receive) this.#receive(parts);
    else this.#early.push(parts);
  }

  #welcome(peer: Peer, wanted: Uint8Array): void {
    const identity = wanted.length > 0 ? wanted : this.#name();
    const key = latin1(identity);
    const older = this.#peers.get(key);
    this.#peers.set(key, peer);
    this.#identities.set(peer, identity);
    older?.fail(new ZmtpError('a newer connection has taken its identity'));
  }

  /** As a peer may not call itself: with a zero in front. */
  #name(): Uint8Array {
    const name = Buffer.alloc(5);
    name.writeUInt32BE(++this.#nameless, 1);
    return name;
  }
}

const EMPTY = new Uint8Array(0);
