import { type CellDifference, compareCells } from '@trialroom/shared/history/compare';
import type { VersionCell } from '@trialroom/shared/history/history';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { bounded, pack, readSkeleton, readSnapshot, type Snapshot, split } from './contents.ts';
import { restoreAll, restoreCell } from './restore.ts';
import { readSources } from './snapshot.ts';
import { edits, makeEdit } from './testing.ts';

const bag = fc.dictionary(fc.string({ maxLength: 4 }), fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<unknown>, {
  maxKeys: 3,
  noNullPrototype: true,
});
const cellOf = (id: string): fc.Arbitrary<VersionCell> =>
  fc.record({
    id: fc.constant(id),
    type: fc.constantFrom('code', 'markdown', 'raw'),
    source: fc.string({ maxLength: 60 }),
    metadata: bag,
    extra: bag,
    outputs: fc.array(
      fc.record({ type: fc.constant('stream'), name: fc.constantFrom('stdout', 'stderr'), text: fc.string() }),
      { maxLength: 2 },
    ),
    count: fc.option(fc.nat(), { nil: null }),
  });
const snapshots: fc.Arbitrary<Snapshot> = fc.record({
  metadata: bag,
  extra: bag,
  cells: fc.nat(90).chain((count) => fc.tuple(...Array.from({ length: count }, (_, index) => cellOf(`c${index}`)))),
});
const cell = (id: string, source: string): VersionCell => ({
  ...{ id, source, type: 'code', metadata: {}, extra: {}, outputs: [], count: null },
});

/** Pieces in memory, as the database would hold them. */
function shelf() {
  const stored = new Map<string, Uint8Array>();
  return {
    stored,
    put(snapshot: Snapshot) {
      const parts = split(snapshot);
      const missing = [...parts.pieces.keys()].filter((hash) => !stored.has(hash));
      for (const { hash, data } of pack(parts, missing)) stored.set(hash, data);
      return { ...parts, added: missing.length };
    },
    read: async (hashes: readonly string[]) =>
      new Map(hashes.flatMap((hash) => (stored.has(hash) ? [[hash, stored.get(hash) ?? new Uint8Array()]] : []))),
  };
}

describe('contents of versions', () => {
  test('come back as they went in, and name every piece they need', async () => {
    await fc.assert(
      fc.asyncProperty(snapshots, async (snapshot) => {
        const { put, read, stored } = shelf();
        const { root } = put(snapshot);
        // By way of JSON, which knows no negative zero and no order of keys that counts.
        expect(await readSnapshot(root, read)).toEqual(JSON.parse(JSON.stringify(snapshot)));
        expect((await readSkeleton(root, read)).hashes).toEqual(new Set(stored.keys()));
      }),
      { numRuns: 60 },
    );
  });

  test('beside each other, they differ as they do when read whole', async () => {
    await fc.assert(
      fc.asyncProperty(snapshots, snapshots, fc.array(fc.nat()), async (one, other, kept) => {
        const { put, read } = shelf();
        const stays = new Set(kept.map((at) => at % Math.max(1, one.cells.length)));
        const cells = one.cells.map((mine, at) => (stays.has(at) ? mine : (other.cells[at] ?? mine)));
        const [a, b] = [put(one).root, put({ ...other, cells }).root];
        const [wholeA, wholeB] = [await readSnapshot(a, read), await readSnapshot(b, read)];
        const [partA, partB] = [
          await readSnapshot(a, read, await readSkeleton(b, read)),
          await readSnapshot(b, read, await readSkeleton(a, read)),
        ];
        const told = ({ before, after, ...difference }: CellDifference) => difference;
        expect(compareCells(partA.cells, partB.cells).map(told)).toEqual(
          compareCells(wholeA.cells, wholeB.cells).map(told),
        );
        for (const [index, { sameOutputs, ...part }] of partB.cells.entries()) {
          const { outputs, count, ...rest } = wholeB.cells[index] ?? {};
          expect(part).toEqual(sameOutputs ? { ...rest, outputs: [], count: null } : { ...rest, outputs, count });
        }
      }),
      { numRuns: 60 },
    );
  });

  test('cost what changed: a word in one of 2,000 cells is three pieces', () => {
    const { put, stored } = shelf();
    const cells = Array.from({ length: 2000 }, (_, index) => cell(`cell-${index}`, `const value${index} = ${index};`));
    put({ metadata: {}, extra: {}, cells });
    const before = [...stored.values()].reduce((sum, data) => sum + data.byteLength, 0);
    const changed = cells.map((one, index) => (index === 700 ? { ...one, source: 'const other = 1;' } : one));
    const { added } = put({ metadata: {}, extra: {}, cells: changed });
    const after = [...stored.values()].reduce((sum, data) => sum + data.byteLength, 0);
    // The cell, the list it is in (and one more where the change made a list end elsewhere), and the root.
    expect(added).toBeLessThanOrEqual(4);
    expect(after - before).toBeLessThan(before / 20);
  });

  test('do not depend on the order of keys', () => {
    const one = split({ metadata: { a: 1, b: { c: 2, d: 3 } }, extra: {}, cells: [] });
    const two = split({ metadata: { b: { d: 3, c: 2 }, a: 1 }, extra: {}, cells: [] });
    expect(two.root).toBe(one.root);
  });

  test('leave out an output that is too large, and say so', () => {
    const large = {
      type: 'display' as const,
      data: { 'text/plain': 'a picture', 'image/png': 'x'.repeat(3e6) },
      metadata: {},
    };
    const small = { type: 'stream' as const, name: 'stdout' as const, text: 'kept' };
    const [kept] = bounded([{ ...cell('a', ''), outputs: [large, small] }]);
    expect(kept?.outputs[1]).toEqual(small);
    expect(JSON.stringify(kept?.outputs[0])).toMatch(/a picture.*3\.0 MB, too large for the history/);
  });
});

