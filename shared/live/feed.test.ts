import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFeed } from './feed.ts';

/** A topic whose state is the list of events it holds; `seq` is how many there are. */
function record() {
  let state: number[] = [];
  let rewatches = 0;
  const feed = createFeed<{ seq: number; state: number[] }, number>({
    load: (snapshot) => {
      state = [...snapshot.state];
    },
    apply: (event) => {
      state.push(event);
    },
    rewatch: () => {
      rewatches++;
    },
  });
  return { feed, state: () => state, rewatches: () => rewatches };
}

const upTo = (seq: number): { seq: number; state: number[] } => ({
  seq,
  state: Array.from({ length: seq }, (_, index) => index + 1),
});

describe('createFeed', () => {
  it('keeps events for the snapshot, and drops those it already holds', () => {
    const { feed, state } = record();
    const ticket = feed.begin();
    feed.receive(3, { seq: 3 });
    feed.receive(4, { seq: 4 });
    expect(state()).toEqual([]);
    feed.snapshot(ticket, upTo(3));
    expect(state()).toEqual([1, 2, 3, 4]);
  });

  it('drops repeated events', () => {
    const { feed, state } = record();
    feed.snapshot(feed.begin(), upTo(2));
    feed.receive(3, { seq: 3 });
    feed.receive(3, { seq: 3 });
    feed.receive(1, { seq: 1 });
    expect(state()).toEqual([1, 2, 3]);
  });

  it('asks again after a hole, shows nothing that never was, and ends complete', () => {
    const { feed, state, rewatches } = record();
    feed.snapshot(feed.begin(), upTo(2));
    feed.receive(4, { seq: 4 });
    expect(rewatches()).toBe(1);
    expect(state()).toEqual([1, 2]);
    const ticket = feed.begin();
    feed.receive(5, { seq: 5 });
    feed.snapshot(ticket, upTo(4));
    expect(state()).toEqual([1, 2, 3, 4, 5]);
    expect(rewatches()).toBe(1);
  });

  it('lets numbers jump where the event says what it follows', () => {
    const { feed, state, rewatches } = record();
    feed.snapshot(feed.begin(), upTo(2));
    feed.receive(9, { seq: 9, after: 2 });
    expect(state()).toEqual([1, 2, 9]);
    feed.receive(20, { seq: 20, after: 15 });
    expect(rewatches()).toBe(1);
  });

  it('ignores the answer to an earlier question', () => {
    const { feed, state } = record();
    const early = feed.begin();
    const late = feed.begin();
    feed.snapshot(early, upTo(1));
    expect(state()).toEqual([]);
    feed.snapshot(late, upTo(3));
    expect(state()).toEqual([1, 2, 3]);
  });

  it('keeps what is shown while a new snapshot is on its way, and starts over when the server counts anew', () => {
    const { feed, state } = record();
    feed.snapshot(feed.begin(), upTo(5));
    const ticket = feed.begin();
    expect(state()).toEqual([1, 2, 3, 4, 5]);
    feed.snapshot(ticket, upTo(1));
    feed.receive(2, { seq: 2 });
    expect(state()).toEqual([1, 2]);
  });

  it('applies events without a place as they come, after the snapshot', () => {
    const { feed, state } = record();
    const ticket = feed.begin();
    feed.receive(77);
    feed.snapshot(ticket, upTo(1));
    feed.receive(78);
    expect(state()).toEqual([1, 77, 78]);
  });

  it('ends with every event once and in order, whatever is lost, repeated or late', () => {
    const hop = fc.record({ lost: fc.boolean(), repeated: fc.boolean() });
    fc.assert(
      fc.property(fc.array(hop, { maxLength: 40 }), fc.nat({ max: 10 }), (hops, answeredAfter) => {
        let state: number[] = [];
        let owed: number | null = null;
        const feed = createFeed<{ seq: number; state: number[] }, number>({
          load: (snapshot) => {
            state = [...snapshot.state];
          },
          apply: (event) => {
            state.push(event);
          },
          rewatch: () => {
            owed = feed.begin();
          },
        });
        owed = feed.begin();
        hops.forEach(({ lost, repeated }, index) => {
          const seq = index + 1;
          if (!lost) feed.receive(seq, { seq });
          if (repeated) feed.receive(seq, { seq });
          if (owed !== null && index % (answeredAfter + 1) === answeredAfter) {
            const ticket = owed;
            owed = null;
            feed.snapshot(ticket, upTo(seq));
          }
        });
        if (owed !== null) feed.snapshot(owed, upTo(hops.length));
        // Whatever is shown is a beginning of the truth: nothing twice, nothing missing in between.
        expect(state).toEqual(upTo(state.length).state);
      }),
    );
  });
});
