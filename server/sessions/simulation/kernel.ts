/**
 * For the simulation: a kernel that runs nothing but says what a kernel says, a word at a time and when told to. The
 * session behind the line is the product's own. It remembers what it said, and what the server took for good.
 */
import { type FromKernel, PROTOCOL_VERSION, type ToKernel } from '@trialroom/shared/kernel/protocol';
import type { LinkHandlers } from '../kernels/handover.ts';
import type { KernelLink } from '../kernels/link.ts';

/** What one execution said. */
export interface Said {
  cell: string;
  source: string;
  /** Marks in the order in which they were said. */
  marks: string[];
  /** How many of them the server said that it has dealt with. */
  taken: number;
  /** It said that it is over, and the server had not died before. */
  done: boolean;
}

/** All that kernels ever said, by execution. */
export type Protocol = Map<string, Said>;

export class SimulatedKernel implements KernelLink {
  readonly id: string;
  readonly pid = undefined;
  readonly #handlers: LinkHandlers;
  readonly #protocol: Protocol;
  #task: { execution: string; count: number; begun: boolean } | null = null;
  #interrupted = false;
  #ready = false;
  #stopped = false;
  #gone = false;

  constructor(id: string, handlers: LinkHandlers, protocol: Protocol) {
    this.id = id;
    this.#handlers = handlers;
    this.#protocol = protocol;
  }

  send(message: ToKernel): void {
    if (message.type === 'interrupt') this.#interrupted = this.#task !== null;
    if (message.type !== 'execute') return;
    const { execution, cell, count, source } = message;
    this.#protocol.set(execution, { cell, source, marks: [], taken: 0, done: false });
    this.#task = { execution, count, begun: false };
    this.#interrupted = false;
  }

  /** What it was about to say when it was stopped may still arrive. */
  async stop(): Promise<void> {
    this.#stopped = true;
  }

  /** Does the next of what a kernel does; false when there is nothing to do. With `soon` it comes to an end. */
  work(choice: number, soon = false): boolean {
    if (this.#gone) return false;
    if (!this.#ready) {
      if (this.#stopped) return false;
      this.#ready = true;
      this.#handlers.onReady({ type: 'hello', version: PROTOCOL_VERSION, pid: 1, node: process.version });
      return true;
    }
    const task = this.#task;
    const said = task && this.#protocol.get(task.execution);
    if (!task || !said) return false;
    const { execution, count } = task;
    if (!task.begun) {
      task.begun = true;
      this.#tell({ type: 'names', execution, defines: [`v${choice % 5}`], uses: [`v${choice % 7}`] });
      this.#tell({ type: 'started', execution, at: 1 });
      this.#tell({ type: 'display', execution, data: { 'text/plain': said.source }, metadata: {}, id: 'source' });
      return true;
    }
    const kind = this.#interrupted || soon ? 7 : choice % 8;
    if (kind < 4) this.#say(said, (text) => ({ type: 'stream', execution, name: kind ? 'stdout' : 'stderr', text }));
    else if (kind === 4) {
      this.#say(said, (text) => ({ type: 'display', execution, data: { 'text/plain': text }, metadata: {} }));
    } else if (kind === 5) {
      const { source } = said;
      this.#tell({ type: 'update', execution, data: { 'text/plain': source }, metadata: { choice }, id: 'source' });
    } else if (kind === 6) {
      this.#say(said, (text) => ({ type: 'result', execution, data: { 'text/plain': text }, metadata: {}, count }));
    } else this.#end(said, execution, choice % 3 === 0);
    return true;
  }

  /** The process ends by itself, in the middle of whatever it does. */
  die(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#handlers.onEnd('The kernel was killed (SIGKILL).');
  }

  #end(said: Said, execution: string, failed: boolean): void {
    const end = this.#interrupted ? 'aborted' : failed ? 'error' : 'ok';
    this.#task = null;
    this.#interrupted = false;
    if (end === 'error') {
      this.#say(said, (message) => ({ type: 'error', execution, error: { name: 'Error', message, frames: [] } }));
    }
    this.#tell({ type: 'done', execution, end, ms: 1 });
    said.done = true;
  }

  #say(said: Said, message: (mark: string) => FromKernel): void {
    const mark = `[${this.id}.${said.marks.length}.${said.cell}]`;
    // Nobody is to hear it any more.
    if (this.#stopped) {
      this.#tell(message(mark));
      return;
    }
    const place = said.marks.push(mark);
    this.#tell(message(mark), () => {
      said.taken = Math.max(said.taken, place);
    });
  }

  #tell(message: FromKernel, taken: () => void = () => {}): void {
    this.#handlers.onMessage(message, new Uint8Array(), taken);
  }
}
