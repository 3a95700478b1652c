/**
 * Folding: parts, which hold a moment of all metrics, become chunks and pieces, which hold one metric or few. A metric with
 * {@link SEAL} points or more gets chunks of its own; the rest of a shelf's metrics share a piece, and when a shelf has many
 * pieces they become one, or chunks in turn. All of it in one transaction: a crash leaves the parts as they were.
 */
import type { Database } from '../database/database.ts';
import { CHUNK, encodeChunk } from './chunk.ts';
import { SHELF } from './entities.ts';
import { bySteps, bytesOf, joined, type Points, pointBytes, pointsOf, slice } from './points.ts';
import { type MetricsState, STATS } from './state.ts';
import { type Em, type MetricTables, tables } from './store.ts';

/** Least points of a chunk. */
export const SEAL = 1024;

/** Most pieces of a shelf; one more, and they are made into one. */
export const PIECES = 16;

/** Another process has folded parts of this trial meanwhile. */
export class FoldedElsewhere extends Error {}

/**
 * Folds all that is unfolded of a trial now, and tells its state.
 * @throws FoldedElsewhere when the state is not what is stored; nothing is changed then
 */
export async function foldParts(db: Database, state: MetricsState): Promise<void> {
  const { trial, folded, part } = state;
  if (state.tail.length === 0) return;
  const metrics = new Map<number, Points[]>();
  for (const { head, columns } of state.tail) {
    head.columns.forEach(([metric], i) => {
      const points = columns[i];
      if (!points) return;
      const known = metrics.get(metric);
      if (known) known.push(points);
      else metrics.set(metric, [points]);
    });
  }
  const shelves = Map.groupBy(metrics, ([metric]) => Math.floor(metric / SHELF));
  const chunks = new Map<number, number>();
  const seqs = JSON.stringify(state.seqs);
  const stored = [...shelves.keys()].map((shelf) => ({ shelf, ...state.shelf(shelf) }));
  await db.em().transactional(async (em) => {
    await claim(em, trial, folded, part, seqs);
    const full = await fullShelves(em, trial);
    const rows: Rows = { pieces: [], chunks: [], shelves: [] };
    for (const [shelf, own] of shelves) {
      const all = full.has(shelf) ? await takePieces(em, trial, shelf) : new Map<number, Points[]>();
      for (const [metric, points] of own) all.set(metric, [...(all.get(metric) ?? []), ...points]);
      const small: [number, Points][] = [];
      for (const [metric, points] of [...all].sort(([a], [b]) => a - b)) {
        const first = chunks.get(metric) ?? state.chunksOf(metric);
        const [made, rest] = sealed({ trial, metric }, first, bySteps(joined(points)));
        rows.chunks.push(...made);
        if (made.length > 0) chunks.set(metric, first + made.length);
        if (rest.steps.length > 0) small.push([metric, rest]);
      }
      if (small.length > 0) rows.pieces.push({ trial, shelf, part, ...pieceOf(small) });
    }
    for (const { shelf, names, stats } of stored) {
      names.forEach((_, i) => {
        const made = chunks.get(shelf * SHELF + i);
        if (made !== undefined) stats[i * STATS + 1] = made;
      });
      rows.shelves.push({ trial, shelf, names: JSON.stringify(names), stats: bytesOf(stats) });
    }
    await storeRows(em, rows);
    await tables(em).deleteFrom('point_parts').where('trial', '=', trial).where('part', '<=', part).execute();
  });
  state.fold(part, chunks);
}

/** Says that parts up to `part` are folded; only one process can say so. */
async function claim(em: Em, trial: string, folded: number, part: number, seqs: string): Promise<void> {
  const claimed =
    folded === 0
      ? await tables(em)
          .insertInto('metric_heads')
          .values({ trial, folded: part, seqs })
          .onConflict((conflict) => conflict.doNothing())
          .returning(['trial'])
          .execute()
      : await tables(em)
          .updateTable('metric_heads')
          .set({ folded: part, seqs })
          .where('trial', '=', trial)
          .where('folded', '=', folded)
          .returning(['trial'])
          .execute();
  if (claimed.length === 0) throw new FoldedElsewhere(`parts of trial ${trial} were folded by another process`);
}

