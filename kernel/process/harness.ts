/**
 * Runs a real kernel process over a real socket, for tests and measurements: start, execute, collect what it says.
 * It is a plain parent that keeps the protocol, credit included; it has no opinion on what outputs mean.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeFrame, FrameReader } from '@trialroom/shared/kernel/framing';
import { FromKernel, type ToKernel } from '@trialroom/shared/kernel/protocol';
import { outputOf } from '@trialroom/shared/kernel/said';
import { explainExit, kernelCommand } from '@trialroom/shared/kernel/spawn';
import { foldOutput, type Output } from '@trialroom/shared/notebook/outputs';
import { uncaughtText } from '@trialroom/shared/notebook/uncaught';

type MessageOf<T extends FromKernel['type']> = Extract<FromKernel, { type: T }>;
type Done = MessageOf<'done'>;

/** One finished execution. */
export interface Ran {
  end: Done['end'];
  ms: number;
  /** Everything it said, in order, `started` and `done` included. */
  messages: FromKernel[];
  /** What a reader sees. */
  outputs: Output[];
  /** Printed text of both streams, whole. */
  text: string;
  /** `text/plain` of the result. */
  result: string | undefined;
  error: MessageOf<'error'>['error'] | undefined;
}

/** Options of {@link startKernel}. */
export interface HarnessOptions {
  /** The notebook's folder; a fresh empty one by default. */
  cwd?: string;
  memoryMb?: number;
  env?: NodeJS.ProcessEnv;
  /** Flags for Node before the kernel's own. */
  execArgv?: string[];
  /** False: the parent never sends credit (a parent that hangs). */
  credit?: boolean;
}

interface Early {
  /** What the process wrote before it connected. */
  stderr: string;
  /** Removes the socket and its folder. */
  cleanUp(): Promise<void>;
}

