/**
 * Goes through the messages of a short cell as they are read, signed and written, without a client: a kernel at rest does
 * so now and then after its start, until V8 has made fast code of it (`process/warm.ts`). Nothing of it leaves the process.
 */
import type { FromKernel } from '@trialroom/shared/kernel/protocol';
import { Executions } from './executions.ts';
import { History } from './history.ts';
import { Line, type Request } from './line.ts';
import { Wire } from './wire.ts';
import { encodeMessage, FrameCutter } from './zmtp/frames.ts';

const LARGEST = 2 ** 20;

/** A desk, a client and a wire of their own, which reach nobody. */
export class Rehearsal {
  readonly #client = new Wire('rehearsal');
  readonly #wire = new Wire('rehearsal');
  readonly #cutter = new FrameCutter();
  readonly #executions: Executions;
  #count = 0;
  /** How many messages would have been sent. */
  said = 0;

  constructor() {
    const written = (parts: readonly Uint8Array[]): void => {
      encodeMessage(parts);
      this.said++;
    };
    const sockets = {
      publish: written,
      send: (_: string, parts: Uint8Array[]) => written(parts),
      published: (done: () => void) => done(),
      close: (done: () => void) => done(),
    };
    this.#executions = new Executions({
      line: new Line(sockets, this.#wire, 'rehearsal'),
      history: new History(),
      tell: (message) => {
        if (message.type === 'execute') queueMicrotask(() => this.#answer(message.execution));
      },
      help: async () => ({}),
    });
  }

  /** One more cell. */
  again(): void {
    const header = {
      msg_id: `rehearsal-${++this.#count}`,
      msg_type: 'execute_request',
      session: 'rehearsal',
      username: '',
      date: new Date().toISOString(),
      version: '5.4',
    };
    const content = { code: `${this.#count}`, silent: false, store_history: true, user_expressions: {} };
    const message = { header, parent_header: {}, metadata: {}, content, buffers: [] };
    for (const piece of encodeMessage(this.#client.encode({ identities: [], message }))) this.#cutter.push(piece);
    const parts: Uint8Array[] = [];
    for (let frame = this.#cutter.next(LARGEST); frame; frame = this.#cutter.next(LARGEST)) parts.push(frame.body);
    const request: Request = { ...this.#wire.decode(parts), channel: 'shell' };
    this.#executions.submit(request);
  }

  #answer(execution: string): void {
    const data = { 'text/plain': String(this.#count) };
    const said: FromKernel[] = [
      { type: 'result', execution, data, metadata: {}, count: this.#count },
      { type: 'done', execution, end: 'ok', ms: 0 },
    ];
    for (const message of said) {
      const heard: FromKernel = JSON.parse(JSON.stringify(message));
      if (heard.type === 'result') this.#executions.heard(heard);
      else if (heard.type === 'done') this.#executions.ended(heard.execution, heard.end);
    }
  }
}
