/**
 * Events of trials in the database. A trial's events are numbered under the lock on its row, so that the numbers have no
 * gap, and each is durable before anyone is told.
 */

import { Person } from '@trialroom/shared/policy/policy';
import { MOST_EVENT_TEXT, type SaidEvent, type TrialEvent, type TrialEventKind } from '@trialroom/shared/trial/event';
import { fromWire, toWire } from '@trialroom/shared/trial/points';
import type { Trial } from '@trialroom/shared/trial/trial';
import type { Database } from '../database/database.ts';
import { TrialEventEntity, type TrialRow } from './entities.ts';
import { storableRecord, storableText } from './storable.ts';

const Pen = Person.shape.colour;

type EntityManager = ReturnType<Database['em']>;

/** An event before it has a number. */
export interface NewEvent {
  kind: TrialEventKind;
  text: string;
  /** ms since the epoch; now when not given. */
  at?: number;
  step?: number | null;
  data?: Record<string, unknown>;
  by?: Trial['by'];
}

/** Where an event was said: the kernel's number of the message. */
interface Source {
  batch: number;
}

/** Events that a snapshot carries at most. */
export const EVENTS_SHOWN = 200;

/** What of a trial's events is wanted. */
export interface EventQuery {
  /** Only those with a higher number; then the oldest come first. Absent: the newest. */
  after?: number | undefined;
  kinds?: readonly TrialEventKind[] | undefined;
  without?: TrialEventKind | undefined;
  /** Only these. */
  seqs?: readonly number[] | undefined;
  limit?: number | undefined;
}

/** Numbers and stores events of a trial whose row is locked by the transaction of `em`; the row's revision follows. */
export async function appendEvents(
  em: EntityManager,
  row: TrialRow,
  events: readonly NewEvent[],
  source?: Source,
): Promise<TrialEvent[]> {
  if (events.length === 0) return [];
  const first = row.revision + 1;
  row.revision += events.length;
  const rows = events.map(({ kind, text, at, step, data, by }, place) => ({
    trial: row.id,
    seq: first + place,
    at: at ?? Date.now(),
    kind,
    step: step ?? null,
    text: storableText(text.slice(0, MOST_EVENT_TEXT)),
    data: storableRecord(data ?? {}),
    by: by ? { id: by.id, name: storableText(by.name), colour: by.colour } : null,
    batch: source?.batch ?? null,
    place: source ? place : null,
  }));
  // Not by the entity manager, which writes NaN into the statement as it is: a step is bound as any other value.
  await em
    .getKysely<{ trial_events: Record<string, unknown> }>()
    .insertInto('trial_events')
    .values(rows.map((one) => ({ ...one, data: JSON.stringify(one.data), by: one.by && JSON.stringify(one.by) })))
    .execute();
  return rows.map(toEvent);
}

/** Whether a message of this number was stored. The trial's row must be locked. */
export async function isStored(em: EntityManager, trial: string, batch: number): Promise<boolean> {
  return (await em.count(TrialEventEntity, { trial, batch })) > 0;
}

/** The highest number of a message of events that was stored; 0: none. */
export async function lastBatch(db: Database, trial: string): Promise<number> {
  const [row] = await db
    .em()
    .execute<{ last: number | null }[]>('select max(batch) as last from trial_events where trial = ?', [trial]);
  return row?.last ?? 0;
}

/** Events of a trial, oldest first. */
export async function listEvents(
  db: Database,
  trial: string,
  { after, kinds, without, seqs, limit = EVENTS_SHOWN }: EventQuery,
): Promise<TrialEvent[]> {
  const rows = await db.em().find(
    TrialEventEntity,
    {
      trial,
      ...(seqs ? { seq: { $in: [...seqs] } } : after === undefined ? {} : { seq: { $gt: after } }),
      ...(kinds ? { kind: { $in: [...kinds] } } : without ? { kind: { $ne: without } } : {}),
    },
    { orderBy: { seq: after === undefined ? 'desc' : 'asc' }, limit },
  );
  if (after === undefined) rows.reverse();
  return rows.map(toEvent);
}

/** An event that a trial's code said, as one to be stored. */
export const fromSaid = ({ kind, text, at, step, data }: SaidEvent): NewEvent => ({
  kind,
  text,
  at,
  step: step === null ? null : fromWire(step),
  data,
});

interface Kept extends Omit<TrialEvent, 'step' | 'by'> {
  step?: number | null | undefined;
  by?: Trial['by'] | undefined;
}

function toEvent({ seq, at, kind, step, text, data, by }: Kept): TrialEvent {
  return {
    seq,
    at,
    kind,
    step: step === null || step === undefined ? null : toWire(step),
    text,
    data,
    by: by ? { ...by, colour: Pen.catch('a').parse(by.colour) } : null,
  };
}
