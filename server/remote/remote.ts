/**
 * Trials that scripts tell of over HTTP. Their records are taken in order, each once: what is durable is counted, a
 * repeated record is passed over, and one that comes too early is sent back for. A script that is silent for longer than
 * its lease has its trial lost; the next word of it brings the trial back.
 */
import {
  MOST_BATCH,
  REMOTE_LEASE,
  REMOTE_VERSION,
  type RemoteReply,
  type RemoteWish,
} from '@trialroom/shared/api/remote';
import type { TrialOpen } from '@trialroom/shared/kernel/protocol';
import type { Person } from '@trialroom/shared/policy/policy';
import { readRecords, type SaidRecord } from '@trialroom/shared/remote/records';
import { isOver, type Trial } from '@trialroom/shared/trial/trial';
import type { Database } from '../database/database.ts';
import { Refusal } from '../http/refusal.ts';
import type { Trials } from '../trials/trials.ts';
import { type Applied, createApplying, type RemoteSinks } from './apply.ts';
import { createRemoteStore, type Progressed } from './store.ts';

export interface Remote {
  /** @throws Refusal (409: another version, or an id that is taken) */
  open(given: RemoteOpen, person: Person): Promise<RemoteReply & { room: string }>;
  /** A sign of life. @throws Refusal (404, 409) */
  beat(id: string, version: number): Promise<RemoteReply>;
  /**
   * Takes records in. Resolves when they are durable.
   * @throws Refusal (400: the bytes are no records · 404: unknown trial · 409: another version, or records are missing · 413)
   */
  take(id: string, given: { version: number; after: number; bytes: Uint8Array }): Promise<RemoteReply>;
  close(): Promise<void>;
}

export interface RemoteOpen {
  version: number;
  id: string;
  open: TrialOpen;
  startedAt: number;
  /** ms since the epoch, by the script's clock, as it sends this. */
  sentAt?: number | undefined;
  past: boolean;
}

export interface RemoteOptions extends RemoteSinks {
  db: Database;
  trials: Pick<Trials, 'elsewhere' | 'get'>;
  onError(error: unknown): void;
  lease?: typeof REMOTE_LEASE;
}

interface Known extends Progressed {
  /** When its script was last heard of, by `performance.now()`. */
  heard: number;
  /** Its trial was given up; the next word brings it back. */
  lost: boolean;
  /** Words are dealt with one after the other. */
  turn: Promise<unknown>;
}

/** Clocks that agree within this are left as they are: a request takes a while, and no clock is exact. In ms. */
const AGREED = 60_000;

/** How far a script's clock is ahead, in ms. */
function aheadOf(sentAt: number | undefined): number {
  const ahead = sentAt === undefined ? 0 : sentAt - Date.now();
  return Math.abs(ahead) < AGREED ? 0 : ahead;
}

const SILENT =
  'No word from the script that runs it. It goes on here as soon as the script is heard of; what a script that ended has kept on its disk is delivered by `trialroom sync`.';

export function createRemote(options: RemoteOptions): Remote {
  const { db, trials, onError, lease = REMOTE_LEASE } = options;
  const { elsewhere } = trials;
  const store = createRemoteStore(db);
  const apply = createApplying(options);
  const known = new Map<string, Known>();

  /** What is known of a trial, read when its script is heard of for the first time since this server began. */
  const recall = async (id: string): Promise<Known> => {
    const before = known.get(id);
    if (before) return before;
    const stored = await store.find(id);
    if (!stored) throw unopened(id);
    const found = known.get(id) ?? { ...stored, heard: performance.now(), lost: false, turn: Promise.resolve() };
    known.set(id, found);
    return found;
  };

  const inTurn = <T>(of: Known, work: () => Promise<T>): Promise<T> => {
    const done = of.turn.then(work);
    of.turn = done.catch(() => {});
    return done;
  };

  /** The trial is heard of: a lost one is found, and one that this server has not told of yet is taken up. */
  const awake = async (id: string, of: Known): Promise<Trial> => {
    of.heard = performance.now();
    if (of.lost) await store.open(id, true);
    of.lost = false;
    if (of.finished || elsewhere.has(id)) return trials.get(id);
    return elsewhere.resume(id, of.seq);
  };

  const reply = (trial: Trial, { applied }: Known, refused: RemoteReply['refused'] = []): RemoteReply => ({
    applied,
    wish: wishOf(trial),
    refused,
  });

  const sweep = async (): Promise<void> => {
    for (const [id, of] of known) {
      const silent = (): boolean => performance.now() - of.heard >= lease.length;
      if (!of.live || of.finished || of.lost || !silent()) continue;
      await inTurn(of, async () => {
        if (!silent()) return;
        of.lost = true;
        await elsewhere.lose(id, SILENT);
        await store.open(id, false);
      });
    }
  };

  // Scripts that were there before this server began get the time to come back.
  const remember = async (): Promise<void> => {
    for (const id of await store.live()) await recall(id);
  };
  let sweeping: Promise<void> = remember().catch(onError);
  const timer = setInterval(() => {
    sweeping = sweeping.then(sweep).catch(onError);
  }, lease.beat);
  timer.unref();

  return {
    open: async ({ version, id, open, startedAt, sentAt, past }, person) => {
      speaks(version);
      const stored = await store.find(id);
      if (!stored) await free(trials, id);
      await store.open(id, !past, aheadOf(sentAt));
      const of = await recall(id);
      return inTurn(of, async () => {
        Object.assign(of, { live: !past, lost: false, heard: performance.now() });
        const { name, colour } = person;
        const by = { id: person.id, name, colour };
        const trial = of.finished
          ? await trials.get(id)
          : await elsewhere.open({ id, open, by, startedAt: startedAt - of.ahead, solid: of.seq });
        return { ...reply(trial, of), room: `/trials/${id}` };
      });
    },
    beat: async (id, version) => {
      speaks(version);
      const of = await recall(id);
      return inTurn(of, async () => reply(await awake(id, of), of));
    },
    take: async (id, { version, after, bytes }) => {
      speaks(version);
      const records = recordsOf(bytes);
      const of = await recall(id);
      return inTurn(of, async () => {
        const trial = await awake(id, of);
        if (after > of.applied) throw missing(of.applied);
        const fresh = records.filter(({ number }) => number > of.applied);
        const { seq, finished, refused } = of.finished ? late(of, fresh) : await apply(id, fresh, of);
        const applied = Math.max(of.applied, records.at(-1)?.number ?? 0);
        Object.assign(of, { applied, seq, finished: of.finished || finished });
        await store.advance(id, { applied: of.applied, seq, finished: of.finished });
        if (finished) known.delete(id);
        return reply(fresh.length > 0 ? await trials.get(id) : trial, of, refused);
      });
    },
    close: async () => {
      clearInterval(timer);
      await sweeping;
      await Promise.all([...known.values()].map(({ turn }) => turn));
    },
  };
}

