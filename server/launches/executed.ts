/** The notebook that a launched trial left: kept as a blob, so that it can be looked at and compared as it ran. */
import { readFile } from 'node:fs/promises';
import { type NotebookFile, serialiseNotebook } from '@trialroom/shared/notebook/format';
import { z } from 'zod';
import type { Blobs } from '../blobs/blobs.ts';
import { type BlobUser, namesIn } from '../blobs/sweep.ts';
import type { Database } from '../database/database.ts';
import { Refusal } from '../http/refusal.ts';
import { LaunchEntity } from './entities.ts';

/** Stores the executed notebook of a launched trial. */
export async function keepExecuted(db: Database, blobs: Blobs, trial: string, notebook: NotebookFile): Promise<void> {
  const { sha256 } = await blobs.put(serialiseNotebook(notebook));
  await db.em().nativeUpdate(LaunchEntity, { trial }, { executed: sha256 });
}

/** Blobs that executed notebooks name. */
export const namedInExecuted = (db: Database, blobs: Blobs): BlobUser =>
  async function* () {
    const launches = await db.em().find(LaunchEntity, { executed: { $ne: null } }, { fields: ['executed'] });
    for (const { executed } of launches) {
      const stored = executed ? await blobs.find(executed) : null;
      if (stored) yield namesIn(await readFile(stored.path, 'utf8'));
    }
  };

/** @throws Refusal (404) when the trial was not launched, or has not ended */
export async function readExecuted(db: Database, blobs: Blobs, trial: string): Promise<Record<string, unknown>> {
  const launch = await db.em().findOne(LaunchEntity, { trial });
  const stored = launch?.executed ? await blobs.find(launch.executed) : null;
  if (!stored) {
    throw new Refusal(404, {
      error: 'no-executed-notebook',
      message: launch
        ? 'The trial has not ended, so there is no executed notebook yet.'
        : 'The trial was not launched.',
      fix: launch ? 'Wait until it has ended.' : 'Open the notebook that it ran in.',
    });
  }
  return z.record(z.string(), z.unknown()).parse(JSON.parse(await readFile(stored.path, 'utf8')));
}
