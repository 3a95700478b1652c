/**
 * A shared document as this browser holds it: edited here at once, sent to the server, merged with what others write.
 * Edits made without a connection are kept on this computer (`keeping.ts`) and sent when it is back. It says of an edit that it is saved
 * only when the server said that it is durable, and it writes nothing by itself.
 */
import { CLOSED_REPLACED, MESSAGE_SAVED } from '@trialroom/shared/notebook/document';
import type { Person } from '@trialroom/shared/policy/policy';
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { type Accessor, batch, createSignal } from 'solid-js';
import * as auth from 'y-protocols/auth';
import type { Awareness } from 'y-protocols/awareness';
import * as sync from 'y-protocols/sync';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { ProblemError } from './api.ts';
import { createKeeping } from './keeping.ts';
import { refreshMe } from './me.ts';
import { SavedLedger } from './saved.ts';

const MESSAGE_SYNC = 0;
const MESSAGE_AUTH = 2;
/** A page that was loaded anew for a replaced document does not do so again within this time, in ms. */
const RELOAD_MS = 30_000;
const RELOADED = 'trialroom.reloaded';
/** How long the server may take to confirm that it has what was just typed, in ms. */
const RECEIPT_MS = 5000;

/** `connecting` for the first time · `saved`: all that was written here is durable · `saving` · `offline`: edits stay here. */
export interface SaveState {
  kind: 'connecting' | 'saved' | 'saving' | 'offline';
  /** When the last edit became durable, ms since the epoch; null when nothing was written here yet. */
  at: number | null;
}

export interface SharedDocument {
  readonly doc: Y.Doc;
  readonly awareness: Awareness;
  /** True once the document was read from the server; stays true when the connection breaks. */
  readonly loaded: Accessor<boolean>;
  /** Resolves when {@link loaded} becomes true. */
  readonly read: Promise<void>;
  readonly save: Accessor<SaveState>;
  /** True while something written here is not known to be durable. */
  readonly unsaved: Accessor<boolean>;
  /** How many edits that is, as far as they were counted. */
  readonly count: Accessor<number>;
  /** True when all of these are kept on this computer, even if the page is closed. */
  readonly onDisk: Accessor<boolean>;
  /** Why the server closed the document for good, when it did. */
  readonly closed: Accessor<string | null>;
  /** Why the server did not take what was written here, when it did not. */
  readonly refused: Accessor<string | null>;
  /** Gives up what is not saved, for good; the page is to be loaded anew then. */
  discard(): Promise<void>;
  /** Resolves when the server holds everything written here so far: at once when it is known to. Rejects when it cannot be reached. */
  received(): Promise<void>;
  introduce(person: Person): void;
  destroy(): void;
}

/**
 * Opens the document at `path` (e.g. `/yjs/notebook/01J…`) of the server this page came from. The caller destroys it.
 * @param what what the document is, for people
 * @param find asks by HTTP whether there is such a thing; throws a {@link ProblemError} of 404 when there is none
 */
