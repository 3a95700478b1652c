/**
 * Puts the events of one topic in order around its snapshot: events that arrive before the snapshot wait for it, those
 * that the snapshot already holds are dropped, and a hole in the sequence asks for a new snapshot. It knows neither
 * sockets nor what an event means, so that the order can be tested by itself.
 */

/** What a feed does to the world. */
export interface FeedTarget<Snapshot, Event> {
  load(snapshot: Snapshot): void;
  apply(event: Event): void;
  /** Something was missed: ask for a snapshot again. */
  rewatch(): void;
}

export interface Feed<Snapshot, Event> {
  /** The topic is being watched (again); returns a ticket for {@link Feed.snapshot}. What is shown stays until then. */
  begin(): number;
  /** The answer to the `begin` that gave this ticket; an answer to an earlier one is ignored. */
  snapshot(ticket: number, snapshot: Snapshot): void;
  /** An event, with its place in the sequence if it has one. Events without one may be repeated, and are applied as they come. */
  receive(event: Event, seq?: number): void;
}

/** Makes a feed. Sequence numbers count up by one, starting after the snapshot's `seq`. */
export function createFeed<Snapshot extends { seq: number }, Event>(
  target: FeedTarget<Snapshot, Event>,
): Feed<Snapshot, Event> {
  let ticket = 0;
  let waiting: { event: Event; seq: number | undefined }[] | null = [];
  let last = 0;

  const take = (event: Event, seq: number | undefined): void => {
    if (seq === undefined) return target.apply(event);
    if (seq <= last) return;
    if (seq > last + 1) {
      // Applying what follows a hole would show a state that never was; the new snapshot will hold it all.
      waiting = [{ event, seq }];
      target.rewatch();
      return;
    }
    last = seq;
    target.apply(event);
  };

  return {
    begin() {
      waiting ??= [];
      return ++ticket;
    },
    snapshot(answered, snapshot) {
      if (answered !== ticket) return;
      const held = waiting ?? [];
      waiting = null;
      last = snapshot.seq;
      target.load(snapshot);
      for (const { event, seq } of held) {
        if (waiting === null) take(event, seq);
        else (waiting as { event: Event; seq: number | undefined }[]).push({ event, seq });
      }
    },
    receive(event, seq) {
      if (waiting) waiting.push({ event, seq });
      else take(event, seq);
    },
  };
}
