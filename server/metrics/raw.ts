/** Every point of a metric in the order in which it was logged, a slice at a time. */
import type { Database } from '../database/database.ts';
import { type Captured, capture, type Hosted } from './capture.ts';
import { decodePoints } from './chunk.ts';
import { joined, orderOf, type Points, picked, slice } from './points.ts';
import { Seqs } from './seqs.ts';
import { tables } from './store.ts';

/** A metric of a trial as of one moment. */
export interface Raw {
  /** The batches whose points are in it. */
  seqs: Seqs;
  /** Its points, each once; nothing when it has none. Those of one millisecond come in the order of their steps. */
  slices: AsyncGenerator<Points>;
}

/** Chunks that are held at once where they follow each other in time. */
const AT_ONCE = 16;

/** Points of a slice at most. */
const SLICE = 65_536;

export async function rawPoints(db: Database, hosted: Hosted, trial: string, key: string): Promise<Raw> {
  let seqs = new Seqs();
  const [metric] = await capture(db, hosted, [trial], (state) => {
    // A copy: the state grows on.
    seqs = new Seqs(state.seqs.toJSON());
    const place = state.places.get(key);
    return place === undefined ? [] : [place];
  });
  return { seqs, slices: slicesOf(db, metric) };
}

async function* slicesOf(db: Database, metric: Captured | undefined): AsyncGenerator<Points> {
  if (!metric) return;
  const { trial, chunks } = metric;
  // Chunks are in order of steps within, and overlap in time where some points of a fold were too few for one.
  const spans = await tables(db.em())
    .selectFrom('metric_chunks')
    .select(['chunk', 'low_wall'])
    .where('trial', '=', trial)
    .where('metric', '=', metric.metric)
    .where('chunk', '<', chunks)
    .orderBy('low_wall')
    .orderBy('chunk')
    .execute();
  let held = byWalls(joined(metric.loose));
  for (let from = 0; from < spans.length; from += AT_ONCE) {
    const some = spans.slice(from, from + AT_ONCE).map(({ chunk }) => chunk);
    const rows = await tables(db.em())
      .selectFrom('metric_chunks')
      .select(['points'])
      .where('trial', '=', trial)
      .where('metric', '=', metric.metric)
      .where('chunk', 'in', some)
      .orderBy('chunk')
      .execute();
    held = byWalls(joined([...rows.map(({ points }) => decodePoints(points)), held]));
    const next = spans[from + AT_ONCE]?.low_wall ?? Number.POSITIVE_INFINITY;
    const settled = placeOf(held.walls, next);
    yield* sliced(slice(held, 0, settled));
    held = slice(held, settled, held.walls.length);
  }
  yield* sliced(held);
}

function* sliced(points: Points): Generator<Points> {
  for (let at = 0; at < points.steps.length; at += SLICE) yield slice(points, at, at + SLICE);
}

/** The points by time, those of one moment by step, those of one step as they stand. */
function byWalls(points: Points): Points {
  const bySteps = orderOf(points.steps);
  const stepped = bySteps ? picked(points, bySteps) : points;
  const order = orderOf(stepped.walls);
  return order ? picked(stepped, order) : stepped;
}

/** The first place of a sorted column that is not below `limit`. */
function placeOf(column: Float64Array, limit: number): number {
  let [low, high] = [0, column.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((column[middle] ?? 0) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
