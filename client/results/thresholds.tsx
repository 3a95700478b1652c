/** One class against the rest: both curves, and a threshold that can be moved. */
import { useSearchParams } from '@solidjs/router';
import type { ClassificationEvaluation, Sweep } from '@trialroom/shared/trial/evaluation';
import { createMemo, For, type JSX } from 'solid-js';
import { Button } from '../components/button.tsx';
import { count, figure, percent } from '../components/figures.ts';
import { SquarePlot } from './square-plot.tsx';
import { atThreshold, bestThreshold, type Point, precisionRecallOf, rocOf } from './threshold.ts';

export function Thresholds(props: {
  evaluation: ClassificationEvaluation;
  sweep: Sweep;
  number: number;
  onChoose: (number: number) => void;
}): JSX.Element {
  const [search, setSearch] = useSearchParams<{ t?: string }>();
  const threshold = createMemo(() => {
    const asked = Number(search.t);
    return search.t !== undefined && asked >= 0 && asked <= 1 ? asked : 0.5;
  });
  const set = (value: number) =>
    setSearch({ t: value === 0.5 ? null : String(value) }, { replace: true, scroll: false });
  const now = createMemo(() => atThreshold(props.sweep, threshold()));
  const name = () => props.evaluation.classes[props.number] ?? '';
  const share = (value: number | null) => (value === null ? '–' : percent(value));
  const rocMark = (): Point | null => {
    const { fallOut, recall } = now();
    return fallOut === null || recall === null ? null : [fallOut, recall];
  };
  const prMark = (): Point | null => {
    const { precision, recall } = now();
    return precision === null || recall === null ? null : [recall, precision];
  };
  const prevalence = () => props.sweep.positives / Math.max(1, props.sweep.positives + props.sweep.negatives);
  return (
    <section class="rs-thresholds" aria-label="Thresholds">
      <div class="sh bar">
        <h2>Threshold</h2>
        <label class="c">
          class{' '}
          <select value={props.number} onChange={(event) => props.onChoose(Number(event.currentTarget.value))}>
            <For each={props.evaluation.classes}>{(one, number) => <option value={number()}>{one}</option>}</For>
          </select>{' '}
          against the rest
        </label>
        <span class="ctl">
          <label>
            take it from{' '}
            <input
              type="range"
              class="slide"
              min="0"
              max="1"
              step="0.005"
              value={threshold()}
              style={{ '--at': `${threshold() * 100}%` }}
              onInput={(event) => set(Number(event.currentTarget.value))}
            />
            <span class="num i1">{threshold().toFixed(3)}</span>
          </label>
          <Button
            kind="quiet"
            title="The threshold with the greatest F1"
            onClick={() => set(bestThreshold(props.sweep))}
          >
            Best F1
          </Button>
        </span>
      </div>
      <div class="rs-curves">
        <SquarePlot
          number={1}
          title="ROC"
          note={
            props.sweep.auc === null ? 'needs examples of the class and of others' : `AUC ${figure(props.sweep.auc)}`
          }
          xName="false-positive rate"
          yName="recall"
          points={rocOf(props.sweep)}
          mark={rocMark()}
          chance={[
            [0, 0],
            [1, 1],
          ]}
        />
        <SquarePlot
          number={2}
          title="Precision and recall"
          note={
            props.sweep.averagePrecision === null ? '' : `average precision ${figure(props.sweep.averagePrecision)}`
          }
          xName="recall"
          yName="precision"
          kind="step"
          points={precisionRecallOf(props.sweep)}
          mark={prMark()}
          chance={[
            [0, prevalence()],
            [1, prevalence()],
          ]}
        />
        <dl class="kv at" aria-live="polite" aria-label={`Figures of ${name()} at this threshold`}>
          <For
            each={[
              ['precision', share(now().precision)],
              ['recall', share(now().recall)],
              ['F1', now().f1 === null ? '–' : figure(now().f1 ?? 0)],
              ['rightly taken for it', count(now().truePositives)],
              ['wrongly taken for it', count(now().falsePositives)],
              ['missed', count(now().falseNegatives)],
              ['rightly left', count(now().trueNegatives)],
            ]}
          >
            {([term, value]) => (
              <div>
                <dt>{term}</dt>
                <dd class="num">{value}</dd>
              </div>
            )}
          </For>
        </dl>
      </div>
    </section>
  );
}
