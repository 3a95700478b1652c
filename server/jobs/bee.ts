/**
 * Jobs through Redis with bee-queue, so that any process may do what another one queued. A cancellation takes the job out
 * of the queue first and then tells everyone: whoever is about to begin it finds it gone, whoever runs it hears of it.
 */
import BeeQueue from 'bee-queue';
import { Redis } from 'ioredis';
import { z } from 'zod';
import type { Log } from '../log.ts';
import type { Jobs } from './jobs.ts';

export interface BeeOptions {
  /** `redis://…` */
  url: string;
  /** Begins every key and channel. */
  prefix: string;
  log: Log;
}

/** A job as it lies in Redis; wrapped, because bee-queue wants an object. */
const Wrapped = z.object({ data: z.unknown() });
const Cancellation = z.object({ name: z.string(), id: z.string() });

/** How often jobs of dead processes are looked for, in ms. */
const STALL_INTERVAL = 5000;

export async function beeJobs({ url, prefix, log }: BeeOptions): Promise<Jobs> {
  const channel = `${prefix}:jobs:cancel`;
  const commands = new Redis(url, { maxRetriesPerRequest: null });
  const listener = commands.duplicate();
  const onError = (error: unknown): void => log.warn({ err: error }, 'the job queue has trouble with Redis');
  for (const client of [commands, listener]) client.on('error', onError);

  const queues = new Map<string, BeeQueue>();
  const running = new Map<string, { abort: AbortController; done: Promise<void> }>();
  const keyOf = (name: string, id: string): string => `${name}:${id}`;
  const workers = new Set<BeeQueue>();
  let closed = false;

  listener.on('message', (_, text) => {
    const { name, id } = Cancellation.parse(JSON.parse(text));
    running.get(keyOf(name, id))?.abort.abort();
  });
  await listener.subscribe(channel);

  const open = (name: string, isWorker: boolean): BeeQueue => {
    const queue = new BeeQueue(name, {
      prefix: `${prefix}:jobs`,
      redis: connectionOf(url),
      isWorker,
      getEvents: false,
      sendEvents: false,
      storeJobs: false,
      removeOnSuccess: true,
      removeOnFailure: true,
      stallInterval: STALL_INTERVAL,
    });
    queue.on('error', onError);
    return queue;
  };
  const queueOf = (name: string): BeeQueue => {
    let queue = queues.get(name);
    if (!queue) {
      queue = open(name, false);
      queues.set(name, queue);
    }
    return queue;
  };

  let ending: Promise<void> | undefined;
  const end = async (): Promise<void> => {
    closed = true;
    for (const { abort } of running.values()) abort.abort();
    // A worker's close waits for what it runs; `null` means: as long as it takes.
    await Promise.all([...workers, ...queues.values()].map((queue) => queue.close(null).catch(onError)));
    await Promise.all([commands, listener].map((client) => client.quit().catch(() => client.disconnect())));
  };

  return {
    kind: 'bee-queue',

    define: (name, concurrency, handler) => {
      const worker = open(name, true);
      workers.add(worker);
      worker.process(concurrency, async (job) => {
        const key = keyOf(name, job.id);
        // Cancelled and queued again while its first run still winds up: one of an id at a time.
        while (running.has(key)) await running.get(key)?.done;
        const abort = new AbortController();
        if (closed) abort.abort();
        const done = worker
          .getJob(job.id)
          .then(async (still) => {
            // The type of a job's data is a promise between `add` and `define`; the handler parses what it does not trust.
            if (still) await handler(Wrapped.parse(job.data).data as never, abort.signal);
          })
          .catch((error: unknown) => {
            log.error({ err: error, job: name, id: job.id }, 'job failed');
            throw error;
          })
          .finally(() => running.delete(key));
        running.set(key, {
          abort,
          done: done.then(
            () => {},
            () => {},
          ),
        });
        await done;
      });
      worker
        .ready()
        .then(() => worker.checkStalledJobs(STALL_INTERVAL))
        .catch(onError);
    },

    add: async (name, id, data) => {
      await queueOf(name).createJob({ data }).setId(id).save();
    },

    cancel: async (name, id) => {
      await queueOf(name).removeJob(id);
      await commands.publish(channel, JSON.stringify({ name, id }));
    },

    close: () => {
      ending ??= end();
      return ending;
    },
  };
}

/** bee-queue speaks through an older client, whose connection options these are. */
function connectionOf(url: string): Record<string, unknown> {
  const parsed = new URL(url);
  return {
    host: parsed.hostname,
    port: Number(parsed.port || 6379),
    ...(parsed.username ? { user: decodeURIComponent(parsed.username) } : {}),
    ...(parsed.password ? { password: decodeURIComponent(parsed.password) } : {}),
    ...(parsed.pathname.length > 1 ? { db: Number(parsed.pathname.slice(1)) } : {}),
    ...(parsed.protocol === 'rediss:' ? { tls: {} } : {}),
  };
}
