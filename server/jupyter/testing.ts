/**
 * For tests: a whole server in folders of its own, people of every role with tokens, and Jupyter's own client library
 * pointed at it.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServerConnection } from '@jupyterlab/services';
import type { ClientToServer, NotebookSnapshot, ServerToClient } from '@trialroom/shared/live/events';
import { newNotebook, serialiseNotebook } from '@trialroom/shared/notebook/format';
import { foldOutput, type Output } from '@trialroom/shared/notebook/outputs';
import { type CellState, changeConsole, type SessionState } from '@trialroom/shared/notebook/session';
import type { InputPrompt } from '@trialroom/shared/notebook/widgets';
import type { Role } from '@trialroom/shared/policy/policy';
import { io, type Socket } from 'socket.io-client';
import { z } from 'zod';
import { type RunningServer, startServer } from '../app.ts';
import { readConfig } from '../config.ts';

/** What a browser sees of a session. */
export interface Watcher {
  /** Id of the notebook. */
  readonly notebook: string;
  readonly session: SessionState;
  readonly outputs: Record<string, Output[]>;
  readonly prompts: InputPrompt[];
  until(holds: (seen: Watcher) => boolean): Promise<void>;
  close(): void;
}

/** A whole server, with people to be. */
export interface TestServer extends RunningServer {
  readonly dataDir: string;
  readonly notebooksDir: string;
  /** A token of someone with this role, always the same one. */
  tokenOf(role: Role): Promise<string>;
  /** A request with a token of the role, or with none. */
  ask(role: Role | null, method: string, path: string, body?: unknown): Promise<Response>;
  /** Writes a notebook of these code cells (id → source). */
  notebook(path: string, cells: Record<string, string>): Promise<void>;
  /** A browser of the owner's that looks at a notebook. */
  watch(path: string): Promise<Watcher>;
  /** For managers of `@jupyterlab/services`. */
  settings(role: Role): Promise<ServerConnection.ISettings>;
}

/** Starts a server over empty folders, which go with it. */
export async function startTestServer(): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'trialroom-jupyter-'));
  const [dataDir, notebooksDir] = [join(folder, 'data'), join(folder, 'notebooks')];
  const server = await startServer(readConfig({ port: 0, dataDir, notebooksDir }, {}));
  const tokens = new Map<Role, Promise<string>>([['owner', Promise.resolve(server.token)]]);
  const tokenOf = (role: Role): Promise<string> => {
    const known = tokens.get(role) ?? invite(server, role);
    tokens.set(role, known);
    return known;
  };
  return {
    ...server,
    dataDir,
    notebooksDir,
    tokenOf,
    ask: async (role, method, path, body) =>
      fetch(server.url + path, {
        method,
        headers: {
          ...(role === null ? {} : { authorization: `token ${await tokenOf(role)}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    notebook: (path, cells) =>
      writeFile(
        join(notebooksDir, path),
        serialiseNotebook({
          ...newNotebook(),
          cells: Object.entries(cells).map(([id, source]) => ({
            ...{ id, cell_type: 'code', source, metadata: {}, outputs: [], execution_count: null },
          })),
        }),
      ),
    watch: async (path) => {
      const listing = await fetch(`${server.url}/api/notebooks`, {
        headers: { authorization: `Bearer ${server.token}` },
      });
      const found = Listing.parse(await listing.json()).notebooks.find((one) => one.path === path);
      return watchNotebook(server, found?.id ?? '');
    },
    settings: async (role) =>
      ServerConnection.makeSettings({
        baseUrl: server.url,
        wsUrl: server.url.replace(/^http/, 'ws'),
        token: await tokenOf(role),
        appendToken: true,
      }),
    close: async () => {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function invite(server: RunningServer, role: Role): Promise<string> {
  const reply = await fetch(`${server.url}/api/invites`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ role }),
  });
  const { url } = z.object({ url: z.string() }).parse(await reply.json());
  return new URL(url).searchParams.get('token') ?? '';
}

const Listing = z.object({ notebooks: z.array(z.object({ id: z.string(), path: z.string() })) });

async function watchNotebook({ url, token }: RunningServer, notebook: string): Promise<Watcher> {
  const socket: Socket<ServerToClient, ClientToServer> = io(url, {
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    extraHeaders: { authorization: `Bearer ${token}` },
  });
  await new Promise<void>((resolve, reject) => {
    socket.on('connect', resolve);
    socket.on('connect_error', reject);
  });
  let snapshot: NotebookSnapshot | null = null;
  let early: (() => void)[] = [];
  const waiting = new Set<() => void>();
  const apply = (seq: number, change: (seen: NotebookSnapshot) => Partial<NotebookSnapshot>): void => {
    const take = (): void => {
      if (!snapshot || seq <= snapshot.seq) return;
      snapshot = { ...snapshot, ...change(snapshot), seq };
      for (const check of [...waiting]) check();
    };
    if (snapshot) take();
    else early.push(take);
  };
  socket.on('session', ({ seq, state, cells: changed, console: entries }) =>
    apply(seq, ({ session }) => {
      const cells: Record<string, CellState> = {};
      for (const [id, cell] of Object.entries({ ...session.cells, ...changed })) if (cell) cells[id] = cell;
      return {
        session: { ...state, cells, console: entries ? changeConsole(session.console, entries) : session.console },
      };
    }),
  );
  socket.on('output', ({ seq, cell, begin, events }) =>
    apply(seq, ({ outputs }) => ({
      outputs: { ...outputs, [cell]: events.reduce(foldOutput, begin ? [] : (outputs[cell] ?? [])) },
    })),
  );
  socket.on('prompts', ({ seq, prompts }) => apply(seq, () => ({ prompts })));
  socket.on('widgets', ({ seq }) => apply(seq, () => ({})));
  const reply = await socket.emitWithAck('watch', `notebook:${notebook}`);
  if (!reply.ok || reply.snapshot.topic !== 'notebook') throw new Error(reply.ok ? 'wrong snapshot' : reply.error);
  let first = reply.snapshot;
  snapshot = first;
  for (const take of early) take();
  early = [];
  const seen = (): NotebookSnapshot => {
    first = snapshot ?? first;
    return first;
  };
  const watcher: Watcher = {
    notebook,
    get session() {
      return seen().session;
    },
    get outputs() {
      return seen().outputs;
    },
    get prompts() {
      return seen().prompts;
    },
    until: (holds) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (!holds(watcher)) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    close: () => void socket.close(),
  };
  return watcher;
}
