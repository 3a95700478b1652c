/**
 * All sessions of the server. A session exists from the first look at its notebook until the server ends; its kernel
 * starts with the first run. Only this file knows which sessions there are.
 */
import { dirname, join } from 'node:path';
import { wantedBackend } from '@trialroom/shared/kernel/backends';
import { LiveMember, Variable } from '@trialroom/shared/kernel/protocol';
import type { NotebookSnapshot } from '@trialroom/shared/live/events';
import { metadataOf } from '@trialroom/shared/notebook/document';
import type { Execution, KernelStatus, SessionState } from '@trialroom/shared/notebook/session';
import { ulid } from 'ulid';
import { z } from 'zod';
import { Refusal } from '../http/refusal.ts';
import type { Holder } from '../notebooks/forgetting.ts';
import { detachedId, detachedPorts } from './detached.ts';
import { ExecutionRow } from './entities.ts';
import { endIdle } from './idle.ts';
import { type Listener, Listeners } from './listeners.ts';
import type { SourceRequest } from './news.ts';
import type { SessionsOptions } from './options.ts';
import { createPool, type KernelPool } from './pool.ts';
import type { SessionPorts } from './ports.ts';
import type { Question } from './questions.ts';
import { Session } from './session.ts';
import { createSessionStore } from './store.ts';

/** A value as it was seen in a live kernel. */
const Inspected = z.object({ type: z.string(), text: z.string() });
export type Inspected = z.infer<typeof Inspected>;

/** Who does something in a session. */
export type Asker = { id: string; name: string };

export interface SessionListing {
  /** What all functions here take for `notebook`. */
  id: string;
  /** Null: a session without a notebook. */
  notebook: string | null;
  /** Given at its making, for a session without a notebook. */
  name: string | null;
  kernel: KernelStatus;
  /** ms since the epoch */
  lastActivity: number;
  /** Programs that listen. */
  connections: number;
}

