import { NotebookTarget, TrialTarget } from '@trialroom/shared/annotation/target';
import { expect, test } from 'vitest';
import { createDrafts, restOf } from './drafts.ts';

function storage(): Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> & { all: Map<string, string> } {
  const all = new Map<string, string>();
  return {
    all,
    getItem: (key) => all.get(key) ?? null,
    setItem: (key, value) => void all.set(key, value),
    removeItem: (key) => void all.delete(key),
  };
}

test('a draft outlives its page with its request, and an empty one is forgotten', () => {
  const kept = storage();
  const drafts = createDrafts('n', NotebookTarget, kept);
  const { request } = drafts.get('new');
  drafts.set('new', { text: 'Hello @Ada', picked: [{ id: '1', name: 'Ada' }], request });
  drafts.setTarget({ kind: 'cell', cell: 'c' });
  const again = createDrafts('n', NotebookTarget, kept);
  expect(again.get('new')).toEqual({ text: 'Hello @Ada', picked: [{ id: '1', name: 'Ada' }], request });
  expect(again.target()).toEqual({ kind: 'cell', cell: 'c' });
  expect(createDrafts('n', TrialTarget, kept).target()).toBeNull();
  expect(createDrafts('other', NotebookTarget, kept).get('new').text).toBe('');
  again.set('new', { text: '  ', picked: [], request });
  again.setTarget(null);
  expect(kept.all.size).toBe(0);
  expect(again.get('new').request).not.toBe(request);
});

test('what is no draft reads as none, and a storage that refuses does not break the page', () => {
  const kept = storage();
  kept.all.set('trialroom.comment.n.new', '{"text":7}');
  kept.all.set('trialroom.comment.n.target', 'nonsense');
  expect(createDrafts('n', NotebookTarget, kept).get('new').text).toBe('');
  expect(createDrafts('n', NotebookTarget, kept).target()).toBeNull();
  const full = createDrafts('n', NotebookTarget, {
    ...kept,
    setItem: () => {
      throw new Error('full');
    },
  });
  expect(() => full.set('new', { text: 'x', picked: [], request: 'r' })).not.toThrow();
});

test.each([
  ['sent', 'sent', ''],
  ['sent  ', 'sent', ''],
  ['sent and more', 'sent', 'and more'],
  ['sent\n\nNext', 'sent', 'Next'],
  ['Sent, mended', 'sent', 'Sent, mended'],
  ['', 'sent', ''],
])('of "%s", after "%s" was sent, is left: "%s"', (written, sent, rest) => {
  expect(restOf(written, sent)).toBe(rest);
});
