/** A trial's topic as pages see it: the trial, its log, and its curves (outside the store, see `curves.ts`). */
import type { ServerToClient, TrialSnapshot } from '@trialroom/shared/live/events';
import type { WirePoints } from '@trialroom/shared/trial/points';
import type { LogLine, Trial } from '@trialroom/shared/trial/trial';
import { type Accessor, createSignal } from 'solid-js';
import type { SetStoreFunction } from 'solid-js/store';
import { appendPoints, type Curve, curvesOf } from './curves.ts';
import { appendLog, newerTrial } from './trial-news.ts';
import type { Watched } from './watched.ts';

type Payload<E extends keyof ServerToClient> = Parameters<ServerToClient[E]>[0];

/** The curves of a trial, live. Read `version()` to be told of change, then `byKey`. */
export class LiveCurves {
  byKey = new Map<string, Curve>();
  readonly version: Accessor<number>;
  readonly #bump: () => void;
  readonly #listeners = new Set<(series: readonly WirePoints[]) => void>();

  constructor() {
    const [version, setVersion] = createSignal(0);
    this.version = version;
    this.#bump = () => setVersion((count) => count + 1);
  }

  load(curves: Map<string, Curve>): void {
    this.byKey = curves;
    this.#bump();
  }

  append(series: readonly WirePoints[]): void {
    appendPoints(this.byKey, series);
    for (const listener of this.#listeners) listener(series);
    this.#bump();
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
  curves: LiveCurves;
}

export type TrialEvent =
  | { type: 'trial'; payload: Payload<'trial'> }
  | { type: 'points'; payload: Payload<'points'> }
  | { type: 'log'; payload: Payload<'log'> };

/** The view that a snapshot gives. Curves of an earlier snapshot are reused, so that charts need not be built anew. */
export function trialViewOf(snapshot: TrialSnapshot, earlier: TrialView | null): TrialView {
  const curves = earlier?.curves ?? new LiveCurves();
  curves.load(curvesOf(snapshot.series));
  return { trial: snapshot.trial, log: snapshot.log, curves };
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
  }
}
