/**
 * Who hosts which trials. Each process holds one lease for all that it hosts and renews it while it lives; trials whose
 * process let its lease run out are lost. The database's clock decides, so that machines need not agree about the time.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Database } from '../database/database.ts';
import { TrialEntity, TrialOwnerEntity } from './entities.ts';

/** Length of a lease, and how often it is renewed, in ms. */
export const LEASE = { length: 10_000, renew: 2_000 };

export interface LeaseOptions {
  db: Database;
  /** Identity of this process, new at each start. */
  owner: string;
  timing?: typeof LEASE;
  /** Marks a trial lost. */
  lose(trial: string, reason: string): Promise<void>;
  onFault(error: unknown): void;
}

export interface Lease {
  /** Looks for trials whose process is gone, now. */
  sweep(): Promise<void>;
  /** Gives the lease back. */
  close(): Promise<void>;
}

/** How long an owner that went silent is remembered, in ms. */
const FORGOTTEN = 24 * 60 * 60 * 1000;

const ENDED = 'The server that ran it ended without closing it (it was killed, or crashed).';
const SILENT = 'No word from the server that ran it for longer than its lease.';

const NOW = 'extract(epoch from clock_timestamp()) * 1000';

/** Takes a lease for this process, marks trials of dead processes as lost, and goes on doing both. */
export async function holdLease({ db, owner, timing = LEASE, lose, onFault }: LeaseOptions): Promise<Lease> {
  const here = place();

  const renew = async (): Promise<void> => {
    await db.em().execute(
      `insert into trial_owners (id, place, pid, lease_until) values (?, ?, ?, ${NOW} + ?)
         on conflict (id) do update set lease_until = excluded.lease_until`,
      [owner, here, process.pid, timing.length],
    );
  };

  const sweep = async (): Promise<void> => {
    const em = db.em();
    const overdue = await em.execute<{ id: string }[]>(`select id from trial_owners where lease_until < ${NOW}`);
    const late = new Set(overdue.map(({ id }) => id));
    const owners = new Map((await em.find(TrialOwnerEntity, {})).map((row) => [row.id, row]));
    const live = await em.find(
      TrialEntity,
      { status: { $in: ['running', 'paused'] }, owner: { $ne: owner } },
      { fields: ['id', 'owner'] },
    );
    for (const trial of live) {
      const holder = trial.owner ? owners.get(trial.owner) : undefined;
      if (!holder || isGone(holder, here, db.kind)) await lose(trial.id, ENDED);
      else if (late.has(holder.id)) await lose(trial.id, SILENT);
    }
    const gone = [...owners.values()].filter((row) => row.id !== owner && isGone(row, here, db.kind));
    await em.nativeDelete(TrialOwnerEntity, { id: { $in: gone.map(({ id }) => id) } });
    // A process that went silent may come back, and is told by its own name until then.
    await em.execute(`delete from trial_owners where lease_until < ${NOW} - ?`, [FORGOTTEN]);
  };

  await renew();
  await sweep();
  let turn: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    // Renewed first: a process never finds itself late.
    turn = turn.then(renew).then(sweep).catch(onFault);
  }, timing.renew);
  timer.unref();
  return {
    sweep,
    close: async () => {
      clearInterval(timer);
      await turn;
      await db.em().nativeDelete(TrialOwnerEntity, { id: owner });
    },
  };
}

/** True when the process certainly ended: no need to wait for its lease. Another machine's processes are never known. */
function isGone(owner: { place: string; pid: number }, here: string, kind: Database['kind']): boolean {
  // The embedded database serves one process at a time: whoever else held a lease is no more.
  if (kind === 'embedded') return true;
  if (owner.place !== here) return false;
  // A process that has our number, but is not us, was here before us.
  return owner.pid === process.pid ? false : !exists(owner.pid);
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Names this machine, its boot and its process namespace: within it, a pid means one process. */
function place(): string {
  return [
    hostname(),
    read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    read(() => readlinkSync('/proc/self/ns/pid')),
  ].join(' ');
}

function read(source: () => string): string {
  try {
    return source();
  } catch {
    return '-';
  }
}
