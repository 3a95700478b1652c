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
  receive(event: Event, place?: Place): void;
}

/** Where an event stands: `seq` of its own, `after` which one it comes (one less, unless said otherwise). */
export interface Place {
  seq: number;
  after?: number | undefined;
}

/** Makes a feed. What follows a snapshot follows its `seq`. */
export function createFeed<Snapshot extends { seq: number }, Event>(
  target: FeedTarget<Snapshot, Event>,
): Feed<Snapshot, Event> {
  let ticket = 0;
  let waiting: { event: Event; place: Place | undefined }[] | null = [];
  let last = 0;

  const take = (event: Event, place: Place | undefined): void => {
    if (place) {
      if (place.seq <= last) return;
      last = place.seq;
    }
    target.apply(event);
  };
  const missedBefore = (place: Place | undefined): boolean =>
    place !== undefined && place.seq > last && (place.after ?? place.seq - 1) > last;

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
      // A hole between a snapshot and what was held for it cannot be mended by asking once more.
      for (const { event, place } of held) take(event, place);
    },
    receive(event, place) {
      if (waiting) waiting.push({ event, place });
      else if (missedBefore(place)) {
        // Applying what follows a hole would show a state that never was; the new snapshot will hold it all.
        waiting = [{ event, place }];
        target.rewatch();
      } else take(event, place);
    },
  };
}
