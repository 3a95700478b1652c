/**
 * The thread that is always awake. It owns the socket to the parent and the queue of executions, compiles cells, and
 * can stop or look into the main thread while that is blocked. It never runs a line of the user's code. When the parent
 * goes away, so does the process: nobody could ever read what it computes.
 */
import { writeSync } from 'node:fs';
import inspector from 'node:inspector';
import { connect } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { encodeFrame, FrameReader } from '@trialroom/shared/kernel/framing';
import { EXIT_BAD_START, PROTOCOL_VERSION } from '@trialroom/shared/kernel/limits';
import type { FromKernel, ToKernel } from '@trialroom/shared/kernel/protocol';
import { CellSyntaxError, compileCell } from '../cell/compile.ts';
import { FLUSH_KEY, SHARED, type SupervisorData, type ToMain, type ToSupervisor } from './channel.ts';
import { endProcess } from './end.ts';
import { watchGauges } from './gauge.ts';
import { inspectValue } from './inspect.ts';
import { Interrupter } from './interrupt.ts';
import { MainInspector } from './main-inspector.ts';
import { isToKernel } from './messages.ts';
import { StopFlags } from './stop-flags.ts';

type Execute = ToKernel & { type: 'execute' };

const port = parentPort;
if (!port) throw new Error('the supervisor runs as a worker thread only');
const { socket: path, memoryMb, shared }: SupervisorData = workerData;

const session = new inspector.Session();
session.connectToMainThread();
const main = new MainInspector(session);
const toMain = (message: ToMain): void => port.postMessage(message);
const interrupter = new Interrupter(main, toMain);
const flags = new StopFlags(shared);

let queue: Execute[] = [];
let running: string | undefined;
let serial = 0;
let closing = false;

// Unhandled faults of this thread leave a process that nobody can reach: better none.
process.on('uncaughtException', (error) => {
  writeSync(2, `trialroom kernel: supervisor failed: ${error.stack ?? error}\n`);
  process.kill(process.pid, 'SIGKILL');
});

const socket = connect(path);
const refused = (error: Error): void => {
  writeSync(2, `trialroom kernel: cannot talk to ${path}: ${error.message}\n`);
  void endProcess(main, EXIT_BAD_START);
};
socket.once('error', refused);
socket.on('connect', () => {
  // From now on every error is followed by the `close` below.
  socket.off('error', refused).on('error', () => {});
  socket.on('close', () => {
    // At our own end the exit code matters; at the parent's, nothing does any more.
    if (!closing) process.kill(process.pid, 'SIGKILL');
  });
  socket.setNoDelay(true);
  say({ type: 'hello', version: PROTOCOL_VERSION, pid: process.pid, node: process.version });
});

const reader = new FrameReader();
socket.on('data', (chunk) => {
  for (const { header } of reader.push(chunk)) {
    if (isToKernel(header)) obey(header);
    else writeSync(2, `trialroom kernel: a message was not understood: ${JSON.stringify(header)?.slice(0, 200)}\n`);
  }
});

/** Sends what the supervisor itself has to say. */
function say(message: FromKernel): void {
  const frame = encodeFrame(message);
  Atomics.add(shared, SHARED.outstanding, frame.length);
  socket.write(frame);
}

function credit(bytes: number): void {
  // A parent that counts generously must not be able to open the window further than it is.
  const before = Atomics.sub(shared, SHARED.outstanding, bytes);
  if (before - bytes < 0) Atomics.add(shared, SHARED.outstanding, bytes - before);
  Atomics.notify(shared, SHARED.outstanding);
}

function obey(message: ToKernel): void {
  switch (message.type) {
    case 'execute':
      queue.push(message);
      next();
      break;
    case 'interrupt':
      void interrupt();
      break;
    case 'inspect':
      void inspectValue(main, interrupter, message.expression).then((answer) =>
        say({ type: 'answer', request: message.request, ...answer }),
      );
      break;
    case 'probe':
      toMain({ op: 'probe' });
      break;
    case 'reply':
      if (message.ok) toMain({ ...reply(message), ok: true, value: message.value, slot: flags.allot(message.value) });
      else toMain({ ...reply(message), ok: false, error: message.error });
      break;
    case 'trial.ack':
      toMain({ op: 'ack', trial: message.trial, seq: message.seq });
      break;
    case 'trial.control':
      flags.raise(message.trial);
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

const reply = ({ request }: { request: number }): { op: 'reply'; request: number } => ({ op: 'reply', request });

function next(): void {
  while (running === undefined && !interrupter.busy) {
    const execute = queue.shift();
    if (!execute) return;
    const { execution, cell, count, source } = execute;
    try {
      const compiled = compileCell(cell, count, source, ++serial);
      running = execution;
      toMain({ op: 'run', execution, compiled });
    } catch (error) {
      say({ type: 'started', execution, at: Date.now() });
      const shown =
        error instanceof CellSyntaxError
          ? error.error
          : { name: 'Error', message: `The cell could not be compiled: ${String(error)}`, frames: [] };
      say({ type: 'error', execution, error: shown });
      say({ type: 'done', execution, end: 'error', ms: 0 });
    }
  }
}

async function interrupt(): Promise<void> {
  const dropped = queue;
  queue = [];
  const stopped = running;
  await interrupter.stop();
  if (stopped !== undefined && running === stopped) {
    ending.push(...dropped);
    toMain({ op: 'abort', execution: stopped });
  } else {
    drop(dropped);
    next();
  }
}

let framesSeen = 0;

/** How long printed text may wait in a blocked main thread, in ms. */
const PENDING_MS = 40;

/** A loop that prints and then computes would keep its last lines for itself: it is made to send them. */
function sendPending(): void {
  const seen = framesSeen;
  setTimeout(() => {
    if (framesSeen !== seen || interrupter.busy) return;
    main
      .post('Runtime.evaluate', { expression: `globalThis[Symbol.for('${FLUSH_KEY}')]()`, silent: true })
      .catch(() => {});
  }, PENDING_MS);
}

/** Dropped executions that end once the stopped one has. */
const ending: Execute[] = [];

function drop(executions: Execute[]): void {
  for (const { execution } of executions) say({ type: 'done', execution, end: 'aborted', ms: 0 });
}

port.on('message', (message: ToSupervisor) => {
  switch (message.op) {
    case 'frame':
      framesSeen++;
      socket.write(message.frame);
      break;
    case 'pending':
      sendPending();
      break;
    case 'done':
      socket.write(message.frame);
      if (running === message.execution) running = undefined;
      drop(ending.splice(0));
      next();
      break;
    case 'pong':
      interrupter.pong(message.serial);
      break;
    case 'broken':
      if (!interrupter.busy && running === message.execution) toMain({ op: 'abort', execution: message.execution });
      break;
    case 'kill':
      void main.post('Runtime.terminateExecution').catch(() => {});
      break;
    case 'bye':
      closing = true;
      socket.end(() => void endProcess(main, 0));
  }
});

watchGauges({ memoryMb, isBusy: () => running !== undefined, say, main });
