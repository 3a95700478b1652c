import type { Trial } from '@trialroom/shared/trial/trial';
import { type JSX, Show } from 'solid-js';
import { clock } from '../components/figures.ts';
import { NamedValues } from '../components/named-values.tsx';
import { now } from '../components/now.ts';
import { Initials } from '../components/people.tsx';
import { flatRows } from '../components/plain-value.ts';
import { TrialLabels } from '../experiments/labels.tsx';

/** What it was given, what came out, where and by whom it was started. */
export function Facts(props: { trial: Trial }): JSX.Element {
  const summary = () => flatRows(props.trial.summary);
  const params = () => flatRows(props.trial.params);
  return (
    <>
      <TrialLabels trial={props.trial} />
      <Show when={summary().length > 0}>
        <section aria-label="Result">
          <NamedValues title="Result" rows={summary()} />
        </section>
      </Show>
      <Show when={params().length > 0}>
        <section aria-label="Parameters">
          <NamedValues title="Parameters" rows={params()} />
        </section>
      </Show>
      <section aria-label="Run">
        <div class="sh">
          <h2>Run</h2>
        </div>
        <dl class="kv">
          <Show when={props.trial.by}>
            {(by) => (
              <div>
                <dt>started by</dt>
                <dd>
                  <Initials person={by()} full />
                </dd>
              </div>
            )}
          </Show>
          <div>
            <dt>started</dt>
            <dd class="num">{clock(props.trial.startedAt ?? props.trial.createdAt, now())}</dd>
          </div>
          <Show when={props.trial.backend}>
            {(backend) => (
              <div>
                <dt>backend</dt>
                <dd>{backend()}</dd>
              </div>
            )}
          </Show>
          <Show when={props.trial.objective}>
            {(objective) => (
              <div>
                <dt>objective</dt>
                <dd>
                  {objective().direction} <span class="mono">{objective().key}</span>
                </dd>
              </div>
            )}
          </Show>
        </dl>
      </section>
    </>
  );
}
