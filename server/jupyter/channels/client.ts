/** One client of a kernel: a WebSocket, the format it speaks, and who is behind it. */
import type {
  Json,
  JupyterChannel,
  JupyterMessage,
  MessageMaker,
  MessageOptions,
} from '@trialroom/shared/jupyter/messages';
import { encodeWebSocket, type WebSocketFormat } from '@trialroom/shared/jupyter/websocket';
import type { Person } from '@trialroom/shared/policy/policy';
import type { WebSocket } from 'ws';
import { Outbox } from './outbox.ts';

/** A connection to a kernel's channels. */
export class Client {
  /** As the client calls its connection; it keeps the name when it connects anew. */
  readonly name: string;
  person: Person;
  readonly #socket: WebSocket;
  readonly #maker: MessageMaker;
  readonly #outbox: Outbox;

  constructor(options: {
    name: string;
    person: Person;
    socket: WebSocket;
    format: WebSocketFormat;
    maker: MessageMaker;
  }) {
    const { socket, format } = options;
    this.name = options.name;
    this.person = options.person;
    this.#socket = socket;
    this.#maker = options.maker;
    this.#outbox = new Outbox({
      get bufferedAmount() {
        return socket.bufferedAmount;
      },
      send: (message, sent) => {
        if (socket.readyState === socket.OPEN) socket.send(encodeWebSocket(format, message), sent);
      },
      drop: () => socket.close(1013, 'too far behind; connect again'),
    });
  }

  /** False once the connection has ended, or is about to. */
  get open(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /** Says something, as the kernel; what is said to a closed connection is dropped. */
  send(channel: JupyterChannel, type: string, content: Json, options: MessageOptions = {}): void {
    this.forward(this.#maker.message(channel, type, content, options));
  }

  /** Sends a message as it is. */
  forward(message: JupyterMessage): void {
    if (this.open) this.#outbox.send(message);
  }

  /** Ends the connection with a code and a reason that clients show. */
  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }
}
