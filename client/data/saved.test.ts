import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { covers } from './saved.ts';

const clocksOf = (doc: Y.Doc): Map<number, number> => Y.decodeStateVector(Y.encodeStateVector(doc));

describe('covers', () => {
  it('is false while the server lacks an own edit, whatever else it has', () => {
    const mine = new Y.Doc();
    const server = new Y.Doc();
    server.getText('t').insert(0, 'from someone else');
    mine.getText('t').insert(0, 'a');
    expect(covers(clocksOf(server), clocksOf(mine), [mine.clientID])).toBe(false);
    Y.applyUpdate(server, Y.encodeStateAsUpdate(mine));
    expect(covers(clocksOf(server), clocksOf(mine), [mine.clientID])).toBe(true);
    mine.getText('t').insert(0, 'b');
    expect(covers(clocksOf(server), clocksOf(mine), [mine.clientID])).toBe(false);
  });

  it('does not wait for edits of others to become durable', () => {
    expect(covers(new Map([[1, 4]]), new Map([[1, 4], [2, 9]]), [1])).toBe(true);
  });

  it('holds exactly when no own clock is behind', () => {
    const clocks = fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.nat(9))).map((pairs) => new Map(pairs));
    fc.assert(
      fc.property(clocks, clocks, (durable, local) => {
        const behind = [...local].some(([client, clock]) => clock > (durable.get(client) ?? 0));
        return covers(durable, local, local.keys()) === !behind;
      }),
    );
  });
});
