/** Gives the tests of a `describe` a workspace of their own, from before the first to after the last of them. */
import { afterAll, beforeAll } from 'vitest';
import type { Database } from '../database/database.ts';
import { type TestDatabase, testDatabases } from '../database/testing.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

type Options = Parameters<typeof openWorkspace>[1];

/**
 * Call it in a `describe`; `take` gets what was opened, and what it does with it is awaited.
 * @param open Absent: the embedded database.
 */
export function useWorkspace(
  take: (work: Workspace, db: Database) => unknown,
  { open = embedded, ...options }: Options & { open?: TestDatabase['open'] } = {},
): void {
  let db: Database;
  let work: Workspace;
  beforeAll(async () => {
    db = await open();
    work = await openWorkspace(db, options);
    await take(work, db);
  });
  afterAll(async () => {
    await work.close();
    await db.close();
  });
}

async function embedded(): Promise<Database> {
  const [first] = testDatabases();
  if (!first) throw new Error('no database to test on');
  return first.open();
}
