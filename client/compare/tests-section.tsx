/** What the tests say, in words first and figures after, with what is taken for granted and what is missing. */
import type { Comparison, PairedTest } from '@trialroom/shared/api/comparison';
import { For, type JSX, Show } from 'solid-js';
import { figure, percent } from '../components/figures.ts';

type Said = PairedTest['verdict'];

function VerdictView(props: { verdict: Said; children?: JSX.Element }): JSX.Element {
  return (
    <div class={`verdict v-${props.verdict.strength}`}>
      <p class="verdict-head">{props.verdict.headline}</p>
      <Show when={props.verdict.detail}>
        <p class="i2">{props.verdict.detail}</p>
      </Show>
      <Show when={props.verdict.missing.length > 0}>
        <p class="sm">
          <b>Missing:</b> {props.verdict.missing.join(' ')}
        </p>
      </Show>
      <Show when={props.verdict.assumptions.length > 0}>
        <details class="sm">
          <summary>What this takes for granted{props.children ? ', and the figures' : ''}</summary>
          <ul>
            <For each={props.verdict.assumptions}>{(text) => <li>{text}</li>}</For>
          </ul>
          {props.children}
        </details>
      </Show>
    </div>
  );
}

const p = (value: number): string => (value < 0.0001 ? '< 0.0001' : value.toFixed(4));

function PairFigures(props: { test: PairedTest; names: readonly string[] }): JSX.Element {
  const rows = (): [string, string, string][] => [
    ['McNemar χ²', figure(props.test.chiSquare, 5), p(props.test.p)],
    ['with continuity correction', figure(props.test.correctedChiSquare, 5), p(props.test.correctedP)],
    ['exact', '', p(props.test.exactP)],
    ['mid-p', '', p(props.test.midP)],
    ['mid-p, Holm', '', p(props.test.adjustedP)],
  ];
  return (
    <div class="verdict-figures">
      <table class="tbl">
        <caption class="vh">Examples that each got right</caption>
        <thead>
          <tr>
            <th scope="col">right</th>
            <th scope="col" class="n">
              both
            </th>
            <th scope="col" class="n">
              only {props.names[props.test.first]}
            </th>
            <th scope="col" class="n">
              only {props.names[props.test.second]}
            </th>
            <th scope="col" class="n">
              neither
            </th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">examples</th>
            <td class="n num">{props.test.counts.bothRight}</td>
            <td class="n num">{props.test.counts.onlyFirst}</td>
            <td class="n num">{props.test.counts.onlySecond}</td>
            <td class="n num">{props.test.counts.bothWrong}</td>
          </tr>
        </tbody>
      </table>
      <table class="tbl">
        <caption class="vh">Tests</caption>
        <thead>
          <tr>
            <th scope="col">test</th>
            <th scope="col" class="n">
              statistic
            </th>
            <th scope="col" class="n">
              p
            </th>
          </tr>
        </thead>
        <tbody>
          <For each={rows()}>
            {([name, statistic, value]) => (
              <tr>
                <th scope="row">{name}</th>
                <td class="n num">{statistic}</td>
                <td class="n num">{value}</td>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </div>
  );
}

/** The pairs that say something; where none does, the first says why. */
function said<Pair extends { verdict: Said }>(pairs: readonly Pair[]): readonly Pair[] {
  const known = pairs.filter(({ verdict }) => verdict.strength !== 'unknown');
  return known.length > 0 ? known : pairs.slice(0, 1);
}

export function TestsSection(props: { comparison: Comparison; onEvaluation: (name: string) => void }): JSX.Element {
  const names = () => props.comparison.names;
  return (
    <>
      <For each={props.comparison.regressions}>
        {(report) => (
          <Show when={report}>
            {(one) => (
              <p class={`regression r-${one().status}`} role={one().status === 'worse' ? 'alert' : undefined}>
                <b>{names()[props.comparison.regressions.indexOf(report)]}</b> {one().text}
              </p>
            )}
          </Show>
        )}
      </For>
      <Show when={props.comparison.predictions}>
        {(tests) => (
          <section aria-label="On the same examples">
            <h3 class="cmp-sub">
              On the same examples
              <Show when={tests().choices.length > 1}>
                <select
                  class="cmp-select"
                  aria-label="Evaluation"
                  value={tests().evaluation}
                  onChange={(event) => props.onEvaluation(event.currentTarget.value)}
                >
                  <For each={tests().choices}>{(name) => <option value={name}>{name}</option>}</For>
                </select>
              </Show>
            </h3>
            <p class="i3 sm num">
              {tests().examples.toLocaleString('en')} examples of “{tests().evaluation}”:{' '}
              {tests()
                .tested.map((at, nth) => `${names()[at]} ${percent(tests().accuracy[nth] ?? Number.NaN)}`)
                .join(', ')}
            </p>
            <Show when={tests().cochran}>{(all) => <VerdictView verdict={all().verdict} />}</Show>
            <For each={tests().pairs}>
              {(test) => (
                <VerdictView verdict={test.verdict}>
                  <PairFigures test={test} names={names()} />
                </VerdictView>
              )}
            </For>
            <For each={tests().missing}>{(text) => <p class="i3 sm">{text}</p>}</For>
          </section>
        )}
      </Show>
      <Show when={props.comparison.seeds}>
        {(tests) => (
          <section aria-label="Across seeds">
            <h3 class="cmp-sub">Across seeds</h3>
            <p class="i3 sm num">
              {props.comparison.metric}:{' '}
              {tests()
                .groups.map(
                  ({ name, mean, std, runs }) =>
                    `${name} ${mean === null ? '—' : figure(mean)}${std === null ? '' : ` ± ${figure(std, 2)}`} (n = ${runs.length})`,
                )
                .join(', ')}
            </p>
            <For each={said(tests().pairs)}>{(pair) => <VerdictView verdict={pair.verdict} />}</For>
          </section>
        )}
      </Show>
      <Show when={!props.comparison.predictions && !props.comparison.seeds}>
        <p class="empty">
          <b>No test can be made yet.</b> These runs have the same parameters but for their seed, and no predictions are
          kept of them. Keep predictions with <code>run.evaluate(…)</code>, or compare other parameters.
        </p>
      </Show>
    </>
  );
}
