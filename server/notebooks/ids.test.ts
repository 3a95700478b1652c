import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../database/database.ts';
import { testDatabases } from '../database/testing.ts';
import { Ids } from './ids.ts';

describe.each(testDatabases())('ids of notebooks on $name', ({ open }) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.close());

  const identified = async (...paths: string[]): Promise<{ ids: Ids; of: (path: string) => string }> => {
    const ids = new Ids(database);
    await ids.identify(paths);
    return { ids, of: (path) => ids.of(path) ?? 'none' };
  };

  test('whoever looks at the old place in the middle of a move does not bring it back', async () => {
    const { ids, of } = await identified('old/a.ipynb', 'old/b.ipynb');
    const [a, b] = [of('old/a.ipynb'), of('old/b.ipynb')];
    await ids.move('old', 'new', async () => {
      await ids.identify(['old/a.ipynb', 'old/b.ipynb']);
      expect((await ids.below('old')).map(({ id }) => id)).toEqual([]);
      expect(await ids.find(a)).toBe('new/a.ipynb');
    });
    expect([ids.pathOf(a), ids.pathOf(b)]).toEqual(['new/a.ipynb', 'new/b.ipynb']);
    expect([of('new/a.ipynb'), of('old/a.ipynb')]).toEqual([a, 'none']);
    const again = new Ids(database);
    expect(await again.find(a)).toBe('new/a.ipynb');
  });

  test('nor does a look that began before the move and ends after it', async () => {
    const { of } = await identified('names.ipynb');
    const id = of('names.ipynb');
    // One that does not know it yet, so that it reads.
    const ids = new Ids(database);
    const looks = [ids.identify(['names.ipynb']), ids.find(id), ids.below('names.ipynb')];
    await Promise.all([ids.move('names.ipynb', 'Names.ipynb', async () => {}), ...looks]);
    expect(ids.pathOf(id)).toBe('Names.ipynb');
    expect([ids.of('names.ipynb'), ids.of('Names.ipynb')]).toEqual([undefined, id]);
  });

  test('a move that fails leaves all as it was, and what comes to the old place later is another notebook', async () => {
    const { ids, of } = await identified('x.ipynb', 'y.ipynb');
    const [x, y] = [of('x.ipynb'), of('y.ipynb')];
    const failing = ids.move('x.ipynb', 'y.ipynb', () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect([of('x.ipynb'), of('y.ipynb')]).toEqual([x, y]);
    await ids.move('x.ipynb', 'z.ipynb', async () => {});
    await ids.identify(['x.ipynb']);
    expect(of('x.ipynb')).not.toBe(x);
    expect(of('z.ipynb')).toBe(x);
  });
});
