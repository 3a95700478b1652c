/** Delivers a spool that nobody writes any more: all its records, in order, each once. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { RemoteReply } from '../api/remote.ts';
import { type Courier, ServerRefused } from './courier.ts';
import { encodeRecord, readRecords } from './records.ts';
import { readOpening } from './spool.ts';
import { SpoolReader } from './spool-reader.ts';

export interface Delivered {
  id: string;
  /** Name of the trial, and the path of its room. */
  name: string;
  room: string;
  records: number;
  /** Whether its script said that it was over; if not, it is said to have failed. */
  finished: boolean;
  refused: RemoteReply['refused'];
  /** Bytes that were no records any more. */
  damaged: number;
}

/**
 * @throws ServerAway when the server is or goes away: what was delivered stays so
 * @throws ServerRefused when it will not take the trial
 */
export async function deliverSpool(folder: string, courier: Courier): Promise<Delivered> {
  const opening = readOpening(folder);
  const { id } = opening;
  const opened = await courier.open(opening, true);
  let { applied } = opened;
  const refused = [...opened.refused];
  const reader = new SpoolReader(folder);
  let finished = false;
  let newest = applied;
  let last = 0;
  let count = 0;
  const send = async (bytes: Uint8Array, to: number): Promise<void> => {
    const reply = await courier.send(id, newest, bytes).catch((error: unknown) => {
      // Of what is delivered already nothing is in this piece.
      if (error instanceof ServerRefused && error.problem.error === 'records-missing') throw lostRecords(id, error);
      throw error;
    });
    refused.push(...reply.refused);
    applied = reply.applied;
    newest = to;
  };
  // From the first, so that an end among what is delivered already is seen.
  for (let piece = reader.next(0); piece; piece = reader.next(piece.last)) {
    const { records } = readRecords(piece.bytes);
    finished ||= records.some(({ header }) => isFinish(header));
    count += records.length;
    ({ last } = piece);
    if (piece.last <= applied) continue;
    await send(piece.bytes, piece.last);
    newest = Math.max(newest, applied);
  }
  // An earlier delivery may have said it already.
  if (!finished && applied <= last) {
    const finish = { type: 'remote.finish', end: 'failed', at: lastWritten(folder), reason: UNSAID };
    await send(encodeRecord(newest + 1, finish), newest + 1);
  }
  return {
    ...{ id, name: opening.open.name, room: opened.room, records: count, finished, refused },
    damaged: reader.damaged,
  };
}

const UNSAID = 'Its script ended without a word (it was killed, or crashed).';

/** When the script wrote last, in ms since the epoch. */
const lastWritten = (folder: string): number =>
  Math.max(...readdirSync(folder).map((name) => Math.floor(statSync(join(folder, name)).mtimeMs)));

const isFinish = (header: unknown): boolean =>
  typeof header === 'object' && header !== null && 'type' in header && header.type === 'remote.finish';

const lostRecords = (id: string, refusal: ServerRefused): ServerRefused =>
  new ServerRefused(refusal.status, {
    ...refusal.problem,
    fix: `the server has forgotten records of ${id} that it had taken, as after a backup was put back, and this disk has let go of them`,
  });
