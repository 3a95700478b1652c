import { expect, test } from 'vitest';
import { flatRows, plainValue } from './plain-value.ts';
import { plainWords } from './plain-words.ts';

test('values are written for people: no brackets around a list, no braces around names', () => {
  expect(plainValue(['mixup', 'crop'])).toBe('mixup, crop');
  expect(plainValue([0.1, null])).toBe('0.1, none');
  expect(plainValue(null)).toBe('none');
  expect(plainValue(1024)).toBe('1,024');
  expect(flatRows({ seed: 1, optim: { lr: 3e-4, warmup: { steps: 5 } }, none: {}, list: [1] })).toEqual([
    ['seed', 1],
    ['optim.lr', 3e-4],
    ['optim.warmup.steps', 5],
    ['none', {}],
    ['list', [1]],
  ]);
});

test('words in one line lose what marks them up, and nothing else', () => {
  expect(plainWords('Which **rate** does `cnn` want? See [here](/x).')).toBe('Which rate does cnn want? See here.');
  expect(plainWords('2 * 3 * 4, val_loss and __init__.py')).toBe('2 * 3 * 4, val_loss and __init__.py');
});
