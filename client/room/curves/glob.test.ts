import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listed, matching } from './glob.ts';

const keys = ['loss', 'val_loss', 'lr', 'layer1/grad', 'layer2/grad', 'a*b', 'system/cpu'];

describe('metrics by name and pattern', () => {
  it('finds them in the order asked', () => {
    expect(matching(['lr', 'loss'], keys)).toEqual(['lr', 'loss']);
    expect(matching(['*loss'], keys)).toEqual(['loss', 'val_loss']);
    expect(matching(['layer?/grad'], keys)).toEqual(['layer1/grad', 'layer2/grad']);
    expect(matching(['*', '!system/*', '!l*'], keys)).toEqual(['val_loss', 'a*b']);
    expect(matching(['a*b'], keys)).toEqual(['a*b']);
    expect(matching(['nothing', ''], keys)).toEqual([]);
    expect(listed(' loss, val_loss\n\n lr ')).toEqual(['loss', 'val_loss', 'lr']);
  });

  it('agrees with a regular expression, and takes no time for many stars', () => {
    const letter = fc.constantFrom('a', 'b', '/', '*', '?');
    fc.assert(
      fc.property(
        fc.string({ unit: letter, maxLength: 8 }),
        fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 10 }),
        (pattern, name) => {
          fc.pre(pattern !== name && /[*?]/.test(pattern));
          const source = pattern.replaceAll('/', '\\/').replaceAll('*', '.*').replaceAll('?', '.');
          expect(matching([pattern], [name]).length === 1).toBe(new RegExp(`^${source}$`).test(name));
        },
      ),
    );
    expect(matching([`${'a*'.repeat(2000)}b`], ['a'.repeat(10_000)])).toEqual([]);
  });
});
