/**
 * For tests: documents behind a real HTTP server, with real people, and editors that connect as browsers do. Waiting is
 * always for something to happen, never for time to pass.
 */
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileState, Topic } from '@trialroom/shared/live/events';
import { MESSAGE_SAVED } from '@trialroom/shared/notebook/document';
import { type NotebookFile, newNotebook, parseNotebook, serialiseNotebook } from '@trialroom/shared/notebook/format';
import type { Role } from '@trialroom/shared/policy/policy';
import * as decoding from 'lib0/decoding';
import { pino } from 'pino';
import { WebSocket } from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { createAccounts } from '../accounts/accounts.ts';
import type { Database } from '../database/database.ts';
import { createHub, type SocketHub } from '../live/socket-hub.ts';
import { createNotebooks, type Notebooks } from '../notebooks/notebooks.ts';
import { createDocuments, type OpenDocuments } from './open-documents.ts';
import type { DocumentStore } from './store.ts';

/** A server of documents and nothing else. */
export interface TestServer {
  /** e.g. `ws://127.0.0.1:4711/yjs/notebook` */
  url: string;
  /** The notebooks folder. */
  folder: string;
  notebooks: Notebooks;
  documents: OpenDocuments;
  /** Errors that were reported, not thrown. */
  errors: unknown[];
  /** A token for someone of this role. */
  token(role: Role): Promise<string>;
  /** Resolves when an event of this kind fits; those that were sent before count too, if they came after `since`. */
  fileState(notebook: string, fits: (state: FileState) => boolean): Promise<FileState>;
  /** All events sent so far. */
  sent: { topic: Topic; event: string; payload: unknown }[];
  put(path: string, content: NotebookFile | string): Promise<void>;
  read(path: string): Promise<NotebookFile>;
  /** Id of the notebook at this path. */
  id(path: string): Promise<string>;
  close(): Promise<void>;
}

