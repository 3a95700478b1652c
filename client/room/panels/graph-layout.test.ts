import type { Lineage } from '@trialroom/shared/room/lineage';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NODE, placed } from './graph-layout.ts';

const graphs = fc.integer({ min: 1, max: 12 }).chain((count) =>
  fc
    .uniqueArray(fc.tuple(fc.nat({ max: count - 1 }), fc.nat({ max: count - 1 })), { maxLength: 20, selector: String })
    .map(
      (pairs): Lineage => ({
        nodes: Array.from({ length: count }, (_, at) => ({
          ...{ id: `n${at}`, kind: 'run', name: `n${at}`, detail: '', href: null, whole: null },
        })),
        edges: pairs.filter(([a, b]) => a < b).map(([a, b]) => ({ from: `n${a}`, to: `n${b}` })),
      }),
    ),
);

describe('the layout of a lineage', () => {
  it('leads from left to right, with no two nodes over each other, all on the sheet', async () => {
    await fc.assert(
      fc.asyncProperty(graphs, async (lineage) => {
        const { nodes, edges, width, height } = await placed(lineage);
        const of = new Map(nodes.map((one) => [one.node.id, one]));
        for (const { from, to } of lineage.edges) {
          expect(of.get(from)?.x ?? 0).toBeLessThan((of.get(to)?.x ?? 0) - NODE.width);
        }
        for (const [at, a] of nodes.entries()) {
          expect(Math.min(a.x, a.y)).toBeGreaterThanOrEqual(0);
          expect(a.x + NODE.width).toBeLessThanOrEqual(width);
          expect(a.y + NODE.height).toBeLessThanOrEqual(height);
          for (const b of nodes.slice(at + 1)) {
            expect(Math.abs(a.x - b.x) >= NODE.width || Math.abs(a.y - b.y) >= NODE.height).toBe(true);
          }
        }
        expect(edges.length).toBe(lineage.edges.length);
        for (const { path } of edges) expect(path).toMatch(/^M[\d. ]+C[\d. C]+$/);
      }),
      { numRuns: 40 },
    );
  });
});
