import fc from 'fast-check';
import { ulid } from 'ulid';
import { expect, test } from 'vitest';
import { kernelId, ulidOf } from './ids.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

test('a kernel’s id is a UUID that leads back to the session’s', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), (time) => {
      const session = ulid(time);
      const kernel = kernelId(session);
      expect(kernel).toMatch(UUID);
      expect(ulidOf(kernel)).toBe(session);
      expect(kernelId(`kernel:${session}`)).toBe(kernel);
    }),
  );
});

test('other names have ids too, and what is no id leads nowhere', () => {
  fc.assert(fc.property(fc.string(), (name) => UUID.test(kernelId(name))));
  expect(ulidOf('../../etc/passwd')).toBeNull();
});
