import { expect, test } from 'vitest';
import { matching, mentionAt } from './people.ts';

const people = ['Ada Lovelace', 'Ben', 'Bea Adams', 'Zoë'].map((name, index) => ({
  id: `${index}`,
  name,
  colour: 'a',
}));
const names = (wanted: string): string[] => matching(people, wanted).map(({ name }) => name);

test('people are found by the beginning of any part of their name, whole names first', () => {
  expect(names('')).toHaveLength(4);
  expect(names('ad')).toEqual(['Ada Lovelace', 'Bea Adams']);
  expect(names('zoë')).toEqual(['Zoë']);
  expect(names('da')).toEqual([]);
});

test('a mention begins at an @ that no word touches', () => {
  expect(mentionAt('hello @ad', 9)).toEqual({ from: 6, wanted: 'ad' });
  expect(mentionAt('@', 1)).toEqual({ from: 0, wanted: '' });
  expect(mentionAt('(@Ada Lo', 8)).toEqual({ from: 1, wanted: 'Ada Lo' });
  expect(mentionAt('ada@lovelace', 12)).toBeNull();
  expect(mentionAt('@Ada Lovelace said', 18)).toBeNull();
  expect(mentionAt('@ada and more', 4)).toEqual({ from: 0, wanted: 'ada' });
});
