/**
 * The tops of chunks: where each lies and its few most telling points. A long series has thousands, so the database hands
 * them over as one piece of bytes for each series, and only those that a window touches.
 */
import { type RawBuilder, sql } from 'kysely';
import type { Database } from '../database/database.ts';
import type { Axis } from './axis.ts';
import type { Captured } from './capture.ts';
import { type MetricTables, tables } from './store.ts';

/** A chunk without its storeys. */
export type Chunk = Omit<MetricTables['metric_chunks'], 'coarse' | 'middle' | 'fine' | 'points'>;

/** How a series is called among others. */
export const nameOf = ({ trial, metric }: { trial: string; metric: number }): string => `${trial} ${metric}`;

/** Numbers of a chunk as PostgreSQL sends them: three int4 and four float8, the first bytes first. */
const HEAD = 3 * 4 + 4 * 8;

/** Chunks of each series, in order, by {@link nameOf}; at least those that have points from `from` to `to`. */
export async function readTops(
  db: Database,
  series: readonly (Captured & { axis: Axis })[],
  { from, to }: { from: number; to: number },
): Promise<Map<string, Chunk[]>> {
  const found = new Map<string, Chunk[]>();
  for (const [kind, some] of Map.groupBy(series, ({ axis }) => axis.kind)) {
    const wanted = some
      .filter(({ chunks }) => chunks > 0)
      .map(({ trial, metric, chunks }) => ({ trial, metric, chunks }));
    if (wanted.length === 0) continue;
    const { rows } = await sql<{ trial: string; metric: number; packed: Uint8Array }>`
      select c.trial, c.metric, string_agg(
          int4send(c.chunk) || int4send(c.count) || int4send(octet_length(c.top))
          || float8send(c.low_step) || float8send(c.high_step) || float8send(c.low_wall) || float8send(c.high_wall)
          || c.top, ''::bytea order by c.chunk) as packed
        from json_to_recordset(${JSON.stringify(wanted)}::json) as w(trial text, metric int, chunks int)
        join metric_chunks c on c.trial = w.trial and c.metric = w.metric and c.chunk < w.chunks
        where ${touching(kind, from, to)}
        group by c.trial, c.metric`.execute(tables(db.em()));
    for (const row of rows) found.set(nameOf(row), unpacked(row));
  }
  return found;
}

/** Which chunks a window can touch. Where pauses are taken out, that is not for the database to say. */
function touching(kind: Axis['kind'], from: number, to: number): RawBuilder<unknown> {
  if (kind === 'relative') return sql`true`;
  const [low, high] = kind === 'wall' ? [sql`c.low_wall`, sql`c.high_wall`] : [sql`c.low_step`, sql`c.high_step`];
  return sql`${high} >= ${from}::float8 and ${low} <= ${to}::float8`;
}

function unpacked({ trial, metric, packed }: { trial: string; metric: number; packed: Uint8Array }): Chunk[] {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const chunks: Chunk[] = [];
  for (let at = 0; at < packed.byteLength; ) {
    const [chunk, count, bytes] = [view.getInt32(at), view.getInt32(at + 4), view.getInt32(at + 8)];
    const span = (nth: number): number => view.getFloat64(at + 12 + 8 * nth);
    chunks.push({
      ...{ trial, metric, chunk, count },
      ...{ low_step: span(0), high_step: span(1), low_wall: span(2), high_wall: span(3) },
      top: packed.subarray(at + HEAD, at + HEAD + bytes),
    });
    at += HEAD + bytes;
  }
  return chunks;
}
