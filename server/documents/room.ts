/**
 * A loaded document and all who edit it. What one writes goes to the others at once, and to the store soon after; it
 * answers to the writers when it is durable. It has no opinion about the file.
 */
import { cellsOf } from '@trialroom/shared/notebook/document';
import type { Person } from '@trialroom/shared/policy/policy';
import { Awareness, removeAwarenessStates } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { awarenessMessage, Connection, type ConnectionRoom, updateMessage } from './connection.ts';
import { Persistence } from './persistence.ts';
import type { DocumentStore, StoredSize } from './store.ts';

/** Origin of updates that another server of the workspace has stored already. */
export const RELAYED = Symbol('relayed');

export class Room implements ConnectionRoom {
  readonly notebook: string;
  readonly doc: Y.Doc;
  readonly awareness: Awareness;
  readonly persistence: Persistence;
  readonly connections = new Set<Connection>();
  /** State vector of what the batch now being stored makes durable. */
  #storing: Uint8Array = new Uint8Array([0]);

  constructor(options: {
    notebook: string;
    /** Holds all that is stored, and nothing else. */
    doc: Y.Doc;
    size: StoredSize;
    store: DocumentStore;
    onCellChange: (cell: string, change: 'edited' | 'deleted') => void;
    onEdited: () => void;
    /** A batch was stored here; other servers have not seen it. */
    onStored: (batch: Uint8Array) => void;
    onError: (error: unknown) => void;
  }) {
    const { notebook, doc, size, store, onError } = options;
    this.notebook = notebook;
    this.doc = doc;
    this.awareness = new Awareness(doc);
    this.awareness.setLocalState(null);
    this.persistence = new Persistence({
      store,
      notebook,
      doc,
      size,
      onError,
      onStarting: () => {
        this.#storing = Y.encodeStateVector(doc);
        for (const connection of this.connections) connection.storing = connection.received;
      },
      onStored: (batch) => {
        for (const connection of this.connections) connection.tellSaved(this.#storing);
        if (batch) options.onStored(batch);
      },
    });
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== RELAYED) this.persistence.add(update);
      this.#cast(updateMessage(update), origin);
      options.onEdited();
    });
    this.awareness.on(
      'update',
      (change: { added: number[]; updated: number[]; removed: number[] }, origin: unknown) => {
        if (origin instanceof Connection) {
          for (const client of [...change.added, ...change.updated]) origin.clients.add(client);
          for (const client of change.removed) origin.clients.delete(client);
        }
        const clients = [...change.added, ...change.updated, ...change.removed];
        this.#cast(awarenessMessage(this.awareness, clients), origin);
      },
    );
    cellsOf(doc).observeDeep((events) => tellCells(events, options.onCellChange));
  }

  join(connection: Connection): void {
    this.connections.add(connection);
    connection.join(this);
  }

  leave(connection: Connection): void {
    this.connections.delete(connection);
    removeAwarenessStates(this.awareness, [...connection.clients], null);
  }

  taken(client: number, person: Person): boolean {
    for (const other of this.connections) if (other.clients.has(client) && other.person.id !== person.id) return true;
    return false;
  }

  acknowledge(): void {
    this.persistence.ask();
  }

  /** Ends it for everyone; the document is not usable afterwards. */
  destroy(code = 1001, reason = 'the server is stopping'): void {
    for (const connection of this.connections) connection.close(code, reason);
    this.awareness.destroy();
    this.doc.destroy();
  }

  #cast(bytes: Uint8Array, origin: unknown): void {
    for (const connection of this.connections) if (connection !== origin) connection.send(bytes);
  }
}

/** Says which cells' sources changed and which cells are gone. */
function tellCells(
  events: readonly Y.YEvent<Y.AbstractType<unknown>>[],
  tell: (cell: string, change: 'edited' | 'deleted') => void,
): void {
  const changes = new Map<string, 'edited' | 'deleted'>();
  for (const event of events) {
    const [cell, part] = event.path;
    if (cell === undefined) {
      for (const [key, { action }] of event.changes.keys) changes.set(key, action === 'delete' ? 'deleted' : 'edited');
    } else if (part === 'source' || (event instanceof Y.YMapEvent && part === undefined && sourceReplaced(event))) {
      changes.set(String(cell), 'edited');
    }
  }
  for (const [cell, change] of changes) tell(cell, change);
}

const sourceReplaced = (event: Y.YMapEvent<unknown>): boolean =>
  event.keysChanged.has('source') || event.keysChanged.has('type');
