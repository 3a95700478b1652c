/**
 * The host of a script that runs without a kernel and tells a server of its trials. What trials say goes to a thread of
 * their own, which keeps it on the disk and sends it; what people want comes back through shared memory.
 */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { FromKernel, TrialOpen, TrialOpened } from '@trialroom/shared/kernel/protocol';
import { ulid } from 'ulid';
import type { KernelHost } from '../../process/host.ts';
import { type FromThread, SHARED, SHARED_BYTES, type ThreadStart, type ToThread } from './channel.ts';
import { hearConsole } from './console.ts';
import type { RemoteSettings } from './settings.ts';

/** Printed text is handed over when it is this old (ms) or this long. */
const TEXT_MS = 50;
const TEXT_LONG = 64 * 1024;

/** How long the end of the process waits for what was said last to be written, in ms. */
const WRITE_PATIENCE = 5000;

/** One trial's way to its server. */
class Line {
  readonly shared = new Int32Array(new SharedArrayBuffer(SHARED_BYTES));
  readonly #worker: Worker;
  readonly #patience: number;
  /** Resolves with the path of the room, or null when the server is away; rejects when it refuses. */
  readonly opened: Promise<string | null>;
  #posted = 0;
  #finished = false;

  constructor(start: Omit<ThreadStart, 'shared'>, news: { kept(seq: number): void; wish(): void }) {
    this.#patience = start.patience;
    const workerData: ThreadStart = { ...start, shared: this.shared.buffer };
    this.#worker = new Worker(new URL('./thread.js', import.meta.url), { workerData, stderr: false });
    this.opened = new Promise((resolve, reject) => {
      if (start.server === null) resolve(null);
      this.#worker.on('message', (message: FromThread) => {
        if (message.type === 'opened') resolve(message.room);
        else if (message.type === 'away') resolve(null);
        else if (message.type === 'refused') reject(new Error(message.message));
        else if (message.type === 'kept') news.kept(message.seq);
        else news.wish();
      });
      this.#worker.on('error', reject);
    });
    // Only while it is being opened, and again while it ends, does it hold the process.
    const free = (): void => {
      if (!this.#finished) this.#worker.unref();
    };
    this.opened.then(free, free);
  }

  get wish(): number {
    return Atomics.load(this.shared, SHARED.wish);
  }

  get finished(): boolean {
    return this.#finished;
  }

  say(header: { type: string }, payload?: Uint8Array): void {
    if (this.#finished) return;
    this.#posted++;
    this.#post({ type: 'say', header, ...(payload && { payload }) });
  }

  print(stream: 'stdout' | 'stderr', text: string): void {
    if (!this.#finished) this.#post({ type: 'text', stream, text, at: Date.now() });
  }

  finish(end: 'completed' | 'failed' | 'stopped', reason?: string): void {
    if (this.#finished) return;
    this.say({ type: 'remote.finish', end, at: Date.now(), ...(reason && { reason: reason.slice(0, 2000) }) } as never);
    this.#finished = true;
    this.#post({ type: 'end' });
    // The process stays until it is delivered, or given up.
    this.#worker.ref();
  }

  /** Blocks until all is in the spool, and delivered where that is possible. For the last moment of a process. */
  settle(): void {
    const until = performance.now() + WRITE_PATIENCE;
    for (;;) {
      const written = Atomics.load(this.shared, SHARED.written);
      const left = until - performance.now();
      if (written >= this.#posted || left <= 0) break;
      Atomics.wait(this.shared, SHARED.written, written, left);
    }
    Atomics.wait(this.shared, SHARED.ended, 0, this.#patience + WRITE_PATIENCE);
  }

  /** Ends the thread at once. */
  async drop(): Promise<void> {
    this.#finished = true;
    await this.#worker.terminate();
  }

  #post(message: ToThread): void {
    const own = message.type === 'say' && message.payload?.byteLength === message.payload?.buffer.byteLength;
    const payload = message.type === 'say' ? message.payload : undefined;
    this.#worker.postMessage(message, own && payload ? [payload.buffer as ArrayBuffer] : []);
  }
}

/** Makes the host. What it does not do itself, `terminal` does: questions, displays. */
export function remoteHost(terminal: KernelHost, settings: RemoteSettings): KernelHost {
  const lines = new Map<string, Line>();
  const acks: Parameters<KernelHost['onAck']>[0][] = [];
  const wishes: Parameters<KernelHost['onWish']>[0][] = [];
  const ends: Parameters<KernelHost['onEnd']>[0][] = [];
  let failure: string | undefined;

  const openTrial = async (open: TrialOpen): Promise<TrialOpened> => {
    const id = ulid();
    const { server, url, limits, patience } = settings;
    const folder = join(settings.spool, id);
    const opening = { id, open, startedAt: Date.now(), url, pid: process.pid, host: hostname() };
    const line = new Line(
      { opening, folder, server, limits, patience },
      {
        kept: (seq) => {
          for (const ack of acks) ack(id, seq);
        },
        wish: () => {
          for (const wish of wishes) wish(id);
        },
      },
    );
    lines.set(id, line);
    try {
      const room = await line.opened;
      if (url === null) return { trial: id };
      return { trial: id, room: new URL(room ?? `/trials/${id}`, url).href };
    } catch (error) {
      lines.delete(id);
      await line.drop();
      const { rm } = await import('node:fs/promises');
      await rm(folder, { recursive: true, force: true });
      const why = error instanceof Error ? error.message : error;
      throw new Error(`${url} does not take the trial (TRIALROOM_URL, TRIALROOM_TOKEN): ${why}`);
    }
  };

  const send = (message: FromKernel, payload?: Uint8Array): void => {
    const line = 'trial' in message ? lines.get(message.trial) : undefined;
    if (!line) return;
    if (message.type === 'trial.finish') {
      text.flush();
      line.finish(message.end, message.end === 'failed' ? failure : undefined);
    } else line.say(message, payload);
  };

  /** Says that what is still open is over. */
  const endAll = (code: number): void => {
    const open = [...lines.values()].filter(({ finished }) => !finished);
    if (open.length === 0) return;
    // Points that wait to be sent are handed over.
    for (const end of ends) end('', 'ok');
    text.flush();
    const reason = failure ?? (code === 0 ? undefined : `The script ended with exit code ${code}.`);
    for (const line of open) line.finish(code === 0 ? (line.wish === 2 ? 'stopped' : 'completed') : 'failed', reason);
  };

  const text = new PrintedText((stream, printed) => {
    for (const line of lines.values()) line.print(stream, printed);
  });
  if (settings.console) hearConsole((stream, printed) => text.add(stream, printed));
  process.on('uncaughtExceptionMonitor', (error) => {
    failure = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    text.add('stderr', `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  });
  process.on('beforeExit', (code) => endAll(code));
  process.on('exit', (code) => {
    endAll(code);
    for (const line of lines.values()) line.settle();
  });

  return {
    ...terminal,
    openTrial,
    send,
    stopRequested: (trial) => lines.get(trial)?.wish === 2,
    pauseRequested: (trial) => lines.get(trial)?.wish === 1,
    onWish: (handler) => void wishes.push(handler),
    onAck: (handler) => void acks.push(handler),
    onEnd: (handler) => void ends.push(handler),
  };
}

/** Collects printed text for a moment: programs print letter by letter. */
class PrintedText {
  readonly #give: (stream: 'stdout' | 'stderr', text: string) => void;
  #stream: 'stdout' | 'stderr' = 'stdout';
  #text = '';
  #since = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(give: (stream: 'stdout' | 'stderr', text: string) => void) {
    this.#give = give;
  }

  add(stream: 'stdout' | 'stderr', text: string): void {
    if (stream !== this.#stream) this.flush();
    const now = performance.now();
    if (this.#text === '') this.#since = now;
    this.#stream = stream;
    this.#text += text;
    if (this.#text.length >= TEXT_LONG || now - this.#since >= TEXT_MS) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), TEXT_MS).unref();
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = this.#text;
    this.#text = '';
    if (text !== '') this.#give(this.#stream, text);
  }
}
