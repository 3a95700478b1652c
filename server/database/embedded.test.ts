/** The embedded database against what breaks databases: sudden death, a second owner, damaged files. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { PersonRow } from '../accounts/entities.ts';
import { connect } from './connect.ts';

const writer = fileURLToPath(new URL('./embedded-writer.fixture.ts', import.meta.url));
const folders: string[] = [];
const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'trialroom-embedded-'));
  folders.push(path);
  return path;
};
afterEach(() => {
  for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true });
});

/** Starts a process that writes rows for ever, and kills it as soon as it has acknowledged `rows` of them. */
async function writeAndKill(dataDir: string, rows: number): Promise<number> {
  const child = spawn(process.execPath, [writer, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  let acknowledged = 0;
  lines.on('line', (line) => {
    acknowledged = Number(line);
    if (acknowledged >= rows) child.kill('SIGKILL');
  });
  // Lines that were already written when it died are acknowledgements too.
  await Promise.all([once(child, 'exit'), once(lines, 'close')]);
  return acknowledged;
}

describe('an embedded database', () => {
  test('keeps every acknowledged row through kill -9, and takes over the dead one’s lock', async () => {
    const dataDir = folder();
    let least = 0;
    for (const rows of [40, 90]) {
      least += await writeAndKill(dataDir, rows);
      const database = await connect({ dataDir });
      const found = await database.em().findAll(PersonRow, { orderBy: { createdAt: 'asc' } });
      // One more may have been written than was acknowledged, for each death.
      expect(found.length).toBeGreaterThanOrEqual(least);
      expect(found.map(({ createdAt }) => createdAt)).toEqual(found.map((_, index) => index));
      least = found.length;
      await database.close();
    }
  });

  test('refuses a directory that a living process holds, and names it', async () => {
    const dataDir = folder();
    const child = spawn(process.execPath, [writer, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(createInterface({ input: child.stdout }), 'line');
    await expect(connect({ dataDir })).rejects.toThrow(`in use by process ${child.pid} `);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await (await connect({ dataDir })).close();
  });

  test('does not mistake another program with the same pid for the holder', async () => {
    const dataDir = folder();
    const holder = { pid: process.ppid, started: 'another-boot:1', host: hostname() };
    writeFileSync(join(dataDir, 'lock.json'), JSON.stringify(holder));
    const database = await connect({ dataDir });
    expect(JSON.parse(readFileSync(join(dataDir, 'lock.json'), 'utf8'))).toMatchObject({ pid: process.pid });
    await database.close();
    expect(readdirSync(dataDir)).toEqual(['database']);
  });

  test('lets one of many starters in', async () => {
    const dataDir = folder();
    const all = await Promise.allSettled(Array.from({ length: 4 }, () => connect({ dataDir })));
    const opened = all.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    expect(opened).toHaveLength(1);
    await opened[0]?.close();
  });

  test('says what to do about a directory that is not a database, and touches nothing', async () => {
    const dataDir = folder();
    mkdirSync(join(dataDir, 'database'));
    writeFileSync(join(dataDir, 'database', 'diary.txt'), 'dear diary');
    await expect(connect({ dataDir })).rejects.toThrow(/Nothing was changed.*backup/);
    expect(readdirSync(join(dataDir, 'database'))).toEqual(['diary.txt']);
    // The lock is free again.
    await expect(connect({ dataDir })).rejects.toThrow(/Nothing was changed/);
  });

  test.each([
    ['the control file is garbage', 'global/pg_control', 'garbage'],
    ['the version is another', 'PG_VERSION', '9.6\n'],
    ['the catalogue map is gone', 'global/pg_filenode.map', null],
  ])('says what to do when %s', async (_, file, content) => {
    const dataDir = folder();
    await (await connect({ dataDir })).close();
    const path = join(dataDir, 'database', file);
    if (content === null) rmSync(path);
    else writeFileSync(path, content);
    await expect(connect({ dataDir })).rejects.toThrow(/cannot be opened.*Nothing was changed.*backup/);
    if (content !== null) expect(readFileSync(path, 'utf8')).toBe(content);
  });

  test('lives in a path that is too long for a socket', async () => {
    const dataDir = join(folder(), 'd'.repeat(60), 'e'.repeat(60));
    const database = await connect({ dataDir });
    expect(await database.em().execute('select 1 as one')).toEqual([{ one: 1 }]);
    await database.close();
  });
});

test('a PostgreSQL that does not answer is named without its password', async () => {
  const failed = await connect({ url: 'postgres://me:hush@127.0.0.1:1/none' }).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(Error);
  expect(String(failed)).toContain('127.0.0.1:1');
  expect(String(failed)).toContain('DATABASE_URL');
  expect(String(failed)).not.toContain('hush');
});
