/**
 * How much of a second core the machine gives now. Two virtual cores can be two halves of one: what fills a core's
 * arithmetic units by itself then gains nothing from a second thread, and a row of two threads would measure the host.
 */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const ROUNDS = 6_000_000;
/** The lesser of so many tries counts: something else may have run. */
const TRIES = 3;

/** Eight chains that need nothing of each other: as much arithmetic at a time as a core can do. Returns ms. */
function work(): number {
  const from = performance.now();
  const m = 1.000000001;
  let [a, b, c, d, e, f, g, h] = [1, 2, 3, 4, 5, 6, 7, 8];
  for (let round = 0; round < ROUNDS; round++) {
    a = a * m + m;
    b = b * m + m;
    c = c * m + m;
    d = d * m + m;
    e = e * m + m;
    f = f * m + m;
    g = g * m + m;
    h = h * m + m;
  }
  if (a + b + c + d + e + f + g + h === 0) throw new Error('it was not computed');
  return performance.now() - from;
}

/** 1: two threads do twice the work of one in the same time; 0: no more than one. */
export async function secondCore(): Promise<number> {
  const shared = new Int32Array(new SharedArrayBuffer(4));
  const other = new Worker(new URL(import.meta.url), { workerData: shared });
  const ready = (): Promise<unknown> => new Promise((resolve) => other.once('message', resolve));
  await ready();
  const [alone, both]: [number[], number[]] = [[], []];
  for (let turn = 0; turn < TRIES; turn++) {
    alone.push(work());
    const ended = ready();
    Atomics.store(shared, 0, turn + 1);
    Atomics.notify(shared, 0);
    both.push(Math.max(work(), Number(await ended)));
  }
  await other.terminate();
  return Math.max(0, Math.min(1, (2 * Math.min(...alone)) / Math.min(...both) - 1));
}

if (!isMainThread && workerData instanceof Int32Array) {
  work();
  parentPort?.postMessage(0);
  for (let turn = 0; turn < TRIES; turn++) {
    Atomics.wait(workerData, 0, turn);
    parentPort?.postMessage(work());
  }
}
