/**
 * All sessions of the server. A session exists from the first look at its notebook until the server ends; its kernel
 * starts with the first run. Only this file knows which sessions there are.
 */
import { dirname, join } from 'node:path';
import type { Execution, KernelStatus, SessionState } from '@trialroom/shared/notebook/session';
import type { Blobs } from '../blobs/blobs.ts';
import type { Database } from '../database/database.ts';
import type { Documents } from '../documents/documents.ts';
import { Refusal } from '../http/refusal.ts';
import type { Hub } from '../live/hub.ts';
import type { Log } from '../log.ts';
import type { TrialSink } from '../trials/sink.ts';
import type { SessionNotebooks } from './ports.ts';
import { Session } from './session.ts';
import { createSessionStore } from './store.ts';

export interface SessionsOptions {
  db: Database;
  hub: Hub;
  documents: Documents;
  notebooks: SessionNotebooks;
  trials: TrialSink;
  blobs: Blobs;
  log: Log;
  /** Folder of the notebooks; a kernel works in the folder of its notebook's file. */
  notebooksDir: string;
  /** Most memory of one kernel, in MB; absent: no limit but the machine's. */
  kernelMemoryMb?: number | undefined;
  /** How long an interrupted cell has to stop before its kernel is ended, in ms. */
  interruptGraceMs?: number;
  /** How long a trial has to end after a stop before its cell is interrupted, in ms. */
  stopGraceMs?: number;
}

export interface Sessions {
  /**
   * Queues code cells in the given order, with the source that the server's document holds now.
   * @returns the ids of the executions
   * @throws Refusal when there is no such notebook or none of the cells exists
   */
  run(notebook: string, cells: readonly string[], by: Execution['by']): Promise<string[]>;
  /** Stops what runs and drops what waits. */
  interrupt(notebook: string): Promise<void>;
  /** Replaces the kernel. */
  restart(notebook: string): Promise<void>;
  /** `none` when nobody has run anything since the server started. */
  status(notebook: string): KernelStatus;
  /** The state of a session that was looked at since the server started. */
  state(notebook: string): SessionState | null;
  /** How many kernels there are. */
  live(): number;
  /** Called when the kernel of a notebook changes its status. The returned function ends that. */
  onChange(handler: (notebook: string) => void): () => void;
  /** Ends all kernels and makes everything durable. */
  close(): Promise<void>;
}

export function createSessions(options: SessionsOptions): Sessions {
  const { db, hub, documents, notebooks, trials, blobs, log, notebooksDir } = options;
  const store = createSessionStore(db);
  const sessions = new Map<string, Promise<Session>>();
  const open = new Map<string, Session>();
  const handlers = new Set<(notebook: string) => void>();
  let closed = false;

  // Before anything is read: what a dead server left running is not running.
  const recovered = store.closeOrphans().then((count) => {
    if (count > 0) log.warn({ count }, 'executions that an earlier server left open were closed');
  });
  recovered.catch((error) => log.error({ err: error }, 'executions of an earlier server could not be closed'));

  const ports = {
    store,
    hub,
    documents,
    trials,
    blobs,
    log,
    folderOf: async (notebook: string) => dirname(join(notebooksDir, (await notebooks.get(notebook)).path)),
    changed: (notebook: string) => {
      notebooks.changed();
      for (const handler of handlers) handler(notebook);
    },
    kernelMemoryMb: options.kernelMemoryMb,
    interruptGraceMs: options.interruptGraceMs ?? 5000,
    stopGraceMs: options.stopGraceMs,
  };

  const load = async (notebook: string): Promise<Session> => {
    await notebooks.get(notebook);
    await recovered;
    const session = new Session(notebook, ports, await store.load(notebook));
    const fromFile = await notebooks.readFileOutputs(notebook);
    for (const [cell, shown] of Object.entries(fromFile)) session.adopt(cell, shown);
    open.set(notebook, session);
    return session;
  };

  const sessionOf = (notebook: string): Promise<Session> => {
    const known = sessions.get(notebook);
    if (known) return known;
    const loading = load(notebook);
    sessions.set(notebook, loading);
    // What could not be loaded is tried again the next time.
    loading.catch(() => sessions.delete(notebook));
    return loading;
  };

  /** For what starts kernels: a stopping server must not, though it still tells what was said. */
  const serving = async (notebook: string): Promise<Session> => {
    const session = await sessionOf(notebook);
    if (closed) throw new Refusal(503, { error: 'stopping', message: 'the server is stopping', fix: 'try again soon' });
    return session;
  };

  documents.outputsFrom(async (notebook) => (await sessionOf(notebook)).outputsForFile());
  documents.onCellChange((notebook, cell, change) => open.get(notebook)?.cellChanged(cell, change));
  hub.provide('notebook', async (notebook) => {
    if (notebook === null) throw new Refusal(400, { error: 'bad-topic', message: 'a notebook topic needs an id' });
    return (await sessionOf(notebook)).snapshot();
  });

  notebooks.kernelFrom((notebook) => open.get(notebook)?.state.kernel ?? 'none');

  let ending: Promise<void> | undefined;
  const end = async (): Promise<void> => {
    closed = true;
    const all = await Promise.allSettled(sessions.values());
    await Promise.all(
      all.map(async (loaded) => {
        if (loaded.status === 'fulfilled') await loaded.value.close();
      }),
    );
    await recovered.catch(() => {});
  };

  return {
    run: async (notebook, cells, by) => (await serving(notebook)).run(cells, by),
    interrupt: async (notebook) => (await sessionOf(notebook)).interrupt(),
    restart: async (notebook) => (await serving(notebook)).restart(),
    status: (notebook) => open.get(notebook)?.state.kernel ?? 'none',
    state: (notebook) => open.get(notebook)?.state ?? null,
    live: () => [...open.values()].filter(({ state }) => state.kernel !== 'none' && state.kernel !== 'dead').length,
    onChange: (handler) => {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
    close: () => {
      ending ??= end();
      return ending;
    },
  };
}
