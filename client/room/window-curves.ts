/** The curves of a zoomed range, read from the store at full resolution, and growing while the trial reaches into it. */
import { trials } from '@trialroom/shared/api/endpoints';
import { createEffect, createSignal, on, onCleanup } from 'solid-js';
import { call } from '../data/api.ts';
import { appendPoints, type Curve, curvesOf } from '../data/curves.ts';
import type { TrialView } from '../data/trial-view.ts';

export interface WindowCurves {
  /** The curves to draw: of the window when it has come, else the whole, cut by the axes. */
  byKey: () => ReadonlyMap<string, Curve>;
  version: () => unknown;
  loading: () => boolean;
  failure: () => unknown;
}

/** Pixels that a window is read for: the widest a figure gets. */
const WIDTH = 1200;

export function createWindowCurves(
  view: () => TrialView,
  window: () => { from: number; to: number } | undefined,
): WindowCurves {
  const [read, setRead] = createSignal<Map<string, Curve> | null>(null, { equals: false });
  const [loading, setLoading] = createSignal(false);
  const [failure, setFailure] = createSignal<unknown>(null);
  createEffect(
    on(
      () => [view().trial.id, window()?.from, window()?.to] as const,
      ([id, from, to]) => {
        setRead(null);
        setFailure(null);
        if (from === undefined || to === undefined) return setLoading(false);
        const abort = new AbortController();
        // Points that arrive while the window is on its way belong to it, too.
        let held: Parameters<typeof appendPoints>[1][number][] = [];
        let curves: Map<string, Curve> | null = null;
        const end = view().curves.onPoints((series) => {
          if (!curves) held.push(...series);
          else {
            appendPoints(curves, series, { from, to });
            setRead(curves);
          }
        });
        onCleanup(() => {
          abort.abort();
          end();
        });
        setLoading(true);
        call(trials.series, { params: { id }, query: { from, to, width: WIDTH }, signal: abort.signal }).then(
          ({ series }) => {
            curves = curvesOf(series);
            appendPoints(curves, unread(curves, held), { from, to });
            held = [];
            setRead(curves);
            setLoading(false);
          },
          (error: unknown) => {
            if (abort.signal.aborted) return;
            setFailure(() => error);
            setLoading(false);
          },
        );
      },
    ),
  );
  return {
    byKey: () => read() ?? view().curves.byKey,
    version: () => [read(), view().curves.version()],
    loading,
    failure,
  };
}

/** Of points that may be in the reply already, those that are newer than it. */
function unread(
  curves: ReadonlyMap<string, Curve>,
  held: readonly Parameters<typeof appendPoints>[1][number][],
): typeof held {
  return held.map((points) => {
    const last = curves.get(points.key)?.walls.at(-1) ?? Number.NEGATIVE_INFINITY;
    const keep = points.walls.map((wall) => wall > last);
    const pick = <T>(values: readonly T[]): T[] => values.filter((_, index) => keep[index]);
    return { key: points.key, steps: pick(points.steps), walls: pick(points.walls), values: pick(points.values) };
  });
}
