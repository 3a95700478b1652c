import { A } from '@solidjs/router';
import { isOver, type Trial } from '@trialroom/shared/trial/trial';
import { type JSX, Show } from 'solid-js';
import { clock, count, duration, figure, percent, sentence } from '../components/figures.ts';
import { GraduatedRule } from '../components/graduated-rule.tsx';
import { now } from '../components/now.ts';
import { People } from '../components/people.tsx';
import { StatusGlyph } from '../components/status-glyph.tsx';
import { watchTopic } from '../data/live.ts';
import type { TrialView } from '../data/trial-view.ts';
import { lookingAt } from '../home/here-now.tsx';
import { bestOf } from './best.ts';
import { elapsedOf, etaOf, shareOf } from './eta.ts';
import { directionOf, leadingKey, nameOf } from './metrics.ts';
import { PauseButton } from './pause-button.tsx';
import { StopButton } from './stop-button.tsx';
import './room-header.css';

/** Which trial it is, how far, how long still, who watches; and what went wrong, when something did. */
export function RoomHeader(props: { view: TrialView; keys: readonly string[] }): JSX.Element {
  const home = watchTopic('home');
  const trial = () => props.view.trial;
  const progress = () => trial().progress;
  const watching = () => lookingAt(home.value?.present ?? [], `trial:${trial().id}`);
  const elapsed = () => elapsedOf(trial(), now());
  const eta = () => etaOf(trial(), now());
  const best = () => {
    props.view.curves.calm();
    const key = leadingKey(props.keys, trial().objective);
    const curve = key === undefined ? undefined : props.view.curves.byKey.get(key);
    const direction = key === undefined ? null : directionOf(key, trial().objective);
    const total = progress()?.total;
    const found = curve && direction ? bestOf(curve, direction) : null;
    return found && key !== undefined && total !== undefined && found.step <= total
      ? [
          {
            at: found.step,
            title: `best ${nameOf(key, props.keys).toLowerCase()} ${figure(found.value)} at ${count(found.step)}`,
          },
        ]
      : [];
  };
  return (
    <div class="rh">
      <div class="rt">
        <p class="crumb">
          {trial().experiment}
          <Show when={trial().notebook}>
            {(notebook) => (
              <>
                {' / '}
                <A
                  class="tl"
                  title="The notebook that started it"
                  href={`/notebooks/${notebook().id}${trial().cell ? `#${encodeURIComponent(trial().cell ?? '')}` : ''}`}
                >
                  {notebook().path}
                </A>
              </>
            )}
          </Show>
        </p>
        <h1>{trial().name}</h1>
      </div>
      <div class="act">
        <PauseButton trial={trial()} />
        <StopButton trial={trial()} />
      </div>
      <div class="facts num">
        <span class="big">
          <StatusGlyph status={trial().status} text />
        </span>
        <Show when={progress()}>
          {(known) => (
            <span>
              <b>{count(known().done)}</b>
              <Show when={known().total} fallback={<> steps</>}>
                {(total) => <> of {count(total())} steps</>}
              </Show>
            </span>
          )}
        </Show>
        <Show when={shareOf(trial()) !== null}>
          <span>
            <b>{percent(shareOf(trial()) ?? 0)}</b>
          </span>
        </Show>
        <Show when={progress()?.note}>{(note) => <span>{note()}</span>}</Show>
        <Show when={elapsed() !== null}>
          <span>
            {isOver(trial().status) ? 'took' : 'elapsed'} <b>{duration(elapsed() ?? 0)}</b>
          </span>
        </Show>
        <Show when={(eta() ?? 0) > 0 && !trial().stopRequested}>
          <span>
            ends about <b>{clock(now() + (eta() ?? 0), now())}</b>, in <b>{duration(eta() ?? 0)}</b>
          </span>
        </Show>
        <Show when={trial().endedAt}>
          {(at) => (
            <span>
              ended <b>{clock(at(), now())}</b>
            </span>
          )}
        </Show>
        <Show when={watching().length > 0}>
          <span class="wt">
            <People people={watching()} />
            <span class="i3">{count(watching().length)} watching</span>
          </span>
        </Show>
      </div>
      <GraduatedRule
        done={progress()?.done ?? 0}
        total={progress()?.total}
        status={trial().status}
        label={`Progress of ${trial().name}`}
        marks={best()}
      />
      <Ending trial={trial()} />
    </div>
  );
}

/** Why a trial is not going on; nothing for one that is, or that ended as planned. */
function Ending(props: { trial: Trial }): JSX.Element {
  const text = (): string | null => {
    const { status, stopRequested, pauseRequested } = props.trial;
    const reason = sentence(props.trial.reason ?? '');
    if (status === 'failed') return reason || 'It failed.';
    if (status === 'lost') return `${reason || 'No word from its kernel any more.'} What it had logged is all here.`;
    if (status === 'stopped') return reason || 'Someone ended it before its plan.';
    if (status === 'queued') return 'It waits for its turn. Curves appear with its first step.';
    if (stopRequested) return 'Stopping after this step: the kernel ends it when the step that runs now is done.';
    if (status === 'paused') {
      return pauseRequested ? `${reason || 'Someone paused it.'} It holds all that it has and waits.` : 'It goes on.';
    }
    if (pauseRequested) return 'Pausing after this step: it waits when the step that runs now is done.';
    return null;
  };
  return (
    <Show when={text()}>
      {(words) => (
        <p class={`ending e-${props.trial.status}`} role="status">
          {words()}
        </p>
      )}
    </Show>
  );
}
