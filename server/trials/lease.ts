/**
 * Who hosts which trials. Each process holds one lease for all that it hosts and renews it while it lives; trials whose
 * process let its lease run out are lost. The database's clock decides, so that machines need not agree about the time.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Database } from '../database/database.ts';
import { TrialOwnerEntity } from './entities.ts';

/**
 * Length of a lease, and how often it is renewed, in ms. A process that dies just after it renewed is seen by the others
 * when its lease is over and one of them looks next: after `length + renew` at most. A process that lives and was only
 * slow finds its trials again, so that the lease may be short.
 */
export const LEASE = { length: 6_000, renew: 1_500 };

/** Owner of trials that scripts elsewhere tell of. No process holds them, so no lease of a process tells whether they live. */
export const ELSEWHERE = 'elsewhere';

export interface LeaseOptions {
  db: Database;
  /** Identity of this process, new at each start. */
  owner: string;
  timing?: typeof LEASE;
  /** Marks a trial lost. */
  lose(trial: string, reason: string): Promise<void>;
  /** Called after each renewal: this process is heard of again. */
  renewed?(): Promise<void>;
  onFault(error: unknown): void;
}

export interface Lease {
  /** Renews the lease and looks, now. */
  turn(): Promise<void>;
  /** Looks for trials whose process is gone, now. */
  sweep(): Promise<void>;
  /** Gives the lease back. */
  close(): Promise<void>;
}

/** How long an owner that went silent is remembered, in ms. */
const FORGOTTEN = 24 * 60 * 60 * 1000;

interface Owner {
  id: string;
  place: string;
  pid: number;
  late: boolean;
  forgotten: boolean;
}

const ENDED = 'The server that ran it ended without closing it (it was killed, or crashed).';
const SILENT = 'No word from the server that ran it for longer than its lease.';

const NOW = 'extract(epoch from clock_timestamp()) * 1000';

/** Takes a lease for this process, marks trials of dead processes as lost, and goes on doing both. */
export async function holdLease({ db, owner, timing = LEASE, lose, renewed, onFault }: LeaseOptions): Promise<Lease> {
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
    // Trials before owners: a trial that is read has an owner that was there before it.
    const live = await em.execute<{ id: string; owner: string | null }[]>(
      `select id, owner from trials where status in ('running', 'paused') and owner is distinct from ? and owner is distinct from ?`,
      [owner, ELSEWHERE],
    );
    const owners = await em.execute<Owner[]>(
      `select id, place, pid, lease_until < ${NOW} as late, lease_until < ${NOW} - ? as forgotten
       from trial_owners where id <> ?`,
      [FORGOTTEN, owner],
    );
    const holders = new Map(owners.map((row) => [row.id, row]));
    for (const trial of live) {
      const holder = trial.owner === null ? undefined : holders.get(trial.owner);
      if (!holder || isGone(holder, here, db.kind)) await lose(trial.id, ENDED);
      else if (holder.late) await lose(trial.id, SILENT);
    }
    // A process that went silent may come back; until it is forgotten, its trials are told apart from those of the dead.
    const useless = owners.filter((row) => row.forgotten || isGone(row, here, db.kind)).map(({ id }) => id);
    if (useless.length > 0) await em.nativeDelete(TrialOwnerEntity, { id: { $in: useless } });
  };

  await renew();
  await sweep();
  let turn: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    // Renewed first: a process never finds itself late.
    turn = turn
      .then(renew)
      .then(() => renewed?.())
      .then(sweep)
      .catch(onFault);
  }, timing.renew);
  timer.unref();
  return {
    sweep,
    turn: async () => {
      await renew();
      await renewed?.();
      await sweep();
    },
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
  // A number that is in use may have been given anew, even to us: then the lease tells.
  return !exists(owner.pid);
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
