import { results as api, experiments } from '@trialroom/shared/api/endpoints';
import type { ClassificationEvaluation } from '@trialroom/shared/trial/evaluation';
import type { Trial } from '@trialroom/shared/trial/trial';
import { createResource, For, type JSX, Show } from 'solid-js';
import { clock, count, difference, figure, percent } from '../components/figures.ts';
import { NamedValues } from '../components/named-values.tsx';
import { now } from '../components/now.ts';
import { flatRows } from '../components/plain-value.ts';
import { call } from '../data/api.ts';

interface Headline {
  name: string;
  value: string;
  note: string;
  /** Difference to the baseline, good or bad by its sign. */
  change: number | null;
  lower?: boolean;
}

/** Key figures beside those of the baseline, what to look at next, and the summary that the notebook gave. */
export function Overview(props: {
  trial: Trial;
  evaluation: ClassificationEvaluation;
  children: JSX.Element;
}): JSX.Element {
  const [baseline] = createResource(
    () => ({ trial: props.trial, name: props.evaluation.name }),
    ({ trial, name }) => baselineOf(trial, name),
  );
  const other = () => (baseline.state === 'ready' ? baseline() : null);
  const headlines = (): Headline[] => {
    const { accuracy, macro, top, calibration } = props.evaluation;
    const before = other()?.evaluation;
    const minus = (mine: number | null | undefined, its: number | null | undefined) =>
      mine === null || mine === undefined || its === null || its === undefined ? null : mine - its;
    return [
      {
        name: 'Accuracy',
        value: percent(accuracy),
        note: `${count(Math.round((1 - accuracy) * props.evaluation.count))} of ${count(props.evaluation.count)} wrong`,
        change: minus(accuracy, before?.accuracy),
      },
      {
        name: 'F1',
        value: macro.f1 === null ? '–' : figure(macro.f1),
        note: 'mean over classes',
        change: minus(macro.f1, before?.macro.f1),
      },
      ...(top && top.k > 1
        ? [
            {
              name: `Top ${top.k}`,
              value: percent(top.accuracy),
              note: `truth among the ${top.k} likeliest`,
              change: top.k === before?.top?.k ? minus(top.accuracy, before.top.accuracy) : null,
            },
          ]
        : []),
      ...(calibration
        ? [
            {
              name: 'Log loss',
              value: figure(calibration.logLoss),
              note: `Brier ${figure(calibration.brier, 3)}`,
              change: minus(calibration.logLoss, before?.calibration?.logLoss),
              lower: true,
            },
          ]
        : []),
    ];
  };
  const summary = () => flatRows(props.trial.summary);
  return (
    <section class="rs-overview" aria-label="Overview">
      <div class="cards">
        <For each={headlines()}>
          {(headline) => (
            <div class="card">
              <h2>{headline.name}</h2>
              <b class="num">{headline.value}</b>
              <p class="i3 num">{headline.note}</p>
              <Show when={headline.change !== null && headline.change !== 0}>
                <p class={`num ${(headline.change ?? 0) > 0 === !headline.lower ? 'better' : 'worse'}`}>
                  {difference(headline.change ?? 0)} on {other()?.of}
                </p>
              </Show>
            </div>
          )}
        </For>
      </div>
      <div class="next">
        <div class="sh">
          <h2>What to look at next</h2>
          <span class="c">
            {props.evaluation.name}, {clock(props.evaluation.at, now())}
          </span>
        </div>
        {props.children}
      </div>
      <Show when={summary().length > 0}>
        <div class="sums">
          <NamedValues title="Summary" rows={summary()} />
        </div>
      </Show>
    </section>
  );
}

/** The evaluation of the same name of the experiment's baseline; null where there is none to compare with. */
async function baselineOf(
  trial: Trial,
  name: string,
): Promise<{ of: string; evaluation: ClassificationEvaluation } | null> {
  try {
    const { baseline } = await call(experiments.get, { params: { id: trial.experimentId } });
    if (baseline === null || baseline === trial.id) return null;
    const evaluation = await call(api.evaluation, { params: { id: baseline }, query: { name } });
    return evaluation.task === 'classification' ? { of: 'baseline', evaluation } : null;
  } catch {
    // A baseline that is gone, or was never evaluated, is no reason not to show this trial.
    return null;
  }
}
