/** Rows of parts and states: written and read here, and nothing else is done with them. */
import { sql } from 'kysely';
import type { Database } from '../database/database.ts';
import { metricsEntities } from './entities.ts';
import { floatsOf, pointBytes, pointsOf } from './points.ts';
import { Seqs, SeqsJson } from './seqs.ts';
import { MetricsState, type Part, PartHead } from './state.ts';

export type Em = ReturnType<Database['em']>;

/** A part of a trial that is about to be stored. */
export interface NewPart extends Part {
  trial: string;
}

/** Tables as the query builder sees them. */
export interface MetricTables {
  point_parts: { trial: string; part: number; count: number; head: string; payload: Uint8Array };
  metric_heads: { trial: string; folded: number; seqs: string };
  metric_shelves: { trial: string; shelf: number; names: string; stats: Uint8Array };
  metric_pieces: { trial: string; shelf: number; part: number; head: string; payload: Uint8Array };
  metric_chunks: {
    trial: string;
    metric: number;
    chunk: number;
    count: number;
    low_step: number;
    high_step: number;
    low_wall: number;
    high_wall: number;
    top: Uint8Array;
    coarse: Uint8Array;
    middle: Uint8Array | null;
    fine: Uint8Array;
    points: Uint8Array;
  };
}

export const tables = (em: Em) => em.getKysely<MetricTables>();

/** PostgreSQL takes 65,535 parameters a statement; a row has five. */
const ROWS_PER_STATEMENT = 10_000;

/**
 * Stores parts in one transaction. Returns those that were taken already: another process has written that part of the
 * trial meanwhile, and nothing of ours is stored for it.
 */
export async function storeParts(db: Database, parts: readonly NewPart[]): Promise<NewPart[]> {
  if (parts.length === 0) return [];
  const rows = parts.map(({ trial, part, count, head, columns }) => ({
    trial,
    part,
    count,
    head: JSON.stringify(head),
    payload: pointBytes(columns),
  }));
  const insert = (em: Em, some: typeof rows) =>
    tables(em)
      .insertInto('point_parts')
      .values(some)
      .onConflict((conflict) => conflict.doNothing())
      .returning(['trial'])
      .execute();
  // A statement is a transaction of its own, and saves round trips; only where nobody else can fold meanwhile.
  const stored =
    db.kind === 'embedded' && rows.length <= ROWS_PER_STATEMENT
      ? await insert(db.em(), rows)
      : await db.em().transactional(async (em) => {
          const all: { trial: string }[] = [];
          for (let from = 0; from < rows.length; from += ROWS_PER_STATEMENT) {
            all.push(...(await insert(em, rows.slice(from, from + ROWS_PER_STATEMENT))));
          }
          const late = await takeBackFolded(em, parts, all);
          return all.filter(({ trial }) => !late.has(trial));
        });
  const done = new Set(stored.map(({ trial }) => trial));
  return parts.filter(({ trial }) => !done.has(trial));
}

/**
 * Removes those of the parts just inserted whose number is folded already. Where another process stored and folded a part of
 * that number, its row is gone, and inserting ours found nothing in the way; it would never be read. A statement of its own:
 * it sees the fold that the insertion waited for.
 */
async function takeBackFolded(
  em: Em,
  parts: readonly NewPart[],
  inserted: readonly { trial: string }[],
): Promise<ReadonlySet<string>> {
  const ours = new Set(inserted.map(({ trial }) => trial));
  const wanted = parts.flatMap(({ trial, part }) => (ours.has(trial) ? [{ trial, part }] : []));
  const { rows } = await sql<{ trial: string }>`
    delete from point_parts p using json_to_recordset(${JSON.stringify(wanted)}::json) as w(trial text, part int), metric_heads h
      where p.trial = w.trial and p.part = w.part and h.trial = w.trial and h.folded >= w.part
      returning p.trial`.execute(tables(em));
  return new Set(rows.map(({ trial }) => trial));
}

/** A row of what a trial's state is made of: its head, a shelf, or a part. */
interface StateRow {
  kind: 'head' | 'shelf' | 'part';
  trial: string;
  /** How far it is folded, else the number of the shelf or part. */
  nth: number;
  count: number;
  text: string;
  bytes: Uint8Array | null;
}

/** States of trials as they are stored. Trials without points have empty ones. */
export async function readStates(db: Database, trials: readonly string[]): Promise<Map<string, MetricsState>> {
  const ids = [...new Set(trials)];
  // One statement sees one moment. A fold moves rows between tables: what was read around one is no state that ever was.
  const { rows } = await sql<StateRow>`
    select 'head' as kind, trial, folded as nth, 0 as count, seqs as text, null::bytea as bytes
      from metric_heads where trial = any(${ids}::text[])
    union all select 'shelf', trial, shelf, 0, names, stats from metric_shelves where trial = any(${ids}::text[])
    union all select 'part', trial, part, count, head, payload from point_parts where trial = any(${ids}::text[])`.execute(
    tables(db.em()),
  );
  const byTrial = Map.groupBy(rows, ({ trial }) => trial);
  return new Map(ids.map((trial) => [trial, stateOf(trial, byTrial.get(trial) ?? [])]));
}

function stateOf(trial: string, rows: readonly StateRow[]): MetricsState {
  const of = (kind: StateRow['kind']): StateRow[] =>
    rows.filter((row) => row.kind === kind).sort((one, other) => one.nth - other.nth);
  const [head] = of('head');
  const state = new MetricsState(trial, head?.nth ?? 0, new Seqs(SeqsJson.parse(JSON.parse(head?.text ?? '{}'))));
  for (const { text, bytes } of of('shelf')) state.shelve(JSON.parse(text), floatsOf(bytes ?? new Uint8Array()));
  for (const { nth, count, text, bytes } of of('part')) {
    const read = PartHead.parse(JSON.parse(text));
    const columns = pointsOf(
      bytes ?? new Uint8Array(),
      read.columns.map(([, points]) => points),
    );
    state.append({ part: nth, head: read, columns, count });
  }
  return state;
}

/** Deletes all that is stored of trials' metrics. */
export async function eraseMetrics(em: Em, trials: readonly string[]): Promise<void> {
  for (const { tableName } of metricsEntities.map((entity) => entity.meta)) {
    await em.execute(`delete from "${tableName}" where trial in (?)`, [trials]);
  }
}