/** A running kernel. */
export class KernelHarness {
  readonly child: ChildProcess;
  readonly folder: string;
  /** Emits `message` for every message of the kernel's. */
  readonly events = new EventEmitter();
  readonly messages: FromKernel[] = [];
  /** Payloads that were not empty. */
  readonly payloads: Uint8Array[] = [];
  /** Resolves with the sentence for the end of the process. */
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null; reason: string }>;
  stderr = '';
  /** Frames received so far. */
  frames = 0;
  credit: boolean;
  /** Bytes received and not credited. */
  owed = 0;
  #socket: Socket;
  #serial = 0;
  #ended: string | undefined;

  constructor(child: ChildProcess, socket: Socket, folder: string, options: HarnessOptions, early: Early) {
    this.child = child;
    this.folder = folder;
    this.#socket = socket;
    this.credit = options.credit ?? true;
    this.stderr = early.stderr;
    this.events.setMaxListeners(0);
    child.stderr?.on('data', (chunk) => {
      this.stderr += String(chunk);
    });
    this.exited = once(child, 'close').then(async ([code, signal]) => {
      await early.cleanUp();
      const { memoryMb } = options;
      const reason = explainExit({
        code,
        signal,
        stderr: this.stderr,
        ...(memoryMb === undefined ? {} : { memoryMb }),
      });
      this.#ended = reason;
      this.events.emit('exit', reason);
      return { code, signal, reason };
    });
    const reader = new FrameReader();
    socket.on('data', (chunk) => {
      for (const { header, payload, bytes } of reader.push(chunk)) {
        if (payload.length > 0) this.payloads.push(payload);
        this.frames++;
        this.owed += bytes;
        const message = FromKernel.parse(header);
        this.messages.push(message);
        this.events.emit('message', message);
      }
      if (this.credit) this.pay();
    });
    // A kernel that was killed resets its connection.
    socket.on('error', () => {});
  }

  /** Credits everything received so far. */
  pay(): void {
    if (this.owed > 0) this.send({ type: 'credit', bytes: this.owed });
    this.owed = 0;
  }

  /** Sends a message as a parent does. */
  send(message: ToKernel, payload?: Uint8Array): void {
    this.#socket.write(encodeFrame(message, payload));
  }

  /** Sends bytes as they are, which need not be a frame. */
  sendBytes(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** Sends an execution without waiting for it; returns its id. */
  start(source: string, cell = `cell-${this.#serial + 1}`): string {
    const execution = `execution-${++this.#serial}`;
    this.send({ type: 'execute', execution, cell, count: this.#serial, source });
    return execution;
  }

  /** Resolves with the first message of this type, or one of these, past or future, that fits. Rejects when the kernel ends first. */
  until<T extends FromKernel['type']>(
    type: T | readonly T[],
    fits: (message: MessageOf<T>) => boolean = () => true,
  ): Promise<MessageOf<T>> {
    const types: readonly string[] = [type].flat();
    const isIt = (message: FromKernel): message is MessageOf<T> => types.includes(message.type);
    const past = this.messages.find((message) => isIt(message) && fits(message));
    if (past && isIt(past)) return Promise.resolve(past);
    if (this.#ended !== undefined) return Promise.reject(new Error(`${this.#ended}\n${this.stderr}`));
    return new Promise((resolve, reject) => {
      const onMessage = (message: FromKernel): void => {
        if (!isIt(message) || !fits(message)) return;
        stop();
        resolve(message);
      };
      const onExit = (reason: string): void => {
        stop();
        reject(new Error(`${reason}\n${this.stderr}`));
      };
      const stop = (): void => {
        this.events.off('message', onMessage);
        this.events.off('exit', onExit);
      };
      this.events.on('message', onMessage);
      this.events.on('exit', onExit);
    });
  }

  /** Resolves when text has been printed by an execution (in whatever pieces). */
  async untilPrinted(execution: string, text: string): Promise<void> {
    await this.until(
      ['stream', 'uncaught'],
      (message) => message.execution === execution && this.textOf(execution, message).includes(text),
    );
  }

  /** What an execution printed, and what nobody caught of it, up to and including `last`. */
  textOf(execution: string, last?: FromKernel): string {
    let text = '';
    for (const message of this.messages) {
      if (message.type === 'stream' && message.execution === execution) text += message.text;
      if (message.type === 'uncaught' && message.execution === execution)
        text += uncaughtText(message.error, message.cell);
      if (message === last) break;
    }
    return text;
  }

  /** Resolves when the execution is done. */
  async finished(execution: string): Promise<Ran> {
    const done = await this.until('done', (message) => message.execution === execution);
    const messages = this.messages.filter((message) => 'execution' in message && message.execution === execution);
    let outputs: Output[] = [];
    let result: string | undefined;
    let error: Ran['error'];
    for (const message of messages) {
      switch (message.type) {
        case 'result':
          result = String(message.data['text/plain']);
          break;
        case 'error':
          error = message.error;
          break;
      }
      const said = outputOf(message);
      if (said) outputs = foldOutput(outputs, said.event);
    }
    return { end: done.end, ms: done.ms, messages, outputs, text: this.textOf(execution), result, error };
  }

  /** Runs one cell to its end. */
  run(source: string, cell?: string): Promise<Ran> {
    return this.finished(this.start(source, cell));
  }

  /** Hangs up, as a parent that died would. */
  hangUp(): void {
    this.#socket.destroy();
  }

  /** Ends the process and removes the folder made for it. */
  async close(): Promise<void> {
    this.hangUp();
    await this.exited;
  }
}

/** Starts a kernel and waits for its `hello`. The process dies with the returned harness's socket. */
export async function startKernel(options: HarnessOptions = {}): Promise<KernelHarness> {
  const folder = await mkdtemp(join(tmpdir(), 'trialroom-kernel-'));
  const cwd = options.cwd ?? folder;
  const path = process.platform === 'win32' ? `\\\\.\\pipe\\${folder.split('\\').at(-1)}` : join(folder, 'socket');
  const server = createServer();
  server.listen(path);
  await once(server, 'listening');
  const { memoryMb } = options;
  const command = kernelCommand({
    entry: fileURLToPath(new URL('../main.js', import.meta.url)),
    socket: path,
    ...(memoryMb === undefined ? {} : { memoryMb }),
  });
  const child = spawn(process.execPath, [...(options.execArgv ?? []), ...command.args], {
    cwd,
    env: options.env ?? process.env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const early: Early = {
    stderr: '',
    async cleanUp() {
      server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  const collect = (chunk: unknown): void => {
    early.stderr += String(chunk);
  };
  child.stderr?.on('data', collect);
  const connected: Promise<Socket> = once(server, 'connection').then(([socket]) => socket);
  const failed = once(child, 'exit').then(([code, signal]) => {
    throw new Error(explainExit({ code, signal, stderr: early.stderr }));
  });
  failed.catch(() => {});
  const socket = await Promise.race([connected, failed]);
  child.stderr?.off('data', collect);
  const kernel = new KernelHarness(child, socket, cwd, options, early);
  await kernel.until('hello');
  return kernel;
}
