/** Jobs within one process. Nothing survives it; at the next start the owner of a job finds in SQL what is still queued. */
import type { Log } from '../log.ts';
import type { Jobs } from './jobs.ts';

interface Waiting {
  id: string;
  data: unknown;
}

interface Queue {
  waiting: Waiting[];
  running: Map<string, { abort: AbortController; done: Promise<void> }>;
  concurrency: number;
  handler: ((data: unknown, signal: AbortSignal) => Promise<void>) | null;
}

export function inProcessJobs({ log }: { log: Log }): Jobs {
  const queues = new Map<string, Queue>();
  let closed = false;

  const queueOf = (name: string): Queue => {
    let queue = queues.get(name);
    if (!queue) {
      queue = { waiting: [], running: new Map(), concurrency: 0, handler: null };
      queues.set(name, queue);
    }
    return queue;
  };

  const pump = (name: string, queue: Queue): void => {
    const { handler } = queue;
    while (handler && !closed && queue.running.size < queue.concurrency) {
      const next = queue.waiting.shift();
      if (!next) return;
      const abort = new AbortController();
      const done = Promise.resolve()
        .then(() => handler(next.data, abort.signal))
        .catch((error: unknown) => log.error({ err: error, job: name, id: next.id }, 'job failed'))
        .finally(() => {
          queue.running.delete(next.id);
          pump(name, queue);
        });
      queue.running.set(next.id, { abort, done });
    }
  };

  return {
    kind: 'in-process',
    define: (name, concurrency, handler) => {
      const queue = queueOf(name);
      queue.concurrency = concurrency;
      // The type of a job's data is a promise between `add` and `define`; the handler parses what it does not trust.
      queue.handler = handler as (data: unknown, signal: AbortSignal) => Promise<void>;
      pump(name, queue);
    },
    add: async (name, id, data) => {
      const queue = queueOf(name);
      if (closed || queue.running.has(id) || queue.waiting.some((job) => job.id === id)) return;
      queue.waiting.push({ id, data: structuredClone(data) });
      pump(name, queue);
    },
    cancel: async (name, id) => {
      const queue = queueOf(name);
      queue.waiting = queue.waiting.filter((job) => job.id !== id);
      queue.running.get(id)?.abort.abort();
    },
    close: async () => {
      closed = true;
      const running = [...queues.values()].flatMap((queue) => [...queue.running.values()]);
      for (const { abort } of running) abort.abort();
      await Promise.all(running.map(({ done }) => done));
    },
  };
}
