/**
 * The thread beside the one that speaks of a trial: it writes what is said to the spool, at once, and brings it to the
 * server from there. Who speaks never waits for a disk or a network, and may run a loop that never yields.
 */
import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import type { RemoteReply } from '../api/remote.ts';
import { REMOTE_LEASE } from '../api/remote.ts';
import { toWire } from '../trial/points.ts';
import type { LogLine } from '../trial/trial.ts';
import { type FromThread, SHARED, type ThreadStart, type ToThread, WISHES } from './channel.ts';
import { Courier, ServerAway, ServerRefused } from './courier.ts';
import { Lines } from './lines.ts';
import { SpoolWriter } from './spool.ts';
import { SpoolReader } from './spool-reader.ts';

/** How long lines of the log wait for others, and how often the machine is looked at, in ms. */
const LINES_MS = 200;
const SAMPLE_MS = 5000;
/** Most lines of one record. */
const MOST_LINES = 5000;
/** Waits between tries to reach a server that is away, in ms; the last one again and again. */
const AWAY_MS = [250, 500, 1000, 2000, 5000];
/** How often a server that refused is asked again: somebody may mend the token or the server's version. */
const REFUSED_MS = 30_000;

const start: ThreadStart = workerData;
const { opening, folder, server, limits, patience, keptBy } = start;
const shared = new Int32Array(start.shared);
const port = parentPort;
if (!port) throw new Error('this file runs as a thread');
const post = (message: FromThread): void => port.postMessage(message);

/** Not through `process.stderr`, which needs the training thread's event loop. */
const say = (text: string): void => {
  try {
    writeSync(2, `trialroom: ${text}\n`);
  } catch {
    // Nobody reads it.
  }
};

const spool = new SpoolWriter(folder, opening, limits);
const reader = new SpoolReader(folder);
const lines = new Lines();
/** Numbers of the records that hold numbered messages, with those. */
const numbered: { record: number; seq: number }[] = [];
let waiting: LogLine[] = [];
let ending: number | undefined;
let applied = 0;
/** The step logged last. */
let newestStep = 0;
let news: (() => void) | undefined;

port.on('message', (message: ToThread) => {
  if (message.type === 'say') {
    // What was printed before comes before.
    keepLines();
    newestStep = lastStep(message) ?? newestStep;
    keep(message.header, message.payload);
    Atomics.add(shared, SHARED.written, 1);
    Atomics.notify(shared, SHARED.written);
  } else if (message.type === 'text') {
    waiting.push(...lines.add(message.stream, message.text, message.at));
    if (waiting.length >= MOST_LINES) keepLines();
  } else {
    ending = performance.now();
  }
  news?.();
});

function keep(header: { type: string; seq?: number; keys?: readonly { count: number }[] }, payload?: Uint8Array): void {
  const before = { ...spool.dropped };
  try {
    const kept = spool.append(header, payload);
    // What was given up is not waited for.
    if (header.seq !== undefined) numbered.push({ record: kept ? spool.last : spool.last + 1, seq: header.seq });
  } catch (error) {
    if (header.seq !== undefined) numbered.push({ record: spool.last, seq: header.seq });
    say(`a message of the kind ${header.type} could not be kept in ${folder}: ${inWords(error)}`);
  }
  if (keptBy === 'spool' && header.seq !== undefined) post({ type: 'kept', seq: header.seq });
  if (spool.dropped.samples > before.samples) reader.rewind();
  tellDropped(before);
}

/** The last step of the first metric of a batch of points; undefined for what is none. */
function lastStep({ header, payload }: Extract<ToThread, { type: 'say' }>): number | undefined {
  const count = header.type === 'trial.points' ? (header.keys?.[0]?.count ?? 0) : 0;
  if (!payload || count === 0) return undefined;
  const step = new DataView(payload.buffer, payload.byteOffset).getFloat64((count - 1) * 8, true);
  return Number.isNaN(step) ? undefined : step;
}

let toldDropped = Number.NEGATIVE_INFINITY;
function tellDropped(before: { samples: number; points: number }): void {
  const { samples, points } = spool.dropped;
  const first = (before.points === 0 && points > 0) || (before.samples === 0 && samples > 0);
  if (samples === before.samples && points === before.points) return;
  if (!first && performance.now() - toldDropped < 60_000) return;
  toldDropped = performance.now();
  say(droppedText());
}

const droppedText = (): string =>
  `the spool ${folder} is full (${Math.round(limits.bytes / 1024 / 1024)} MiB; TRIALROOM_SPOOL_MB sets another limit). ` +
  `Given up so far: ${spool.dropped.samples} system samples, ${spool.dropped.points} metric points.`;

function keepLines(): void {
  const taken = waiting;
  waiting = [];
  for (let from = 0; from < taken.length; from += MOST_LINES) {
    keep({ type: 'remote.log', lines: taken.slice(from, from + MOST_LINES) } as Parameters<typeof keep>[0]);
  }
}

