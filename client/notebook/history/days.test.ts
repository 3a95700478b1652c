import type { Version } from '@trialroom/shared/history/history';
import { expect, test } from 'vitest';
import { daysOf, withVersion, wordsOf } from './days.ts';

const NOW = new Date(2026, 10, 21, 15).getTime();
const none = { added: 0, removed: 0, changed: 0, moved: 0 };
const version = (id: string, more: Partial<Version> = {}): Version => ({
  ...{ id, at: NOW, kind: 'auto', name: null, authors: [], from: null, cells: 3, changes: none },
  ...more,
});

test('versions stand under the day on which they were kept', () => {
  const at = (year: number, month: number, day: number): number => new Date(year, month - 1, day, 9).getTime();
  const all = [NOW, at(2026, 11, 21), at(2026, 11, 20), at(2026, 11, 17), at(2026, 10, 3), at(2025, 10, 3)];
  const days = daysOf(
    all.map((when, index) => version(String(index), { at: when })),
    NOW,
  );
  expect(days.map(({ title, versions }) => [title, versions.length])).toEqual([
    ['Today', 2],
    ['Yesterday', 1],
    ['Tuesday', 1],
    ['3 October', 1],
    ['3 October 2025', 1],
  ]);
});

test('a version says what was done, or what someone called it', () => {
  expect(wordsOf(version('a', { changes: { added: 1, removed: 2, changed: 0, moved: 0 } }))).toBe(
    '1 cell added, 2 cells removed',
  );
  expect(wordsOf(version('a', { kind: 'outside' }))).toBe('As the file was');
  expect(wordsOf(version('a', { kind: 'outside', changes: { ...none, changed: 1 } }))).toBe('Changed outside');
  expect(wordsOf(version('a', { kind: 'restored', name: 'Back to good' }))).toBe('Back to good');
});

test('what is told of a version takes the place of what was known', () => {
  const list = [version('c'), version('a')];
  expect(withVersion(list, version('b')).map(({ id }) => id)).toEqual(['c', 'b', 'a']);
  expect(withVersion(list, version('a', { name: 'first' }))).toEqual([version('c'), version('a', { name: 'first' })]);
});
