/** The table of metrics in figures, written with bound parameters: the ORM would write NaN and ±Infinity as bare words. */
import type { MetricTotals } from '@trialroom/shared/trial/filter/matches';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database/database.ts';
import { storableText } from '../trials/storable.ts';

export interface Tables {
  trial_metrics: {
    trial: string;
    key: string;
    last: number;
    last_step: number;
    low: number | null;
    high: number | null;
    count: number;
  };
}

/** PostgreSQL takes 65,535 parameters a statement; a row has seven. */
const ROWS_PER_STATEMENT = 5000;

/** For statements with parameters that are bound, never written into the text. */
export const kyselyOf = (db: Database): Kysely<Tables> => db.em().getKysely<Tables>() as unknown as Kysely<Tables>;

/** Stores metrics of trials; what is known of the same key is replaced. */
export async function storeTotals(
  db: Database,
  totals: readonly { trial: string; key: string; totals: MetricTotals }[],
): Promise<void> {
  const rows = totals.map(({ trial, key, totals: { last, lastStep, min, max, count } }) => ({
    ...{ trial, key: storableText(key), last, last_step: lastStep, low: min, high: max, count },
  }));
  const kysely = kyselyOf(db);
  for (let from = 0; from < rows.length; from += ROWS_PER_STATEMENT) {
    await kysely
      .insertInto('trial_metrics')
      .values(rows.slice(from, from + ROWS_PER_STATEMENT))
      .onConflict((conflict) =>
        conflict.columns(['trial', 'key']).doUpdateSet({
          last: sql`excluded.last`,
          last_step: sql`excluded.last_step`,
          low: sql`excluded.low`,
          high: sql`excluded.high`,
          count: sql`excluded.count`,
        }),
      )
      .execute();
  }
}
