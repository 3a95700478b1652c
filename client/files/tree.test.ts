import { describe, expect, test } from 'vitest';
import { allFolders, landing, rowsOf, step } from './tree.ts';

const notebooks = ['b/two 10.ipynb', 'b/two 9.ipynb', 'a/deep/one.ipynb', 'Top.ipynb'].map((path) => ({
  id: path,
  path,
}));

describe('the tree of notebooks', () => {
  const shown = (open: string[]) =>
    rowsOf(['empty'], notebooks, new Set(open)).map(
      ({ kind, name, level }) => `${'  '.repeat(level - 1)}${name}${kind === 'folder' ? '/' : ''}`,
    );

  test('folders first, by name, with what stands in open ones', () => {
    expect(shown([])).toEqual(['a/', 'b/', 'empty/', 'Top']);
    expect(shown(['b', 'a'])).toEqual(['a/', '  deep/', 'b/', '  two 9', '  two 10', 'empty/', 'Top']);
    expect(rowsOf(['empty'], notebooks, new Set())[0]).toMatchObject({ count: 1, open: false });
    expect(allFolders(['empty'], notebooks)).toEqual(['a', 'a/deep', 'b', 'empty']);
  });

  test('where things land', () => {
    expect(landing('a/x.ipynb', 'b')).toBe('b/x.ipynb');
    expect(landing('a/x.ipynb', '')).toBe('x.ipynb');
    expect([landing('a/x.ipynb', 'a'), landing('a', 'a/b'), landing('a', 'a'), landing('a', '')]).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });

  test('keys lead as in every tree', () => {
    const closed = rowsOf(['empty'], notebooks, new Set());
    const open = rowsOf(['empty'], notebooks, new Set(['b']));
    expect(step(closed, 'a', 'ArrowDown')).toEqual({ to: 'b' });
    expect(step(closed, 'b', 'ArrowRight')).toEqual({ to: 'b', fold: 'open' });
    expect(step(open, 'b', 'ArrowRight')).toEqual({ to: 'b/two 9.ipynb' });
    expect(step(open, 'b/two 10.ipynb', 'ArrowLeft')).toEqual({ to: 'b' });
    expect(step(open, 'b', 'ArrowLeft')).toEqual({ to: 'b', fold: 'close' });
    expect(step(open, 'empty', 'ArrowRight')).toEqual({ to: 'empty', fold: 'open' });
    expect(step(open, 'a', 'End')).toEqual({ to: 'Top.ipynb' });
    expect(step(open, 'a', 't')).toEqual({ to: 'b/two 9.ipynb' });
    expect(step([], null, 'End')).toEqual({ to: null });
  });
});
