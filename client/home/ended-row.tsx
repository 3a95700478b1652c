import { A } from '@solidjs/router';
import { fromWire } from '@trialroom/shared/trial/points';
import type { MetricGlance, Trial } from '@trialroom/shared/trial/trial';
import { type JSX, Show } from 'solid-js';
import { clock, duration, figure } from '../components/figures.ts';
import { now } from '../components/now.ts';
import { StatusGlyph } from '../components/status-glyph.tsx';
import { leadingKey, nameOf } from '../room/curves/metrics.ts';
import { elapsedOf } from '../room/trial/eta.ts';
import './trial-rows.css';

/** One ended trial on a line: how it ended, its result, how long it took, when. */
export function EndedRow(props: { trial: Trial; glance: readonly MetricGlance[] }): JSX.Element {
  const result = (): { name: string; value: number } | null => {
    const key = leadingKey(
      props.glance.map((glance) => glance.key),
      props.trial.objective,
    );
    const glance = props.glance.find((other) => other.key === key);
    if (glance) return { name: nameOf(glance.key, []).toLowerCase(), value: fromWire(glance.last) };
    const [name, value] = Object.entries(props.trial.summary).find(([, entry]) => typeof entry === 'number') ?? [];
    return name !== undefined && typeof value === 'number' ? { name: nameOf(name, []).toLowerCase(), value } : null;
  };
  const took = () => {
    const ms = elapsedOf(props.trial, now());
    return ms === null ? '' : duration(ms);
  };
  return (
    <A class="fr" href={`/trials/${props.trial.id}`}>
      <StatusGlyph status={props.trial.status} />
      <span class="nm">
        <b>{props.trial.name}</b>
        <small>{props.trial.reason ?? props.trial.experiment}</small>
      </span>
      <span class="num fv">
        <Show when={result()}>
          {(found) => (
            <>
              <b>{figure(found().value)}</b> <small>{found().name}</small>
            </>
          )}
        </Show>
      </span>
      <span class="num i3 fd">{took()}</span>
      <time class="num i3">{clock(props.trial.endedAt ?? props.trial.createdAt, now())}</time>
    </A>
  );
}
