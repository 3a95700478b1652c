/** A whole small workspace for tests of sessions: real files, database, documents, hub, sockets and kernels. */
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { ClientToServer, NotebookSnapshot, ServerToClient } from '@trialroom/shared/live/events';
import { newNotebook, serialiseNotebook } from '@trialroom/shared/notebook/format';
import { foldOutput, type Output } from '@trialroom/shared/notebook/outputs';
import { type CellState, changeConsole, type SessionState } from '@trialroom/shared/notebook/session';
import type { InputPrompt, WidgetState } from '@trialroom/shared/notebook/widgets';
import { pino } from 'pino';
import { io, type Socket } from 'socket.io-client';
import { type Blobs, createBlobs } from '../blobs/blobs.ts';
import type { Database } from '../database/database.ts';
import { createDocuments, type OpenDocuments } from '../documents/open-documents.ts';
import type { Hub } from '../live/hub.ts';
import { createHub } from '../live/socket-hub.ts';
import { createNotebooks, type Notebooks } from '../notebooks/notebooks.ts';
import { controlChannel, type Wish } from '../trials/sink.ts';
import { Shares } from './kernels/share.ts';
import type { Sessions } from './offer.ts';
import type { SessionsOptions } from './options.ts';
import { shareable } from './session-view.ts';
import { createSessions } from './sessions.ts';
import { type RecordingSink, recordingSink } from './testing.ts';

/** What one browser knows of a notebook, kept up to date by events alone. */
export interface Mirror {
  /** What the server knows. */
  truth(): SessionState | null;
  readonly session: SessionState;
  readonly outputs: Record<string, Output[]>;
  readonly widgets: readonly WidgetState[];
  readonly prompts: readonly InputPrompt[];
  readonly diagnostics: NotebookSnapshot['diagnostics'];
  /** Characters of output received after the snapshot. */
  readonly received: number;
  /** Resolves when the condition holds, now or after an event. */
  until(holds: (mirror: Mirror) => boolean): Promise<void>;
  /** Text of a cell's streams and results. */
  text(cell: string): string;
  cell(cell: string): CellState | undefined;
  close(): void;
}

/** The parts of a workspace, and what people in a test do with them. */
export interface Workspace {
  readonly notebooksDir: string;
  readonly hub: Hub;
  readonly notebooks: Notebooks;
  readonly documents: OpenDocuments;
  readonly sessions: Sessions;
  readonly sink: RecordingSink;
  readonly blobs: Blobs;
  /** Writes a notebook file with these code cells (id → source) and returns its id. */
  notebook(name: string, cells: Record<string, string>): Promise<string>;
  /** Someone presses Stop, Pause or Go on in the trial's room. */
  wish(trial: string, action: Wish['action']): Promise<void>;
  /** A browser that watches the notebook. */
  watch(notebook: string): Promise<Mirror>;
  close(): Promise<void>;
}

/** Whoever runs things in tests. */
export const ann = { id: 'ann', name: 'Ann', colour: 'a' } as const;

/** Opens a workspace over a database, in a folder of its own unless one is given. */
export async function openWorkspace(
  db: Database,
  options: Partial<SessionsOptions> & { dataDir?: string } = {},
): Promise<Workspace> {
  const folder = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'trialroom-work-')));
  const notebooksDir = join(folder, 'notebooks');
  const log = pino({ level: process.env.TEST_LOG ?? 'silent' });
  const onError = (error: unknown): void => log.error({ err: error }, 'fault');
  const hub = await createHub({ log });
  const notebooks = await createNotebooks({ path: notebooksDir, database: db, hub, onError });
  const documents = createDocuments({ database: db, notebooks, hub, onError });
  const blobs = createBlobs(join(folder, 'blobs'));
  const sink = recordingSink();
  const sessions = createSessions({
    db,
    hub,
    documents,
    notebooks,
    trials: sink,
    blobs,
    log,
    shares: new Shares(),
    notebooksDir,
    ...options,
  });
  const http = createServer();
  hub.attach(http, async () => ({ ...ann, role: 'editor' }));
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const address = http.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const mirrors: Mirror[] = [];
  return {
    notebooksDir,
    hub,
    notebooks,
    documents,
    sessions,
    sink,
    blobs,
    notebook: async (name, cells) => {
      const file = {
        ...newNotebook(),
        cells: Object.entries(cells).map(([id, source]) => ({
          id,
          cell_type: 'code' as const,
          source,
          metadata: {},
          outputs: [],
          execution_count: null,
        })),
      };
      await writeFile(join(notebooksDir, `${name}.ipynb`), serialiseNotebook(file));
      return (await notebooks.at(`${name}.ipynb`)).id;
    },
    wish: (trial, action) => hub.publish(controlChannel(trial), { action }),
    watch: async (notebook) => {
      const mirror = await watchNotebook(`http://127.0.0.1:${port}`, notebook, () => sessions.state(notebook));
      mirrors.push(mirror);
      return mirror;
    },
    close: async () => {
      for (const mirror of mirrors) mirror.close();
      await sessions.close();
      await documents.close();
      await notebooks.close();
      await hub.close();
      http.closeAllConnections();
      http.close();
      if (!options.dataDir) await rm(folder, { recursive: true, force: true });
    },
  };
}

