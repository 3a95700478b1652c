/**
 * What those who watch a trial are told of its points: those of its live metrics as they become durable, and of the rest
 * how they stand, now and then. So a trial with ten thousand metrics costs a viewer hardly more than one with sixty.
 */
import { toWirePoints } from '@trialroom/shared/trial/points';
import { LIVE_KEYS, type LivePoints } from '@trialroom/shared/trial/series';
import type { Hub } from '../live/hub.ts';
import type { Committed } from './ingest.ts';
import { bySteps, joined, type Points } from './points.ts';
import { plotted, reduced } from './reduce.ts';
import type { MetricsState } from './state.ts';

/** More points of one metric at once than this are told by their extremes: a script may deliver a day of them. */
const MOST_AT_ONCE = 512;
const WIDTH = 128;

/** How often it is told how the other metrics stand, in ms, and of how many. */
const COUNTS_MS = 2000;
const MOST_COUNTS = 200;

/** Places of the live metrics: the objective's, and those that appeared first. */
export function livePlaces(state: Pick<MetricsState, 'names' | 'places'>, objective: string | null): number[] {
  const first = objective === null ? undefined : state.places.get(objective);
  // The objective's seat is kept for it, so that no other metric stops being live when it appears.
  const others = Array.from({ length: Math.min(state.names.length, LIVE_KEYS) }, (_, place) => place).filter(
    (place) => place !== first,
  );
  return first === undefined
    ? others.slice(0, objective === null ? LIVE_KEYS : LIVE_KEYS - 1)
    : [first, ...others.slice(0, LIVE_KEYS - 1)];
}

export function createTeller(hub: Pick<Hub, 'emit'>): { tell(committed: Committed): void; close(): void } {
  const waiting = new Map<string, { timer: NodeJS.Timeout; changed: Set<number> }>();

  const count = (trial: string, state: MetricsState, places: Iterable<number>): void => {
    let entry = waiting.get(trial);
    if (!entry) {
      const changed = new Set<number>();
      const timer = setTimeout(() => {
        waiting.delete(trial);
        const told = [...changed].slice(0, MOST_COUNTS).map((place) => state.key(place));
        hub.emit(`trial:${trial}`, 'counts', {
          trial,
          keys: state.names.length,
          points: state.points,
          changed: told,
        });
      }, COUNTS_MS);
      entry = { timer: timer.unref(), changed };
      waiting.set(trial, entry);
    }
    for (const place of places) entry.changed.add(place);
  };

  return {
    tell: ({ trial, part, state, objective }) => {
      const live = new Set(livePlaces(state, objective));
      const columns = new Map<number, Points[]>();
      const others = new Set<number>();
      part.head.columns.forEach(([place], i) => {
        const points = part.columns[i];
        if (!points) return;
        if (!live.has(place)) others.add(place);
        else columns.set(place, [...(columns.get(place) ?? []), points]);
      });
      const series = [...columns].map(([place, parts]) => livePoints(state.names[place] ?? '', joined(parts)));
      hub.emit(`trial:${trial}`, 'points', { trial, after: part.part - 1, seq: part.part, series });
      if (others.size > 0) count(trial, state, others);
    },
    close: () => {
      for (const { timer } of waiting.values()) clearTimeout(timer);
      waiting.clear();
    },
  };
}

function livePoints(key: string, points: Points): LivePoints {
  if (points.steps.length <= MOST_AT_ONCE) return toWirePoints({ key, ...points });
  const sorted = bySteps(points);
  const some = reduced(plotted(sorted, sorted.steps), WIDTH);
  return { ...toWirePoints({ key, ...some }), total: points.steps.length };
}
