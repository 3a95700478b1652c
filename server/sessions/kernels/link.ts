/**
 * The line to one kernel process: starts it, speaks the protocol with it, and says in words how it ended. It knows
 * nothing of databases, notebooks or people, so that a server and a command line can use it alike; and it believes
 * nothing a kernel says before it has parsed it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { getPriority, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { encodeFrame, type Frame, FrameReader } from '@trialroom/shared/kernel/framing';
import { FromKernel, OUTPUT_WINDOW, PROTOCOL_VERSION, type ToKernel } from '@trialroom/shared/kernel/protocol';
import { explainExit, kernelCommand } from '@trialroom/shared/kernel/spawn';
import { ulid } from 'ulid';
import { listeningAddress } from './kernel-address.ts';
import { kernelEnvironment } from './kernel-environment.ts';

/** How a kernel is started, and who hears of it. */
export interface LinkOptions {
  /** Working directory of the kernel: the notebook's folder. */
  cwd: string;
  /** Most memory the process may use, in MB. */
  memoryMb?: number | undefined;
  /** Name of the tensor engine that it shall use; absent: what its environment says, or the best one there is. */
  backend?: string | undefined;
  /** Nice value of the process, where the system has such; absent: the server's own. */
  niceness?: number;
  /** Path of the kernel's program; absent: the one installed here. */
  entry?: string;
  /** How long the kernel may take until its `hello`, in ms. */
  startTimeoutMs?: number;
  /** The kernel said `hello` and takes work. */
  onReady(hello: Extract<FromKernel, { type: 'hello' }>): void;
  /**
   * A message came, in order. `taken` must be called once when it is dealt with for good (an output: when it is
   * durable); until then its bytes count against what the kernel may send ahead.
   */
  onMessage(message: FromKernel, payload: Uint8Array, taken: () => void): void;
  /** The process is gone and everything it sent was handed on. Called exactly once, also when it never started. */
  onEnd(reason: string): void;
}

/** The line to a kernel, for who started it. */
export interface KernelLink {
  /** Names this process among all, for as long as the workspace lives. */
  readonly id: string;
  /** Undefined when it could not be started. */
  readonly pid: number | undefined;
  send(message: ToKernel, payload?: Uint8Array): void;
  /** Asks the process to end, makes it end after `graceMs` (500), and resolves when it is gone. */
  stop(graceMs?: number): Promise<void>;
}

const START_TIMEOUT_MS = 30_000;
const LAST_BREATH_MS = 1000;
const STDERR_KEPT = 4096;
/** Credit goes back in pieces of this size: often enough that a printing cell never waits for it. */
const CREDIT_STEP = OUTPUT_WINDOW / 32;

/** Starts a kernel process. All that happens to it comes through the options' callbacks. */
export function startKernel(options: LinkOptions): KernelLink {
  return new Link(options);
}

