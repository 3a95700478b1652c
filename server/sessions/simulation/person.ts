/** For the simulation: someone who edits a notebook, with or without a connection, and remembers what was acknowledged. */
import { cellsOf, MESSAGE_SAVED } from '@trialroom/shared/notebook/document';
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import * as sync from 'y-protocols/sync';
import * as Y from 'yjs';
import type { Wire } from './wire.ts';

const FROM_SERVER = Symbol('server');
/** Origin of one's own edits. */
export const OWN = Symbol('own');

/** Something written that can be found again. */
export interface Mark {
  text: string;
  cell: string;
  author: number;
  /** It is durable once the server has confirmed so many updates of this connection; null: it waits to be sent. */
  after: { wire: Wire; count: number } | null;
}

export class Person {
  readonly number: number;
  doc = new Y.Doc();
  undo: Y.UndoManager;
  wire: Wire | null = null;
  waiting: Mark[] = [];
  readonly acknowledged: Mark[] = [];
  /** The document was read once; nobody can write before. */
  loaded = false;
  #sent = 0;

  constructor(number: number) {
    this.number = number;
    this.undo = this.#listen();
  }

  #listen(): Y.UndoManager {
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== FROM_SERVER) this.#sendUpdate(sync.messageYjsUpdate, update);
    });
    return new Y.UndoManager(cellsOf(this.doc), { trackedOrigins: new Set([OWN]), captureTimeout: 0 });
  }

  connect(wire: Wire): void {
    this.wire = wire;
    this.#sent = 0;
    for (const mark of this.waiting) mark.after = null;
    this.#send((encoder) => sync.writeSyncStep1(encoder, this.doc));
  }

  /** The browser is gone, and with it all that the server did not confirm; a new one knows nothing. */
  forget(): void {
    this.waiting = [];
    this.loaded = false;
    this.undo.destroy();
    this.doc.destroy();
    this.doc = new Y.Doc();
    this.undo = this.#listen();
  }

  disconnect(): void {
    this.wire?.break();
    this.wire = null;
  }

  /** Notes what was just written. */
  wrote(mark: Omit<Mark, 'author' | 'after'>): Mark {
    const made: Mark = { ...mark, author: this.number, after: null };
    if (this.wire && this.#sent > 0) made.after = { wire: this.wire, count: this.#sent };
    this.waiting.push(made);
    return made;
  }

  /** Reads the next message from the server; false when there is none. */
  read(): boolean {
    const bytes = this.wire?.down.shift();
    if (!bytes) return false;
    const decoder = decoding.createDecoder(bytes);
    const type = decoding.readVarUint(decoder);
    if (type === MESSAGE_SAVED) {
      decoding.readVarUint8Array(decoder);
      this.#saved(decoding.readVarUint(decoder));
    } else if (type === 0) {
      const step = decoding.readVarUint(decoder);
      const payload = decoding.readVarUint8Array(decoder);
      if (step === sync.messageYjsSyncStep1) {
        this.#sendUpdate(sync.messageYjsSyncStep2, Y.encodeStateAsUpdate(this.doc, payload));
        // All that was written before is in this answer.
        for (const mark of this.waiting) if (this.wire) mark.after ??= { wire: this.wire, count: this.#sent };
      } else {
        Y.applyUpdate(this.doc, payload, FROM_SERVER);
        this.loaded ||= step === sync.messageYjsSyncStep2;
      }
    }
    return true;
  }

  #saved(count: number): void {
    const [safe, rest]: Mark[][] = [[], []];
    for (const mark of this.waiting)
      (mark.after?.wire === this.wire && mark.after && mark.after.count <= count ? safe : rest)?.push(mark);
    this.acknowledged.push(...(safe ?? []));
    this.waiting = rest ?? [];
  }

  #sendUpdate(step: number, update: Uint8Array): void {
    if (!this.wire) return;
    this.#sent++;
    this.#send((encoder) => {
      encoding.writeVarUint(encoder, step);
      encoding.writeVarUint8Array(encoder, update);
    });
  }

  #send(write: (encoder: encoding.Encoder) => void): void {
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, 0);
    write(encoder);
    this.wire?.up.push(encoding.toUint8Array(encoder));
  }
}
