/**
 * What a peer says over one connection, from its first byte: greeting, READY, then messages and commands. It is a
 * reducer: state and bytes in, events out; sockets and answers are the business of `peer.ts`.
 */
import { type Command, latin1, readCommand } from './commands.ts';
import { FrameCutter } from './frames.ts';
import { checkSignature, GREETING_LENGTH, readGreeting, SIGNATURE_LENGTH } from './greeting.ts';
import { ZmtpError } from './protocol-error.ts';

/** Who may talk to whom. */
const PARTNERS: Record<'ROUTER' | 'PUB' | 'REP', readonly string[]> = {
  ROUTER: ['ROUTER', 'DEALER', 'REQ'],
  PUB: ['SUB', 'XSUB'],
  REP: ['REQ', 'DEALER'],
};

/** The kinds of socket that we offer. */
export type ServerType = keyof typeof PARTNERS;

/** What was heard. */
export type Heard =
  /** The peer may be talked to. `identity`: what it wants to be called; empty: it does not care. */
  | { is: 'ready'; identity: Uint8Array }
  | { is: 'message'; parts: Uint8Array[] }
  | { is: 'subscribed' | 'cancelled'; topic: Uint8Array }
  | { is: 'ping'; ttl: number; context: Uint8Array };

/** Most bytes of one message, all parts together. */
const LARGEST_MESSAGE = 512 * 1024 * 1024;
/** Most bytes of a command; a subscription is one too. */
const LARGEST_COMMAND = 64 * 1024;
/** Most parts of one message. */
const MOST_PARTS = 10_000;
const LONGEST_IDENTITY = 255;

/** Reads one connection of a socket of kind `own`. */
export class Session {
  readonly #own: ServerType;
  readonly #cutter = new FrameCutter();
  #stage: 'greeting' | 'handshake' | 'traffic' = 'greeting';
  #parts: Uint8Array[] = [];
  #size = 0;

  constructor(own: ServerType) {
    this.#own = own;
  }

  /**
   * Takes in bytes and tells what they complete.
   * @throws ZmtpError when they are not what may come here; nothing that comes later can be read then
   */
  push(chunk: Uint8Array, tell: (heard: Heard) => void): void {
    this.#cutter.push(chunk);
    if (this.#stage === 'greeting') {
      const greeting = this.#cutter.take(GREETING_LENGTH);
      if (!greeting) {
        checkSignature(this.#cutter.peek(SIGNATURE_LENGTH));
        return;
      }
      readGreeting(greeting);
      this.#stage = 'handshake';
    }
    for (;;) {
      const room = this.#stage === 'traffic' ? LARGEST_MESSAGE - this.#size : LARGEST_COMMAND;
      const frame = this.#cutter.next(room);
      if (!frame) return;
      const { more, command, body } = frame;
      if (command) {
        const said = this.#command(body);
        if (said) tell(said);
      } else if (this.#stage !== 'traffic') throw new ZmtpError('a message comes before READY');
      else {
        this.#size += body.length;
        this.#parts.push(body);
        if (this.#parts.length > MOST_PARTS) throw new ZmtpError(`a message has more than ${MOST_PARTS} parts`);
        if (!more) tell(this.#message());
      }
    }
  }

  #message(): Heard {
    const parts = this.#parts;
    this.#parts = [];
    this.#size = 0;
    if (this.#own !== 'PUB') return { is: 'message', parts };
    // Version 3.0 says by messages what 3.1 says by commands.
    const [news] = parts;
    if (parts.length !== 1 || !news || (news[0] !== 0 && news[0] !== 1)) {
      throw new ZmtpError('it sends a message where it may only subscribe');
    }
    return { is: news[0] === 1 ? 'subscribed' : 'cancelled', topic: news.subarray(1) };
  }

  #command(body: Uint8Array): Heard | undefined {
    if (body.length > LARGEST_COMMAND) throw new ZmtpError(`a command has ${body.length} bytes`);
    const command = readCommand(body);
    if (command.name === 'ERROR') throw new ZmtpError(`it ends the connection: ${command.reason}`);
    if (this.#stage === 'handshake') return this.#ready(command);
    switch (command.name) {
      case 'READY':
        throw new ZmtpError('it says READY twice');
      case 'SUBSCRIBE':
      case 'CANCEL':
        if (this.#own !== 'PUB') throw new ZmtpError('it subscribes where nothing is published');
        return { is: command.name === 'SUBSCRIBE' ? 'subscribed' : 'cancelled', topic: command.topic };
      case 'PING':
        return { is: 'ping', ttl: command.ttl, context: command.context };
      default:
        // A PONG says only that somebody is there, and a later version may say what we need not know.
        return undefined;
    }
  }

  #ready(command: Command): Heard {
    if (command.name !== 'READY') throw new ZmtpError('it does not begin with READY');
    const type = latin1(command.properties.get('socket-type') ?? EMPTY);
    if (!PARTNERS[this.#own].includes(type)) {
      throw new ZmtpError(`it is a socket of type ${JSON.stringify(type)}, which cannot talk to ${this.#own}`);
    }
    const identity = command.properties.get('identity') ?? EMPTY;
    if (identity.length > LONGEST_IDENTITY || identity[0] === 0) {
      throw new ZmtpError('its identity is longer than 255 bytes or begins with a zero');
    }
    this.#stage = 'traffic';
    return { is: 'ready', identity };
  }
}

const EMPTY = new Uint8Array(0);