class Link implements KernelLink {
  readonly id = ulid();
  pid: number | undefined;
  readonly #options: LinkOptions;
  readonly #listener: Server;
  readonly #folder: string | null;
  readonly #reader = new FrameReader();
  readonly #gone = Promise.withResolvers<void>();
  #child: ChildProcess | null = null;
  #socket: Socket | null = null;
  #ready = false;
  #ended = false;
  #owed = 0;
  #stderr = '';
  /** Why we ended it, when we did. */
  #reason: string | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: LinkOptions) {
    this.#options = options;
    const address = listeningAddress(this.id);
    this.#folder = address.folder;
    this.#listener = createServer((socket) => this.#connected(socket));
    this.#listener.on('error', (error) => this.#fail(`The kernel could not be started: ${error.message}`));
    this.#listener.listen(address.path, () => this.#spawn(address.path));
    const limit = options.startTimeoutMs ?? START_TIMEOUT_MS;
    this.#timer = setTimeout(() => {
      this.#fail(
        `The kernel did not answer within ${limit / 1000} s of its start. Try again; the machine may be busy.`,
      );
    }, limit);
  }

  send(message: ToKernel, payload?: Uint8Array): void {
    if (this.#socket?.writable) this.#socket.write(encodeFrame(message, payload));
  }

  async stop(graceMs = 500): Promise<void> {
    if (this.#ended) return;
    this.#reason ??= 'The kernel was stopped.';
    if (!this.#ready) this.#kill();
    else {
      this.send({ type: 'shutdown' });
      const timer = setTimeout(() => this.#kill(), graceMs);
      await this.#gone.promise;
      clearTimeout(timer);
    }
    await this.#gone.promise;
  }

  #spawn(path: string): void {
    if (this.#reason !== null) {
      this.#end(this.#reason);
      return;
    }
    const { cwd, memoryMb, backend } = this.#options;
    let child: ChildProcess;
    try {
      const entry = this.#options.entry ?? fileURLToPath(import.meta.resolve('trialroom/main'));
      const { args } = kernelCommand({ entry, socket: path, ...(memoryMb === undefined ? {} : { memoryMb }) });
      const env = {
        ...kernelEnvironment(process.env),
        ...(backend === undefined ? {} : { TRIALROOM_BACKEND: backend }),
      };
      // A group of its own: Ctrl+C in the terminal is the server's to handle, and what cells start ends with the kernel.
      const detached = process.platform !== 'win32';
      child = spawn(process.execPath, args, { cwd, env, detached, stdio: ['ignore', 'pipe', 'pipe'] });
    } catch (error) {
      this.#end(`The kernel could not be started: ${error instanceof Error ? error.message : String(error)}`);
      return;
    }
    this.#child = child;
    this.pid = child.pid;
    this.#giveWay();
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#stderr = (this.#stderr + text).slice(-STDERR_KEPT);
      });
    }
    child.once('error', (error) => this.#end(`The kernel could not be started in ${cwd}: ${error.message}`));
    child.once('exit', (code, signal) => this.#exited(code, signal));
  }

  /** At once: threads take it from the one that starts them. */
  #giveWay(): void {
    const { niceness } = this.#options;
    if (niceness === undefined || this.pid === undefined) return;
    try {
      // Whoever may raise priorities must not do so here.
      setPriority(this.pid, Math.max(niceness, getPriority()));
    } catch {
      // A system without priorities, or one that does not let us change them.
    }
  }

  #connected(socket: Socket): void {
    if (this.#socket || this.#reason !== null) {
      socket.destroy();
      return;
    }
    this.#socket = socket;
    this.#closeDoor();
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => this.#data(chunk));
    // A kernel without its line ends by itself, with an exit code that says why. One that does not is of no use to anyone.
    socket.on('close', () => {
      setTimeout(() => this.#kill(), LAST_BREATH_MS).unref();
    });
  }

  #data(chunk: Uint8Array): void {
    let frames: Frame[];
    try {
      frames = this.#reader.push(chunk);
    } catch (error) {
      this.#fail(
        `The kernel was ended: it sent what cannot be read (${error instanceof Error ? error.message : error}).`,
      );
      this.#socket?.destroy();
      return;
    }
    for (const { header, payload, bytes } of frames) {
      if (this.#ended) return;
      const parsed = FromKernel.safeParse(header);
      if (!parsed.success) {
        const [issue] = parsed.error.issues;
        this.#fail(
          `The kernel was ended: it sent a message that is not of the protocol (${issue?.path.join('.')}: ${issue?.message}).`,
        );
        return;
      }
      this.#message(parsed.data, payload, bytes);
    }
  }

  #message(message: FromKernel, payload: Uint8Array, bytes: number): void {
    let credited = false;
    const taken = (): void => {
      if (credited) return;
      credited = true;
      this.#owed += bytes;
      if (this.#owed < CREDIT_STEP) return;
      this.send({ type: 'credit', bytes: this.#owed });
      this.#owed = 0;
    };
    if (message.type !== 'hello') {
      this.#options.onMessage(message, payload, taken);
      return;
    }
    taken();
    if (message.version !== PROTOCOL_VERSION) {
      this.#fail(
        `The kernel speaks version ${message.version} of the protocol, this server version ${PROTOCOL_VERSION}. Install both from one release.`,
      );
      return;
    }
    if (this.#ready || this.#reason !== null) return;
    this.#ready = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#options.onReady(message);
  }

  /** Ends the process for a reason of ours. */
  #fail(reason: string): void {
    this.#reason ??= reason;
    if (this.#child) this.#kill();
    else this.#end(this.#reason);
  }

  #kill(): void {
    const child = this.#child;
    if (!child?.pid || child.exitCode !== null || child.signalCode !== null) {
      if (!child) this.#end(this.#reason ?? 'The kernel was stopped.');
      return;
    }
    try {
      if (process.platform === 'win32') child.kill('SIGKILL');
      else process.kill(-child.pid, 'SIGKILL');
    } catch {
      child.kill('SIGKILL');
    }
  }

  #exited(code: number | null, signal: NodeJS.Signals | null): void {
    const { memoryMb } = this.#options;
    // What cells started must not outlive the kernel.
    if (process.platform !== 'win32' && this.#child?.pid) {
      try {
        process.kill(-this.#child.pid, 'SIGKILL');
      } catch {
        // Nobody is left in the group.
      }
    }
    const explained = (): string =>
      this.#reason ??
      explainExit({ code, signal, stderr: this.#stderr, ...(memoryMb === undefined ? {} : { memoryMb }) });
    const socket = this.#socket;
    // The last words may still be on their way through the socket, and through stderr.
    const wait = [
      socket && !socket.closed ? new Promise((resolve) => socket.once('close', resolve)) : null,
      new Promise((resolve) => this.#child?.once('close', resolve)),
    ];
    const late = setTimeout(() => this.#end(explained()), 2000);
    void Promise.all(wait).then(() => {
      clearTimeout(late);
      this.#end(explained());
    });
  }

  /** Nobody else may come, and nothing is left on disk even if this process is killed. */
  #closeDoor(): void {
    this.#listener.close();
    if (this.#folder) rmSync(this.#folder, { recursive: true, force: true });
  }

  #end(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#socket?.destroy();
    this.#closeDoor();
    this.#gone.resolve();
    this.#options.onEnd(reason);
  }
}
