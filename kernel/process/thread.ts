/**
 * The main thread of a kernel: puts evaluator, output, host and imports together and obeys the supervisor. After this
 * has run, the thread belongs to the user's code; everything here must bear being stopped at any line.
 */
import { Console } from 'node:console';
import type { MessagePort, Worker } from 'node:worker_threads';
import { OUTPUT_WINDOW } from '@trialroom/shared/kernel/limits';
import type { BackendReport } from '@trialroom/shared/kernel/protocol';
import { describeFailure, failureText } from '../cell/failure.ts';
import { installStackTraces } from '../cell/trace.ts';
import { FLUSH_KEY, SHARED, STOP_SLOTS, type ToMain, type ToSupervisor } from './channel.ts';
import { EXIT_KEY } from './end.ts';
import { Evaluator } from './evaluator.ts';
import { guardExits } from './exits.ts';
import { installHost, type KernelHost } from './host.ts';
import { Imports, registerImportHook } from './imports.ts';
import { executions, Output } from './output.ts';
import { installRuntime } from './runtime.ts';
import { Strays } from './strays.ts';

/** Makes the calling thread the one that runs cells. */
export function startThread(supervisor: Worker | MessagePort, shared: Int32Array<SharedArrayBuffer>): void {
  const post = (message: ToSupervisor, transfer: ArrayBuffer[] = []): void => supervisor.postMessage(message, transfer);
  const output = new Output(post, shared, OUTPUT_WINDOW);
  const pending = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  const slots = new Map<string, number>();
  const ackHandlers: Parameters<KernelHost['onAck']>[0][] = [];
  const endHandlers: Parameters<KernelHost['onEnd']>[0][] = [];
  let answerProbe: (() => Promise<BackendReport>) | undefined;
  let requests = 0;

  const evaluator = new Evaluator(output, post, (execution, end) => {
    for (const handler of endHandlers) {
      try {
        handler(execution, end);
      } catch (error) {
        complain(error, execution);
      }
    }
  });
  const strays = new Strays(post, shared);
  const complain = (thrown: unknown, execution = evaluator.origin()): void =>
    output.print(execution, 'stderr', failureText(describeFailure(thrown)));

  const host: KernelHost = {
    execution: () => executions.getStore(),
    openTrial(params) {
      const request = ++requests;
      return new Promise((resolve, reject) => {
        pending.set(request, {
          resolve: (value) => resolve(openedTrial(value)),
          reject,
        });
        output.send({ type: 'call', request, execution: evaluator.origin(), method: 'trial.open', params });
      });
    },
    send(message, payload) {
      output.send(message, payload);
      if (executions.getStore() !== undefined) output.wait();
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
    stopRequested(trial) {
      const slot = slots.get(trial);
      return slot !== undefined && Atomics.load(shared, SHARED.stop + (slot % STOP_SLOTS)) === 1;
    },
    onAck: (handler) => ackHandlers.push(handler),
    onEnd: (handler) => endHandlers.push(handler),
    onProbe: (handler) => {
      answerProbe = handler;
    },
  };

  const report = async (): Promise<void> => {
    const answer = answerProbe ?? (await import('../backend/choose.ts')).reportBackend;
    output.send({ type: 'backend', report: await answer() });
  };
  let reported: Promise<void> | undefined;
  registerImportHook((specifier) => {
    if (/^@tensorflow\/tfjs(-|$|\/)/.test(specifier)) {
      reported ??= report();
      return reported;
    }
    return undefined;
  });

  const exit = guardExits();
  Object.defineProperty(globalThis, Symbol.for(EXIT_KEY), { value: exit });
  Object.defineProperty(globalThis, Symbol.for(FLUSH_KEY), { value: () => output.flush() });
  const settleReply = (message: ToMain & { op: 'reply' }): void => {
    const waiting = pending.get(message.request);
    pending.delete(message.request);
    if (!message.ok) {
      waiting?.reject(new Error(message.error));
      return;
    }
    try {
      if (message.slot !== undefined) slots.set(openedTrial(message.value).trial, message.slot);
      waiting?.resolve(message.value);
    } catch (error) {
      waiting?.reject(error instanceof Error ? error : new Error(String(error)));
    }
  };
  const handle = (message: ToMain): void => {
    switch (message.op) {
      case 'run':
        evaluator.run(message.execution, message.compiled);
        break;
      case 'ping':
        // Nothing of ours is under way here, however it ended.
        output.recover();
        post({ op: 'pong', serial: message.serial });
        break;
      case 'abort':
        strays.stop(message.execution);
        evaluator.abort(message.execution);
        break;
      case 'reply':
        settleReply(message);
        break;
      case 'ack':
        for (const handler of ackHandlers) handler(message.trial, message.seq);
        break;
      case 'probe':
        report().catch((error: unknown) => complain(error));
        break;
      case 'shutdown':
        output.flush();
        post({ op: 'bye' });
        break;
    }
  };

  installHost(host);
  installStackTraces();
  process.on('uncaughtException', (error) => complain(error));
  process.on('unhandledRejection', (reason) => complain(reason));
  for (const name of ['stdout', 'stderr'] as const) {
    Object.defineProperty(process[name], 'write', {
      value: output.writer(name, () => evaluator.origin()),
      configurable: true,
      writable: true,
    });
  }
  // Node's own console also keeps what was printed for a debugger; a notebook prints for months.
  globalThis.console = new Console({ stdout: process.stdout, stderr: process.stderr, ignoreErrors: false });
  const folder = process.cwd();
  installRuntime(new Imports(folder), folder, (value) => evaluator.show(value));
  supervisor.on('message', handle);
  // Only the `Worker` has this event: without a supervisor nobody could reach this process any more.
  supervisor.on('exit', () => exit(70));
}

function openedTrial(value: unknown): { trial: string; room?: string } {
  const trial: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'trial') : undefined;
  if (typeof trial !== 'string') throw new Error('The parent answered trial.open without a trial id');
  const room: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'room') : undefined;
  return typeof room === 'string' ? { trial, room } : { trial };
}