interface Rows {
  pieces: MetricTables['metric_pieces'][];
  chunks: MetricTables['metric_chunks'][];
  shelves: MetricTables['metric_shelves'][];
}

/** Rows of a statement: a chunk is about 100 kB. */
const CHUNK_ROWS = 16;
const SHELF_ROWS = 100;

async function storeRows(em: Em, { pieces, chunks, shelves }: Rows): Promise<void> {
  for (const some of cut(chunks, CHUNK_ROWS)) await tables(em).insertInto('metric_chunks').values(some).execute();
  for (const some of cut(pieces, SHELF_ROWS)) await tables(em).insertInto('metric_pieces').values(some).execute();
  for (const some of cut(shelves, SHELF_ROWS)) {
    await tables(em)
      .insertInto('metric_shelves')
      .values(some)
      .onConflict((conflict) =>
        conflict
          .columns(['trial', 'shelf'])
          .doUpdateSet((row) => ({ names: row.ref('excluded.names'), stats: row.ref('excluded.stats') })),
      )
      .execute();
  }
}

const cut = <T>(rows: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(rows.length / size) }, (_, i) => rows.slice(i * size, (i + 1) * size));

/** Shelves that have as many pieces as they may. */
async function fullShelves(em: Em, trial: string): Promise<Set<number>> {
  const rows = await em.execute<{ shelf: number }[]>(
    'select shelf from metric_pieces where trial = ? group by shelf having count(*) >= ?',
    [trial, PIECES],
  );
  return new Set(rows.map(({ shelf }) => shelf));
}

/** Takes a shelf's pieces out of the store, by metric. */
async function takePieces(em: Em, trial: string, shelf: number): Promise<Map<number, Points[]>> {
  const rows = await tables(em)
    .deleteFrom('metric_pieces')
    .where('trial', '=', trial)
    .where('shelf', '=', shelf)
    .returning(['part', 'head', 'payload'])
    .execute();
  const all = new Map<number, Points[]>();
  for (const row of rows.sort((a, b) => a.part - b.part)) {
    for (const [metric, points] of readPiece(row)) all.set(metric, [...(all.get(metric) ?? []), points]);
  }
  return all;
}

/** Metrics and points of a piece. */
export function readPiece({
  head,
  payload,
}: {
  head: string;
  payload: Uint8Array;
}): [metric: number, points: Points][] {
  const counts: [number, number][] = JSON.parse(head);
  const points = pointsOf(
    payload,
    counts.map(([, count]) => count),
  );
  return counts.flatMap(([metric], i) => (points[i] ? [[metric, points[i]]] : []));
}

function pieceOf(metrics: readonly [number, Points][]): { head: string; payload: Buffer } {
  return {
    head: JSON.stringify(metrics.map(([metric, { steps }]) => [metric, steps.length])),
    payload: pointBytes(metrics.map(([, points]) => points)),
  };
}

/** Chunks of points, numbered from `first`, and those points that are too few for one. */
function sealed(
  where: { trial: string; metric: number },
  first: number,
  points: Points,
): [made: MetricTables['metric_chunks'][], rest: Points] {
  const { length } = points.steps;
  const made: MetricTables['metric_chunks'][] = [];
  let at = 0;
  while (length - at >= SEAL) {
    const { lowStep, highStep, lowWall, highWall, ...rest } = encodeChunk(slice(points, at, at + CHUNK));
    const spans = { low_step: lowStep, high_step: highStep, low_wall: lowWall, high_wall: highWall };
    made.push({ ...where, chunk: first + made.length, ...spans, ...rest });
    at += rest.count;
  }
  return [made, slice(points, at, length)];
}
