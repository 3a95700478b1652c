/**
 * The main thread's side of preparing batches elsewhere: threads are started when they are first needed, kept for the
 * next epoch, and let go as soon as nobody wants what they prepare: the loop was left, or its cell was interrupted.
 */
import { Worker } from 'node:worker_threads';
import { host } from '../../../process/host.ts';
import { DataError, reasonOf } from '../error.ts';
import type { EpochOptions } from '../source.ts';
import type { BatchPlan } from './plan.ts';
import { buffersOf, type Prepared } from './prepare.ts';
import type { FromThread, ToThread } from './thread.ts';

/** Batches that wait ready for the step to end. */
export const AHEAD = 3;
/** Threads that are kept while nothing is to be done; they cost some megabytes each. */
const KEPT = 2;

interface Job {
  serial: number;
  /** The cell that reads. */
  execution: string | undefined;
  hear(message: FromThread): void;
  fail(error: Error): void;
}

class Thread {
  readonly #worker = new Worker(new URL('./thread.js', import.meta.url));
  job: Job | undefined;

  constructor() {
    this.#worker.unref();
    this.#worker.on('message', (message: FromThread) => {
      if (message.serial === this.job?.serial) this.job.hear(message);
    });
    this.#worker.on('error', (error) => this.#ended(error));
    this.#worker.on('exit', (code) => this.#ended(new Error(`it ended with code ${code}`)));
  }

  say(message: ToThread, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  /** While somebody waits for a batch, the process must not end for want of anything else to do. */
  hold(waiting: boolean): void {
    if (waiting) this.#worker.ref();
    else this.#worker.unref();
  }

  terminate(): void {
    threads.delete(this);
    this.job = undefined;
    void this.#worker.terminate();
  }

  #ended(error: unknown): void {
    if (!threads.delete(this)) return;
    this.job?.fail(
      new DataError(`the thread that prepares batches has failed: ${reasonOf(error)}`, {
        advice: 'Smaller batches need less memory',
        cause: error,
      }),
    );
  }
}

const threads = new Set<Thread>();
let serials = 0;
let listening = false;

/** Threads there are now, and how many of them work: for tests, and for whoever wonders where memory goes. */
export const threadCounts = (): { all: number; working: number } => ({
  all: threads.size,
  working: [...threads].filter(({ job }) => job !== undefined).length,
});

/** Of an interrupted cell nothing runs any more, not even its `finally`: what it left behind is cleared away here. */
function listen(): void {
  const kernel = host();
  if (listening || !kernel) return;
  listening = true;
  kernel.onEnd((execution, end) => {
    if (end !== 'aborted') return;
    for (const thread of threads) if (thread.job?.execution === execution) thread.terminate();
  });
}

function take(): Thread {
  listen();
  for (const thread of threads) if (thread.job === undefined) return thread;
  const thread = new Thread();
  threads.add(thread);
  return thread;
}

function giveBack(thread: Thread): void {
  thread.job = undefined;
  thread.hold(false);
  const idle = [...threads].filter(({ job }) => job === undefined);
  for (const spare of idle.slice(KEPT)) spare.terminate();
}

/** The batches of an epoch, prepared by a thread that works ahead. Leaving the loop gives the thread back. */
export async function* prefetch(plan: BatchPlan, options: EpochOptions): AsyncGenerator<Prepared, void> {
  const thread = take();
  const serial = ++serials;
  const ready: FromThread[] = [];
  let failure: Error | undefined;
  let wake: (() => void) | undefined;
  thread.job = {
    serial,
    execution: host()?.execution(),
    hear(message) {
      ready.push(message);
      wake?.();
    },
    fail(error) {
      failure = error;
      wake?.();
    },
  };
  let over = false;
  try {
    thread.say({ op: 'open', serial, plan, options, ahead: AHEAD });
    for (;;) {
      let message = ready.shift();
      while (message === undefined) {
        if (failure) throw failure;
        const heard = new Promise<void>((resolve) => {
          wake = resolve;
        });
        thread.hold(true);
        await heard;
        thread.hold(false);
        message = ready.shift();
      }
      if (message.op === 'batch') {
        const { batch, numbers } = message;
        // One message for both: a thread that is woken takes a core from the step.
        if (!options.lent) thread.say({ op: 'more', serial });
        yield { batch, numbers };
        if (options.lent) {
          const back = buffersOf({ batch, numbers });
          thread.say({ op: 'more', serial, back }, back);
        }
        continue;
      }
      over = true;
      if (message.op === 'failed') throw revive(message);
      return;
    }
  } finally {
    release(thread, serial, over || failure !== undefined);
  }
}

const revive = ({ name, message }: Extract<FromThread, { op: 'failed' }>): Error =>
  name === 'RangeError' ? new RangeError(message) : new DataError(message);

/** A thread in the middle of an epoch is asked to stop; one that does not answer, because a batch takes long, is ended. */
function release(thread: Thread, serial: number, over: boolean): void {
  if (!threads.has(thread) || thread.job?.serial !== serial) return;
  if (over) {
    giveBack(thread);
    return;
  }
  const patience = setTimeout(() => thread.terminate(), PATIENCE).unref();
  thread.job = {
    serial,
    execution: undefined,
    hear(message) {
      if (message.op !== 'closed') return;
      clearTimeout(patience);
      giveBack(thread);
    },
    fail: () => clearTimeout(patience),
  };
  thread.say({ op: 'close', serial });
}

/** How long a thread may take to finish the batch that it is at, in ms. */
const PATIENCE = 1000;