/** Starts a server over this database; `folder` is made, and removed at the end, when absent. */
export async function startDocuments(options: {
  database: Database;
  folder?: string;
  store?: DocumentStore;
  linger?: number;
  /** Shared by servers of one workspace; it is the caller's to close. */
  hub?: SocketHub;
}): Promise<TestServer> {
  const made = options.folder === undefined ? await mkdtemp(join(tmpdir(), 'trialroom-notebooks-')) : null;
  const folder = options.folder ?? made ?? '';
  const dataDir = await mkdtemp(join(tmpdir(), 'trialroom-data-'));
  const hub = options.hub ?? (await createHub({ log: pino({ level: 'silent' }) }));
  const sent: TestServer['sent'] = [];
  const errors: unknown[] = [];
  const waiting = new Set<() => void>();
  const listened = {
    ...hub,
    emit: (...[topic, event, payload]: Parameters<typeof hub.emit>) => {
      sent.push({ topic, event, payload });
      hub.emit(topic, event, payload);
      for (const look of [...waiting]) look();
    },
  };
  const onError = (error: unknown): void => {
    errors.push(error);
  };
  const { database } = options;
  const notebooks = await createNotebooks({ path: folder, database, hub: listened, onError });
  const documents = createDocuments({
    database,
    notebooks,
    hub: listened,
    onError,
    ...(options.store ? { store: options.store } : {}),
    linger: options.linger ?? 0,
  });
  const accounts = await createAccounts({ db: database, dataDir });
  const server = createServer((_, reply) => reply.writeHead(404).end());
  server.on('upgrade', (request, socket, head) => {
    if (!documents.upgrade(request, socket, head, accounts.authenticate)) socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `ws://127.0.0.1:${port}/yjs/notebook`,
    folder,
    notebooks,
    documents,
    errors,
    sent,
    token: (role) => accounts.invite(role),
    fileState: (notebook, fits) =>
      new Promise((resolve) => {
        const look = (): void => {
          const state = documents.fileState(notebook);
          if (!fits(state)) return;
          waiting.delete(look);
          resolve(state);
        };
        waiting.add(look);
        look();
      }),
    put: (path, content) =>
      writeFile(join(folder, path), typeof content === 'string' ? content : serialiseNotebook(content)),
    read: async (path) => parseNotebook(await readFile(join(folder, path), 'utf8')),
    id: async (path) => (await notebooks.at(path)).id,
    async close() {
      server.close();
      await documents.close();
      await notebooks.close();
      if (!options.hub) await hub.close();
      await rm(dataDir, { recursive: true, force: true });
      if (made) await rm(made, { recursive: true, force: true });
    },
  };
}

/** One person with a notebook open, over the plain y-websocket client. */
export interface Editor {
  doc: Y.Doc;
  provider: WebsocketProvider;
  /** What the server acknowledged last: how many update messages, and the state vector. */
  saved: { count: number; vector: Uint8Array };
  /** Update messages sent on this connection. */
  sent: number;
  /** Messages of refusal. */
  refusals: string[];
  synced(): Promise<void>;
  /** Resolves when everything sent so far is acknowledged. */
  acknowledged(): Promise<void>;
  /** Resolves when the document fits. */
  sees(fits: (doc: Y.Doc) => boolean): Promise<void>;
  close(): void;
}

/** Connects an editor; `token` says who. */
export function connectEditor(url: string, notebook: string, token: string, doc = new Y.Doc()): Editor {
  const listeners = new Set<() => void>();
  const changed = (): void => {
    for (const listener of [...listeners]) listener();
  };
  const when = (fits: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!fits()) return;
        listeners.delete(look);
        resolve();
      };
      listeners.add(look);
      look();
    });
  // The browser's class takes no headers; a browser sends its cookie by itself.
  class SignedIn extends WebSocket {
    constructor(address: string | URL) {
      super(address, { headers: { authorization: `Bearer ${token}` } });
      editor.sent = 0;
      editor.saved.count = 0;
      const { send } = this;
      this.send = (...parts: unknown[]) => {
        Reflect.apply(send, this, parts);
        const [data] = parts;
        if (data instanceof Uint8Array && data[0] === 0 && (data[1] === 1 || data[1] === 2)) editor.sent++;
      };
    }
  }
  const editor: Editor = {
    doc,
    saved: { count: 0, vector: new Uint8Array([0]) },
    sent: 0,
    refusals: [],
    synced: () => when(() => editor.provider.synced),
    acknowledged: () => when(() => editor.provider.synced && editor.sent > 0 && editor.saved.count >= editor.sent),
    sees: (fits) => when(() => fits(doc)),
    close: () => {
      editor.provider.destroy();
      doc.destroy();
    },
    provider: undefined as unknown as WebsocketProvider,
  };
  editor.provider = new WebsocketProvider(url, notebook, doc, {
    WebSocketPolyfill: SignedIn as unknown as typeof globalThis.WebSocket,
    disableBc: true,
    connect: false,
  });
  editor.provider.messageHandlers[MESSAGE_SAVED] = (_encoder, decoder) => {
    editor.saved = { vector: decoding.readVarUint8Array(decoder), count: decoding.readVarUint(decoder) };
    changed();
  };
  editor.provider.messageHandlers[2] = (_encoder, decoder) => {
    decoding.readVarUint(decoder);
    editor.refusals.push(decoding.readVarString(decoder));
    changed();
  };
  editor.provider.on('sync', changed);
  editor.provider.awareness.on('change', changed);
  doc.on('update', changed);
  editor.provider.connect();
  return editor;
}

/** A notebook of these code cells; ids are `c0`, `c1` … */
export const notebookOf = (...sources: string[]): NotebookFile => ({
  ...newNotebook(),
  cells: sources.map((source, index) => ({
    id: `c${index}`,
    cell_type: 'code',
    source,
    metadata: {},
    outputs: [],
    execution_count: null,
  })),
});
