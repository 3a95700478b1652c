import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Refusal } from '../../http/refusal.ts';
import { contentPath, Grounds } from './place.ts';

/** Names that someone may try; among them all that is in the folder, and all that leads somewhere. */
const NAMES = [
  ...['a', 'b.txt', 'deep', 'x.ipynb', '..', '.', '', '.secret', '.git', 'node_modules', 'out', 'up', 'sly', 'loop'],
  ...['data', 'token', 'etc', 'passwd', '%2e%2e', '..\\', 'c:', 'C:\\', '\u0000', 'b.txt\n', 'dangling', 'ａ', '…'],
];

describe('places', () => {
  let base: string;
  let grounds: Grounds;
  beforeAll(async () => {
    base = await realpath(await mkdtemp(join(tmpdir(), 'trialroom-place-')));
    const root = join(base, 'root');
    await mkdir(join(root, 'deep/a'), { recursive: true });
    await mkdir(join(root, 'node_modules/a'), { recursive: true });
    await mkdir(join(root, '.git'));
    await mkdir(join(root, 'data'));
    await mkdir(join(base, 'outside/a'), { recursive: true });
    for (const path of [
      'root/b.txt',
      'root/deep/b.txt',
      'root/x.ipynb',
      'root/.secret',
      'root/data/token',
      'outside/b.txt',
    ]) {
      await writeFile(join(base, path), path.startsWith('root/deep') || path === 'root/b.txt' ? 'fine' : 'secret');
    }
    await writeFile(join(base, 'root/x.ipynb'), 'fine');
    await symlink(join(base, 'outside'), join(root, 'out'));
    await symlink('..', join(root, 'deep/up'));
    await symlink('../..', join(root, 'deep/a/up'));
    await symlink('.secret', join(root, 'sly'));
    await symlink('loop', join(root, 'loop'));
    await symlink(join(base, 'outside/new'), join(root, 'dangling'));
    grounds = new Grounds(root, [join(root, 'data')]);
  });
  afterAll(() => rm(base, { recursive: true, force: true }));

  test('never lead out of the folder, nor to what is hidden, whatever is asked for', async () => {
    const path = fc.array(fc.oneof(fc.constantFrom(...NAMES), fc.string({ maxLength: 6 })), { maxLength: 6 });
    const inside = grounds.root + sep;
    await fc.assert(
      fc.asyncProperty(path, async (parts) => {
        let regular: string;
        try {
          regular = contentPath(parts.join('/'));
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal);
          return;
        }
        const places = [grounds.look(regular).then((thing) => thing?.full ?? null), grounds.spot(regular)];
        for (const place of await Promise.allSettled(places)) {
          if (place.status === 'rejected') {
            expect(place.reason).toBeInstanceOf(Refusal);
            continue;
          }
          if (place.value === null) continue;
          const real = await realpath(place.value).catch(() => place.value ?? '');
          expect(real === grounds.root || real.startsWith(inside)).toBe(true);
          expect(
            real
              .slice(inside.length)
              .split(sep)
              .some((part) => part.startsWith('.') || part === 'node_modules'),
          ).toBe(false);
          expect(real.startsWith(join(grounds.root, 'data'))).toBe(false);
          const text = await readFile(real, 'utf8').catch(() => 'fine');
          expect(text).toBe('fine');
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('follow links that stay inside, and refuse the others', async () => {
    expect((await grounds.find('deep/up/b.txt')).full).toBe(join(grounds.root, 'b.txt'));
    await expect(grounds.find('out/b.txt')).rejects.toMatchObject({ status: 400 });
    await expect(grounds.spot('out/new.txt')).rejects.toMatchObject({ status: 400 });
    for (const path of ['sly', 'loop', 'data/token', 'nowhere', 'b.txt/x', 'dangling']) {
      await expect(grounds.find(path)).rejects.toMatchObject({ status: 404 });
    }
    for (const path of ['../outside', 'a/../../x', 'a//b', './a', 'a\\b', 'c:/x']) {
      expect(() => contentPath(path)).toThrowError(expect.objectContaining({ status: 400 }));
    }
    for (const path of ['.secret', 'a/.git/config', 'node_modules/x']) {
      expect(() => contentPath(path)).toThrowError(expect.objectContaining({ status: 404 }));
    }
    expect(contentPath('/deep/b.txt/')).toBe('deep/b.txt');
  });
});
