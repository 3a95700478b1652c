import { EventEmitter } from 'node:events';
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { Awareness } from 'y-protocols/awareness';
import * as sync from 'y-protocols/sync';
import * as Y from 'yjs';
import { Connection } from './connection.ts';

/** The server's end of a line that delivers at once. */
class Line extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  binaryType = 'arraybuffer';
  closed: number | null = null;
  /** Kinds of the sync messages that were sent down. */
  readonly steps: number[] = [];

  send(bytes: Uint8Array): void {
    const decoder = decoding.createDecoder(bytes);
    if (decoding.readVarUint(decoder) === 0) this.steps.push(decoding.readVarUint(decoder));
  }

  close(code: number): void {
    this.closed = code;
  }

  up(write: (encoder: encoding.Encoder) => void): void {
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, 0);
    write(encoder);
    this.emit('message', encoding.toUint8Array(encoder).slice().buffer, true);
  }
}

test('what is typed while the greeting is on its way counts once its answer has come', () => {
  const doc = new Y.Doc();
  const line = new Line();
  const person = { id: 'p', name: 'p', colour: 'a', role: 'editor' } as const;
  const connection = new Connection(line as unknown as WebSocket, person);
  connection.join({
    doc,
    awareness: new Awareness(doc),
    taken: () => false,
    whyNot: () => null,
    acknowledge: () => {},
  });

  const mine = new Y.Doc();
  mine.getText('t').insert(0, 'away');
  line.up((encoder) => sync.writeSyncStep1(encoder, mine));
  let sent = 0;
  mine.on('update', (update: Uint8Array) => {
    sent++;
    line.up((encoder) => sync.writeUpdate(encoder, update));
  });
  for (const letter of 'at once') mine.getText('t').insert(0, letter);
  expect(connection.received).toBe(0);
  line.up((encoder) => sync.writeSyncStep2(encoder, mine, Y.encodeStateVector(doc)));
  sent++;
  expect(doc.getText('t').toString()).toBe(mine.getText('t').toString());
  expect(connection.received).toBe(sent);
  mine.getText('t').insert(0, 'later');
  expect(connection.received).toBe(sent);
  // It was asked once for what it has, and never turned away.
  expect(line.steps.filter((step) => step === sync.messageYjsSyncStep1)).toHaveLength(1);
  expect(line.closed).toBeNull();
});
