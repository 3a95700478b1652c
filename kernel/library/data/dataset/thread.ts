/**
 * The thread that prepares batches while a step runs. It carries out one epoch at a time and works ahead by as many
 * batches as it was allowed; the numbers change hands, they are not copied.
 */
import { parentPort } from 'node:worker_threads';
import type { EpochOptions } from '../source.ts';
import { type BatchPlan, Rooms } from './plan.ts';
import { buffersOf, type Prepared, prepareEpoch } from './prepare.ts';

/** What the thread is told. `serial` names the epoch that it is about. */
export type ToThread =
  | { op: 'open'; serial: number; plan: BatchPlan; options: EpochOptions; ahead: number }
  /** `back`: memory of a batch that was lent and is not needed any more. */
  | { op: 'more'; serial: number; back?: ArrayBuffer[] }
  | { op: 'close'; serial: number };

/** What the thread says. */
export type FromThread =
  | ({ op: 'batch'; serial: number } & Prepared)
  | { op: 'end'; serial: number }
  | { op: 'closed'; serial: number }
  | { op: 'failed'; serial: number; name: string; message: string };

const port = parentPort;
if (!port) throw new Error('thread.ts runs as a worker thread only');

interface Job {
  serial: number;
  batches: Generator<Prepared, void>;
  rooms: Rooms;
  /** Batches that may be sent without being asked for. */
  credit: number;
  working: boolean;
}

let job: Job | undefined;
const say = (message: FromThread, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);

port.on('message', (message: ToThread) => {
  if (message.op === 'open') {
    job?.batches.return();
    const { serial, plan, options, ahead } = message;
    const rooms = new Rooms();
    const batches = prepareEpoch(plan, options, rooms.allocate);
    job = { serial, batches, rooms, credit: ahead, working: false };
    work(job);
  } else if (message.op === 'more') {
    if (job?.serial !== message.serial) return;
    job.credit++;
    if (message.back) job.rooms.give(message.back);
    work(job);
  } else {
    if (job?.serial === message.serial) {
      job.batches.return();
      job = undefined;
    }
    say({ op: 'closed', serial: message.serial });
  }
});

/** Makes one batch at a time, so that "close" is heard between two. */
function work(mine: Job): void {
  if (mine.working || mine !== job || mine.credit === 0) return;
  mine.credit--;
  try {
    const next = mine.batches.next();
    if (next.done) {
      job = undefined;
      say({ op: 'end', serial: mine.serial });
      return;
    }
    say({ op: 'batch', serial: mine.serial, ...next.value }, buffersOf(next.value));
  } catch (error) {
    job = undefined;
    // An error of ours would arrive as one of no class.
    const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
    say({ op: 'failed', serial: mine.serial, name, message });
    return;
  }
  mine.working = true;
  setImmediate(() => {
    mine.working = false;
    work(mine);
  });
}
