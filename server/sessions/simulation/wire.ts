/** For the simulation: a line between a person and a room that keeps order, delivers when told to, and can break anywhere. */
import { EventEmitter } from 'node:events';
import type { WebSocket } from 'ws';

/** One connection's two directions. What is on its way when it breaks is lost, as with TCP. */
export class Wire extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  binaryType = 'arraybuffer';
  /** On their way to the server, and to the person. */
  readonly up: Uint8Array[] = [];
  readonly down: Uint8Array[] = [];
  /** Why the server ended it. */
  closed: number | null = null;

  /** The server's end, as `Connection` uses it. */
  get socket(): WebSocket {
    return this as unknown as WebSocket;
  }

  send(bytes: Uint8Array): void {
    if (this.readyState === 1) this.down.push(bytes.slice());
  }

  close(code: number): void {
    this.closed = code;
    this.break();
  }

  break(): void {
    this.readyState = 3;
    this.up.length = 0;
    this.down.length = 0;
  }

  /** Lets the next message to the server arrive; false when there is none. */
  arrive(): boolean {
    const next = this.up.shift();
    if (next) this.emit('message', next.slice().buffer, true);
    return next !== undefined;
  }
}
