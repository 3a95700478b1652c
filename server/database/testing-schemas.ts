/**
 * Schemas for tests on PostgreSQL, all of one run named alike and dropped when the run ends: dropping one is a hundred
 * files to be removed, which a server on a slow disk that writes a checkpoint lets its clients wait for.
 */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { connect } from './connect.ts';

/** Names the run to the processes of its tests. */
const RUN = 'TRIALROOM_TEST_RUN';

/** A name for a schema, or anything else that tests on shared services must not share, e.g. a prefix in Redis. */
export function testName(): string {
  return `test_${process.env[RUN] ?? 'alone'}_${randomBytes(8).toString('hex')}`;
}

/** Makes an empty schema and returns its name. */
export async function makeTestSchema(url: string, name = testName()): Promise<string> {
  await execute(url, `create schema "${name}"`);
  return name;
}

const Names = z.array(z.object({ name: z.string() }));

/** Begins a run; what it returns ends it. */
export function beginTestRun(): () => Promise<void> {
  const run = randomBytes(4).toString('hex');
  process.env[RUN] = run;
  return async () => {
    const url = process.env.DATABASE_URL;
    if (!url) return;
    const made = await execute(
      url,
      `select nspname as name from pg_namespace where starts_with(nspname, 'test_${run}_')`,
    );
    for (const { name } of Names.parse(made)) {
      await execute(url, `set lock_timeout = '10s'; drop schema "${name}" cascade`).catch((error: unknown) => {
        console.warn(`schema ${name} stays in the database of DATABASE_URL: ${error}`);
      });
    }
  };
}

async function execute(url: string, sql: string): Promise<unknown> {
  const database = await connect({ url });
  try {
    return await database.em().execute(sql);
  } finally {
    await database.close();
  }
}
