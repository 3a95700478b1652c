/**
 * Echo: from an edit of one of many people who type in one notebook to the moment another holds it. The server is a
 * process of its own with its embedded database; the people share this one, so their own work counts against us.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cellsOf, MESSAGE_SAVED, sourceOf } from '@trialroom/shared/notebook/document';
import { WebSocket } from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { notebookId } from '../../e2e/api.ts';
import { writeNotebook } from '../../e2e/notebook-file.ts';
import { type RunningServer, startServer } from '../../e2e/server.ts';

/** Each person strikes a key this often, in ms: 60 words a minute. */
const STROKE = 200;
/** Strokes a person, of which the first few warm the server up. */
const STROKES = 40;
const WARM_UP = 8;
/** People are spread over this many cells. */
const CELLS = 20;

interface Person {
  doc: Y.Doc;
  provider: WebsocketProvider;
  cell: string;
}

/**
 * Lets `people` type at once in one notebook, each with a cursor that moves along.
 * @returns ms from each edit to its arrival at each other person, in no order
 */
export async function measureEcho(people: number): Promise<number[]> {
  const notebooksDir = await mkdtemp(join(tmpdir(), 'trialroom-echo-'));
  const cells = Array.from({ length: CELLS }, (_, index) => ({ id: `c${index}`, source: `// cell ${index}\n` }));
  await writeNotebook(join(notebooksDir, 'echo.ipynb'), cells);
  const server = await startServer({ notebooksDir });
  const id = await notebookId(server, 'echo.ipynb');
  const here: Person[] = [];
  const took: number[] = [];
  /** When each edit was made, by client and the clock that it brought; cleared of those from the warm-up. */
  const made = new Map<string, number>();
  try {
    for (let index = 0; index < people; index++) here.push(await enter(server, id, index));
    for (const { doc, provider } of here) {
      doc.on('update', (update: Uint8Array, origin: unknown) => {
        const now = performance.now();
        if (origin !== provider) return;
        for (const [client, clock] of Y.parseUpdateMeta(update).to) {
          const at = made.get(`${client} ${clock}`);
          if (at !== undefined) took.push(now - at);
        }
      });
    }
    await Promise.all(here.map((person, index) => type(person, index / people, made)));
    // Everyone holds all that everyone wrote.
    const goal = here.map(({ doc }) => [doc.clientID, clockOf(doc, doc.clientID)] as const);
    await Promise.all(here.map((person) => holds(person, goal)));
    return took;
  } finally {
    for (const { provider, doc } of here) {
      provider.destroy();
      doc.destroy();
    }
    await server.stop();
    await rm(notebooksDir, { recursive: true, force: true });
  }
}

const clockOf = (doc: Y.Doc, client: number): number => Y.decodeStateVector(Y.encodeStateVector(doc)).get(client) ?? 0;

async function enter(server: RunningServer, id: string, index: number): Promise<Person> {
  class SignedIn extends WebSocket {
    constructor(address: string | URL) {
      super(address, { headers: { authorization: `Bearer ${server.token}` } });
    }
  }
  const doc = new Y.Doc();
  const provider = new WebsocketProvider(`${server.url.replace('http', 'ws')}/yjs/notebook`, id, doc, {
    WebSocketPolyfill: SignedIn as unknown as typeof globalThis.WebSocket,
    disableBc: true,
  });
  provider.messageHandlers[MESSAGE_SAVED] = () => {};
  await new Promise<void>((resolve) => provider.once('sync', () => resolve()));
  provider.awareness.setLocalStateField('user', { id: `p${index}`, name: `Person ${index}`, colour: 'a' });
  return { doc, provider, cell: `c${index % CELLS}` };
}

/** Types and moves the cursor along, as the editor does. `phase` (0…1) is where in the beat this person strikes. */
async function type({ doc, provider, cell }: Person, phase: number, made: Map<string, number>): Promise<void> {
  await pause(phase * STROKE);
  const found = cellsOf(doc).get(cell);
  if (!found) throw new Error(`${cell} is not there`);
  const text = sourceOf(found);
  const began = performance.now();
  for (let stroke = 0; stroke < STROKES; stroke++) {
    const at = text.length;
    if (stroke >= WARM_UP) made.set(`${doc.clientID} ${clockOf(doc, doc.clientID) + 1}`, performance.now());
    text.insert(at, String.fromCharCode(97 + (stroke % 26)));
    const place = Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(text, at + 1));
    provider.awareness.setLocalStateField('cursor', { cell, anchor: place, head: place });
    await pause(began + (stroke + 1) * STROKE - performance.now());
  }
}

function holds({ doc }: Person, goal: readonly (readonly [number, number])[]): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      const vector = Y.decodeStateVector(Y.encodeStateVector(doc));
      if (goal.some(([client, clock]) => (vector.get(client) ?? 0) < clock)) return;
      doc.off('update', look);
      resolve();
    };
    doc.on('update', look);
    look();
  });
}

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, Math.max(0, ms)));

if (import.meta.main) {
  for (const people of [2, 10, 50]) {
    const took = (await measureEcho(people)).sort((a, b) => a - b);
    const at = (part: number): string => (took[Math.floor((took.length - 1) * part)] ?? Number.NaN).toFixed(2);
    console.log(`${people} people: ${took.length} arrivals, p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms`);
  }
}
