/** Run at install: makes the prepared database, so that the first start need not. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from './connect.ts';
import { migrate } from './migrate.ts';
import { keepMigrated, preparedPath } from './prepared.ts';

/** Makes the tarballs unless they are there. Rejects when PGlite does not run here. */
export async function prepare(): Promise<void> {
  if (existsSync(preparedPath('migrated'))) return;
  const dataDir = mkdtempSync(join(tmpdir(), 'trialroom-prepare-'));
  try {
    const database = await connect({ dataDir });
    try {
      await migrate(database);
    } finally {
      await database.close();
    }
    await keepMigrated(join(dataDir, 'database'));
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}
