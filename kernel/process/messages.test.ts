import { ToKernel } from '@trialroom/shared/kernel/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isToKernel } from './messages.ts';

const odd = fc.oneof(fc.constant(undefined), fc.string(), fc.integer(), fc.double(), fc.boolean(), fc.constant(null));
/** All of them: a message that is missing here does not compile. */
const types = Object.keys({
  execute: true,
  enter: true,
  interrupt: true,
  inspect: true,
  variables: true,
  complete: true,
  'widget.set': true,
  probe: true,
  reply: true,
  share: true,
  'trial.ack': true,
  'trial.control': true,
  credit: true,
  shutdown: true,
} satisfies Record<ToKernel['type'], true>);

it('agrees with the schema on every message, right or wrong', () => {
  const message = fc.record(
    {
      type: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...types) }, fc.string()),
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
      action: fc.oneof(fc.constantFrom('stop', 'pause', 'resume'), odd),
      bytes: fc.oneof(fc.integer(), odd),
      folder: fc.oneof(fc.string(), odd),
      threads: fc.oneof(fc.integer(), odd),
      limitMs: fc.oneof(fc.double({ min: -1, max: 1e9, noNaN: true }), odd),
      widget: fc.oneof(fc.string(), odd),
      by: fc.oneof(fc.record({ id: fc.oneof(fc.string(), odd), name: fc.oneof(fc.string(), odd) }), odd),
    },
    { requiredKeys: ['type'] },
  );
  const right = new Set<unknown>();
  fc.assert(
    fc.property(fc.oneof({ weight: 20, arbitrary: message }, { weight: 1, arbitrary: fc.anything() }), (value) => {
      const sent: unknown = JSON.parse(JSON.stringify(value) ?? 'null');
      const accepted = ToKernel.safeParse(sent).success;
      if (accepted) right.add(Reflect.get(Object(sent), 'type'));
      expect(isToKernel(sent)).toBe(accepted);
    }),
    { numRuns: 5000 },
  );
  expect(right).toEqual(new Set(types));
});
