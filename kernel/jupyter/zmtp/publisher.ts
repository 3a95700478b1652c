/**
 * A socket that says the same to all who listen. A subscriber that is slow is waited for: {@link Publisher.drained} comes
 * only when everyone has been given everything, and whoever prints waits for that, so nothing is lost and what waits is
 * bounded. A subscriber that takes in nothing at all while something waits for it stops being waited for after a while;
 * what is said then passes it by, with a word to whoever reads the log, until it takes in what it was given before.
 */
import type { Socket } from 'node:net';
import { latin1 } from './commands.ts';
import { encodeMessage } from './frames.ts';
import { Peer } from './peer.ts';
import { ZmtpError } from './protocol-error.ts';
import type { Heard } from './session.ts';

interface Subscriber {
  /** How often it has subscribed to each topic. */
  topics: Map<string, number>;
  /** Messages that have passed it by since it was last waited for; undefined while it is. */
  missed: number | undefined;
  /** How often it has been looked at without having taken in anything, since when it did last. */
  looks: number;
  progressAt: number;
}

/** A subscriber that takes in nothing for this long is not waited for, in ms. */
const STUCK_MS = 10_000;
/** How often it is looked at in that time: this process may have stood still itself, which is not the client's fault. */
const LOOKS = 4;
/** Most topics that one subscriber may name. */
const MOST_TOPICS = 10_000;

/** A PUB socket. The first part of a message is its topic. */
export class Publisher {
  readonly #subscribers = new Map<Peer, Subscriber>();
  readonly #complain: (text: string) => void;
  readonly #stuckMs: number;
  #subscribed: ((topic: Uint8Array) => void) | undefined;
  /** Topics that were subscribed to before anybody wanted to know. */
  #early: Uint8Array[] = [];
  #waiting: (() => void)[] = [];
  #watch: NodeJS.Timeout | undefined;

  /** `complain` is told of subscribers that are sent away or not waited for any more. */
  constructor(complain: (text: string) => void, stuckMs = STUCK_MS) {
    this.#complain = complain;
    this.#stuckMs = stuckMs;
  }

  /** True while somebody listens to anything. */
  get isHeard(): boolean {
    for (const { topics } of this.#subscribers.values()) if (topics.size > 0) return true;
    return false;
  }

  /** From now on `handle` hears of each subscription. */
  subscriptions(handle: (topic: Uint8Array) => void): void {
    this.#subscribed = handle;
    for (const topic of this.#early.splice(0)) handle(topic);
  }

  /** Takes over a connection. */
  readonly accept = (socket: Socket): void => {
    new Peer(socket, 'PUB', {
      heard: (peer, heard) => this.#heard(peer, heard),
      drained: (peer) => this.#caughtUp(peer),
      closed: (peer, reason) => {
        this.#subscribers.delete(peer);
        if (reason !== undefined) this.#complain(`a client was sent away: ${reason}`);
        this.#settle();
      },
    });
  };

  /** Puts a message behind all others; {@link flush} lets it go. */
  send(parts: readonly Uint8Array[]): void {
    const topic = latin1(parts[0] ?? EMPTY);
    let pieces: Uint8Array[] | undefined;
    for (const [peer, subscriber] of this.#subscribers) {
      if (!wants(subscriber, topic)) continue;
      if (subscriber.missed !== undefined) {
        subscriber.missed++;
        continue;
      }
      pieces ??= encodeMessage(parts);
      peer.send(pieces);
    }
  }

  /** Lets go what was sent since the last time. */
  flush(): void {
    for (const peer of this.#subscribers.keys()) peer.flush();
    this.#settle();
  }

  /** Calls back once everyone who is waited for has been given everything that was flushed; at once if that is so. */
  drained(done: () => void): void {
    this.#waiting.push(done);
    this.#settle();
  }

  /** Ends all connections once everything is sent. */
  end(): void {
    clearTimeout(this.#watch);
    for (const peer of this.#subscribers.keys()) peer.end();
  }

  #settle(): void {
    for (const [peer, { missed }] of this.#subscribers) {
      if (peer.idle || missed !== undefined) continue;
      this.#watch ??= setTimeout(() => this.#look(), this.#stuckMs / LOOKS).unref();
      return;
    }
    for (const done of this.#waiting.splice(0)) done();
  }

  /** Gives up waiting for whoever does not move. */
  #look(): void {
    this.#watch = undefined;
    for (const [peer, subscriber] of this.#subscribers) {
      if (peer.idle || subscriber.missed !== undefined) continue;
      subscriber.looks = subscriber.progressAt === peer.progressAt ? subscriber.looks + 1 : 0;
      subscriber.progressAt = peer.progressAt;
      if (subscriber.looks < LOOKS) continue;
      subscriber.missed = 0;
      this.#complain(
        `a client of iopub has taken in nothing for ${this.#stuckMs / 1000} s; what is said until it does passes it by`,
      );
    }
    this.#settle();
  }

  #caughtUp(peer: Peer): void {
    const subscriber = this.#subscribers.get(peer);
    if (subscriber?.missed !== undefined) {
      this.#complain(`a client of iopub takes in messages again; ${subscriber.missed} have passed it by`);
      subscriber.missed = undefined;
    }
    this.#settle();
  }

  #heard(peer: Peer, heard: Heard): void {
    if (heard.is === 'ready') {
      this.#subscribers.set(peer, { topics: new Map(), missed: undefined, looks: 0, progressAt: 0 });
      return;
    }
    const topics = this.#subscribers.get(peer)?.topics;
    if (!topics || (heard.is !== 'subscribed' && heard.is !== 'cancelled')) return;
    const topic = latin1(heard.topic);
    const count = (topics.get(topic) ?? 0) + (heard.is === 'subscribed' ? 1 : -1);
    if (count > 0) topics.set(topic, count);
    else topics.delete(topic);
    if (topics.size > MOST_TOPICS) peer.fail(new ZmtpError(`it subscribes to more than ${MOST_TOPICS} topics`));
    if (heard.is === 'cancelled') return;
    if (this.#subscribed) this.#subscribed(heard.topic);
    else this.#early.push(heard.topic);
  }
}

function wants({ topics }: Subscriber, topic: string): boolean {
  if (topics.has('')) return true;
  for (const wanted of topics.keys()) if (topic.startsWith(wanted)) return true;
  return false;
}

const EMPTY = new Uint8Array(0);
