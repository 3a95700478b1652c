/** A socket that says back whatever it is told, by which clients see that somebody is there. */
import type { Socket } from 'node:net';
import { encodeMessage } from './frames.ts';
import { Peer } from './peer.ts';
import { ZmtpError } from './protocol-error.ts';

/** A REP socket whose answer is the question. */
export class Heartbeat {
  readonly #peers = new Set<Peer>();
  readonly #complain: (text: string) => void;

  /** `complain` is told why a client was sent away. */
  constructor(complain: (text: string) => void) {
    this.#complain = complain;
  }

  /** Takes over a connection. */
  readonly accept = (socket: Socket): void => {
    new Peer(socket, 'REP', {
      heard: (peer, heard) => {
        if (heard.is === 'ready') this.#peers.add(peer);
        if (heard.is !== 'message') return;
        // What stands before the empty part is the way back, and goes back as it came.
        if (!heard.parts.some(({ length }) => length === 0)) {
          peer.fail(new ZmtpError('a request has no empty part in front'));
          return;
        }
        peer.send(encodeMessage(heard.parts));
        peer.flush();
      },
      closed: (peer, reason) => {
        this.#peers.delete(peer);
        if (reason !== undefined) this.#complain(`a client was sent away: ${reason}`);
      },
    });
  };

  /** Ends all connections. */
  end(): void {
    for (const peer of this.#peers) peer.end();
  }
}
