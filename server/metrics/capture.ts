/** What is read of trials' metrics first, at one moment each: their states, and the points that are in no chunk. */
import { sql } from 'kysely';
import type { Database } from '../database/database.ts';
import { SHELF } from './entities.ts';
import { FoldedElsewhere, foldParts, readPiece } from './fold.ts';
import { FOLD } from './folding.ts';
import type { Points } from './points.ts';
import type { MetricsState } from './state.ts';
import { readStates, tables } from './store.ts';

/** One metric of one trial as of a moment. */
export interface Captured {
  trial: string;
  metric: number;
  key: string;
  /** Chunks that it had: later ones hold points that are given here. */
  chunks: number;
  /** Its points that are in no chunk. */
  loose: Points[];
}

/** The state of a trial whose points are taken in this process. */
export type Hosted = (trial: string, stale?: boolean) => Promise<MetricsState> | undefined;

const ATTEMPTS = 50;

/**
 * Reads metrics of trials; `choose` says which of a trial's, by their places, and is called once for each trial at the
 * moment that is read. Trials are in no order.
 */
export async function capture(
  db: Database,
  hosted: Hosted,
  trials: readonly string[],
  choose: (state: MetricsState) => readonly number[],
): Promise<Captured[]> {
  const all: Captured[] = [];
  let missing = [...new Set(trials)];
  for (let attempt = 0; missing.length > 0; attempt++) {
    if (attempt === ATTEMPTS) throw new Error('the metrics of a trial change faster than they can be read');
    // A fold that was just stored is about to be known here, too.
    if (attempt > 1) await new Promise((resolve) => setTimeout(resolve, 5 * attempt));
    // One that stays behind was folded by another process.
    const states = await statesOf(db, (trial) => hosted(trial, attempt > 0 && attempt % 5 === 0), missing);
    const before = new Map([...states].map(([trial, { folded }]) => [trial, folded]));
    const { pieces, folded } = await piecesOf(db, [...states.values()], choose);
    for (const [trial, state] of states) {
      // Pieces and parts change places in a fold: read around one, points would be missing or there twice.
      if ((folded.get(trial) ?? 0) !== before.get(trial) || state.folded !== before.get(trial)) continue;
      for (const metric of choose(state)) {
        all.push({
          ...{ trial, metric, key: state.names[metric] ?? '', chunks: state.chunksOf(metric) },
          loose: [...(pieces.get(`${trial} ${metric}`) ?? []), ...state.unfolded(metric)],
        });
      }
      missing = missing.filter((other) => other !== trial);
    }
  }
  return all;
}

async function statesOf(db: Database, hosted: Hosted, trials: readonly string[]): Promise<Map<string, MetricsState>> {
  const states = new Map<string, MetricsState>();
  for (const trial of trials) {
    const state = await hosted(trial);
    if (state) states.set(trial, state);
  }
  const others = trials.filter((trial) => !states.has(trial));
  if (others.length === 0) return states;
  for (const [trial, state] of await readStates(db, others)) {
    states.set(trial, state);
    // Nobody folds what a process left behind that is no more, or what was stored before there were folds.
    if (state.tail.length > PILED * FOLD.parts || state.tailPoints > PILED * FOLD.points) await foldPiled(db, state);
  }
  return states;
}

/** This many times what is folded at the latest where the points are taken. */
const PILED = 2;

async function foldPiled(db: Database, state: MetricsState): Promise<void> {
  try {
    await foldParts(db, state);
  } catch (error) {
    // Somebody does, after all; the state is found to be an old one, and is read again.
    if (!(error instanceof FoldedElsewhere)) throw error;
  }
}

interface PieceRow {
  trial: string;
  /** How far the trial is folded, in a row of its own; null in the others. */
  folded: number | null;
  shelf: number;
  part: number;
  head: string;
  payload: Uint8Array;
}

/** Points of pieces by trial and metric, and how far the trials are folded, both as of one moment. */
async function piecesOf(
  db: Database,
  states: readonly MetricsState[],
  choose: (state: MetricsState) => readonly number[],
): Promise<{ pieces: Map<string, Points[]>; folded: Map<string, number> }> {
  const wanted = states.map((state) => ({ trial: state.trial, metrics: new Set(choose(state)) }));
  const shelves = wanted.flatMap(({ trial, metrics }) =>
    [...new Set([...metrics].map((metric) => Math.floor(metric / SHELF)))].map((shelf) => ({ trial, shelf })),
  );
  const metricsOf = new Map(wanted.map(({ trial, metrics }) => [trial, metrics]));
  const { rows } = await sql<PieceRow>`
    select trial, folded, 0 as shelf, 0 as part, '' as head, null::bytea as payload
      from metric_heads where trial = any(${[...metricsOf.keys()]}::text[])
    union all
    select p.trial, null, p.shelf, p.part, p.head, p.payload
      from json_to_recordset(${JSON.stringify(shelves)}::json) as w(trial text, shelf int)
      join metric_pieces p on p.trial = w.trial and p.shelf = w.shelf`.execute(tables(db.em()));
  const pieces = new Map<string, Points[]>();
  const folded = new Map<string, number>();
  for (const row of rows.sort((one, other) => one.shelf - other.shelf || one.part - other.part)) {
    if (row.folded !== null) {
      folded.set(row.trial, row.folded);
      continue;
    }
    for (const [metric, points] of readPiece(row)) {
      if (!metricsOf.get(row.trial)?.has(metric)) continue;
      const key = `${row.trial} ${metric}`;
      pieces.set(key, [...(pieces.get(key) ?? []), points]);
    }
  }
  return { pieces, folded };
}

/** The numbers of a metric's chunks that hold any of these steps, and their points, in order. */
export async function* chunkPoints(
  db: Database,
  { trial, metric, chunks }: Captured,
  read: (points: Uint8Array) => Points,
  steps: { from: number; to: number } = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY },
): AsyncGenerator<Points> {
  const AT_ONCE = 16;
  for (let from = 0; from < chunks; from += AT_ONCE) {
    const rows = await tables(db.em())
      .selectFrom('metric_chunks')
      .select(['points'])
      .where('trial', '=', trial)
      .where('metric', '=', metric)
      .where('chunk', '>=', from)
      .where('chunk', '<', Math.min(from + AT_ONCE, chunks))
      .where('high_step', '>=', steps.from)
      .where('low_step', '<=', steps.to)
      .orderBy('chunk')
      .execute();
    for (const { points } of rows) yield read(points);
  }
}
