import { A } from '@solidjs/router';
import { isOver, type Trial } from '@trialroom/shared/trial/trial';
import { createMemo, For, type JSX, Show } from 'solid-js';
import type { Mark } from '../../charts/marks.ts';
import { Button } from '../../components/button.tsx';
import { clock, count, duration, figure, percent, sentence } from '../../components/figures.ts';
import { GraduatedRule } from '../../components/graduated-rule.tsx';
import { Icon } from '../../components/icon.tsx';
import { now } from '../../components/now.ts';
import { People } from '../../components/people.tsx';
import { plainWords } from '../../components/plain-words.ts';
import { StatusGlyph } from '../../components/status-glyph.tsx';
import type { TrialView } from '../../data/trial-view.ts';
import '../alerts/alerts.css';
import { directionOf } from '@trialroom/shared/trial/metric-names';
import { useRoom } from '../context.ts';
import { leadingKey, nameOf } from '../curves/metrics.ts';
import type { Baseline } from '../trial/baseline.ts';
import { bestOf } from '../trial/best.ts';
import { elapsedOf, etaOf, shareOf } from '../trial/eta.ts';
import { rulerMarks } from '../trial/event-marks.ts';
import { Controls } from './controls.tsx';
import './room-header.css';
import { standingAlerts } from '../alerts/standing-alerts.ts';

/** Most alerts that stand in the head; the panel of events has all. */
const MOST_ALERTS = 3;

/** Which trial it is, how far, how long still, who watches; and what went wrong, when something did. */
export function RoomHeader(props: {
  view: TrialView;
  keys: readonly string[];
  baseline: Baseline;
  /** What people said, and where. */
  marks: readonly Mark[];
  onMark: (id: string) => void;
}): JSX.Element {
  const room = useRoom();
  const trial = () => props.view.trial;
  const progress = () => trial().progress;
  const watching = () => [
    ...new Map(
      room
        .watchers()
        .filter(({ sight }) => sight?.page === `/trials/${trial().id}`)
        .map(({ person }) => [person.id, person] as const),
    ).values(),
  ];
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
  /** How far a trial came that never said how far it is. */
  const lastStep = createMemo(() => {
    props.view.curves.calm();
    const steps = [...props.view.curves.byKey.values()].map((curve) => curve.steps.at(-1) ?? 0);
    return steps.reduce((most, step) => Math.max(most, step), 0);
  });
  const worse = () => {
    const report = props.baseline.report();
    return report?.status === 'worse' ? report : null;
  };
  const ruler = () => {
    const end = progress()?.total ?? progress()?.done ?? lastStep();
    const found = rulerMarks(props.view.events).filter(({ at, kind }) => at <= end && kind === 'checkpoint');
    return [...found, ...best()];
  };
  return (
    <div class="rh">
      <div class="rt">
        <p class="crumb">
          <A class="tl" href={`/experiments/${trial().experimentId}`} title="All trials of this experiment">
            {trial().experiment}
          </A>
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
        <Controls trial={trial()} />
        <Button
          class="only-icon"
          icon="wall"
          aria-label="Wall screen"
          title="As a wall screen shows it; Escape comes back"
          onClick={() => room.view.setWall(true)}
        />
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
        <A class="tl" href={`/trials/${trial().id}/results`}>
          Results
        </A>
        <Show when={worse()}>
          {(report) => (
            <A
              class="tl regress"
              href={`/compare?trials=${report().trial},${trial().id}`}
              title={`${report().text} See them side by side.`}
            >
              <Icon name="warn" /> worse than the baseline
            </A>
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
        done={progress()?.done ?? lastStep()}
        total={progress()?.total}
        status={trial().status}
        label={`Progress of ${trial().name}`}
        marks={ruler()}
        notes={props.marks
          .filter(({ from }) => from <= (progress()?.total ?? progress()?.done ?? lastStep()))
          .map(({ id, from, label, title }) => ({ id, at: from, label, title: title ?? label }))}
        onNote={(id) => props.onMark(id)}
      />
      <Ending trial={trial()} />
      <Standing events={props.view.events} />
    </div>
  );
}

/** Alerts that still hold, a line each; nothing where none does. */
function Standing(props: { events: TrialView['events'] }): JSX.Element {
  const all = createMemo(() => standingAlerts(props.events));
  return (
    <Show when={all().length > 0}>
      <div class="standing" role="status">
        <ul aria-label="Alerts">
          <For each={all().slice(0, MOST_ALERTS)}>
            {(alert) => (
              <li class={`al-${alert.level}`}>
                <Icon name="warn" label={alert.level} />
                <span class="say" title={alert.text}>
                  {alert.text}
                </span>
                <span class="i3 num">
                  {alert.times > 1 ? `${count(alert.times)} times, ` : ''}
                  {alert.step === null ? '' : `at ${count(alert.step)}, `}
                  {clock(alert.at, now())}
                </span>
              </li>
            )}
          </For>
          <Show when={all().length > MOST_ALERTS}>
            <li class="al-info">
              <span />
              <span class="say">and {count(all().length - MOST_ALERTS)} more; the panel of events has all</span>
            </li>
          </Show>
        </ul>
      </div>
    </Show>
  );
}

/** Why a trial is not going on; nothing for one that is, or that ended as planned. */
function Ending(props: { trial: Trial }): JSX.Element {
  const text = (): string | null => {
    const { status, stopRequested, pauseRequested } = props.trial;
    const reason = sentence(plainWords(props.trial.reason ?? ''));
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
