import { newNotebook } from '@trialroom/shared/notebook/format';
import { expect, test } from 'vitest';
import { Versions } from './versions.ts';

const version = (cells: Record<string, string>) => ({
  ...newNotebook(),
  cells: Object.entries(cells).map(([id, source]) => ({ id, cell_type: 'raw' as const, source, metadata: {} })),
});

test('the base of what is sent is the version that it began from', () => {
  const versions = new Versions();
  const first = version({ a: '1', b: '2', c: '3' });
  const second = version({ a: '1', b: '2 by another', c: '3' });
  expect(versions.baseOf('ann', 'n', first)).toBeNull();
  versions.remember('ann', 'n', first);
  versions.remember('ann', 'n', second);
  // Two pages of one person, each with a version of its own.
  expect(versions.baseOf('ann', 'n', version({ a: '1', b: '2', c: '3, edited' }))).toBe(first);
  expect(versions.baseOf('ann', 'n', version({ a: '1', b: '2 by another', c: '3, edited' }))).toBe(second);
  expect(versions.baseOf('ann', 'n', version({ a: '1', c: '3' }))).toBe(second);
  expect(versions.baseOf('bob', 'n', first)).toBeNull();
  expect(versions.baseOf('ann', 'other', first)).toBeNull();
});

test('forgets what is longest ago', () => {
  const versions = new Versions();
  const one = version({ a: '1' });
  for (let at = 0; at < 301; at++) versions.remember('ann', String(at), one);
  expect(versions.baseOf('ann', '0', one)).toBeNull();
  expect(versions.baseOf('ann', '300', one)).toBe(one);
});