/** @throws Refusal (400, 413) */
function recordsOf(bytes: Uint8Array): SaidRecord[] {
  if (bytes.length > MOST_BATCH) {
    throw new Refusal(413, {
      error: 'too-large',
      message: `a request with records has ${MOST_BATCH / 1024 / 1024} MiB at most; this one has ${bytes.length} bytes`,
      where: 'body',
      fix: 'send fewer records at once',
    });
  }
  const { records, fault } = readRecords(bytes);
  if (fault) {
    throw new Refusal(400, {
      error: 'records-broken',
      message:
        fault.kind === 'cut'
          ? `the body ends within the record that begins at byte ${fault.offset}`
          : `what stands at byte ${fault.offset} of the body is no record, or its checksum is wrong`,
      where: `body, byte ${fault.offset}`,
      fix: 'nothing of it was kept: send the whole again',
    });
  }
  for (const [index, { number, offset }] of records.entries()) {
    const before = records[index - 1]?.number ?? 0;
    if (number > before) continue;
    throw new Refusal(400, {
      error: 'records-disordered',
      message: `record ${number} follows record ${before}: numbers must grow`,
      where: `body, byte ${offset}`,
      fix: 'nothing of it was kept: send records in their order',
    });
  }
  return records;
}

const wishOf = ({ status, stopRequested, pauseRequested }: Trial): RemoteWish =>
  stopRequested || (isOver(status) && status !== 'lost') ? 'stop' : pauseRequested ? 'pause' : 'go';

/** @throws Refusal (409) when a trial of this id is there that no script opened */
async function free(trials: Pick<Trials, 'get'>, id: string): Promise<void> {
  const taken = await trials.get(id).catch((error: unknown) => {
    if (error instanceof Refusal && error.status === 404) return null;
    throw error;
  });
  if (!taken) return;
  throw new Refusal(409, {
    error: 'trial-taken',
    message: `the trial ${id} is there, and no script opened it`,
    where: 'body.id',
    fix: 'open a trial with a new id',
  });
}

/** @throws Refusal (409) when the other side speaks another version */
function speaks(version: number): void {
  if (version === REMOTE_VERSION) return;
  const newer = version > REMOTE_VERSION;
  throw new Refusal(409, {
    error: 'remote-version',
    message: `this server speaks version ${REMOTE_VERSION} of the remote protocol, the script version ${version}`,
    where: 'version',
    fix: `update the ${newer ? 'server' : 'package "trialroom" of the script'}; what the script recorded stays on its disk, and \`trialroom sync\` delivers it then`,
  });
}

/** What comes after the end is not kept. */
const late = ({ seq }: Known, records: readonly SaidRecord[]): Applied => ({
  seq,
  finished: true,
  refused: records.map(({ number }) => ({ number, message: 'the trial is over' })),
});

const unopened = (id: string): Refusal =>
  new Refusal(404, {
    error: 'trial-unopened',
    message: `no script has opened the trial ${id} here`,
    where: 'id',
    fix: 'open it with POST /api/remote/trials first',
  });

const missing = (applied: number): Refusal =>
  new Refusal(409, {
    error: 'records-missing',
    message: `records up to ${applied} are here; those that follow are missing`,
    where: 'after',
    fix: `send the records from ${applied + 1} on`,
  });
