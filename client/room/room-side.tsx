import type { Trial } from '@trialroom/shared/trial/trial';
import { For, type JSX, Show } from 'solid-js';
import { clock, count, figure } from '../components/figures.ts';
import { now } from '../components/now.ts';
import { Initials } from '../components/people.tsx';
import { watchTopic } from '../data/live.ts';
import { lookingAt } from '../home/here-now.tsx';

/** A value of a parameter or a summary, on one line. */
export function plainValue(value: unknown): string {
  if (typeof value === 'number') return figure(value, 5);
  if (typeof value === 'string') return value;
  return JSON.stringify(value) ?? String(value);
}

/** What it was given, what came out, where and by whom it was started. */
export function Facts(props: { trial: Trial }): JSX.Element {
  const summary = () => Object.entries(props.trial.summary);
  const params = () => Object.entries(props.trial.params);
  return (
    <>
      <Show when={summary().length > 0}>
        <Table title="Result" rows={summary()} />
      </Show>
      <Show when={params().length > 0}>
        <Table title="Parameters" rows={params()} />
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

function Table(props: { title: string; rows: [string, unknown][] }): JSX.Element {
  return (
    <section aria-label={props.title}>
      <div class="sh">
        <h2>{props.title}</h2>
        <span class="c num">{count(props.rows.length)}</span>
      </div>
      <dl class="kv">
        <For each={props.rows}>
          {([name, value]) => (
            <div>
              <dt class="mono">{name}</dt>
              <dd class="num" title={plainValue(value)}>
                {plainValue(value)}
              </dd>
            </div>
          )}
        </For>
      </dl>
    </section>
  );
}

/** Who looks at this room now. */
export function Watching(props: { trial: string }): JSX.Element {
  const home = watchTopic('home');
  const people = () => lookingAt(home.value?.present ?? [], `trial:${props.trial}`);
  return (
    <Show when={people().length > 0}>
      <section class="watching" aria-label="Watching">
        <div class="sh">
          <h2>Watching</h2>
          <span class="c num">{count(people().length)}</span>
        </div>
        <ul class="wl">
          <For each={people()}>
            {(person) => (
              <li>
                <Initials person={person} full />
              </li>
            )}
          </For>
        </ul>
      </section>
    </Show>
  );
}
