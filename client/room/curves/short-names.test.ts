import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shortNames } from './short-names.ts';

describe('names beside lines', () => {
  it('say what tells trials apart', () => {
    expect(shortNames(['vit-s16, cosine 3e-4, seed 0', 'vit-s16, cosine 3e-4, seed 1'])).toEqual(['seed 0', 'seed 1']);
    expect(shortNames(['adam 0.1 big', 'adam 0.2 big'])).toEqual(['adam 0.1', 'adam 0.2']);
    expect(shortNames(['vit, cosine 0.1, seed 0', 'vit, cosine 0.01, seed 1'])).toEqual(['0.1, 0', '0.01, 1']);
    expect(shortNames(['alpha', 'beta'])).toEqual(['alpha', 'beta']);
    expect(shortNames(['one trial'])).toEqual(['one trial']);
    expect(shortNames([])).toEqual([]);
  });

  it('are never empty for names that are not, and never long', () => {
    const name = fc
      .string({ unit: fc.constantFrom('a', 'b', ' ', '-'), minLength: 1, maxLength: 60 })
      .filter((text) => /[ab]/.test(text));
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 5 }), (names) => {
        for (const short of shortNames(names)) expect(short.length).toBeLessThanOrEqual(24);
        expect(shortNames(['same', 'same'])).toEqual(['same', 'same']);
      }),
    );
  });
});
