/**
 * Many people, broken lines and dying servers: whatever happens in whatever order, all end with one notebook, nothing
 * acknowledged is lost, nothing is there twice, and nobody's undo takes another's work. `SIMULATION_RUNS` asks for more
 * worlds than usual, `SIMULATION_SEED` for others.
 */
import { cellOrder } from '@trialroom/shared/notebook/document';
import { fillDocument, readDocument } from '@trialroom/shared/notebook/transfer';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import type { Database } from '../../database/database.ts';
import { testDatabases } from '../../database/testing.ts';
import { createDocumentStore, type DocumentStore } from '../store.ts';
import { notebookOf } from '../testing.ts';
import { KINDS, type Step, World } from './world.ts';

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

/** A store in memory, for thousands of worlds; the same worlds run on the real one below. */
function memoryStore(): DocumentStore {
  let updates = [filled()];
  const size = () => ({ snapshot: updates[0]?.byteLength ?? 0, pending: 0, updates: updates.length - 1 });
  return {
    load: async () => ({ updates: [...updates], size: size(), generation: 1 }),
    seed: async () => false,
    append: async (_notebook, update) => void updates.push(update),
    writers: async () => ({ people: new Map(), returned: [], deleted: new Map() }),
    compact: async () => {
      updates = [Y.mergeUpdates(updates)];
      return size();
    },
    renew: async () => false,
    forget: async () => {},
  };
}

async function live(world: World, happening: readonly Step[]): Promise<void> {
  await world.start();
  for (const person of world.people) world.connect(person);
  for (const step of happening) await world.step(step);
  await world.settle();
  const truth = readDocument(world.doc);
  for (const person of world.people) expect(readDocument(person.doc)).toEqual(truth);
  expect(new Set(cellOrder(world.doc)).size).toBe(truth.cells.length);
  expect(world.taken).toEqual([]);

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

test('thousands of worlds end well', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (happening) => live(new World(memoryStore(), 'notebook', 4), happening)),
    { numRuns: RUNS, seed: SEED, endOnFailure: RUNS > 10_000 },
  );
}, 600_000);

describe.each(testDatabases())('worlds on $name', (kind) => {
  let database: Database;
  let worlds = 0;
  beforeAll(async () => {
    database = await kind.open();
  });
  afterAll(() => database.close());

  test('end well', async () => {
    const store = createDocumentStore(database);
    await fc.assert(
      fc.asyncProperty(steps, async (happening) => {
        const notebook = `world-${++worlds}`;
        await store.seed(notebook, filled(), { hash: '', text: '' });
        await live(new World(store, notebook, 3), happening);
      }),
      { numRuns: Math.ceil(RUNS / 60), seed: SEED },
    );
  }, 600_000);
});
