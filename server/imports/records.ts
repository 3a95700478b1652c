/** A run that was recorded elsewhere, as the records of a script's trial: imports come in by the door that scripts use. */
import { createHash } from 'node:crypto';
import type { TrialOpen } from '@trialroom/shared/kernel/protocol';
import { encodeRecord } from '@trialroom/shared/remote/records';
import { type PointColumns, packPoints } from '@trialroom/shared/trial/points';
import type { ImportedRun } from './imported.ts';

/** Points and bytes of events of one record at most. */
const MOST_POINTS = 32_768;
const MOST_EVENT_BYTES = 6 * 1024 * 1024;
/** Bytes of one request, about. */
const MOST_REQUEST = 8 * 1024 * 1024;

export interface ImportedTrial {
  id: string;
  open: TrialOpen;
  startedAt: number;
  /** Requests, in order: whole records each. */
  requests: { bytes: Uint8Array; after: number }[];
  /** Number of records in all requests, and of points in them. */
  records: number;
  points: number;
}

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The trial of a run. The same run of the same experiment has the same id; `copy` makes it another. */
export function trialOf(run: ImportedRun, experiment: string, copy: string): ImportedTrial {
  const key = createHash('sha256')
    .update(JSON.stringify([experiment, run.name, run.hash, copy]))
    .digest();
  const startedAt = Math.floor(run.began ?? Date.now());
  const records: Uint8Array[] = [];
  const say = (header: { type: string }, payload?: Uint8Array): void => {
    records.push(
      encodeRecord(records.length + 1, { ...header, trial: '', execution: '', seq: records.length + 1 }, payload),
    );
  };
  for (const columns of portions(run.points)) {
    const { keys, payload } = packPoints(columns);
    say({ type: 'trial.points', keys } as { type: string }, payload);
  }
  const text = new TextEncoder();
  for (const events of gathered(run.events.map((event) => JSON.stringify(event)))) {
    say({ type: 'trial.events' }, text.encode(`[${events.join(',')}]`));
  }
  const ended = Math.floor(run.ended ?? startedAt);
  records.push(encodeRecord(records.length + 1, { type: 'remote.finish', end: 'completed', at: ended }));
  return {
    // A file that says no time has the same id whenever it is read.
    id: idOf(Math.floor(run.began ?? 0), key),
    open: {
      experiment: experiment.slice(0, 200),
      name: run.name.slice(0, 200) || 'imported',
      params: run.params,
      tags: ['imported'],
    },
    startedAt,
    requests: requestsOf(records),
    records: records.length,
    points: run.points.reduce((sum, { steps }) => sum + steps.length, 0),
  };
}

/** A ULID whose random part is taken from a hash. */
function idOf(at: number, hash: Buffer): string {
  let time = '';
  for (let left = Math.max(0, at), digit = 0; digit < 10; digit++, left = Math.floor(left / 32))
    time = ALPHABET[left % 32] + time;
  return time + Array.from(hash.subarray(0, 16), (byte) => ALPHABET[byte % 32]).join('');
}

/** Columns in portions of at most {@link MOST_POINTS} points. */
function* portions(columns: readonly PointColumns[]): Generator<PointColumns[]> {
  let portion: PointColumns[] = [];
  let room = MOST_POINTS;
  for (const { key, steps, walls, values } of columns) {
    for (let from = 0; from < steps.length; ) {
      const to = Math.min(steps.length, from + room);
      portion.push({
        key,
        steps: steps.subarray(from, to),
        walls: walls.subarray(from, to),
        values: values.subarray(from, to),
      });
      room -= to - from;
      from = to;
      if (room > 0) continue;
      yield portion;
      portion = [];
      room = MOST_POINTS;
    }
  }
  if (portion.length > 0) yield portion;
}

function* gathered(events: readonly string[]): Generator<string[]> {
  let some: string[] = [];
  let size = 0;
  for (const event of events) {
    if (some.length > 0 && size + event.length > MOST_EVENT_BYTES) {
      yield some;
      some = [];
      size = 0;
    }
    some.push(event);
    size += event.length;
  }
  if (some.length > 0) yield some;
}

function requestsOf(records: readonly Uint8Array[]): ImportedTrial['requests'] {
  const requests: ImportedTrial['requests'] = [];
  let some: Uint8Array[] = [];
  let size = 0;
  let after = 0;
  for (const [index, record] of records.entries()) {
    if (some.length > 0 && size + record.length > MOST_REQUEST) {
      requests.push({ bytes: new Uint8Array(Buffer.concat(some)), after });
      after = index;
      some = [];
      size = 0;
    }
    some.push(record);
    size += record.length;
  }
  requests.push({ bytes: new Uint8Array(Buffer.concat(some)), after });
  return requests;
}
