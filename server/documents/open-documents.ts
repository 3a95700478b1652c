/**
 * All documents that are open here: loads each once, however many ask, and lets it go when nobody needs it any more.
 * A document is filled from its file exactly once in its life; afterwards what is stored is the truth.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FileState } from '@trialroom/shared/live/events';
import { CLOSED_GONE, CLOSED_REPLACED } from '@trialroom/shared/notebook/document';
import type { NotebookFile } from '@trialroom/shared/notebook/format';
import { readDocument } from '@trialroom/shared/notebook/transfer';
import type * as Y from 'yjs';
import type { Database } from '../database/database.ts';
import { Refusal } from '../http/refusal.ts';
import type { Hub } from '../live/hub.ts';
import type { Notebooks } from '../notebooks/notebooks.ts';
import { isAtOrBelow } from '../notebooks/paths.ts';
import type { Documents, Follower, OutputsForFile } from './documents.ts';
import { Held } from './held.ts';
import { createLoader, type Loaded } from './loading.ts';
import { SMALL } from './renewal.ts';
import { createDocumentStore, type DocumentStore, type OnMoved, type OnRenew } from './store.ts';
import { type Authenticate, createDoor } from './upgrade.ts';

/** The documents, and what the server itself needs of them. */
export interface OpenDocuments extends Documents {
  /** Takes an upgrade to `/yjs/…`; false when it is for someone else. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, authenticate: Authenticate): boolean;
  /** The notebook as its file would be written now. @throws Refusal */
  notebook(id: string): Promise<NotebookFile>;
  /** Writes the document to its file whatever is there. @throws Refusal (503) when it cannot be written */
  restoreFile(id: string): Promise<void>;
  /** Gives the notebook's file another path; the document, its history and its session stay. @throws Refusal */
  move(id: string, path: string): Promise<void>;
  /** Does something to the files of all notebooks at or below a path, between two writings of those that are open. */
  between(place: string, task: () => Promise<void>): Promise<void>;
  /** The document, if it is open here just now; nothing is loaded for it. */
  peek(id: string): Y.Doc | null;
}

/** Pages are reloaded and notebooks come back to: loading anew each time would be waste. */
const LINGER = 15_000;

