import { expect, test } from 'vitest';
import { addressIn, partOf } from './part.ts';

test('an address is read from what each browser says, and from nothing else', () => {
  const address = 'http://127.0.0.1:8700/assets/view-a1.js';
  expect(addressIn(new TypeError(`Failed to fetch dynamically imported module: ${address}`))).toBe(address);
  expect(addressIn(new TypeError(`error loading dynamically imported module: ${address}?attempt=3`))).toBe(address);
  expect(addressIn(new TypeError('Importing a module script failed.'))).toBe(null);
  expect(addressIn(new Error(`thrown by the part itself, at ${address}`))).toBe(null);
});

test('a part that has come is not fetched again, one that has not is', async () => {
  let asked = 0;
  const load = partOf(async () => {
    if (++asked < 3) throw new TypeError('Importing a module script failed.');
    return { asked };
  });
  await expect(load()).rejects.toThrow('Importing');
  await expect(load()).rejects.toThrow('Importing');
  expect(await load()).toBe(await load());
  expect(asked).toBe(3);
});
