/**
 * The thread that is always awake. It owns the socket to the parent and the queue of executions, and can stop or look
 * into the main thread while that is blocked. It never runs a line of the user's code. When the parent goes away, so
 * does the process: nobody could ever read what it computes.
 */
import inspector from 'node:inspector';
import type { MessagePort } from 'node:worker_threads';
import { EXIT_BAD_LINE, EXIT_BAD_START, PROTOCOL_VERSION } from '@trialroom/shared/kernel/limits';
import type { FromKernel, ToKernel } from '@trialroom/shared/kernel/protocol';
import type { CompiledCell } from '../cell/compile.ts';
import {
  type BlockingReply,
  FLUSH_NAME,
  SHARED,
  type SupervisorData,
  type ToMain,
  type ToSupervisor,
} from './channel.ts';
import { ChildRelay } from './child-relay.ts';
import { complain } from './complain.ts';
import { endProcess } from './end.ts';
import { listMembers } from './inspect/complete.ts';
import { answer, inspectValue } from './inspect/inspect.ts';
import { listVariables } from './inspect/variables.ts';
import { Interrupter } from './interrupt/interrupt.ts';
import { MainInspector } from './main-inspector.ts';
import { isToKernel, requestIn } from './messages.ts';
import { connectSocket, type Parent, type ParentEvents } from './parent.ts';
import { Queue } from './queue.ts';
import { frameSize, runRow } from './rows.ts';
import { interruptSyncChild } from './sync-child.ts';
import { noteThreads } from './threads.ts';
import { watchGauges } from './usage/gauge.ts';
import { warmUp } from './warm.ts';
import { Wishes } from './wishes.ts';

