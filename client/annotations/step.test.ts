import { stepWords } from '@trialroom/shared/annotation/words';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readStep } from './step.ts';

test('steps are read as people write them', () => {
  expect(['44,200', ' 44 200', '\u22123', '0.25', '16k', '1.5M', '1e6'].map(readStep)).toEqual([
    44_200, 44_200, -3, 0.25, 16_000, 1_500_000, 1_000_000,
  ]);
  expect(readStep('  ')).toBeNull();
  for (const none of ['NaN', 'Infinity', '-∞', 'last', '1e999', '12k3']) expect(readStep(none), none).toBeUndefined();
});

test('property: whole steps are read as they are shown', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (step) => {
      fc.pre(Math.abs(step) < 1e15);
      // There is one zero.
      expect(readStep(stepWords(step))).toBe(step === 0 ? 0 : step);
    }),
  );
});
