/**
 * The line to Jupyter's clients: puts messages on the right socket, signed, in the right order. What a request printed
 * leaves before its reply does.
 */
import { type Json, type JupyterHeader, MessageMaker } from '@trialroom/shared/jupyter/messages';
import type { Sockets } from './sockets.ts';
import type { Routed, Wire } from './wire.ts';

/** A request with the channel that it came on. */
export interface Request extends Routed {
  channel: 'shell' | 'control';
}

/** What goes with a published message, and how it may travel. */
export interface Extras {
  metadata?: Json;
  buffers?: Uint8Array[];
  /** It may wait a moment for what comes next. */
  patient?: boolean;
}

/** The end of a request that goes well, ready to be sent. */
export interface Ending {
  reply: Uint8Array[];
  idle: Uint8Array[];
  /** When it was made, by `performance.now()`. */
  at: number;
}

/** What was made this long ago tells a time that is not true any more, in ms. */
const STALE_MS = 20;

/** Where messages leave. */
export type Outlet = Pick<Sockets, 'publish' | 'send' | 'published' | 'close'>;

/** Everything that the kernel says to clients. */
export class Line {
  readonly #sockets: Outlet;
  readonly #wire: Wire;
  readonly #maker: MessageMaker;
  /** The request whose cell runs: clients show the kernel as busy while it does. */
  #working: JupyterHeader | undefined;
  readonly #topics = new Map<string, Uint8Array>();

  constructor(sockets: Outlet, wire: Wire, session: string) {
    this.#sockets = sockets;
    this.#wire = wire;
    this.#maker = new MessageMaker(session);
  }

  /** Says something to everyone. */
  publish(type: string, content: Json, parent: JupyterHeader | undefined, extras: Extras = {}): void {
    this.#sockets.publish(this.#published(type, content, parent, extras), extras.patient);
  }

  /** Answers a request, once all that was published before is on its way. */
  reply(request: Request, type: string, content: Json): void {
    this.#sockets.send(request.channel, this.#replied(request, type, content));
  }

  /** Makes the reply to a request and the word that it is dealt with before that is so, while there is time. */
  prepare(request: Request, type: string, content: Json): Ending {
    const reply = this.#replied(request, type, content);
    const idle = this.#published('status', { execution_state: 'idle' }, request.message.header);
    return { reply, idle, at: performance.now() };
  }

  /** Ends the request whose cell ran with what was prepared; false where that has become stale. */
  conclude(request: Request, { reply, idle, at }: Ending): boolean {
    if (performance.now() - at > STALE_MS) return false;
    this.#sockets.send(request.channel, reply);
    this.#working = undefined;
    this.#sockets.publish(idle);
    return true;
  }

  #published(type: string, content: Json, parent: JupyterHeader | undefined, extras: Extras = {}): Uint8Array[] {
    let topic = this.#topics.get(type);
    if (!topic) {
      topic = Buffer.from(type);
      this.#topics.set(type, topic);
    }
    const message = this.#maker.message('iopub', type, content, { parent, ...extras });
    return this.#wire.encode({ identities: [topic], message });
  }

  #replied(request: Request, type: string, content: Json): Uint8Array[] {
    const message = this.#maker.message(request.channel, type, content, { parent: request.message.header });
    return this.#wire.encode({ identities: request.identities, message });
  }

  /** Asks the client of a request for text; returns the id of the question. */
  ask(request: Request, content: Json): string {
    const message = this.#maker.message('stdin', 'input_request', content, { parent: request.message.header });
    this.#sockets.send('stdin', this.#wire.encode({ identities: request.identities, message }));
    return message.header.msg_id;
  }

  /** A request is being dealt with. */
  busy(parent: JupyterHeader, extras: Extras = {}): void {
    this.publish('status', { execution_state: 'busy' }, parent, extras);
  }

  /** The request is dealt with. */
  idle(parent: JupyterHeader): void {
    this.publish('status', { execution_state: 'idle' }, parent);
    // Clients take the last status for the kernel's, whatever it was about.
    if (this.#working && this.#working !== parent) this.busy(this.#working);
  }

  /** Says which request's cell runs, if any. */
  works(parent: JupyterHeader | undefined): void {
    this.#working = parent;
  }

  /** Calls back once all that was published is on its way. */
  published(done: () => void): void {
    this.#sockets.published(done);
  }

  /** Lets everything go and ends all connections, then calls back. */
  close(done: () => void): void {
    this.#sockets.close(done);
  }
}

/** A part of content, where it is of the right kind. */
export const flag = (content: Json, name: string, otherwise: boolean): boolean =>
  typeof content[name] === 'boolean' ? content[name] : otherwise;
/** A text in content; empty where there is none. */
export const text = (content: Json, name: string): string => (typeof content[name] === 'string' ? content[name] : '');
/** A number in content. */
export const number = (content: Json, name: string, otherwise: number): number =>
  typeof content[name] === 'number' ? content[name] : otherwise;
