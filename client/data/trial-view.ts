/** A trial's topic as pages see it: the trial, its log, and its curves (outside the store, see `curves.ts`). */
import type { ServerToClient, TrialSnapshot } from '@trialroom/shared/live/events';
import type { TrialEvent as Happened } from '@trialroom/shared/trial/event';
import type { WirePoints } from '@trialroom/shared/trial/points';
import type { MetricKey } from '@trialroom/shared/trial/series';
import type { LogLine, Trial } from '@trialroom/shared/trial/trial';
import { type Accessor, createSignal } from 'solid-js';
import type { SetStoreFunction } from 'solid-js/store';
import { appendPoints, type Curve, curvesOf } from './curves.ts';
import { calmed, READING_PACE } from './pace.ts';
import { addEvents, addKeys, appendLog, newerTrial } from './trial-news.ts';
import type { Watched } from './watched.ts';

type Payload<E extends keyof ServerToClient> = Parameters<ServerToClient[E]>[0];

/** The curves of a trial, live. Read `version()` (to draw) or `calm()` (to write figures) to be told of change, then `byKey`. */
export class LiveCurves {
  byKey = new Map<string, Curve>();
  /** Changes with every batch. */
  readonly version: Accessor<number>;
  /** Changes a few times a second, and not while the page is hidden. */
  readonly calm: Accessor<number>;
  /** What was asked for; a new snapshot does not hold it. */
  readonly #read = new Map<string, Curve>();
  readonly #bump: () => void;
  readonly #bumpCalm: () => void;
  readonly #bumpSoon: () => void;
  readonly #listeners = new Set<(series: readonly WirePoints[]) => void>();

  constructor() {
    const [version, setVersion] = createSignal(0);
    const [calm, setCalm] = createSignal(0);
    this.version = version;
    this.calm = calm;
    this.#bump = () => setVersion((count) => count + 1);
    this.#bumpCalm = () => setCalm((count) => count + 1);
    this.#bumpSoon = calmed(this.#bumpCalm, READING_PACE);
  }

  load(curves: Map<string, Curve>): void {
    for (const [key, curve] of this.#read) if (!curves.has(key)) curves.set(key, curve);
    this.byKey = curves;
    this.#bump();
    this.#bumpCalm();
  }

  append(series: readonly WirePoints[]): void {
    const keys = this.byKey.size;
    appendPoints(this.byKey, series);
    for (const listener of this.#listeners) listener(series);
    this.#bump();
    if (this.byKey.size > keys) this.#bumpCalm();
    else this.#bumpSoon();
  }

  /** Adds curves that were asked for because they are not told live. */
  add(curves: ReadonlyMap<string, Curve>): void {
    for (const [key, curve] of curves) {
      this.#read.set(key, curve);
      this.byKey.set(key, curve);
    }
    this.#bump();
    this.#bumpCalm();
  }

  /** True when points of this metric come by themselves. */
  isLive(key: string): boolean {
    return this.byKey.has(key) && !this.#read.has(key);
  }

  /** Calls back with each batch that arrives; the returned function ends it. */
  onPoints(listener: (series: readonly WirePoints[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

export interface TrialView {
  trial: Trial;
  log: readonly LogLine[];
  /** What happened to it, in order. */
  events: readonly Happened[];
  /** Every metric; the curves hold the points of those that are live. */
  keys: readonly MetricKey[];
  curves: LiveCurves;
}

export type TrialEvent =
  | { type: 'trial'; payload: Payload<'trial'> }
  | { type: 'points'; payload: Payload<'points'> }
  | { type: 'log'; payload: Payload<'log'> }
  | { type: 'events'; payload: Payload<'trialEvents'> }
  | { type: 'counts'; payload: Payload<'counts'> };

/** The view that a snapshot gives. Curves of an earlier snapshot are reused, so that charts need not be built anew. */
export function trialViewOf(snapshot: TrialSnapshot, earlier: TrialView | null): TrialView {
  const curves = earlier?.curves ?? new LiveCurves();
  curves.load(curvesOf(snapshot.series));
  const { trial, log, events, keys } = snapshot;
  return { trial, log, events, keys, curves };
}

/** Applies one event to the shown state. */
export function applyToTrialView(
  view: TrialView,
  set: SetStoreFunction<Watched<TrialView>>,
  { type, payload }: TrialEvent,
): void {
  switch (type) {
    case 'trial':
      set('value', 'trial', newerTrial(view.trial, payload.trial));
      return;
    case 'points':
      view.curves.append(payload.series);
      return;
    case 'log':
      set('value', 'log', appendLog(view.log, payload.lines));
      return;
    case 'events':
      set('value', 'events', addEvents(view.events, payload.events));
      return;
    case 'counts':
      set('value', 'keys', addKeys(view.keys, payload.changed));
      return;
  }
}
