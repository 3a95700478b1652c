/**
 * One editor's connection to a room: reads and writes y-protocols messages and applies what its person may do. A viewer's
 * edits are never applied. It can speak with the plain y-websocket client; what it adds is the message that edits are saved.
 */
import { CLOSED_REPLACED, MESSAGE_SAVED } from '@trialroom/shared/notebook/document';
import type { Person } from '@trialroom/shared/policy/policy';
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import type { WebSocket } from 'ws';
import * as auth from 'y-protocols/auth';
import * as awareness from 'y-protocols/awareness';
import * as sync from 'y-protocols/sync';
import * as Y from 'yjs';

/** Message types of y-websocket. */
const MESSAGE = { sync: 0, awareness: 1, auth: 2, queryAwareness: 3 } as const;
/** A connection that is this far behind, in bytes, is closed; it will come back and ask for what it lacks. */
const MOST_BUFFERED = 16 * 1024 * 1024;

/** So often a connection may send updates that build on what nobody sent. */
const MOST_GAPS = 3;

/** What a connection needs of its room. */
export interface ConnectionRoom {
  readonly doc: Y.Doc;
  readonly awareness: awareness.Awareness;
  /** True when another person's connection speaks for this awareness client. */
  taken(client: number, person: Person): boolean;
  /** Why this person may not change the document; null when they may. Asked at every update. */
  whyNot(person: Person): string | null;
  /** Asks that what was applied be acknowledged once it is durable. */
  acknowledge(): void;
}

export class Connection {
  person: Person;
  /** Awareness clients this connection speaks for. */
  readonly clients = new Set<number>();
  /** Update messages applied, and those known durable. */
  received = 0;
  stored = 0;
  /** `received` when the batch now being stored began. */
  storing = 0;
  readonly #socket: WebSocket;
  #room: ConnectionRoom | null = null;
  #early: Uint8Array[] = [];
  #gaps = 0;
  /** Questions for all that it has that are not answered yet; the greeting is one. */
  #asked = 0;
  /** Updates that were dropped because what they build on was missing: the next answer holds them again. */
  #dropped = 0;
  /** It said what it has, that fits, and it was sent what it lacks: it can follow what comes after. */
  greeted = false;
  /** What it has does not fit; the socket is closing. */
  #foreign = false;

  constructor(socket: WebSocket, person: Person) {
    this.#socket = socket;
    this.person = person;
    socket.binaryType = 'arraybuffer';
    socket.on('message', (data, binary) => {
      if (!binary || !(data instanceof ArrayBuffer)) return socket.close(1003, 'only binary messages are understood');
      const message = new Uint8Array(data);
      if (this.#room) this.#read(this.#room, message);
      else this.#early.push(message);
    });
  }

  /** Joins the room: greets, then reads what arrived while the document was loading. */
  join(room: ConnectionRoom): void {
    this.#room = room;
    this.#ask(room);
    this.#tellAwareness(room);
    for (const early of this.#early.splice(0)) this.#read(room, early);
  }

  send(bytes: Uint8Array): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > MOST_BUFFERED) this.close(1013, 'too far behind; connect again');
    else this.#socket.send(bytes);
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  /** Tells that everything up to `storing` is durable. */
  tellSaved(vector: Uint8Array): void {
    if (this.storing === this.stored) return;
    this.stored = this.storing;
    this.send(
      message(MESSAGE_SAVED, (encoder) => {
        encoding.writeVarUint8Array(encoder, vector);
        encoding.writeVarUint(encoder, this.stored);
      }),
    );
  }

  #read(room: ConnectionRoom, bytes: Uint8Array): void {
    try {
      const decoder = decoding.createDecoder(bytes);
      const type = decoding.readVarUint(decoder);
      if (type === MESSAGE.sync) this.#readSync(room, decoder);
      else if (type === MESSAGE.awareness) this.#readAwareness(room, decoding.readVarUint8Array(decoder));
      else if (type === MESSAGE.queryAwareness) this.#tellAwareness(room);
    } catch {
      this.close(1007, 'a message could not be understood');
    }
  }

