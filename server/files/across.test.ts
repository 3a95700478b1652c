import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, statSync } from 'node:fs';
import { chmod, lstat, mkdir, readdir, readFile, readlink, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { moveAcross } from './across.ts';

/** A folder on another disk than the temporary folder's; null where there is none. */
const elsewhere = ['/dev/shm', '/run/shm', '/var/tmp'].find(
  (path) => existsSync(path) && statSync(path).dev !== statSync(tmpdir()).dev,
);

describe.runIf(elsewhere)('moving to another disk', () => {
  let [from, to] = ['', ''];
  beforeEach(() => {
    from = mkdtempSync(join(tmpdir(), 'trialroom-across-'));
    to = mkdtempSync(join(elsewhere ?? '', 'trialroom-across-'));
  });
  afterEach(async () => {
    for (const path of [from, to]) await rm(path, { recursive: true, force: true });
  });

  test('a folder arrives whole, with links, modes and times, and is gone where it was', async () => {
    await mkdir(join(from, 'box/in'), { recursive: true });
    await writeFile(join(from, 'box/in/a.ipynb'), '{}');
    await chmod(join(from, 'box/in/a.ipynb'), 0o640);
    await utimes(join(from, 'box/in/a.ipynb'), 1_000_000, 1_000_000);
    await symlink('in/a.ipynb', join(from, 'box/link.ipynb'));
    await moveAcross(join(from, 'box'), join(to, 'deep/down'));
    expect(await readdir(from)).toEqual([]);
    expect(await readFile(join(to, 'deep/down/link.ipynb'), 'utf8')).toBe('{}');
    expect(await readlink(join(to, 'deep/down/link.ipynb'))).toBe('in/a.ipynb');
    const { mode, mtimeMs } = await lstat(join(to, 'deep/down/in/a.ipynb'));
    expect([mode & 0o777, mtimeMs]).toEqual([0o640, 1_000_000_000]);
    expect(await readdir(join(to, 'deep'))).toEqual(['down']);
  });

  test('what stands there already stays, and what was to be moved, too', async () => {
    await writeFile(join(from, 'a'), 'mine');
    await writeFile(join(to, 'a'), 'theirs');
    await expect(moveAcross(join(from, 'a'), join(to, 'a'))).rejects.toMatchObject({ code: 'EEXIST' });
    expect([await readFile(join(from, 'a'), 'utf8'), await readFile(join(to, 'a'), 'utf8')]).toEqual([
      'mine',
      'theirs',
    ]);
  });

  test('what cannot be copied whole stays where it was, and leaves nothing there', async () => {
    await mkdir(join(from, 'box'));
    await writeFile(join(from, 'box/a'), 'a file');
    execFileSync('mkfifo', [join(from, 'box/pipe')]);
    await expect(moveAcross(join(from, 'box'), join(to, 'box'))).rejects.toThrow();
    expect([await readdir(join(from, 'box')), await readdir(to)]).toEqual([['a', 'pipe'], []]);
  });
});
