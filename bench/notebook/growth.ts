/**
 * Growth: what is stored of a document after many edits, over what it would be if it had been written just so. Several
 * people type, delete, and make, move and remove cells; then the server ends and its database is read.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deleteCells, moveCells, readCells } from '@trialroom/shared/notebook/cell-edits';
import { cellOrder, cellsOf, insertCells, MESSAGE_SAVED, sourceOf } from '@trialroom/shared/notebook/document';
import { WebSocket } from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { notebookId } from '../../e2e/api.ts';
import { startServer } from '../../e2e/server.ts';
import { connect } from '../../server/database/connect.ts';
import { createDocumentStore } from '../../server/documents/store.ts';
import { writeSample } from './sample.ts';

const PEOPLE = 4;
const CELLS = 200;
/** Edits between two breaths, in which the network gets its turn. */
const AT_ONCE = 200;

/** Makes this many edits, a transaction each. @returns bytes stored, and bytes of a fresh document that holds the same */
export async function measureGrowth(edits: number): Promise<{ stored: number; live: number }> {
  const notebooksDir = await mkdtemp(join(tmpdir(), 'trialroom-growth-'));
  const dataDir = await mkdtemp(join(tmpdir(), 'trialroom-growth-data-'));
  await writeSample(join(notebooksDir, 'growth.ipynb'), CELLS);
  const server = await startServer({ notebooksDir, dataDir });
  const id = await notebookId(server, 'growth.ipynb');
  class SignedIn extends WebSocket {
    constructor(address: string | URL) {
      super(address, { headers: { authorization: `Bearer ${server.token}` } });
    }
  }
  const people = await Promise.all(
    Array.from({ length: PEOPLE }, async () => {
      const doc = new Y.Doc();
      const provider = new WebsocketProvider(`${server.url.replace('http', 'ws')}/yjs/notebook`, id, doc, {
        WebSocketPolyfill: SignedIn as unknown as typeof globalThis.WebSocket,
        disableBc: true,
      });
      // What is saved is read from the database at the end.
      provider.messageHandlers[MESSAGE_SAVED] = () => {};
      await new Promise<void>((resolve) => provider.once('sync', () => resolve()));
      return { doc, provider, hand: new Hand(doc) };
    }),
  );
  for (let made = 0; made < edits; made += AT_ONCE) {
    const { hand } = people[(made / AT_ONCE) % PEOPLE] as (typeof people)[number];
    for (let each = 0; each < AT_ONCE; each++) hand.edit();
    await new Promise((breath) => setTimeout(breath));
  }
  // Everyone holds what everyone wrote, so the server does.
  const [first, ...others] = people.map(({ doc }) => doc);
  if (!first) throw new Error('nobody is here');
  for (const other of others) await agree(first, other);
  const fresh = new Y.Doc();
  insertCells(fresh, readCells(first, cellOrder(first)), null);
  const live = Y.encodeStateAsUpdate(fresh).byteLength;
  for (const { provider, doc } of people) {
    provider.destroy();
    doc.destroy();
  }
  await server.stop();
  const database = await connect({ dataDir });
  const loaded = await createDocumentStore(database).load(id);
  await database.close();
  await Promise.all([notebooksDir, dataDir].map((folder) => rm(folder, { recursive: true, force: true })));
  if (!loaded) throw new Error('the document was not stored');
  return { stored: loaded.size.snapshot + loaded.size.pending, live };
}

function agree(one: Y.Doc, other: Y.Doc): Promise<void> {
  const same = (): boolean =>
    Buffer.compare(Y.encodeStateVector(one), Y.encodeStateVector(other)) === 0 ||
    (Y.diffUpdate(Y.encodeStateAsUpdate(one), Y.encodeStateVector(other)).byteLength < 64 * 1024 &&
      JSON.stringify(readCells(one, cellOrder(one))) === JSON.stringify(readCells(other, cellOrder(other))));
  return new Promise((resolve) => {
    const look = (): void => {
      if (!same()) return;
      one.off('update', look);
      other.off('update', look);
      resolve();
    };
    one.on('update', look);
    other.on('update', look);
    look();
  });
}

/** Edits as a person does: runs of letters at a cursor, now and then a piece taken away, seldom a cell. */
class Hand {
  readonly #doc: Y.Doc;
  #seed: number;
  #cell = '';
  #at = 0;
  #left = 0;
  #made = 0;

  constructor(doc: Y.Doc) {
    this.#doc = doc;
    this.#seed = doc.clientID;
  }

  edit(): void {
    const order = cellOrder(this.#doc);
    const cell = cellsOf(this.#doc).get(this.#cell);
    if (this.#left-- <= 0 || !cell) {
      this.#left = 5 + this.#chance(60);
      this.#cell = order[this.#chance(order.length)] ?? '';
      const found = cellsOf(this.#doc).get(this.#cell);
      this.#at = found ? this.#chance(sourceOf(found).length + 1) : 0;
    }
    const kind = this.#chance(1000);
    if (kind < 3) {
      const id = `made-${this.#doc.clientID}-${++this.#made}`;
      insertCells(this.#doc, [{ id, type: 'code', source: '' }], this.#cell || null);
      this.#cell = id;
      this.#at = 0;
      return;
    }
    if (kind < 6) {
      deleteCells(this.#doc, [order[this.#chance(order.length)] ?? '']);
      return;
    }
    if (kind < 10) {
      moveCells(this.#doc, [this.#cell], order[this.#chance(order.length)] ?? null);
      return;
    }
    const now = cellsOf(this.#doc).get(this.#cell);
    if (!now) return;
    const text = sourceOf(now);
    this.#at = Math.min(this.#at, text.length);
    // Notebooks do not grow for ever: what is long is shortened as fast as it is written.
    if (kind < (text.length > 600 ? 500 : 200) && this.#at > 0) {
      const away = Math.min(this.#at, kind < 20 ? 40 : 1);
      this.#at -= away;
      text.delete(this.#at, away);
    } else {
      text.insert(this.#at, kind % 9 === 0 ? ' ' : kind % 40 === 1 ? '\n' : String.fromCharCode(97 + (kind % 26)));
      this.#at++;
    }
  }

  /** A whole number below `most`, the same sequence for the same person. */
  #chance(most: number): number {
    this.#seed = (Math.imul(this.#seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.#seed / 2 ** 32) * most);
  }
}
