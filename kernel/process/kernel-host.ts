/**
 * The kernel's side of what `host.ts` promises to libraries: questions to the parent and their answers, widgets, and
 * whoever wants to hear of trials and ends. It runs on the main thread, where it may be stopped at any line.
 */
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { END_OF_INPUT } from '@trialroom/shared/kernel/limits';
import type { BackendReport, FromKernel, InputAsk, TrialOpened } from '@trialroom/shared/kernel/protocol';
import { type BlockingReply, SHARED, type ToMain, type ToSupervisor, WISH, WISH_SLOTS } from './channel.ts';
import type { Evaluator } from './evaluate/evaluator.ts';
import { whole } from './guard/whole.ts';
import { EndOfInput, type KernelHost, type WidgetHandler } from './host.ts';
import type { Output } from './output.ts';
import { currentScope, newScope, runInScope, type Scope, withoutExecution } from './scope.ts';
import type { ThreadShare } from './threads.ts';

type Question = Extract<FromKernel, { type: 'call' }>['method'];

interface Pending {
  execution: string;
  method: Question;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** What the host is made of. */
export interface HostParts {
  output: Output;
  evaluator: Evaluator;
  shared: Int32Array<SharedArrayBuffer>;
  threads: ThreadShare;
  replies: MessagePort;
  post(message: ToSupervisor): void;
  /** Shows what a listener has thrown. */
  complain(thrown: unknown, execution: string): void;
}

/** The host, and what the supervisor's messages do to it. */
export class MainHost {
  /** What libraries get. */
  readonly offer: KernelHost;
  /** Who answers a `probe`, once somebody has registered. */
  probe: (() => Promise<BackendReport>) | undefined;
  #parts: HostParts;
  #requests = 0;
  #pending = new Map<number, Pending>();
  #slots = new Map<string, number>();
  #owners = new Map<string, string>();
  #ackHandlers: Parameters<KernelHost['onAck']>[0][] = [];
  #wishHandlers: Parameters<KernelHost['onWish']>[0][] = [];
  #endHandlers: Parameters<KernelHost['onEnd']>[0][] = [];
  #widgetHandlers: WidgetHandler[] = [];

  constructor(parts: HostParts) {
    this.#parts = parts;
    this.offer = this.#makeOffer(parts);
  }

