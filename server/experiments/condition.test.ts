import { filters, ME, NOW, rows } from '@trialroom/shared/trial/filter/arbitrary';
import { type FilterRow, matches } from '@trialroom/shared/trial/filter/matches';
import { printFilter } from '@trialroom/shared/trial/filter/print';
import fc from 'fast-check';
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../database/database.ts';
import { testDatabases } from '../database/testing.ts';
import { conditionOf } from './condition.ts';
import { Scope } from './scope.ts';
import { kyselyOf, type Tables } from './tables.ts';
import { storeRows } from './testing.ts';

describe.each(testDatabases())('filters on $name', ({ open }) => {
  let db: Database;
  let kysely: Kysely<Tables>;
  beforeAll(async () => {
    db = await open();
    kysely = kyselyOf(db);
  });
  afterAll(() => db.close());

  const context = { now: NOW, me: ME };
  const found = async (filter: Parameters<typeof matches>[0]): Promise<Set<string>> => {
    const scope = new Scope();
    const condition = conditionOf(filter, scope, context);
    const { rows } = await sql<{ id: string }>`select t.id ${scope.from()} where ${condition}`.execute(kysely);
    return new Set(rows.map(({ id }) => id));
  };

  test('in SQL and in memory let the same trials through', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(rows, { minLength: 5, maxLength: 10 }),
        fc.array(filters, { minLength: 30, maxLength: 60 }),
        async (made, asked) => {
          const kept: FilterRow[] = await storeRows(db, made);
          for (const filter of asked) {
            const sqlSays = await found(filter);
            for (const row of kept) {
              const said = `${printFilter(filter)} · ${JSON.stringify(row)}`;
              expect([said, sqlSays.has(row.trial.id)]).toEqual([said, matches(filter, row, context)]);
            }
          }
        },
      ),
      { numRuns: 10, interruptAfterTimeLimit: 40_000 },
    );
  });

  test('what is asked for is bound, whatever it says', async () => {
    const before = await storeRows(db, fc.sample(rows, 3));
    for (const text of ["'; drop table trials; --", '$1', '\\', '%_', '\0']) {
      await found({ type: 'word', text });
      await found({
        type: 'compare',
        field: { of: 'metric', key: text, reading: 'best' },
        operator: '>',
        value: { type: 'number', value: 1 },
      });
      await found({
        type: 'compare',
        field: { of: 'params', key: text },
        operator: '=',
        value: { type: 'text', value: text },
      });
    }
    expect((await found({ type: 'and', parts: [] })).size).toBe(before.length);
  });
});
