import { ToKernel } from '@trialroom/shared/kernel/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isToKernel } from './messages.ts';

const odd = fc.oneof(fc.constant(undefined), fc.string(), fc.integer(), fc.double(), fc.boolean(), fc.constant(null));
const types = [
  'execute',
  'interrupt',
  'inspect',
  'probe',
  'reply',
  'trial.ack',
  'trial.control',
  'credit',
  'shutdown',
] satisfies ToKernel['type'][];

it('agrees with the schema on every message, right or wrong', () => {
  const message = fc.record(
    {
      type: fc.oneof(fc.constantFrom(...types), fc.string()),
      execution: fc.oneof(fc.string(), odd),
      cell: fc.oneof(fc.string(), odd),
      count: fc.oneof(fc.integer(), odd),
      source: fc.oneof(fc.string(), odd),
      request: fc.oneof(fc.integer(), odd),
      expression: fc.oneof(fc.string(), odd),
      ok: fc.oneof(fc.boolean(), odd),
      value: fc.jsonValue(),
      error: fc.oneof(fc.string(), odd),
      trial: fc.oneof(fc.string(), odd),
      seq: fc.oneof(fc.integer(), odd),
      action: fc.oneof(fc.constant('stop'), odd),
      bytes: fc.oneof(fc.integer(), odd),
    },
    { requiredKeys: ['type'] },
  );
  let right = 0;
  fc.assert(
    fc.property(fc.oneof({ weight: 20, arbitrary: message }, { weight: 1, arbitrary: fc.anything() }), (value) => {
      const sent: unknown = JSON.parse(JSON.stringify(value) ?? 'null');
      const accepted = ToKernel.safeParse(sent).success;
      if (accepted) right++;
      expect(isToKernel(sent)).toBe(accepted);
    }),
    { numRuns: 5000 },
  );
  expect(right).toBeGreaterThan(100);
});