  #makeOffer({ output, evaluator, threads }: HostParts): KernelHost {
    return {
      execution: () => currentScope()?.execution,
      openTrial: async (params) =>
        openedTrial(await this.#call('trial.open', (call) => output.send({ ...call, method: 'trial.open', params }))),
      ask: async (input) => {
        this.#refuseAfterEnd();
        return textOf(await this.#call('input', (call) => output.send({ ...call, method: 'input', params: input })));
      },
      askSync: (input) => this.#askSync(input),
      signal: () => evaluator.signal(),
      openWidget: (widget, spec, value) => {
        const execution = evaluator.origin();
        this.#owners.set(widget, execution);
        output.send({ type: 'widget.open', execution, widget, spec, value });
      },
      setWidget: (widget, value) => {
        if (this.#owners.has(widget)) output.send({ type: 'widget.set', widget, value });
        if (currentScope() !== undefined) output.wait();
      },
      closeWidget: (widget) => {
        if (this.#owners.delete(widget)) output.send({ type: 'widget.close', widget });
      },
      onWidget: (handler) => this.#widgetHandlers.push(handler),
      send(message, payload) {
        output.send(message, payload);
        if (currentScope() !== undefined) output.wait();
      },
      display(data, metadata = {}, id) {
        const execution = evaluator.origin();
        output.send({ type: 'display', execution, data, metadata, ...(id === undefined ? {} : { id }) });
        output.wait();
      },
      update(id, data, metadata = {}) {
        output.send({ type: 'update', execution: evaluator.origin(), data, metadata, id });
        output.wait();
      },
      stopRequested: (trial) => this.#wish(trial) === WISH.stop,
      pauseRequested: (trial) => this.#wish(trial) === WISH.pause || this.#wish(trial) === WISH.release,
      releaseRequested: (trial) => this.#wish(trial) === WISH.release,
      released: (trial) => this.#wish(trial) === WISH.released,
      onWish: (handler) => this.#wishHandlers.push(handler),
      updateThreads: () => threads.update(),
      onAck: (handler) => this.#ackHandlers.push(handler),
      onEnd: (handler) => this.#endHandlers.push(handler),
      onProbe: (handler) => {
        this.probe = handler;
      },
    };
  }

  /** Tells everyone who listens that an execution ends; questions that nobody will answer any more are given up. */
  ended(scope: Scope, end: Parameters<Parameters<KernelHost['onEnd']>[0]>[1]): void {
    const { execution } = scope;
    this.#inform(scope, this.#endHandlers, (handler) => handler(execution, end));
    for (const [request, { execution: asker, method, reject }] of this.#pending) {
      if (asker !== execution || (method !== 'input' && !scope.stopped)) continue;
      this.#pending.delete(request);
      if (!scope.stopped) reject(new Error(TOO_LATE));
    }
  }

  /** Points and log lines of a trial are durable. */
  acknowledge({ trial, seq }: { trial: string; seq: number }): void {
    for (const handler of this.#ackHandlers) handler(trial, seq);
  }

  /** People want something else of a trial. */
  wished(trial: string): void {
    for (const handler of this.#wishHandlers) handler(trial);
  }

  /** A person changed a widget. */
  changeWidget({ widget, value, payload, by }: Extract<ToMain, { op: 'widget' }>): void {
    const execution = this.#owners.get(widget);
    if (execution === undefined) return;
    // A scope of its own: the execution that made the widget may have been stopped.
    this.#inform(newScope(execution), this.#widgetHandlers, (handler) => handler(widget, value, payload, by));
  }

  /** The parent has answered. */
  settle(message: Extract<ToMain, { op: 'reply' }>): void {
    const waiting = this.#pending.get(message.request);
    this.#pending.delete(message.request);
    if (!message.ok) {
      waiting?.reject(new Error(message.error));
      return;
    }
    const { allotted } = message;
    if (allotted) this.#slots.set(allotted.trial, allotted.slot);
    waiting?.resolve(message.value);
  }

  #wish(trial: string): number {
    const slot = this.#slots.get(trial);
    return slot === undefined ? WISH.none : Atomics.load(this.#parts.shared, SHARED.wish + (slot % WISH_SLOTS));
  }

  #inform<T>(scope: Scope, handlers: readonly T[], tell: (handler: T) => void): void {
    if (handlers.length === 0) return;
    runInScope(scope, () => {
      for (const handler of handlers) {
        try {
          tell(handler);
        } catch (error) {
          this.#parts.complain(error, scope.execution);
        }
      }
    });
  }

  #call(
    method: Question,
    send: (call: { type: 'call'; request: number; execution: string }) => void,
  ): Promise<unknown> {
    const request = ++this.#requests;
    const execution = this.#parts.evaluator.origin();
    return new Promise((resolve, reject) => {
      whole(() => {
        this.#pending.set(request, { execution, method, resolve, reject });
        send({ type: 'call', request, execution });
      });
    });
  }

  #refuseAfterEnd(): void {
    const { evaluator } = this.#parts;
    if (evaluator.running === undefined || evaluator.running !== evaluator.origin()) throw new Error(TOO_LATE);
  }

  #askSync(input: InputAsk): string {
    this.#refuseAfterEnd();
    const { output, evaluator, shared, replies, post } = this.#parts;
    const request = ++this.#requests;
    post({ op: 'blocking', request });
    output.send({ type: 'call', request, execution: evaluator.origin(), method: 'input', params: input });
    for (;;) {
      // Counted before looking: a reply that comes in between keeps the wait from beginning.
      const seen = Atomics.load(shared, SHARED.replies);
      const received: { message: BlockingReply } | undefined = receiveMessageOnPort(replies);
      if (received === undefined) Atomics.wait(shared, SHARED.replies, seen);
      else if (received.message.request === request) {
        if (received.message.ok) return textOf(received.message.value);
        throw new Error(received.message.error);
      }
    }
  }
}

const TOO_LATE = 'Nobody can answer: a cell can ask for input only while it runs (is an await missing?)';

async function openedTrial(value: unknown): Promise<TrialOpened> {
  // Loaded here, since a kernel that opens no trial needs no schema, and in nobody's name: an interrupt would break it.
  const { TrialOpened } = await withoutExecution(() => import('@trialroom/shared/kernel/protocol'));
  const opened = TrialOpened.safeParse(value);
  if (!opened.success) throw new Error('The parent answered trial.open without a trial id');
  return opened.data;
}

function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new Error('The parent answered input without a text');
  if (value === END_OF_INPUT) throw new EndOfInput();
  return value;
}