describe('bringing a version back', () => {
  test('any version of any edits comes back exactly, and cells that stayed are the same ones', () => {
    fc.assert(
      fc.property(edits, edits, (first, second) => {
        const doc = new Y.Doc();
        for (const edit of first) makeEdit(doc, edit);
        const version = readSources(doc);
        const known = new Map(version.cells.map(({ id }) => [id, doc.getMap('cells').get(id)]));
        for (const edit of second) makeEdit(doc, edit);
        const alive = new Set(readSources(doc).cells.map(({ id }) => id));
        doc.transact(() => restoreAll(doc, version));
        expect(readSources(doc)).toEqual(version);
        for (const [id, live] of known) if (alive.has(id)) expect(doc.getMap('cells').get(id)).toBe(live);
      }),
      { numRuns: 300 },
    );
  });

  test('one cell comes back, and no other changes', () => {
    fc.assert(
      fc.property(edits, edits, fc.nat(), (first, second, pick) => {
        const doc = new Y.Doc();
        for (const edit of first) makeEdit(doc, edit);
        const version = readSources(doc);
        for (const edit of second) makeEdit(doc, edit);
        const wanted = version.cells[pick % Math.max(1, version.cells.length)];
        if (!wanted) return;
        const before = readSources(doc).cells.filter(({ id }) => id !== wanted.id);
        expect(restoreCell(doc, version, wanted.id)).toBe(true);
        const after = readSources(doc).cells;
        expect(after.find(({ id }) => id === wanted.id)).toEqual(wanted);
        expect(after.filter(({ id }) => id !== wanted.id)).toEqual(before);
      }),
      { numRuns: 200 },
    );
  });

  test('a deleted cell comes back behind the one it followed', () => {
    const doc = new Y.Doc();
    const version = { metadata: {}, extra: {}, cells: ['a', 'b', 'c', 'd'].map((id) => cell(id, id)) };
    restoreAll(doc, version);
    restoreAll(doc, { ...version, cells: version.cells.filter(({ id }) => id === 'a' || id === 'd') });
    restoreCell(doc, version, 'c');
    expect(readSources(doc).cells.map(({ id }) => id)).toEqual(['a', 'c', 'd']);
    expect(restoreCell(doc, version, 'none')).toBe(false);
  });
});
