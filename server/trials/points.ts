/**
 * Metric points as stored: one row for each (trial, batch, key), columns as little-endian float64. Here rows are written
 * and read; what is in them is not looked at.
 */
import type { PointColumns } from '@trialroom/shared/trial/points';
import type { Database } from '../database/database.ts';

/** What a kernel sent at once. `seq` counts from 1 within the trial; numbers of log messages are left out. */
export interface Batch {
  trial: string;
  seq: number;
  columns: PointColumns[];
}

/** A batch about to be stored. `part` counts the trial's transactions from 1. */
export interface PartBatch extends Batch {
  part: number;
}

/** Points of one key of one batch. */
export interface StoredColumns extends PointColumns {
  part: number;
}

interface PointTables {
  point_batches: {
    trial: string;
    seq: number;
    key: string;
    part: number;
    count: number;
    steps: Uint8Array;
    walls: Uint8Array;
    readings: Uint8Array;
  };
}

/** PostgreSQL takes 65,535 parameters a statement; a row has eight. */
const ROWS_PER_STATEMENT = 4000;

/** Stores batches in one transaction; what is there already stays as it is. */
export async function storeBatches(db: Database, batches: readonly PartBatch[]): Promise<void> {
  const rows = batches.flatMap(({ trial, seq, part, columns }) =>
    byKey(columns).map(({ key, steps, walls, values }) => ({
      trial: trial,
      seq,
      key,
      part,
      count: steps.length,
      steps: toBytes(steps),
      walls: toBytes(walls),
      readings: toBytes(values),
    })),
  );
  if (rows.length === 0) return;
  const insert = (kysely: ReturnType<typeof tables>, part: typeof rows) =>
    kysely
      .insertInto('point_batches')
      .values(part)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  // A statement is a transaction of its own, and saves two round trips.
  if (rows.length <= ROWS_PER_STATEMENT) {
    await insert(tables(db.em()), rows);
    return;
  }
  await db.em().transactional(async (em) => {
    for (let from = 0; from < rows.length; from += ROWS_PER_STATEMENT) {
      await insert(tables(em), rows.slice(from, from + ROWS_PER_STATEMENT));
    }
  });
}

/** Reads what was stored after `part`, in order. */
export async function readBatches(db: Database, trial: string, after: number): Promise<StoredColumns[]> {
  const rows = await tables(db.em())
    .selectFrom('point_batches')
    .select(['part', 'key', 'steps', 'walls', 'readings'])
    .where('trial', '=', trial)
    .where('part', '>', after)
    .orderBy('part')
    .orderBy('seq')
    .execute();
  return rows.map(({ part, key, steps, walls, readings }) => ({
    part,
    key,
    steps: fromBytes(steps),
    walls: fromBytes(walls),
    values: fromBytes(readings),
  }));
}

const tables = (em: ReturnType<Database['em']>) => em.getKysely<PointTables>();

/** Columns with every key once, in the order the keys first appear. */
export function byKey(columns: readonly PointColumns[]): PointColumns[] {
  return [...Map.groupBy(columns, ({ key }) => key)].flatMap(([key, parts]) => {
    const [only] = parts;
    const count = parts.reduce((sum, { steps }) => sum + steps.length, 0);
    if (count === 0) return [];
    if (only && parts.length === 1) return [only];
    const join = (column: 'steps' | 'walls' | 'values'): Float64Array => {
      const joined = new Float64Array(count);
      let at = 0;
      for (const part of parts) {
        joined.set(part[column], at);
        at += part[column].length;
      }
      return joined;
    };
    return [{ key, steps: join('steps'), walls: join('walls'), values: join('values') }];
  });
}

function toBytes(column: Float64Array): Buffer {
  const bytes = Buffer.allocUnsafe(column.length * 8);
  for (let i = 0; i < column.length; i++) bytes.writeDoubleLE(column[i] ?? Number.NaN, i * 8);
  return bytes;
}

function fromBytes(bytes: Uint8Array): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float64Array.from({ length: bytes.byteLength / 8 }, (_, i) => view.getFloat64(i * 8, true));
}
