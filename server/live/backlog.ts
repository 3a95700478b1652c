/**
 * Bounds what waits for a connection. One that reads more slowly than it is told (a thin line, a page that is asleep) stops
 * getting the topics it watches, so that nobody's memory grows; once it has taken what waits for it, it is told which topics
 * to watch again, and reads from the store how they stand.
 */
import type { Topic } from '@trialroom/shared/live/events';

/**
 * Most events, and most letters of them, that wait for one connection. Small events may come in hundreds within one turn of
 * the event loop, before any connection could take one.
 */
export const MOST_WAITING = { events: 2000, letters: 2_000_000 };

/** The transport below a socket, as far as it is looked at here. */
export interface Line {
  /** `packetCreate`: one more waits. `drain`: all that waited was handed over. */
  on(event: 'packetCreate' | 'drain', handler: (packet: { data?: unknown }) => void): unknown;
}

export interface BacklogOptions {
  line: Line;
  /** Topics that are sent to the connection now. */
  topics(): Topic[];
  /** Nothing of these topics is to be sent any more. */
  leave(topics: readonly Topic[]): void;
  /** The connection keeps up again: it is to watch these topics anew. */
  missed(topics: readonly Topic[]): void;
  /** It takes nothing at all any more: it is to be cut off, and may connect again. */
  drop(): void;
  most?: typeof MOST_WAITING;
}

/** Events go on coming that belong to no topic; at this many times the most, the connection is given up. */
const GIVEN_UP = 4;

/** Packets of Socket.IO's that are events; answers to questions are not counted, they come one by one. */
const EVENT = '2';

export interface Backlog {
  /** A topic that was left for now is not wanted any more, or is watched anew. */
  forget(topic: Topic): void;
}

export function boundBacklog({ line, topics, leave, missed, drop, most = MOST_WAITING }: BacklogOptions): Backlog {
  const left = new Set<Topic>();
  let waiting = { events: 0, letters: 0 };

  line.on('packetCreate', ({ data }) => {
    if (typeof data !== 'string' || !data.startsWith(EVENT)) return;
    waiting.events++;
    waiting.letters += data.length;
    if (waiting.events <= most.events && waiting.letters <= most.letters) return;
    const now = topics();
    for (const topic of now) left.add(topic);
    if (now.length > 0) leave(now);
    if (waiting.events > GIVEN_UP * most.events || waiting.letters > GIVEN_UP * most.letters) drop();
  });
  line.on('drain', () => {
    waiting = { events: 0, letters: 0 };
    if (left.size === 0) return;
    const topics = [...left];
    left.clear();
    // Comes after all that waited, so that it is heard when the line is free.
    missed(topics);
  });

  return {
    forget: (topic) => void left.delete(topic),
  };
}
