/**
 * The way of one trial to its server, as the thread sees it that speaks of the trial: what is said goes to a thread of its
 * own (`sender.ts`), what people want comes back through shared memory.
 */
import { rm } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { type FromThread, SHARED, SHARED_BYTES, type ThreadStart, type ToThread } from './channel.ts';

/** How long the end of the process waits for what was said last to be written, in ms. */
const WRITE_PATIENCE = 5000;

/** Who hears of what comes back. */
export interface LineNews {
  /** Numbered messages up to `seq` are kept, see {@link ThreadStart.keptBy}. */
  kept(seq: number): void;
  /** People want something else: see {@link Line.wish}. */
  wish(): void;
}

/** One trial's way to its server. */
export class Line {
  /** Resolves with the path of the room, or null when the server is away or there is none; rejects when it refuses. */
  readonly opened: Promise<string | null>;
  /** Resolves when the thread is gone: the trial is delivered, or left on the disk. */
  readonly over: Promise<void>;
  readonly shared = new Int32Array(new SharedArrayBuffer(SHARED_BYTES));
  readonly #worker: Worker;
  readonly #patience: number;
  readonly #folder: string;
  #posted = 0;
  #open = false;
  #finished = false;

  /** `thread`: the first file of the thread, which calls `keepAndSend`. */
  constructor(thread: URL, start: Omit<ThreadStart, 'shared'>, news: LineNews) {
    this.#patience = start.patience;
    this.#folder = start.folder;
    const workerData: ThreadStart = { ...start, shared: this.shared.buffer };
    this.#worker = new Worker(thread, { workerData, stderr: false });
    this.over = new Promise((resolve) => void this.#worker.once('exit', () => resolve()));
    this.opened = new Promise((resolve, reject) => {
      this.#worker.on('message', (message: FromThread) => {
        if (message.type === 'opened') resolve(message.room);
        else if (message.type === 'away') resolve(null);
        else if (message.type === 'refused') reject(new Error(notTaken(start.server?.url, message.message)));
        else if (message.type === 'kept') news.kept(message.seq);
        else news.wish();
      });
      this.#worker.on('error', (error) => {
        const why = error instanceof Error ? error.message : String(error);
        const message = `the trial cannot be kept in ${start.folder} (TRIALROOM_SPOOL): ${why}`;
        // Once it is open, nobody waits for a refusal.
        if (this.#open) process.stderr.write(`trialroom: ${message}\n`);
        reject(new Error(message));
      });
    });
    // Only while it is being opened, and again while it ends, does it hold the process.
    const free = (): void => {
      this.#open = true;
      if (!this.#finished) this.#worker.unref();
    };
    this.opened.then(free, free);
  }

  /** What people want, by its place in `WISHES`. */
  get wish(): number {
    return Atomics.load(this.shared, SHARED.wish);
  }

  /** Nothing more can be said. */
  get finished(): boolean {
    return this.#finished;
  }

  /** Says a message of the kernel's protocol, or a word of `shared/api/remote.ts`. */
  say(header: { type: string }, payload?: Uint8Array): void {
    if (this.#finished) return;
    this.#posted++;
    this.#post({ type: 'say', header, ...(payload && { payload }) });
  }

  /** Gives text that was printed to the trial's log. */
  print(stream: 'stdout' | 'stderr', text: string): void {
    if (!this.#finished) this.#post({ type: 'text', stream, text, at: Date.now() });
  }

  /** Says that the trial is over. The process stays until it is delivered, or given up. */
  finish(end: 'completed' | 'failed' | 'stopped', reason?: string): void {
    if (this.#finished) return;
    this.say({ type: 'remote.finish', end, at: Date.now(), ...(reason && { reason: reason.slice(0, 2000) }) } as never);
    this.#finished = true;
    this.#post({ type: 'end' });
    this.#worker.ref();
  }

  /** Blocks until all is in the spool, and delivered where that is possible. For the last moment of a process. */
  settle(): void {
    this.write();
    Atomics.wait(this.shared, SHARED.ended, 0, this.#patience + WRITE_PATIENCE);
  }

  /** Blocks until all is in the spool; says whether it is with the server already. For a process that ends at once. */
  write(): boolean {
    const until = performance.now() + WRITE_PATIENCE;
    for (;;) {
      const written = Atomics.load(this.shared, SHARED.written);
      const left = until - performance.now();
      if (written >= this.#posted || left <= 0) break;
      Atomics.wait(this.shared, SHARED.written, written, left);
    }
    return Atomics.load(this.shared, SHARED.ended) === 1;
  }

  /** Ends the thread at once, and removes what it kept: the trial was refused. */
  async drop(): Promise<void> {
    this.#finished = true;
    await this.#worker.terminate();
    // Why it was refused is what people are to read.
    await rm(this.#folder, { recursive: true, force: true }).catch(() => {});
  }

  #post(message: ToThread): void {
    const own = message.type === 'say' && message.payload?.byteLength === message.payload?.buffer.byteLength;
    const payload = message.type === 'say' ? message.payload : undefined;
    this.#worker.postMessage(message, own && payload ? [payload.buffer as ArrayBuffer] : []);
  }
}

const notTaken = (url: string | undefined, why: string): string =>
  `${url} does not take the trial (TRIALROOM_URL, TRIALROOM_TOKEN): ${why}`;