  #readSync(room: ConnectionRoom, decoder: decoding.Decoder): void {
    const step = decoding.readVarUint(decoder);
    const payload = decoding.readVarUint8Array(decoder);
    if (step === sync.messageYjsSyncStep1) {
      this.#greet(room, payload);
      return;
    }
    if (this.#foreign) return;
    if (!this.greeted) throw new Error('an update before it was said what it builds on');
    if (step !== sync.messageYjsSyncStep2 && step !== sync.messageYjsUpdate) throw new Error('unknown sync step');
    const answer = step === sync.messageYjsSyncStep2;
    if (answer) this.#asked = Math.max(0, this.#asked - 1);
    const refused = room.whyNot(this.person);
    if (refused !== null) {
      // Every client answers the greeting with what it has; only one that has something of its own is told off.
      if (Y.snapshotContainsUpdate(Y.snapshot(room.doc), payload)) this.#received(room);
      else this.send(message(MESSAGE.auth, (encoder) => auth.writePermissionDenied(encoder, refused)));
      return;
    }
    Y.applyUpdate(room.doc, payload, this);
    const { store } = room.doc;
    if (store.pendingStructs || store.pendingDs) {
      // Something it builds on is missing, and what waits would not be stored: forget it and ask for all of it.
      store.pendingStructs = null;
      store.pendingDs = null;
      this.#dropped++;
      // Who types while the greeting is on its way writes on top of what its answer will bring.
      if (this.#asked > 0) return;
      if (++this.#gaps > MOST_GAPS) throw new Error('updates without what they build on');
      this.#ask(room);
      return;
    }
    if (answer) {
      // It counts each update that it sent, also those that were dropped and came again in this one.
      this.received += this.#dropped;
      this.#dropped = 0;
    }
    this.#received(room);
  }

  /** Asks for all that it has and the room has not. */
  #ask(room: ConnectionRoom): void {
    this.#asked++;
    this.send(message(MESSAGE.sync, (encoder) => sync.writeSyncStep1(encoder, room.doc)));
  }

  /** Answers someone who says how far their copy has come with what it lacks. */
  #greet(room: ConnectionRoom, vector: Uint8Array): void {
    if (!sameMaking(room.doc, vector)) {
      this.#foreign = true;
      this.close(CLOSED_REPLACED, 'this copy is of another making of the document; load it again');
      return;
    }
    this.greeted = true;
    const missing = Y.encodeStateAsUpdate(room.doc, vector);
    this.send(
      message(MESSAGE.sync, (encoder) => {
        encoding.writeVarUint(encoder, sync.messageYjsSyncStep2);
        encoding.writeVarUint8Array(encoder, missing);
      }),
    );
  }

  #received(room: ConnectionRoom): void {
    this.received++;
    room.acknowledge();
  }

  /** Takes presence of its own clients only: nobody moves another person's cursor. */
  #readAwareness(room: ConnectionRoom, update: Uint8Array): void {
    const decoder = decoding.createDecoder(update);
    const clients = Array.from({ length: decoding.readVarUint(decoder) }, () => {
      const client = decoding.readVarUint(decoder);
      decoding.readVarUint(decoder);
      decoding.readVarString(decoder);
      return client;
    });
    if (clients.some((client) => room.taken(client, this.person))) return;
    awareness.applyAwarenessUpdate(room.awareness, update, this);
  }

  #tellAwareness(room: ConnectionRoom): void {
    const clients = [...room.awareness.getStates().keys()];
    if (clients.length > 0) this.send(awarenessMessage(room.awareness, clients));
  }
}

/**
 * Whether a copy that has come this far (a state vector) is of this document. Every copy holds something of the client
 * that first filled the document, and ids of clients never come twice.
 */
function sameMaking(doc: Y.Doc, vector: Uint8Array): boolean {
  const theirs = Y.decodeStateVector(vector);
  const ours = Y.decodeStateVector(Y.encodeStateVector(doc));
  return theirs.size === 0 || ours.size === 0 || [...theirs.keys()].some((client) => ours.has(client));
}

/** A message of a type, filled by `write`. */
function message(type: number, write: (encoder: encoding.Encoder) => void): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, type);
  write(encoder);
  return encoding.toUint8Array(encoder);
}

/** What others get when the document changed. */
export const updateMessage = (update: Uint8Array): Uint8Array =>
  message(MESSAGE.sync, (encoder) => sync.writeUpdate(encoder, update));

/** Presence of these clients. */
export const awarenessMessage = (state: awareness.Awareness, clients: number[]): Uint8Array =>
  message(MESSAGE.awareness, (encoder) =>
    encoding.writeVarUint8Array(encoder, awareness.encodeAwarenessUpdate(state, clients)),
  );