export interface Sessions {
  /** Kernels that stand ready for sessions to come. */
  readonly pool: KernelPool;
  /**
   * Queues code cells in the given order, with the source that the server's document holds now.
   * @returns the ids of the executions
   * @throws Refusal when there is no such notebook or none of the cells exists
   */
  run(notebook: string, cells: readonly string[], by: Execution['by']): Promise<string[]>;
  /**
   * Queues code that is not a cell's saved text.
   * @returns the id of the execution
   * @throws Refusal when there is no such session or notebook
   */
  runSource(notebook: string, request: SourceRequest): Promise<string>;
  /** Calls `handler` with everything that happens in this session, in order. The returned function ends that. */
  listen(notebook: string, handler: Listener): () => void;
  /** A value of the live kernel, read without side effects; null when it cannot be told. */
  inspect(notebook: string, expression: string): Promise<Inspected | null>;
  /** What can follow `expression.` in the live kernel; its top-level names for an empty expression. */
  complete(notebook: string, expression: string): Promise<LiveMember[]>;
  /** Says where the type checker's remarks in snapshots come from. Called once, by the language service. */
  remarksFrom(source: (notebook: string) => NotebookSnapshot['diagnostics']): void;
  /** Top-level variables of the live kernel, also while a cell runs. */
  variables(notebook: string): Promise<Variable[]>;
  /** The widgets there are, in a session that was looked at since the server started. */
  widgets(notebook: string): NotebookSnapshot['widgets'];
  /**
   * Sets a widget for everyone. `content` is the file, for file widgets.
   * @throws Refusal when there is no such widget, nobody listens to it, or the value does not fit
   */
  setWidget(notebook: string, widget: string, value: unknown, by: Asker, content?: Uint8Array): Promise<void>;
  /**
   * Answers what a cell asks for. What was answered, and by whom, is kept nowhere: it may be a password.
   * @throws Refusal when nobody waits for this answer
   */
  answerInput(notebook: string, request: number, value: string, by: Asker): Promise<void>;
  /** Makes a session without a notebook and returns its id; its kernel starts with its first run. */
  detached(name: string): Promise<string>;
  /** Ends the kernel of a session; one without a notebook is forgotten. Resolves when the process is gone. */
  shutdown(notebook: string): Promise<void>;
  /** The session of a notebook, and all that ever ran in it, goes with the notebook. */
  readonly holder: Holder;
  /** The sessions there are, those without a kernel included. */
  list(): SessionListing[];
  /** Stops what runs and drops what waits. */
  interrupt(notebook: string): Promise<void>;
  /** Takes runs that wait out of the queue. */
  withdraw(notebook: string, executions: readonly string[]): Promise<void>;
  /** Lets a run wait just before another; null: behind all. */
  reorder(notebook: string, execution: string, before: string | null): Promise<void>;
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

const stopping = (): Refusal =>
  new Refusal(503, { error: 'stopping', message: 'the server is stopping', fix: 'try again soon' });

export function createSessions(options: SessionsOptions): Sessions {
  const { db, hub, documents, notebooks, trials, blobs, log, shares, notebooksDir } = options;
  const store = createSessionStore(db);
  const sessions = new Map<string, Promise<Session>>();
  const open = new Map<string, Session>();
  const handlers = new Set<(notebook: string) => void>();
  let remarks = (_notebook: string): NotebookSnapshot['diagnostics'] => ({});
  let closed = false;

  // Before anything is read: what a dead server left running is not running.
  const recovered = store.closeOrphans().then((count) => {
    if (count > 0) log.warn({ count }, 'executions that an earlier server left open were closed');
  });
  recovered.catch((error) => log.error({ err: error }, 'executions of an earlier server could not be closed'));

  const listeners = new Listeners(log);
  const names = new Map<string, string>();

  const { kernelMemoryMb: memoryMb, warmKernels: size = 0, warmPauseMs: pauseMs } = options;
  const pool = createPool({ size, folder: notebooksDir, memoryMb, log, ...(pauseMs === undefined ? {} : { pauseMs }) });
  const ports: SessionPorts = {
    store,
    hub,
    documents,
    trials,
    blobs,
    log,
    folderOf: async (notebook: string) => dirname(join(notebooksDir, (await notebooks.get(notebook)).path)),
    backendOf: async (notebook: string) => {
      // A notebook whose document cannot be read still has a kernel.
      const document = await documents.open(notebook).catch(() => null);
      const wanted = document && wantedBackend(metadataOf(document.doc).toJSON());
      document?.release();
      return wanted ?? undefined;
    },
    threads: (notebook: string) => shares.begins(notebook, (cores) => open.get(notebook)?.share(cores)),
    changed: (notebook: string) => {
      if (open.get(notebook)?.state.kernel !== 'busy') shares.ends(notebook);
      notebooks.changed();
      for (const handler of handlers) handler(notebook);
    },
    news: (notebook, news) => listeners.tell(notebook, news),
    detached: false,
    pool,
    kernelMemoryMb: options.kernelMemoryMb,
    interruptGraceMs: options.interruptGraceMs ?? 5000,
    cellLimitMs: options.cellLimitMs,
    stopGraceMs: options.stopGraceMs,
  };

  const load = async (notebook: string): Promise<Session> => {
    await notebooks.get(notebook);
    await recovered;
    const session = new Session(notebook, ports, await store.load(notebook));
    const fromFile = await notebooks.readFileOutputs(notebook);
    for (const [cell, shown] of Object.entries(fromFile)) await session.adopt(cell, shown);
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

  /** What a live kernel answers; undefined without one. */
  const ask = async (notebook: string, question: Question): Promise<unknown> => {
    // A notebook that does not exist is refused, one that nobody has run has no kernel to ask.
    if (!sessions.has(notebook)) await notebooks.get(notebook);
    return open.get(notebook)?.ask(question);
  };

  const shutdown = async (notebook: string): Promise<void> => {
    const session = await sessionOf(notebook);
    if (!names.delete(notebook)) return session.shutdown();
    await session.close();
    sessions.delete(notebook);
    open.delete(notebook);
    listeners.forget(notebook);
  };

  /** For what starts kernels: a stopping server must not, though it still tells what was said. */
  const serving = async (notebook: string): Promise<Session> => {
    const session = await sessionOf(notebook);
    if (closed) throw stopping();
    return session;
  };

  documents.outputsFrom(async (notebook) => (await sessionOf(notebook)).outputsForFile());
  documents.onCellChange((notebook, cell, change) => open.get(notebook)?.cellChanged(cell, change));
  hub.provide('notebook', async (notebook) => {
    if (notebook === null) throw new Refusal(400, { error: 'bad-topic', message: 'a notebook topic needs an id' });
    return { ...(await sessionOf(notebook)).snapshot(), diagnostics: remarks(notebook) };
  });

  notebooks.kernelFrom((notebook) => open.get(notebook)?.state.kernel ?? 'none');

  let ending: Promise<void> | undefined;
  const end = async (): Promise<void> => {
    closed = true;
    stopLooking();
    const cooled = pool.close();
    const all = await Promise.allSettled(sessions.values());
    await Promise.all(
      all.map(async (loaded) => {
        if (loaded.status === 'fulfilled') await loaded.value.close();
      }),
    );
    await Promise.all([cooled, recovered.catch(() => {})]);
  };

  const stopLooking = endIdle(options.idleLimitMs, log, () =>
    [...open].map(([id, session]) => ({
      id,
      session,
      watched: listeners.count(id) > 0 || hub.present().some(({ topics }) => topics.includes(`notebook:${id}`)),
      end: (reason: string) => (names.has(id) ? shutdown(id) : session.shutdown(reason)),
    })),
  );

  return {
    pool,
    run: async (notebook, cells, by) => (await serving(notebook)).run(cells, by),
    runSource: async (notebook, request) => (await serving(notebook)).runSource(request),
    listen: (notebook, handler) => listeners.add(notebook, handler),
    inspect: async (notebook, expression) =>
      Inspected.safeParse(await ask(notebook, { type: 'inspect', expression })).data ?? null,
    complete: async (notebook, expression) =>
      z.array(LiveMember).safeParse(await ask(notebook, { type: 'complete', expression })).data ?? [],
    remarksFrom: (source) => {
      remarks = source;
    },
    variables: async (notebook) => z.array(Variable).safeParse(await ask(notebook, { type: 'variables' })).data ?? [],
    widgets: (notebook) => open.get(notebook)?.widgets ?? [],
    setWidget: async (notebook, widget, value, by, content) =>
      (await sessionOf(notebook)).setWidget(widget, value, by, content),
    answerInput: async (notebook, request, value) => (await sessionOf(notebook)).answerInput(request, value),
    detached: async (name) => {
      if (closed) throw stopping();
      const id = detachedId(ulid());
      const session = new Session(id, detachedPorts(ports, name, notebooksDir), []);
      names.set(id, name);
      open.set(id, session);
      sessions.set(id, Promise.resolve(session));
      return id;
    },
    shutdown,
    holder: {
      letGo: async (notebook) => {
        const session = await sessions.get(notebook)?.catch(() => null);
        await session?.close();
        sessions.delete(notebook);
        open.delete(notebook);
        listeners.forget(notebook);
      },
      erase: async (em, notebook) => {
        const executions = await em.find(ExecutionRow, { notebook }, { fields: ['id'] });
        await store.forgetNotebook(em, notebook);
        return () => blobs.dropSpills(executions.map(({ id }) => id));
      },
    },
    list: () =>
      [...open].map(([id, { state, lastActivity }]) => ({
        id,
        notebook: names.has(id) ? null : id,
        name: names.get(id) ?? null,
        kernel: state.kernel,
        lastActivity,
        connections: listeners.count(id),
      })),
    interrupt: async (notebook) => (await sessionOf(notebook)).interrupt(),
    withdraw: async (notebook, executions) => (await sessionOf(notebook)).withdraw(executions),
    reorder: async (notebook, execution, before) => (await sessionOf(notebook)).reorder(execution, before),
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