export function createDocuments(options: {
  database: Database;
  notebooks: Notebooks;
  hub: Pick<Hub, 'emit' | 'publish' | 'subscribe'>;
  onError?: (error: unknown) => void;
  /** Absent: SQL, in `database`. */
  store?: DocumentStore;
  /** How long a document stays loaded after its last user, in ms. */
  linger?: number;
}): OpenDocuments {
  const {
    database,
    notebooks,
    hub,
    onError = () => {},
    store = createDocumentStore(database),
    linger = LINGER,
  } = options;
  const lastStates = new Map<string, FileState>();
  const handlers: ((notebook: string, cell: string, change: 'edited' | 'deleted') => void)[] = [];
  const renewals = new Map<string, Promise<void>>();
  const renewHandlers: OnRenew[] = [];
  const moveHandlers: OnMoved[] = [];
  const follows: ((notebook: string, doc: Y.Doc) => Follower)[] = [];
  let outputs: OutputsForFile = (id) => notebooks.readFileOutputs(id);

  const load = createLoader({
    ...{ notebooks, hub, store, onError },
    renewed: (id) => renewals.get(id),
    outputs: (id) => outputs(id),
    follow: (id, doc) => follows.map((follow) => follow(id, doc)),
    onReplaced: abandon,
    moveHandlers,
    onCellChange: (id, cell, change) => {
      for (const handler of handlers) handler(id, cell, change);
    },
    onState: (id, file) => {
      lastStates.set(id, file);
      hub.emit(`notebook:${id}`, 'file', { notebook: id, file });
    },
  });

  const held = new Held<Loaded>({
    load,
    /** While the store or the file fails, the document stays: what is not stored must not be dropped. */
    settle: async (_, { projection, room, followers }) => {
      await projection.flush();
      await room.persistence.flush();
      for (const follower of followers) await follower.left();
      return projection.state.state !== 'unwritable';
    },
    unload: async (id, loaded) => {
      await shut(loaded);
      await renewals.get(id);
    },
    linger,
    onError,
  });

  /** Another server made the document anew: everyone here begins again with the new one, and brings what was not stored. */
  function abandon(id: string): void {
    held.drop(id)?.room.destroy(CLOSED_REPLACED, 'this notebook was made anew; load it again');
  }

  /** Keeps what is stored small, once nobody is in the document. */
  function renewLater(id: string): void {
    const renewal = store
      .renew(id, async (...parts) => {
        for (const handler of renewHandlers) await handler(...parts);
      })
      .then(() => {}, onError)
      .finally(() => renewals.delete(id));
    renewals.set(id, renewal);
  }

  async function shut({ room, projection, unsubscribe }: Loaded): Promise<void> {
    await projection.close();
    await room.persistence.close().catch(onError);
    await unsubscribe();
    room.destroy();
    if (room.persistence.stored > SMALL) renewLater(room.notebook);
  }

  async function using<Result>(id: string, task: (loaded: Loaded) => Promise<Result>): Promise<Result> {
    const { loaded, release } = await held.enter(id);
    try {
      return await task(loaded);
    } finally {
      release();
    }
  }

  const door = createDoor(
    {
      exists: async (id) => {
        await notebooks.get(id);
      },
      enter: async (id) => {
        const { loaded, release } = await held.enter(id);
        return { room: loaded.room, release };
      },
    },
    onError,
  );
  notebooks.onForget({
    async letGo(id) {
      const loaded = await held.take(id);
      for (const connection of loaded?.room.connections ?? [])
        connection.close(CLOSED_GONE, 'this notebook was erased');
      if (loaded) await shut(loaded);
      lastStates.delete(id);
    },
    erase: store.forget,
  });
  notebooks.onFileChange((id) => {
    void held.peek(id)?.projection.look();
  });

  return {
    async open(id) {
      const { loaded, release } = await held.enter(id);
      const saved = async (): Promise<void> => {
        await loaded.room.persistence.flush();
        await loaded.projection.flush();
      };
      const { doc, persistence } = loaded.room;
      return {
        doc,
        reread: () => loaded.projection.look(),
        edit: (person, change) => loaded.room.edit(person, change),
        stored: () => persistence.flush(),
        saved,
        release,
      };
    },
    outputsOf: (id) => outputs(id),
    onRenew: (handler) => void renewHandlers.push(handler),
    onMoved: (handler) => void moveHandlers.push(handler),
    follow(follow) {
      follows.push(follow);
    },
    writers: (id) => store.writers(id),
    outputsFrom(source) {
      outputs = source;
    },
    touch(id) {
      const loaded = held.peek(id);
      if (loaded) loaded.projection.touch();
      else using(id, async ({ projection }) => projection.touch()).catch(onError);
    },
    fileState(id) {
      return (
        held.peek(id)?.projection.state ??
        lastStates.get(id) ?? { path: notebooks.pathOf(id) ?? id, state: 'synced', message: null, savedAt: null }
      );
    },
    onCellChange(handler) {
      handlers.push(handler);
    },
    upgrade: door.upgrade,
    notebook: (id) => using(id, async ({ room }) => readDocument(room.doc, await outputs(id))),
    restoreFile: (id) =>
      using(id, async ({ projection }) => {
        await projection.restore();
        const { state, message } = projection.state;
        if (state === 'synced' || state === 'pending') return;
        throw new Refusal(503, {
          error: `file-${state}`,
          message: message ?? 'the file could not be written',
          fix: 'Remove what is in the way, then try again.',
        });
      }),
    move: (id, path) => using(id, ({ projection }) => projection.moved(() => notebooks.move(id, path))),
    async between(place, task) {
      const open = held.all().filter(({ room }) => isAtOrBelow(notebooks.pathOf(room.notebook) ?? '', place));
      await open.reduce<() => Promise<void>>(
        (next, { projection }) =>
          () =>
            projection.moved(next),
        task,
      )();
    },
    peek: (id) => held.peek(id)?.room.doc ?? null,
    async flush() {
      // One document's trouble must not keep the others from being written.
      const ends = await Promise.allSettled(
        held.all().map(async ({ room, projection }) => {
          await room.persistence.flush();
          await projection.flush();
        }),
      );
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
    },
    async close() {
      door.close();
      await held.close();
      await Promise.all(renewals.values());
    },
  };
}
