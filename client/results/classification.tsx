/** Results of a classifier, from the headline down to single examples. */
import { useSearchParams } from '@solidjs/router';
import type { ClassificationEvaluation } from '@trialroom/shared/trial/evaluation';
import type { Trial } from '@trialroom/shared/trial/trial';
import { createMemo, For, type JSX, Show } from 'solid-js';
import { CalibrationSection } from './calibration.tsx';
import { ClassTable } from './class-table.tsx';
import { CellSamples, ConfusionMatrix } from './confusion-matrix.tsx';
import { Failures } from './failures.tsx';
import { type Insight, insightsOf } from './insights.ts';
import { Overview } from './overview.tsx';
import { Thresholds } from './thresholds.tsx';

export function ClassificationResults(props: { trial: Trial; evaluation: ClassificationEvaluation }): JSX.Element {
  const [search, setSearch] = useSearchParams<{ cell?: string; class?: string }>();
  const classes = () => props.evaluation.classes;
  const cell = createMemo((): [number, number] | null => {
    const [truth, predicted] = (search.cell ?? '').split(',').map(Number);
    const known = (number: number | undefined): number is number =>
      Number.isInteger(number) && classes()[number ?? -1] !== undefined;
    return search.cell && known(truth) && known(predicted) ? [truth, predicted] : null;
  });
  const chosen = createMemo(() => {
    const asked = Number(search.class);
    if (search.class !== undefined && classes()[asked] !== undefined) return asked;
    // Of two classes the second is the one that is looked for, as a rule.
    return classes().length === 2 ? 1 : 0;
  });
  const choose = (number: number) => setSearch({ class: String(number), t: null }, { scroll: false });
  const openCell = (at: [number, number] | null) => setSearch({ cell: at ? at.join(',') : null }, { scroll: false });
  const follow = ({ at }: Insight) => {
    if (!at) return;
    if ('cell' in at) openCell(at.cell);
    else if ('class' in at) choose(at.class);
    const part = 'cell' in at ? 'confusion' : 'class' in at ? 'classes' : at.part;
    document.getElementById(part)?.scrollIntoView({ block: 'start' });
  };
  return (
    <>
      <Overview trial={props.trial} evaluation={props.evaluation}>
        <Insights insights={insightsOf(props.evaluation)} onFollow={follow} />
      </Overview>
      <div class="rs-two">
        <ConfusionMatrix evaluation={props.evaluation} cell={cell()} onCell={openCell} />
        <ClassTable evaluation={props.evaluation} chosen={chosen()} onChoose={choose} />
      </div>
      <Show when={cell()} keyed>
        {(at) => <CellSamples evaluation={props.evaluation} cell={at} onClose={() => openCell(null)} />}
      </Show>
      <Show when={props.evaluation.perClass[chosen()]?.sweep} keyed>
        {(sweep) => <Thresholds evaluation={props.evaluation} sweep={sweep} number={chosen()} onChoose={choose} />}
      </Show>
      <Show when={props.evaluation.calibration}>
        {(calibration) => <CalibrationSection calibration={calibration()} />}
      </Show>
      <Failures evaluation={props.evaluation} />
    </>
  );
}

function Insights(props: { insights: readonly Insight[]; onFollow: (insight: Insight) => void }): JSX.Element {
  return (
    <Show
      when={props.insights.length > 0}
      fallback={<p class="i3">Nothing stands out: no class, pair or confidence is far from the rest.</p>}
    >
      <ol class="insights">
        <For each={props.insights}>
          {(insight) => (
            <li>
              <Show when={insight.at} fallback={insight.text}>
                <button type="button" class="tl" onClick={() => props.onFollow(insight)}>
                  {insight.text}
                </button>
              </Show>
            </li>
          )}
        </For>
      </ol>
    </Show>
  );
}
