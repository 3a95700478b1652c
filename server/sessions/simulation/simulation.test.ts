/**
 * Many people, broken lines, dying kernels and dying servers: whatever happens in whatever order, all end with one
 * notebook and the same outputs, nothing acknowledged is lost, nothing is there twice, and nobody's undo takes another's
 * work. `SIMULATION_RUNS` asks for more worlds than usual, `SIMULATION_SEED` for others.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cellOrder } from '@trialroom/shared/notebook/document';
import { fillDocument, readDocument } from '@trialroom/shared/notebook/transfer';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import * as Y from 'yjs';
import { createBlobs } from '../../blobs/blobs.ts';
import type { Database } from '../../database/database.ts';
import { testDatabases } from '../../database/testing.ts';
import { createDocumentStore } from '../../documents/store.ts';
import { notebookOf } from '../../documents/testing.ts';
import { createSessionStore } from '../outputs/store.ts';
import { documentStore, NO_BLOBS, sessionStore } from './memory.ts';
import { Runs } from './runs.ts';
import { KINDS, type Step } from './steps.ts';
import { World } from './world.ts';

const RUNS = Number(process.env.SIMULATION_RUNS ?? 3_000);
const SEED = Number(process.env.SIMULATION_SEED ?? 20_261_121);

const steps = fc.array(fc.record({ kind: fc.constantFrom(...KINDS), who: fc.nat(3), a: fc.nat(50), b: fc.nat(200) }), {
  minLength: 10,
  maxLength: 90,
});

const filled = (): Uint8Array => {
  const doc = new Y.Doc();
  fillDocument(doc, notebookOf('<seed0>', '<seed1>', '<seed2>'));
  return Y.encodeStateAsUpdate(doc);
};

async function live(world: World, happening: readonly Step[]): Promise<void> {
  await world.start();
  for (const person of world.people) world.connect(person);
  for (const step of happening) await world.step(step);
  await world.settle();
  const truth = readDocument(world.doc);
  for (const person of world.people) expect(readDocument(person.doc)).toEqual(truth);
  expect(new Set(cellOrder(world.doc)).size).toBe(truth.cells.length);
  expect(world.taken).toEqual([]);
  expect(await world.runs.faults()).toEqual([]);

  const all = truth.cells.map(({ source }) => source).join('\n');
  for (const person of world.people) {
    expect(person.waiting).toEqual([]);
    for (const { text, cell } of person.acknowledged) {
      const excused = world.mayBeGone(person.number, { text, cell });
      const times = all.split(text).length - 1;
      if (!excused && times !== 1) throw new Error(`${text} of person ${person.number} is there ${times} times`);
    }
  }
  if (world.touched.size === 0 && world.undone.size === 0) {
    for (const mark of all.match(/<\w+>/g) ?? [])
      if (all.split(mark).length > 2) throw new Error(`${mark} is there twice`);
  }
  await world.end();
}

describe('in memory', () => {
  // Nothing happens by itself: what waits is stored when a world says so, or at its end.
  beforeAll(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterAll(() => void vi.useRealTimers());

  test('thousands of worlds end well', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (happening) => {
        const runs = new Runs({ notebook: 'world', store: sessionStore(), blobs: NO_BLOBS, people: 4 });
        await live(new World(documentStore(filled()), 'world', runs), happening);
        vi.clearAllTimers();
      }),
      { numRuns: RUNS, seed: SEED, endOnFailure: RUNS > 10_000 },
    );
  }, 600_000);
});

describe.each(testDatabases())('worlds on $name', (kind) => {
  let database: Database;
  let folder: string;
  let worlds = 0;
  beforeAll(async () => {
    database = await kind.open();
    folder = await mkdtemp(join(tmpdir(), 'trialroom-worlds-'));
  });
  afterAll(async () => {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('end well', async () => {
    const documents = createDocumentStore(database);
    const store = createSessionStore(database);
    await fc.assert(
      fc.asyncProperty(steps, async (happening) => {
        const notebook = `world-${++worlds}`;
        await documents.seed(notebook, filled(), { hash: '', text: '' });
        const runs = new Runs({ notebook, store, blobs: createBlobs(folder), people: 3 });
        await live(new World(documents, notebook, runs), happening);
      }),
      { numRuns: Math.ceil(RUNS / 60), seed: SEED },
    );
  }, 600_000);
});
