import { expect, test } from 'vitest';
import { undoOf } from './bulk-changes.ts';

test('a change is undone by its opposite, and its opposite by it', () => {
  for (const action of ['star', 'unstar', 'archive', 'unarchive'] as const) {
    const back = undoOf({ action });
    expect(back && undoOf(back)).toEqual({ action });
    expect(back).not.toEqual({ action });
  }
  expect(undoOf({ action: 'delete' })).toEqual({ action: 'restore' });
  expect(undoOf({ action: 'tag', tags: ['good'] })).toEqual({ action: 'untag', tags: ['good'] });
  // One of them may have had the first tag before.
  expect(undoOf({ action: 'tag', tags: ['good', 'best'] })).toBeNull();
  expect(undoOf({ action: 'restore' })).toBeNull();
});