const collecting = setInterval(() => {
  keepLines();
  news?.();
}, LINES_MS);
let sampling: NodeJS.Timeout | undefined;

/** What the server said last takes effect. */
function heard({ wish, refused, ...reply }: RemoteReply): void {
  for (const { number, message } of refused) say(`the server did not take record ${number}: ${message}`);
  const wanted = WISHES.indexOf(wish);
  if (Atomics.exchange(shared, SHARED.wish, wanted) !== wanted) post({ type: 'wish' });
  applied = Math.max(applied, reply.applied);
  spool.delivered(applied);
  tellKept(applied);
}

function tellKept(upTo: number): void {
  let seq = 0;
  while (numbered[0] && numbered[0].record <= upTo) seq = numbered.shift()?.seq ?? seq;
  if (seq > 0) post({ type: 'kept', seq });
}

const nothingLeft = (): boolean => applied >= spool.last && waiting.length === 0;

/** Ends the thread's work; the training thread may wait for it. */
function over(delivered: boolean): void {
  if (delivered) spool.remove();
  else spool.close();
  if (spool.dropped.points + spool.dropped.samples > 0) say(droppedText());
  // It is on the disk, and nothing more will be done about it here.
  tellKept(Number.POSITIVE_INFINITY);
  Atomics.store(shared, SHARED.ended, delivered ? 1 : 2);
  Atomics.notify(shared, SHARED.ended);
  // Not by an exit, which would lose what was told last: nothing holds the thread any more.
  clearInterval(collecting);
  clearInterval(sampling);
  port?.close();
}

function leave(why: string): void {
  keepLines();
  const address = server ? '' : ' --url http://…';
  say(
    `${why}. The trial "${opening.open.name}" is kept in ${folder}; deliver it with: npx trialroom sync ${folder}${address}`,
  );
  over(false);
}

/** Waits for news, at most so long. */
const until = (ms: number): Promise<void> =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    news = () => {
      clearTimeout(timer);
      resolve();
    };
  }).then(() => {
    news = undefined;
  });

async function send(to: Courier): Promise<void> {
  let opened = false;
  let sent = 0;
  let failures = 0;
  let spokenAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    let pause = REMOTE_LEASE.beat;
    try {
      if (!opened) {
        const reply = await to.open(opening, false);
        opened = true;
        sent = reply.applied;
        reader.rewind();
        heard(reply);
        if (failures > 0) say(`${server?.url} is there again; what was kept meanwhile is being delivered`);
        post({ type: 'opened', room: reply.room });
      }
      const piece = reader.next(sent);
      if (piece) {
        heard(await to.send(opening.id, sent, piece.bytes));
        sent = Math.max(piece.last, applied);
        pause = 0;
        spokenAt = performance.now();
      } else if (performance.now() - spokenAt >= REMOTE_LEASE.beat) {
        heard(await to.beat(opening.id));
        spokenAt = performance.now();
      }
      failures = 0;
      if (ending !== undefined) {
        keepLines();
        if (nothingLeft()) return over(true);
        pause = 0;
      }
    } catch (error) {
      // Wherever it stopped: the server says how far it came.
      opened = false;
      failures++;
      if (error instanceof ServerRefused && error.problem.error !== 'records-missing') {
        if (failures === 1) say(`${server?.url} refused: ${error.message}`);
        post({ type: 'refused', message: error.message });
        pause = REFUSED_MS;
        if (ending !== undefined) return leave('The server refused');
      } else {
        const message = error instanceof ServerAway ? error.message : inWords(error);
        if (failures === 2)
          say(`${server?.url} does not answer (${message}); what is logged is kept in ${folder} meanwhile`);
        post({ type: 'away', message });
        pause = AWAY_MS[Math.min(failures, AWAY_MS.length) - 1] ?? 5000;
        if (ending !== undefined && performance.now() - ending > patience) return leave('The server does not answer');
      }
      await new Promise((resolve) => setTimeout(resolve, Math.min(pause, ending === undefined ? pause : 500)));
      continue;
    }
    if (pause > 0) await until(pause);
  }
}

function inWords(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * The work of the thread, until the trial is over and delivered, or kept for later.
 * @param sample figures of what computes and of its machine, by metric key; without it they come as messages, or not at all
 */
export async function keepAndSend(sample?: () => Record<string, number>): Promise<void> {
  if (sample) {
    sampling = setInterval(() => {
      if (ending !== undefined) return;
      const sampled = { at: Date.now(), step: toWire(newestStep), samples: sample() };
      keep({ type: 'remote.samples', ...sampled } as Parameters<typeof keep>[0]);
    }, SAMPLE_MS);
  }
  if (server) return send(new Courier({ url: server.url, token: server.token }));
  post({ type: 'away', message: 'there is no server to send to' });
  while (ending === undefined) await until(60_000);
  leave('There is no server to send to (TRIALROOM_MODE=offline)');
}
