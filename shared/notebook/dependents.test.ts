import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CellNames, dependentsOf } from './dependents.ts';

const cell = (defines: string, uses: string, hash: string | null = 'h') => ({
  names: { defines: [...defines], uses: [...uses] },
  hash,
});

describe('dependents', () => {
  it('are found through others, in the order of the document', () => {
    const cells = { d: cell('', 'ac'), c: cell('c', 'b'), b: cell('b', 'a'), a: cell('a', ''), e: cell('', 'z') };
    expect(dependentsOf(cells, 'a', ['a', 'b', 'c', 'd', 'e'])).toEqual(['b', 'c', 'd']);
  });
  it('end at a circle, and do not hold the cell that was run', () => {
    expect(dependentsOf({ a: cell('a', 'b'), b: cell('b', 'a') }, 'a', ['a', 'b'])).toEqual(['b']);
  });
  it('are cells that this kernel ran, and none of the console', () => {
    const cells = {
      a: cell('a', ''),
      b: cell('', 'a', null),
      'console:1': cell('', 'a'),
      c: { names: null, hash: 'h' },
    };
    expect(dependentsOf(cells, 'a', ['a', 'b', 'c', 'console:1'])).toEqual([]);
  });

  const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
  const names = fc.subarray(['u', 'v', 'w', 'x', 'y', 'z']);
  const graph: fc.Arbitrary<CellNames> = fc
    .array(fc.record({ defines: names, uses: names, ran: fc.boolean() }), { minLength: 6, maxLength: 6 })
    .map((made) =>
      Object.fromEntries(made.map(({ ran, ...sets }, at) => [ids[at] ?? '', { names: sets, hash: ran ? 'h' : null }])),
    );

  it('each at most once, as the document orders them, and exactly those that something of them reaches', () => {
    fc.assert(
      fc.property(
        graph,
        fc.constantFrom(...ids),
        fc.shuffledSubarray(ids, { minLength: 6 }),
        fc.subarray(ids),
        (cells, changed, order, passed) => {
          const found = dependentsOf(cells, changed, order, new Set(passed));
          expect(new Set(found).size).toBe(found.length);
          expect(found).toEqual(order.filter((id) => found.includes(id)));
          expect(found).not.toContain(changed);
          for (const id of passed) expect(found).not.toContain(id);
          const sources = [changed, ...found];
          for (const id of ids) {
            const reads = sources.some(
              (source) =>
                source !== id && cells[id]?.names?.uses.some((name) => cells[source]?.names?.defines.includes(name)),
            );
            const wanted = reads && cells[id]?.hash !== null && id !== changed && !passed.includes(id);
            expect(found.includes(id)).toBe(wanted);
          }
        },
      ),
    );
  });

  it('run one after the other as they come, they never make a loop', () => {
    fc.assert(
      fc.property(graph, fc.constantFrom(...ids), (cells, clicked) => {
        const turns = new Set([clicked]);
        const queue = [clicked];
        const ran: string[] = [];
        for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
          ran.push(id);
          for (const next of dependentsOf(cells, id, ids, turns)) {
            turns.add(next);
            queue.push(next);
          }
        }
        expect(new Set(ran).size).toBe(ran.length);
      }),
    );
  });
});
