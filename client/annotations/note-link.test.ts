import { ExperimentTarget, TrialTarget } from '@trialroom/shared/annotation/target';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { noteAddress, targetIn } from './note-link.ts';

const hashOf = (address: string): string => new URL(address, 'http://localhost').hash;

test('property: the place in an address is the place that was put there', () => {
  const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 50 });
  fc.assert(
    fc.property(fc.record({ seq: fc.nat(), quote: text }), text, ({ seq, quote }, id) => {
      const target = { kind: 'log', seq, quote } as const;
      const address = noteAddress({ kind: 'trial', id }, target);
      expect(targetIn(hashOf(address), TrialTarget)).toEqual(target);
      expect(targetIn(hashOf(address), ExperimentTarget)).toBeNull();
    }),
  );
});

test('what is no place opens nothing', () => {
  for (const hash of ['', '#thread=1', '#note=', '#note=%', '#note={}', '#note={"kind":"log"}']) {
    expect(targetIn(hash, TrialTarget), hash).toBeNull();
  }
});