/** Makes the calling thread the one that is always awake. `port` leads to the main thread. */
export async function supervise(
  port: MessagePort,
  { socket, connection, memoryMb, shared, replies }: SupervisorData,
): Promise<void> {
  const jupyter = connection === undefined ? undefined : await import('../jupyter/parent.ts');
  const connectParent = (events: ParentEvents): Parent =>
    jupyter && connection !== undefined
      ? jupyter.connectJupyter(connection, events)
      : connectSocket(socket ?? '', events);

  const session = new inspector.Session();
  session.connectToMainThread();
  const main = new MainInspector(session);
  const toMain = (message: ToMain): void => port.postMessage(message);
  const interrupter = new Interrupter(main, toMain, () => interruptSyncChild(shared));
  const wishes = new Wishes(shared);
  const relay = new ChildRelay((message) => say(message), shared);
  const queue = new Queue({ say: (message) => say(message), toMain, interrupter, shared });

  /** True once an execution has come. */
  let begun = false;
  let stopWarming = (): void => {};
  let closing = false;

  // Unhandled faults of this thread leave a process that nobody can reach: better none.
  process.on('uncaughtException', (error) => {
    complain(`supervisor failed: ${error.stack ?? error}`);
    process.kill(process.pid, 'SIGKILL');
  });

  const parent = connectParent({
    opened() {
      toMain({ op: 'connected' });
      say({ type: 'hello', version: PROTOCOL_VERSION, pid: process.pid, node: process.version });
      if (!begun) {
        const run = (compiled: CompiledCell): void => toMain({ op: 'warm', row: runRow('', 0, compiled) });
        stopWarming = warmUp(run, () => parent.rehearse?.());
      }
    },
    message: (header, payload) => {
      if (isToKernel(header)) obey(header, payload);
      else misunderstand(header);
    },
    trusted: obey,
    stirred: () => queue.rouse(),
    refused: (error) => {
      complain(error.message);
      endProcess(main, EXIT_BAD_START, toMain);
    },
    broken: (error) => {
      complain(error.message);
      endProcess(main, EXIT_BAD_LINE, toMain);
    },
    closed: () => {
      // At our own end the exit code matters; at the parent's, nothing does any more.
      if (!closing) process.kill(process.pid, 'SIGKILL');
    },
  });

  /** A parent of another version may say what we do not know; it hears so if it waits for an answer. */
  function misunderstand(header: unknown): void {
    complain(`a message was not understood: ${JSON.stringify(header)?.slice(0, 200)}`);
    const request = requestIn(header);
    const text = 'This kernel does not understand the question; it may be older than who asks it.';
    if (request !== undefined) say({ type: 'answer', request, ok: false, value: text });
  }

  /** Sends what the supervisor itself has to say. */
  function say(message: FromKernel): void {
    if (parent.deaf?.has(message.type)) return;
    const text = JSON.stringify(message);
    Atomics.add(shared, SHARED.outstanding, frameSize(text));
    parent.say([text]);
  }

  function credit(bytes: number): void {
    // A parent that counts generously must not be able to open the window further than it is.
    const before = Atomics.sub(shared, SHARED.outstanding, bytes);
    if (before - bytes < 0) Atomics.add(shared, SHARED.outstanding, bytes - before);
    Atomics.notify(shared, SHARED.outstanding);
    relay.credited();
  }

  /** Answers a question of the parent's. */
  function tell(request: number, work: () => Promise<unknown>): void {
    void answer(work).then((said) => say({ type: 'answer', request, ...said }));
  }

  function obey(message: ToKernel, payload: Uint8Array): void {
    switch (message.type) {
      case 'execute':
        if (message.threads !== undefined) noteThreads(shared, message.threads);
        begun = true;
        stopWarming();
        if (!queue.add(message)) complain(`execution ${message.execution} was asked for twice; it runs once`);
        break;
      case 'interrupt':
        // Before anything was asked for there is nothing of the notebook's to stop, only what makes the thread ready.
        if (begun) void queue.interrupt();
        break;
      case 'inspect':
        tell(message.request, () => inspectValue(main, message.expression));
        break;
      case 'variables':
        tell(message.request, () => listVariables(main));
        break;
      case 'complete':
        tell(message.request, () => listMembers(main, message.expression));
        break;
      case 'probe':
        toMain({ op: 'probe' });
        break;
      case 'enter':
        // Later, a cell would find itself moved in the middle of its work.
        if (!begun) toMain({ op: 'enter', folder: message.folder });
        else complain('enter came after the first execute and was not obeyed');
        break;
      case 'reply':
        if (blocking.delete(message.request)) answerBlocked(message);
        else if (message.ok) {
          toMain({ ...reply(message), ok: true, value: message.value, allotted: wishes.allot(message.value) });
        } else toMain({ ...reply(message), ok: false, error: message.error });
        break;
      case 'widget.set': {
        const { widget, value, by } = message;
        toMain({ op: 'widget', widget, value, payload: payload.length > 0 ? payload : undefined, by });
        break;
      }
      case 'trial.ack':
        toMain({ op: 'ack', trial: message.trial, seq: message.seq });
        break;
      case 'trial.control':
        wishes.set(message.trial, message.action);
        toMain({ op: 'wish', trial: message.trial });
        break;
      case 'share':
        noteThreads(shared, message.threads);
        toMain({ op: 'share' });
        break;
      case 'credit':
        credit(message.bytes);
        break;
      case 'shutdown':
        closing = true;
        toMain({ op: 'shutdown' });
        // A blocked main thread cannot say goodbye.
        setTimeout(() => process.kill(process.pid, 'SIGKILL'), 2000).unref();
    }
  }

  /** Requests that the main thread blocks for. */
  const blocking = new Set<number>();

  function answerBlocked(message: BlockingReply): void {
    replies.postMessage(message);
    Atomics.add(shared, SHARED.replies, 1);
    Atomics.notify(shared, SHARED.replies);
  }

  const reply = ({ request }: { request: number }): { op: 'reply'; request: number } => ({ op: 'reply', request });

  let framesSeen = 0;

  /** How long printed text may wait in a blocked main thread, in ms. */
  const PENDING_MS = 40;

  /** A loop that prints and then computes would keep its last lines for itself: it is made to send them. */
  function sendPending(): void {
    const seen = framesSeen;
    setTimeout(() => {
      if (framesSeen !== seen || interrupter.busy) return;
      main.post('Runtime.evaluate', { expression: `${FLUSH_NAME}()`, silent: true }).catch(() => {});
    }, PENDING_MS);
  }

  port.on('message', (message: ToSupervisor) => {
    if (Array.isArray(message)) {
      const [, execution, end, ...texts] = message;
      relay.flush();
      parent.say(texts);
      queue.ended(execution, end);
      return;
    }
    switch (message.op) {
      case 'frame':
        framesSeen++;
        relay.flush();
        parent.send(message.frame);
        break;
      case 'blocking':
        blocking.add(message.request);
        break;
      case 'relay':
        relay.open(message);
        break;
      case 'relayed':
        relay.ended(message.serial);
        break;
      case 'pending':
        sendPending();
        break;
      case 'pong':
        interrupter.pong(message.serial);
        break;
      case 'broken':
        queue.broken(message.execution);
        break;
      case 'kill':
        void main.post('Runtime.terminateExecution').catch(() => {});
        break;
      case 'bye':
        closing = true;
        parent.close(() => endProcess(main, 0, toMain));
    }
  });

  watchGauges({
    memoryMb,
    isBusy: () => queue.running !== undefined,
    hasTrial: () => wishes.any,
    say,
    main,
  });
}
