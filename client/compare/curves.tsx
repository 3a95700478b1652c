/** One metric of all compared trials in one figure. */

import type { Comparison } from '@trialroom/shared/api/comparison';
import { isOver } from '@trialroom/shared/trial/trial';
import { createMemo, createResource, type JSX, Match, Switch } from 'solid-js';
import { Figure } from '../charts/figure.tsx';
import { createZoom } from '../charts/figure-tools.tsx';
import { PLAIN_LOOK, plotModel } from '../charts/model.ts';
import type { Curve } from '../data/curves.ts';
import { readCurves } from '../data/packed-curves.ts';
import { shortNames } from '../room/curves/short-names.ts';
import { ProblemNote, SkeletonRows } from '../shell/states.tsx';

/** Pixels that curves are read for. */
const WIDTH = 1200;

/** Most characters that fit at the end of a line; on a phone fewer. */
const ROOM = 8;
const ROOM_NARROW = 6;

/** What tells the trials apart where it fits at the ends of all lines; else their places in the list above. */
function endNames(names: readonly string[]): string[] {
  const room = window.matchMedia('(max-width: 760px)').matches ? ROOM_NARROW : ROOM;
  const short = shortNames(names);
  return short.every((name) => name.length <= room) ? short : names.map((_, at) => `no. ${at + 1}`);
}

export function ComparedCurves(props: { comparison: Comparison }): JSX.Element {
  const [curves, { refetch }] = createResource(
    () => ({ ids: props.comparison.trials.map(({ id }) => id), key: props.comparison.metric ?? '' }),
    async ({ ids, key }): Promise<(Curve | undefined)[]> => {
      const found = new Map<string, Curve | undefined>();
      await readCurves({ trials: ids, keys: [key], width: WIDTH }, (id, _, curves) => found.set(id, curves.get(key)));
      return ids.map((id) => found.get(id));
    },
  );
  const ends = createMemo(() => endNames(props.comparison.names));
  const zoom = createZoom();
  const model = () =>
    plotModel(
      (curves.latest ?? []).flatMap((curve, at) => (curve ? [{ curve, name: ends()[at] ?? '', colour: at + 1 }] : [])),
      { ...PLAIN_LOOK, smoothing: 0.6 },
      { startedAt: props.comparison.trials[0]?.startedAt ?? 0 },
    );
  return (
    <Switch>
      <Match when={curves.state === 'errored'}>
        <ProblemNote thrown={curves.error} retry={() => void refetch()} />
      </Match>
      <Match when={curves.latest === undefined}>
        <SkeletonRows rows={6} />
      </Match>
      <Match when={curves.latest}>
        <Figure
          title={props.comparison.metric ?? ''}
          size="tall"
          changes={() => [curves.latest, props.comparison.names]}
          model={model}
          live={props.comparison.trials.some(({ status }) => !isOver(status))}
          tools={{ zoom, xName: 'step' }}
        />
      </Match>
    </Switch>
  );
}
