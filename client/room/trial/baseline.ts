/** What a trial is measured against: the baseline of its experiment, and whether the trial is worse than it beyond noise. */

import type { RegressionReport } from '@trialroom/shared/api/comparison';
import { comparison, experiments, trials } from '@trialroom/shared/api/endpoints';
import type { Trial } from '@trialroom/shared/trial/trial';
import { createEffect, createMemo, createResource, createSignal, on, onCleanup } from 'solid-js';
import { call } from '../../data/api.ts';
import type { Curve } from '../../data/curves.ts';
import { listenTo } from '../../data/live.ts';
import { readCurves } from '../../data/packed-curves.ts';

export interface Baseline {
  /** Null while nothing is chosen, or the trial itself is. */
  trial: () => { id: string; name: string } | null;
  /** The baseline's curve of a metric, read once it is asked for; its extremes and its last point are exact. */
  curve: (key: string) => Curve | undefined;
  /** The trial against it; null until the trial has come to its end, and where there is nothing to say. */
  report: () => RegressionReport | null;
}

/** Pixels: enough for extremes and the last point. */
const WIDTH = 8;

/** For as long as the calling component lives. What cannot be read is not shown: none of it is what the room is for. */
export function createBaseline(trial: () => Trial): Baseline {
  const experiment = createMemo(() => trial().experimentId);
  const own = createMemo(() => trial().id);
  const [chosen, { refetch }] = createResource(experiment, async (id) => {
    const { baseline } = await call(experiments.get, { params: { id } });
    if (baseline === null || baseline === own()) return null;
    const { name } = await call(trials.get, { params: { id: baseline } });
    return { id: baseline, name };
  });
  listenTo('experiment', (event) => {
    if (event.experiment === experiment()) void refetch();
  });
  const against = () => (chosen.error ? null : (chosen.latest ?? null));
  const againstId = createMemo(() => against()?.id ?? null);
  const [report] = createResource(
    () => (againstId() !== null && trial().status === 'completed' ? { id: own(), against: againstId() } : false),
    async ({ id }) => (await call(comparison.regression, { params: { id } })).regression,
  );

  const [curves, setCurves] = createSignal<ReadonlyMap<string, Curve>>(new Map());
  const asked = new Set<string>();
  let abort = new AbortController();
  let due: ReturnType<typeof setTimeout> | undefined;
  const wanted = new Set<string>();
  const read = (): void => {
    due = undefined;
    const id = againstId();
    const keys = [...wanted];
    wanted.clear();
    if (id === null || keys.length === 0) return;
    readCurves({ trials: [id], keys, width: WIDTH, signal: abort.signal }, (_, __, found) =>
      setCurves((known) => new Map([...known, ...found])),
    ).catch(() => {
      // The card says how far it is from its own best, then.
    });
  };
  createEffect(
    on(againstId, () => {
      abort.abort();
      abort = new AbortController();
      asked.clear();
      setCurves(new Map());
    }),
  );
  onCleanup(() => {
    clearTimeout(due);
    abort.abort();
  });
  return {
    trial: against,
    curve(key) {
      const found = curves().get(key);
      if (found || againstId() === null || asked.has(key)) return found;
      asked.add(key);
      wanted.add(key);
      due ??= setTimeout(read, 0);
      return undefined;
    },
    report: () => (report.error ? null : (report.latest ?? null)),
  };
}
