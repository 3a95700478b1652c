import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteQueue } from './byte-queue.ts';

test('what leaves is what came, however it came and however it is taken', () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 12 });
  const counts = fc.array(fc.nat({ max: 30 }), { maxLength: 20 });
  fc.assert(
    fc.property(pieces, counts, (came, takes) => {
      const queue = new ByteQueue();
      const all: number[] = [];
      const out: number[] = [];
      for (let turn = 0; turn < Math.max(came.length, takes.length); turn++) {
        const piece = came[turn];
        if (piece) {
          queue.push(piece);
          all.push(...piece);
        }
        const count = takes[turn] ?? 0;
        expect([...queue.peek(count)]).toEqual(all.slice(out.length, out.length + count));
        const taken = queue.take(count);
        expect(taken?.length).toBe(all.length - out.length >= count ? count : undefined);
        out.push(...(taken ?? []));
        expect(queue.length).toBe(all.length - out.length);
      }
      expect(out).toEqual(all.slice(0, out.length));
    }),
  );
});
