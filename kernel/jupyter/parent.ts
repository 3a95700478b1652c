/**
 * Jupyter as the parent of a kernel: the supervisor says and hears what it always does, and this turns it into messages
 * of protocol 5.4 and back. It runs on the supervisor's thread, so cells can never keep it from answering.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { FrameReader } from '@trialroom/shared/kernel/framing';
import type { FromKernel, ToKernel } from '@trialroom/shared/kernel/protocol';
import { complain, wordsOf } from '../process/complain.ts';
import type { Parent, ParentEvents } from '../process/parent.ts';
import { frameSize } from '../process/rows.ts';
import { Assist } from './assist.ts';
import { Comms } from './comms.ts';
import { Executions } from './executions.ts';
import { History } from './history.ts';
import { InputCalls } from './input.ts';
import { Line } from './line.ts';
import { Questions } from './questions.ts';
import { Rehearsal } from './rehearsal.ts';
import { Requests } from './requests.ts';
import { type Bound, listen } from './sockets.ts';
import { keepTrial } from './trials.ts';
import { Wire } from './wire.ts';

/** How often to look whether whoever started us is still there, in ms. */
const ORPHAN_MS = 1000;

/** Serves the clients of a connection file. */
export function connectJupyter(file: string, events: ParentEvents): Parent {
  let desk: Desk | undefined;
  const start = async (): Promise<void> => {
    const bound = await listen(file);
    desk = new Desk(bound, events);
    watchParent(events.closed);
    events.opened();
  };
  start().catch((error: unknown) => events.refused(error instanceof Error ? error : new Error(String(error))));
  return {
    send: (frame) => desk?.heard(frame),
    say: (texts) => desk?.told(texts),
    deaf: DEAF,
    rehearse: () => desk?.rehearse(),
    close: (done) => (desk ? desk.close(done) : done()),
  };
}

const EMPTY = new Uint8Array(0);
const EXECUTE = Buffer.from('"execute_request"');
/** The header of a message is within so many bytes. */
const HEAD = 1024;
/** What Jupyter's clients have no use for. */
const DEAF: ReadonlySet<FromKernel['type']> = new Set(['hello', 'names', 'started', 'gauge', 'backend']);

/** Where requests come in and news of the kernel go out. */
class Desk {
  readonly #events: ParentEvents;
  readonly #line: Line;
  readonly #reader = new FrameReader();
  readonly #executions: Executions;
  readonly #questions: Questions;
  readonly #comms: Comms;
  readonly #input: InputCalls;
  readonly #requests: Requests;
  readonly #assist: Assist;
  #ready = false;
  #owed = 0;
  #rehearsal: Rehearsal | undefined;

  constructor({ connection, serve }: Bound, events: ParentEvents) {
    this.#events = events;
    const wire = new Wire(connection.key, connection.digest);
    const sockets = serve({
      received: (channel, parts) => this.#received(channel, wire, parts),
      stirred: (chunk) => this.#stirred(chunk),
      subscribed: (topic) => this.#welcome(topic),
    });
    this.#line = new Line(sockets, wire, randomUUID());
    const tell = (message: ToKernel, payload: Uint8Array = EMPTY): void => events.trusted(message, payload);
    const history = new History();
    this.#questions = new Questions(tell);
    this.#assist = new Assist(this.#questions, history);
    this.#comms = new Comms(this.#line, tell);
    this.#executions = new Executions({
      line: this.#line,
      history,
      tell,
      help: (expression) => this.#assist.inspect(expression, expression.length),
    });
    this.#input = new InputCalls(this.#line, this.#executions, tell);
    this.#requests = new Requests({
      line: this.#line,
      connection,
      executions: this.#executions,
      history,
      assist: this.#assist,
      comms: this.#comms,
      about: { version: version(), node: process.version },
      shutdown: () => tell({ type: 'shutdown' }),
    });
    this.#line.publish('status', { execution_state: 'starting' }, undefined);
  }

  /** While a request to run something is read and checked, the thread that will run it can make itself ready. */
  #stirred({ buffer, byteOffset, length }: Uint8Array): void {
    const head = Buffer.from(buffer, byteOffset, Math.min(length, HEAD));
    if (head.includes(EXECUTE)) this.#events.stirred();
  }

  /** A message came from a client. */
  #received(channel: 'shell' | 'control' | 'stdin', wire: Wire, parts: Uint8Array[]): void {
    try {
      const routed = wire.decode(parts);
      if (channel === 'stdin') this.#input.answered(routed.message);
      else void this.#requests.take({ ...routed, channel }).then(() => this.#makeReady());
    } catch (error) {
      complain(wordsOf(error));
    }
  }

  /** What is asked first is answered; what is asked next finds everything gone through once. */
  #makeReady(): void {
    if (this.#ready) return;
    this.#ready = true;
    setImmediate(() => void this.#assist.rehearse().catch(() => {}));
  }

  /** A client listens: what is said from now on reaches it. */
  #welcome(topic: Uint8Array): void {
    this.#line.publish('iopub_welcome', { subscription: Buffer.from(topic).toString('utf8') }, undefined);
  }

  /** The kernel said something. */
  heard(bytes: Uint8Array): void {
    for (const { header, bytes: size } of this.#reader.push(bytes)) {
      // It comes from this very process.
      this.#obey(header as FromKernel);
      this.#owe(size);
    }
  }

  /** The kernel said something that it need not have put into bytes. */
  told(texts: readonly string[]): void {
    for (const text of texts) {
      const message: FromKernel = JSON.parse(text);
      this.#obey(message);
      this.#owe(frameSize(text));
    }
  }

  /** Goes through the messages of a short cell, which reach nobody. */
  rehearse(): void {
    this.#rehearsal ??= new Rehearsal();
    this.#rehearsal.again();
  }

  close(done: () => void): void {
    this.#line.close(done);
  }

  #obey(message: FromKernel): void {
    switch (message.type) {
      case 'stream':
      case 'display':
      case 'update':
      case 'result':
      case 'error':
      case 'uncaught':
      case 'clear':
        this.#executions.heard(message);
        break;
      case 'done':
        this.#executions.ended(message.execution, message.end);
        break;
      case 'answer':
        this.#questions.heard(message);
        break;
      case 'widget.open':
        this.#comms.heard(message, this.#executions.origin(message.execution));
        break;
      case 'widget.set':
      case 'widget.close':
        this.#comms.heard(message, undefined);
        break;
      default: {
        const tell = (answer: ToKernel): void => this.#events.trusted(answer, EMPTY);
        if (message.type === 'call' && message.method === 'input') this.#input.asked(message);
        else keepTrial(message, tell);
      }
    }
  }

  /** The kernel may go on printing once clients have been sent what it printed so far. */
  #owe(bytes: number): void {
    const settled = this.#owed > 0;
    this.#owed += bytes;
    if (settled) return;
    this.#line.published(() => {
      const paid = this.#owed;
      this.#owed = 0;
      this.#events.trusted({ type: 'credit', bytes: paid }, EMPTY);
    });
  }
}

/** A kernel whose client has died ends too. */
function watchParent(gone: () => void): void {
  if (process.env.JPY_PARENT_PID === undefined) return;
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) gone();
  }, ORPHAN_MS).unref();
}

function version(): string {
  const about: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return typeof about === 'object' && about !== null ? String(Reflect.get(about, 'version')) : '';
}
