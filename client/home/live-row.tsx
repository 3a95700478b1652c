import { A } from '@solidjs/router';
import { directionOf, splitOf } from '@trialroom/shared/trial/metric-names';
import { fromWire } from '@trialroom/shared/trial/points';
import type { MetricGlance, Trial } from '@trialroom/shared/trial/trial';
import { type JSX, Show } from 'solid-js';
import { Sparkline } from '../charts/sparkline.tsx';
import { clock, count, duration, figure } from '../components/figures.ts';
import { MiniRule } from '../components/graduated-rule.tsx';
import { Icon } from '../components/icon.tsx';
import { now } from '../components/now.ts';
import { type Drawable, People } from '../components/people.tsx';
import { StatusGlyph } from '../components/status-glyph.tsx';
import { leadingKey, nameOf } from '../room/curves/metrics.ts';
import { etaOf } from '../room/trial/eta.ts';
import { plannedEnd } from '../room/trial/plan.ts';
import './trial-rows.css';

/** Points that a curve needs to show a shape. */
const LEAST_DRAWN = 20;

/** One live trial: what it is, its leading metric so far, how far it is and when it ends. */
export function LiveRow(props: {
  trial: Trial;
  glance: readonly MetricGlance[];
  people: readonly (Drawable & { id: string })[];
}): JSX.Element {
  const lead = () => {
    const key = leadingKey(
      props.glance.map((glance) => glance.key),
      props.trial.objective,
    );
    return props.glance.find((glance) => glance.key === key);
  };
  // Few validations make no shape yet: the densest curve of the same quantity stands in for them.
  const drawn = () => {
    const glance = lead();
    if (!glance || glance.count >= LEAST_DRAWN) return glance;
    const { base } = splitOf(glance.key);
    return props.glance
      .filter(({ key }) => splitOf(key).base === base)
      .reduce((densest, other) => (other.count > densest.count ? other : densest), glance);
  };
  const direction = (key: string) => directionOf(key, props.trial.objective);
  const progress = () => props.trial.progress;
  const eta = () => {
    if (props.trial.stopRequested) return 'stopping';
    if (props.trial.status === 'queued') return `queued ${clock(props.trial.createdAt, now())}`;
    const ms = etaOf(props.trial, now());
    return ms === null ? '' : duration(ms);
  };
  return (
    <A class={`tr k-${props.trial.status}`} href={`/trials/${props.trial.id}`}>
      <StatusGlyph status={props.trial.status} />
      <span class="nm">
        <b>{props.trial.name}</b>
        <small>{props.trial.experiment}</small>
      </span>
      <Show when={drawn()} fallback={<span class="spk" />}>
        {(glance) => (
          <Sparkline
            steps={glance().spark.steps.map(fromWire)}
            values={glance().spark.values.map(fromWire)}
            to={plannedEnd(props.trial, props.glance)}
            colour={splitOf(glance().key).split === 'val' ? 2 : 1}
            alive={props.trial.status === 'running'}
            label={`${glance().key} so far`}
          />
        )}
      </Show>
      <span class="mt num">
        <Show when={lead()}>
          {(glance) => (
            <>
              <small>
                {nameOf(glance().key, [])}{' '}
                <Show when={direction(glance().key)}>
                  {(way) => <Icon name={way() === 'minimise' ? 'lower' : 'higher'} />}
                </Show>
              </small>
              <b>{figure(fromWire(glance().last))}</b>
            </>
          )}
        </Show>
      </span>
      <span class="pg num">
        <span>
          <Show when={progress()} fallback={<>not yet said</>}>
            {(known) => (
              <>
                <b>{count(known().done)}</b>
                <Show when={known().total}>{(total) => <> of {count(total())}</>}</Show>
              </>
            )}
          </Show>
        </span>
        <span class="eta">{eta()}</span>
        <MiniRule done={progress()?.done ?? 0} total={progress()?.total} status={props.trial.status} />
      </span>
      <span class="ppl">
        <People people={props.people} most={3} />
      </span>
    </A>
  );
}
