/** A process that stores and folds points is killed again and again: what it acknowledged is there, once. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test, vi } from 'vitest';
import { connect } from '../database/connect.ts';
import type { Database } from '../database/database.ts';
import { testDatabases } from '../database/testing.ts';
import { createMetrics } from './metrics.ts';

vi.setConfig({ testTimeout: 180_000 });
const CHILD = fileURLToPath(new URL('./crash.child.ts', import.meta.url));
const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

/** Lets the child run until it has acknowledged `more` batches, then kills it. Returns the last acknowledged. */
async function runAndKill(args: readonly string[], from: number, more: number): Promise<number> {
  const child = spawn(process.execPath, [CHILD, ...args, String(from)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  let acked = from - 1;
  for await (const line of createInterface({ input: child.stdout })) {
    acked = Number(line);
    if (acked >= from - 1 + more) child.kill('SIGKILL');
  }
  await ended;
  return acked;
}

async function expectKept(db: Database, acked: number): Promise<number> {
  const metrics = createMetrics({ db, hub: { emit: () => {} }, onPoints: () => {}, onFault: expect.unreachable });
  const [many] = await metrics.series({ trial: 'crash', keys: ['many'] }, { width: 1_000_000 });
  const values = many?.points.values ?? [];
  expect(values.length).toBeGreaterThanOrEqual(acked * 500);
  expect(values.length % 500).toBe(0);
  expect(values).toEqual(Array.from({ length: values.length }, (_, i) => Math.floor(i / 500) + 1));
  const stored = values.length / 500;
  const few = await metrics.series({ trial: 'crash', keys: ['few 0', 'few 1', 'few 2'] }, { width: 1_000_000 });
  expect(few.flatMap(({ points }) => points.values).sort((a, b) => Number(a) - Number(b))).toEqual(
    Array.from({ length: stored }, (_, i) => i + 1),
  );
  const figures = await metrics.keys('crash');
  expect(figures.find(({ key }) => key === 'many')?.count).toBe(values.length);
  await metrics.close();
  return stored;
}

/** Batches acknowledged before each kill: within the first fold, after a few, after pieces were made one. */
const KILLS = [5, 23, 140];

test('embedded', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'trialroom-crash-'));
  endings.push(() => rmSync(dataDir, { recursive: true, force: true }));
  let stored = 0;
  for (const more of KILLS) {
    // The sender knows what was acknowledged, and sends the rest again: what was stored besides is not stored twice.
    const acked = await runAndKill([dataDir, '', ''], Math.max(1, stored - 1), more);
    const db = await connect({ dataDir });
    stored = await expectKept(db, acked);
    await db.close();
  }
});

const url = process.env.DATABASE_URL;

test.skipIf(!url)('postgres', async () => {
  const db = await testDatabases()
    .find(({ name }) => name === 'postgres')
    ?.open();
  if (!db || !url) throw new Error('no database');
  endings.push(() => db.close());
  const [row] = await db.em().execute<{ schema: string }[]>('select current_schema() as schema');
  let stored = 0;
  for (const more of KILLS) {
    const acked = await runAndKill(['', url, row?.schema ?? ''], Math.max(1, stored - 1), more);
    // Its connections may live on for a moment, and finish what they began.
    await expect
      .poll(async () => {
        const [busy] = await db
          .em()
          .execute<{ count: number }[]>(
            `select count(*)::int as count from pg_stat_activity where pid <> pg_backend_pid() and state <> 'idle' and query similar to '%(metric_|point_parts)%'`,
          );
        return busy?.count;
      })
      .toBe(0);
    stored = await expectKept(db, acked);
  }
});
