import { expect, test } from 'vitest';
import { gathered } from './windows.ts';

test('trials that are asked the same stand in one question, whatever the order of their metrics', () => {
  const wanted = new Map([
    ['one', new Set(['loss', 'accuracy'])],
    ['two', new Set(['accuracy', 'loss'])],
    ['three', new Set(['loss'])],
  ]);
  expect(gathered(wanted)).toEqual([
    { trials: ['one', 'two'], keys: ['loss', 'accuracy'] },
    { trials: ['three'], keys: ['loss'] },
  ]);
});
