/** How far the records of each script's trial have come, in the database. */
import type { Database } from '../database/database.ts';
import { RemoteTrialEntity } from './entities.ts';

/** What is durable of a script's trial. */
export interface Progressed {
  /** All records up to this number. */
  applied: number;
  /** The highest number of a kept message. */
  seq: number;
  live: boolean;
  finished: boolean;
  /** How far the script's clock is ahead of ours, in ms. */
  ahead: number;
}

export interface RemoteStore {
  /** Null: no script opened a trial of this id. */
  find(trial: string): Promise<Progressed | null>;
  /** Notes a trial; one that is known stays as it is but for `live`. */
  open(trial: string, live: boolean, ahead?: number): Promise<void>;
  advance(trial: string, to: Pick<Progressed, 'applied' | 'seq' | 'finished'>): Promise<void>;
  /** Trials whose scripts have not said that they are over, and are waited for. */
  live(): Promise<string[]>;
}

export function createRemoteStore(db: Database): RemoteStore {
  return {
    find: async (trial) => {
      const row = await db.em().findOne(RemoteTrialEntity, { trial });
      if (!row) return null;
      const { applied, seq, live, finished, ahead } = row;
      return { applied, seq, live, finished, ahead };
    },
    open: async (trial, live, ahead = 0) => {
      await db
        .em()
        .upsert(
          RemoteTrialEntity,
          { trial, applied: 0, seq: 0, live, ahead, finished: false },
          { onConflictAction: 'merge', onConflictMergeFields: ['live'] },
        );
    },
    advance: async (trial, to) => void (await db.em().nativeUpdate(RemoteTrialEntity, { trial }, to)),
    live: async () =>
      (await db.em().find(RemoteTrialEntity, { live: true, finished: false })).map(({ trial }) => trial),
  };
}
