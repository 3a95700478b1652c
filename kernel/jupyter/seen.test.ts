import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Seen } from './seen.ts';

const signature = fc.nat({ max: 300 }).map((value) => createHash('sha256').update(String(value)).digest('hex'));

it('knows the last signatures, and takes each in once', () => {
  fc.assert(
    fc.property(fc.array(signature, { maxLength: 200 }), fc.integer({ min: 1, max: 50 }), (signatures, most) => {
      const seen = new Seen(most);
      const order: string[] = [];
      for (const each of signatures) {
        const fresh = seen.add(each);
        if (order.slice(-most).includes(each)) expect(fresh).toBe(false);
        if (!order.includes(each)) expect(fresh).toBe(true);
        if (fresh) order.push(each);
      }
    }),
  );
});

it('forgets what came long ago', () => {
  const name = (index: number): string => (index + 1).toString(16).padStart(8, '0').repeat(8);
  const seen = new Seen(3000);
  for (let index = 0; index < 9000; index++) expect(seen.add(name(index))).toBe(true);
  for (let index = 6000; index < 9000; index++) expect(seen.add(name(index))).toBe(false);
  expect(seen.add(name(0))).toBe(true);
});
