/**
 * A loaded document, of a notebook or of another thing with an id, and all who edit it. What one writes goes to the others at once, and to the store soon after; it
 * answers to the writers when it is durable. It has no opinion about the file.
 */
import { randomInt } from 'node:crypto';
import { cellsOf } from '@trialroom/shared/notebook/document';
import { may, type Person } from '@trialroom/shared/policy/policy';
import { Awareness, removeAwarenessStates } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { awarenessMessage, Connection, type ConnectionRoom, updateMessage } from './connection.ts';
import { Persistence } from './persistence.ts';
import type { DocumentStore, OnMoved, StoredSize } from './store.ts';
import { OnBehalf, Writers } from './writers.ts';

/** Origin of updates that another server of the workspace has stored already. */
export const RELAYED = Symbol('relayed');
/** Cursors are passed on together, so often, in ms: an eye does not see the difference, and fifty people would send each other 2,450 messages each time. */
const PRESENCE = 40;

export class Room implements ConnectionRoom {
  readonly notebook: string;
  readonly doc: Y.Doc;
  readonly awareness: Awareness;
  readonly persistence: Persistence;
  readonly connections = new Set<Connection>();
  /** Awareness clients that others have not been told of yet, and when they will be. */
  readonly #moved = new Set<number>();
  #telling: NodeJS.Timeout | null = null;
  readonly whyNot: (person: Person) => string | null;
  /** State vector of what the batch now being stored makes durable. */
  #storing: Uint8Array = new Uint8Array([0]);

  constructor(options: {
    notebook: string;
    /** Holds all that is stored, and nothing else. */
    doc: Y.Doc;
    size: StoredSize;
    /** The generation that `doc` is of. */
    generation: number;
    store: DocumentStore;
    /** Why someone may not change it; absent: who may edit, may. */
    whyNot?: (person: Person) => string | null;
    onCellChange?: (cell: string, change: 'edited' | 'deleted') => void;
    onEdited?: () => void;
    /** A batch was stored here; other servers have not seen it. */
    onStored: (batch: Uint8Array) => void;
    onMoved?: OnMoved;
    /** Another server has replaced the document: this room is of no use any more. */
    onReplaced: () => void;
    onError: (error: unknown) => void;
  }) {
    const { notebook, doc, size, store, onError } = options;
    this.notebook = notebook;
    this.doc = doc;
    this.whyNot = options.whyNot ?? ((person) => whyNotEdit(person));
    this.awareness = new Awareness(doc);
    this.awareness.setLocalState(null);
    this.persistence = new Persistence({
      store,
      notebook,
      doc,
      size,
      generation: options.generation,
      onReplaced: options.onReplaced,
      onMoved: async (tx, moves) => options.onMoved?.(tx, notebook, moves, doc) ?? (() => {}),
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
    const writers = new Writers(doc);
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      const notes = writers.take(update, writerOf(origin));
      if (origin !== RELAYED) this.persistence.add(update, notes);
      this.#cast(updateMessage(update), origin);
      options.onEdited?.();
    });
    this.awareness.on(
      'update',
      (change: { added: number[]; updated: number[]; removed: number[] }, origin: unknown) => {
        if (origin instanceof Connection) {
          for (const client of [...change.added, ...change.updated]) origin.clients.add(client);
          for (const client of change.removed) origin.clients.delete(client);
        }
        for (const client of [...change.added, ...change.updated, ...change.removed]) this.#moved.add(client);
        this.#telling ??= setTimeout(() => this.#tellMoved(), PRESENCE);
      },
    );
    const { onCellChange } = options;
    if (onCellChange) cellsOf(doc).observeDeep((events) => tellCells(events, onCellChange));
  }

  /** Makes a change because a person asked for it: what it writes is theirs, under a client id of its own. */
  edit(person: Pick<Person, 'id'>, change: (doc: Y.Doc) => void): void {
    const { doc } = this;
    const own = doc.clientID;
    doc.clientID = randomInt(2 ** 32);
    try {
      doc.transact(() => change(doc), new OnBehalf(person));
    } finally {
      doc.clientID = own;
    }
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
    if (this.#telling) clearTimeout(this.#telling);
    this.awareness.destroy();
    this.doc.destroy();
  }

  /** Tells everyone of all who moved, in one message that is encoded once. */
  #tellMoved(): void {
    this.#telling = null;
    const moved = [...this.#moved];
    this.#moved.clear();
    const bytes = awarenessMessage(this.awareness, moved);
    for (const connection of this.connections) {
      // Who moved alone needs no news of it.
      if (moved.some((client) => !connection.clients.has(client))) connection.send(bytes);
    }
  }

  #cast(bytes: Uint8Array, origin: unknown): void {
    for (const connection of this.connections) if (connection !== origin && connection.greeted) connection.send(bytes);
  }
}

/** Why this person may not change documents; null when they may. `what` names the document. */
export const whyNotEdit = ({ role }: Person, what = 'document'): string | null =>
  may(role, 'edit') ? null : `as ${role} you may read this ${what} but not change it`;

/** Id of the person whose change this is the origin of; null: it is a program's. */
export const writerOf = (origin: unknown): string | null =>
  origin instanceof Connection || origin instanceof OnBehalf ? origin.person.id : null;

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