export function openDocument(path: string, what: string, find: (id: string) => Promise<unknown>): SharedDocument {
  const doc = new Y.Doc();
  const ledger = new SavedLedger();
  const [loaded, setLoaded] = createSignal(false);
  const reading = Promise.withResolvers<void>();
  const [unsaved, setUnsaved] = createSignal(false);
  const [save, setSave] = createSignal<SaveState>({ kind: 'connecting', at: null });
  const [closed, setClosed] = createSignal<string | null>(null);
  const [refused, setRefused] = createSignal<string | null>(null);

  class CountedSocket extends WebSocket {
    override send(data: string | ArrayBufferLike | Blob | ArrayBufferView<ArrayBufferLike>): void {
      if (data instanceof Uint8Array) ledger.sent(data);
      super.send(data as Parameters<WebSocket['send']>[0]);
    }
  }
  const scheme = window.location.protocol === 'https:' ? 'wss' : 'ws';
  const provider = new WebsocketProvider(`${scheme}://${window.location.host}`, path.replace(/^\//, ''), doc, {
    // Tabs of one browser may belong to different people, and the server must see every edit first.
    disableBc: true,
    WebSocketPolyfill: CountedSocket,
    connect: false,
  });

  const keeping = createKeeping(doc, { unsaved: () => ledger.unsaved, connected: () => provider.wsconnected });
  let person: string | null = null;
  const adopt = (): void => {
    if (person !== null && loaded()) void keeping.adopt(`${path} ${person}`);
  };

  const tell = (): void => {
    setUnsaved(ledger.unsaved);
    setSave((was) => {
      if (!provider.wsconnected) return loaded() ? { kind: 'offline', at: was.at } : was;
      if (!provider.synced && !loaded()) return was;
      const kind = ledger.unsaved ? 'saving' : 'saved';
      return was.kind === kind ? was : { kind, at: was.at };
    });
  };

  /** What waits for a sync step 2, in the order in which they were asked for; null: the provider's own request. */
  let asked: ((() => void) | null)[] = [];
  const inner = provider.messageHandlers[MESSAGE_SYNC];
  if (!inner) throw new Error('y-websocket has no handler for sync messages');
  provider.messageHandlers[MESSAGE_SYNC] = (encoder, decoder, owner, emitSynced, type) => {
    const kind = decoder.arr[decoder.pos];
    inner(encoder, decoder, owner, emitSynced, type);
    if (kind === sync.messageYjsSyncStep2) asked.shift()?.();
  };
  provider.messageHandlers[MESSAGE_SAVED] = (_encoder, decoder) => {
    decoding.readVarUint8Array(decoder);
    const settled = ledger.stored(decoding.readVarUint(decoder));
    batch(() => {
      if (settled && unsaved()) setSave({ kind: 'saved', at: Date.now() });
      if (settled) keeping.settled();
      tell();
    });
  };
  provider.on('status', ({ status }) => {
    if (status === 'connected') {
      ledger.connected();
      asked = [null];
      setRefused(null);
    } else if (status === 'disconnected') keeping.mark();
    tell();
  });
  provider.on('sync', (synced: boolean) => {
    if (synced && !loaded()) {
      setLoaded(true);
      reading.resolve();
      // Not before the cells are drawn.
      setTimeout(() => {
        keeping.mark();
        adopt();
      });
    }
    tell();
  });
  provider.messageHandlers[MESSAGE_AUTH] = (_encoder, decoder) => {
    auth.readAuthMessage(decoder, doc, (_doc, reason) => {
      if (!ledger.unsaved) return;
      setRefused(reason);
      // What they may do has changed, and the page must not offer more.
      refreshMe();
    });
  };
  provider.on('closed', ({ code, reason }) => {
    if (code === CLOSED_REPLACED) void beginAnew(reason);
    else setClosed(reason || `The server closed this ${what}.`);
  });
  /** The server's document is another one now: the page loads it, and takes over from its draft what was not saved. */
  const beginAnew = async (reason: string): Promise<void> => {
    try {
      await keeping.keep();
    } catch {
      if (ledger.unsaved) return void setClosed(reason);
    }
    const last = Number(sessionStorage.getItem(RELOADED) ?? 0);
    if (Date.now() - last < RELOAD_MS) return void setClosed(reason);
    sessionStorage.setItem(RELOADED, String(Date.now()));
    window.location.reload();
  };
  // A refused upgrade looks like a broken line. Whether the document is gone, only the interface can say.
  provider.on('connection-error', () => {
    const id = decodeURIComponent(path.split('/').at(-1) ?? '');
    find(id).catch((error: unknown) => {
      if (!(error instanceof ProblemError) || error.status !== 404) return;
      provider.disconnect();
      void keeping.keep().catch(() => {});
      setClosed(error.message);
    });
  });
  // A line that the computer lost is not always noticed: it is laid anew, which does no harm where it was not lost.
  const relay = (): void => {
    if (!provider.shouldConnect) return;
    provider.disconnect();
    provider.connect();
  };
  window.addEventListener('offline', relay);
  window.addEventListener('online', relay);
  doc.on('update', (_update: Uint8Array, origin: unknown) => {
    if (origin === provider) return;
    ledger.edited();
    keeping.edited();
    tell();
  });
  provider.connect();

  return {
    doc,
    awareness: provider.awareness,
    loaded,
    read: reading.promise,
    save,
    unsaved,
    count: keeping.count,
    onDisk: keeping.onDisk,
    closed,
    refused,
    discard: () => keeping.discard(),
    received() {
      if (!ledger.unsaved) return Promise.resolve();
      const socket = provider.ws;
      if (!provider.wsconnected || !socket) {
        return Promise.reject(
          new Error('The server cannot be reached, so it does not have your last edits. They are kept here.'),
        );
      }
      // The socket keeps order: the answer to this question comes after all that was sent before it was taken in.
      return new Promise((resolve, reject) => {
        const late = setTimeout(
          () => reject(new Error('The server has not confirmed your last edits yet. Try again in a moment.')),
          RECEIPT_MS,
        );
        asked.push(() => {
          clearTimeout(late);
          resolve();
        });
        const encoder = encoding.createEncoder();
        encoding.writeVarUint(encoder, MESSAGE_SYNC);
        sync.writeSyncStep1(encoder, doc);
        socket.send(encoding.toUint8Array(encoder));
      });
    },
    introduce({ id, name, colour }) {
      provider.awareness.setLocalStateField('user', { id, name, colour });
      if (person === id) return;
      person = id;
      adopt();
    },
    destroy() {
      window.removeEventListener('offline', relay);
      window.removeEventListener('online', relay);
      keeping.destroy();
      provider.destroy();
      doc.destroy();
    },
  };
}
