/**
 * All sessions of the server. A session exists from the first look at its notebook until the server ends; its kernel
 * starts with the first run. Only this file knows which sessions there are.
 */
import { dirname, join } from 'node:path';
import { wantedBackend } from '@trialroom/shared/kernel/backends';
import { LiveMember, Variable } from '@trialroom/shared/kernel/protocol';
import type { NotebookSnapshot } from '@trialroom/shared/live/events';
import { metadataOf } from '@trialroom/shared/notebook/document';
import { ulid } from 'ulid';
import { z } from 'zod';
import { Refusal } from '../http/refusal.ts';
import { detachedId, detachedPorts } from './detached.ts';
import { ExecutionRow } from './entities.ts';
import { endIdle } from './idle.ts';
import { createPool } from './kernels/pool.ts';
import { Listeners } from './listeners.ts';
import { Inspected, type Sessions } from './offer.ts';
import type { SessionsOptions } from './options.ts';
import { createSessionStore } from './outputs/store.ts';
import type { SessionPorts } from './ports.ts';
import type { Question } from './questions.ts';
import { Session } from './session.ts';

const stopping = (): Refusal =>
  new Refusal(503, { error: 'stopping', message: 'the server is stopping', fix: 'try again soon' });

/** Makes the sessions of a server; kernels start when something is run. */
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
    results: options.results,
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
    refuseInput: async (notebook, request, why) => (await sessionOf(notebook)).refuseInput(request, why),
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
