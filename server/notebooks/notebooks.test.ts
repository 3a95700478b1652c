import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NotebookListing } from '@trialroom/shared/live/events';
import { newNotebook, parseNotebook, serialiseNotebook } from '@trialroom/shared/notebook/format';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Database } from '../database/database.ts';
import { testDatabases } from '../database/testing.ts';
import { createNotebooks, type Notebooks } from './notebooks.ts';

const titled = (title: string): string =>
  serialiseNotebook({
    ...newNotebook(),
    cells: [{ id: 't', cell_type: 'markdown', source: `# ${title}`, metadata: {} }],
  });

describe.each(testDatabases())('notebooks on $name', (kind) => {
  let database: Database;
  let folder: string;
  let notebooks: Notebooks;
  const errors: unknown[] = [];
  let heard: (listing: NotebookListing[]) => void = () => {};
  const start = () =>
    createNotebooks({
      path: folder,
      database,
      hub: {
        emit: (_topic, _event, payload) => {
          if ('notebooks' in payload) heard(payload.notebooks);
        },
      },
      onError: (error) => errors.push(error),
    });

  beforeAll(async () => {
    database = await kind.open();
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trialroom-notebooks-'));
    notebooks = await start();
  });
  afterEach(async () => {
    await notebooks.close();
    await rm(folder, { recursive: true, force: true });
    expect(errors.splice(0)).toEqual([]);
  });

  const listOf = (fits: (listing: NotebookListing[]) => boolean): Promise<NotebookListing[]> =>
    new Promise((resolve) => {
      heard = (listing) => {
        if (fits(listing)) resolve(listing);
      };
    });

  test('lists what is there, by title, without hidden places', async () => {
    for (const place of ['deep/er', '.hidden', 'node_modules/x', '.ipynb_checkpoints']) {
      await mkdir(join(folder, place), { recursive: true });
      await writeFile(join(folder, place, 'n.ipynb'), titled(place));
    }
    await writeFile(join(folder, 'plain.ipynb'), serialiseNotebook(newNotebook()));
    await writeFile(join(folder, 'bad.ipynb'), '{');
    await writeFile(join(folder, 'binary.ipynb'), Buffer.from([0xff, 0xfe, 0]));
    await writeFile(join(folder, 'notes.txt'), 'no');
    const list = await notebooks.list();
    expect(list.map(({ path, title, problem }) => [path, title, problem])).toEqual([
      ['bad.ipynb', 'bad', expect.stringContaining('line 1, column 2')],
      ['binary.ipynb', 'binary', expect.stringContaining('UTF-8')],
      ['deep/er/n.ipynb', 'deep/er', null],
      ['plain.ipynb', 'plain', null],
    ]);
    expect(new Set(list.map(({ id }) => id)).size).toBe(4);
  });

  test('ids stay, also for another server', async () => {
    const { id } = await notebooks.create('a');
    const other = await start();
    expect(await other.at('a.ipynb')).toEqual({ id, path: 'a.ipynb' });
    expect(await other.get(id)).toEqual({ id, path: 'a.ipynb' });
    await other.close();
  });

  test('makes new notebooks, never over others', async () => {
    const listing = await notebooks.create('ideas/first');
    expect(listing).toMatchObject({ path: 'ideas/first.ipynb', title: 'first', problem: null, kernel: 'none' });
    expect(parseNotebook(await readFile(join(folder, 'ideas/first.ipynb'), 'utf8')).cells).toHaveLength(1);
    await expect(notebooks.create('ideas/first.ipynb')).rejects.toMatchObject({ status: 409 });
    await writeFile(join(folder, 'file'), '');
    await expect(notebooks.create('file/under')).rejects.toMatchObject({ status: 503 });
  });

  test.each([
    '../out',
    'a/../../out',
    '/etc/x',
    'C:/x',
    'a\\b',
    '.hidden',
    'node_modules/x',
    'a//b',
    'a/./b',
    'nul\u0000',
    `${'x'.repeat(300)}`,
  ])('refuses the path %j', async (path) => {
    await expect(notebooks.create(path)).rejects.toMatchObject({ status: 400, problem: { error: 'bad-path' } });
  });

  test('refuses what a link leads out to', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'trialroom-outside-'));
    await writeFile(join(outside, 'secret.ipynb'), titled('secret'));
    await symlink(outside, join(folder, 'link'));
    await symlink(join(outside, 'secret.ipynb'), join(folder, 'link.ipynb'));
    expect(await notebooks.list()).toEqual([]);
    await expect(notebooks.create('link/new')).rejects.toMatchObject({ status: 400 });
    await expect(notebooks.folder.read('link.ipynb')).rejects.toMatchObject({ status: 400 });
    await rm(outside, { recursive: true });
  });

  test('a notebook that moves keeps its id, and never lands on another', async () => {
    const { id } = await notebooks.create('first');
    await notebooks.create('second');
    await expect(notebooks.move(id, 'second.ipynb')).rejects.toMatchObject({ status: 409 });
    await expect(notebooks.move(id, '../out.ipynb')).rejects.toMatchObject({ status: 400 });
    expect(notebooks.pathOf(id)).toBe('first.ipynb');
    await notebooks.move(id, 'deep/third.ipynb');
    await notebooks.moveFolder('deep', 'deeper');
    expect((await notebooks.list()).map(({ path }) => path)).toEqual(['deeper/third.ipynb', 'second.ipynb']);
    await notebooks.close();
    notebooks = await start();
    expect(await notebooks.at('deeper/third.ipynb')).toEqual({ id, path: 'deeper/third.ipynb' });
  });

  test('an unknown id is refused', async () => {
    await expect(notebooks.get('nothing')).rejects.toMatchObject({ status: 404 });
    await expect(notebooks.at('nothing')).rejects.toMatchObject({ status: 404 });
  });

  test('those at home hear of files that come, change and go', async () => {
    const came = listOf((list) => list.some(({ path }) => path === 'x.ipynb'));
    await writeFile(join(folder, 'x.ipynb'), titled('One'));
    await came;
    const renamed = listOf((list) => list.some(({ title }) => title === 'Two'));
    await writeFile(join(folder, 'x.ipynb'), titled('Two'));
    await renamed;
    const went = listOf((list) => list.length === 0);
    await rm(join(folder, 'x.ipynb'));
    await went;
  });

  test('kernels show in the list', async () => {
    await notebooks.create('k');
    notebooks.kernelFrom(() => 'busy');
    const told = listOf((list) => list[0]?.kernel === 'busy');
    notebooks.changed();
    await told;
  });
});