async function watchNotebook(url: string, notebook: string, truth: () => SessionState | null): Promise<Mirror> {
  const socket: Socket<ServerToClient, ClientToServer> = io(url, {
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
  });
  await new Promise<void>((resolve, reject) => {
    socket.on('connect', resolve);
    socket.on('connect_error', reject);
  });
  const late: (() => void)[] = [];
  let snapshot: NotebookSnapshot | null = null;
  let seq = 0;
  let session: SessionState;
  let outputs: Record<string, Output[]> = {};
  let widgets: WidgetState[] = [];
  let prompts: InputPrompt[] = [];
  let received = 0;
  let fault: Error | null = null;
  const waiting = new Set<() => void>();
  const next = (number: number, apply: () => void): void => {
    const take = (): void => {
      if (number <= seq) return;
      if (number !== seq + 1) fault = new Error(`event ${number} came after ${seq}`);
      seq = number;
      apply();
      for (const check of [...waiting]) check();
    };
    if (snapshot) take();
    else late.push(take);
  };
  socket.on('session', (event) =>
    next(event.seq, () => {
      const cells: Record<string, CellState> = {};
      for (const [id, cell] of Object.entries({ ...session.cells, ...event.cells })) if (cell) cells[id] = cell;
      const console = event.console ? changeConsole(session.console, event.console) : session.console;
      session = { ...event.state, console, cells };
    }),
  );
  socket.on('output', (event) =>
    next(event.seq, () => {
      received += JSON.stringify(event.events).length;
      const before = event.begin ? [] : (outputs[event.cell] ?? []);
      outputs = { ...outputs, [event.cell]: event.events.reduce(foldOutput, before) };
    }),
  );
  let diagnostics: NotebookSnapshot['diagnostics'] = {};
  socket.on('diagnostics', ({ cells }) => {
    diagnostics = cells;
    for (const check of [...waiting]) check();
  });
  socket.on('widgets', (event) =>
    next(event.seq, () => {
      const known = new Map(widgets.map((widget) => [widget.id, widget]));
      for (const id of event.gone) known.delete(id);
      for (const widget of event.changed) known.set(widget.id, widget);
      widgets = [...known.values()];
    }),
  );
  socket.on('prompts', (event) =>
    next(event.seq, () => {
      prompts = event.prompts;
    }),
  );
  const watch = async (): Promise<void> => {
    const reply = await socket.emitWithAck('watch', `notebook:${notebook}`);
    if (!reply.ok || reply.snapshot.topic !== 'notebook') throw new Error(reply.ok ? 'wrong snapshot' : reply.error);
    snapshot = reply.snapshot;
    ({ session, outputs, widgets, prompts, seq } = snapshot);
    for (const check of [...waiting]) check();
  };
  // As a browser does that could not keep up.
  socket.on('missed', () => {
    snapshot = null;
    watch()
      .then(() => {
        for (const take of late.splice(0)) take();
      })
      .catch((error) => {
        fault = error;
      });
  });
  await watch();
  // One that came since is newer.
  const first: NotebookSnapshot | null = snapshot;
  if (first && Object.keys(diagnostics).length === 0) ({ diagnostics } = first);
  for (const take of late.splice(0)) take();
  const mirror: Mirror = {
    truth,
    get session() {
      return session;
    },
    get outputs() {
      return outputs;
    },
    get widgets() {
      return widgets;
    },
    get prompts() {
      return prompts;
    },
    get diagnostics() {
      return diagnostics;
    },
    get received() {
      return received;
    },
    until: (holds) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (fault) reject(fault);
          else if (holds(mirror)) resolve();
          else return;
          waiting.delete(check);
        };
        waiting.add(check);
        check();
      }),
    text: (cell) =>
      (outputs[cell] ?? [])
        .map((output) => {
          if (output.type === 'stream') return output.text;
          if (output.type === 'error') return `${output.error.name}: ${output.error.message}`;
          return String(output.data['text/plain'] ?? '');
        })
        .join(''),
    cell: (cell) => session.cells[cell],
    close: () => void socket.close(),
  };
  return mirror;
}

/** Waits until nothing runs and nothing waits, and the browser has heard so. */
export const idle = (mirror: Mirror): Promise<void> =>
  mirror.until(({ session, truth }) => {
    const state = truth();
    if (!state || state.running || state.queue.length > 0 || state.kernel === 'starting') return false;
    return isDeepStrictEqual(session, shareable(state));
  });
