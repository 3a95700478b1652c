/** Results of predicted numbers. */
import type { RegressionEvaluation } from '@trialroom/shared/trial/evaluation';
import type { Trial } from '@trialroom/shared/trial/trial';
import { scaleLinear } from 'd3-scale';
import { createMemo, For, type JSX, Show } from 'solid-js';
import { count, figure, short } from '../components/figures.ts';
import { regressionInsights } from './insights.ts';
import { Input } from './sample.tsx';

/** About five values that people would choose. */
const ticks = (from: number, to: number): number[] => scaleLinear().domain([from, to]).ticks(5);

const [WIDTH, HEIGHT, LEFT, BOTTOM] = [360, 260, 44, 30] as const;

/** The unit in `price in €` or `height (cm)`; empty where none is said. */
const unitOf = (target: string): string =>
  /(?: in (\S{1,8})|\(([^)]{1,8})\))$/.exec(target.trim())?.slice(1).find(Boolean) ?? '';

export function RegressionResults(props: { trial: Trial; evaluation: RegressionEvaluation }): JSX.Element {
  const cards = () => {
    const { mae, rmse, r2, bias, medianError, maxError } = props.evaluation;
    const own = unitOf(props.evaluation.target ?? '');
    return [
      {
        name: 'MAE',
        unit: own,
        value: figure(mae),
        note: `median ${figure(medianError)}, largest ${figure(maxError)}`,
      },
      { name: 'RMSE', unit: own, value: figure(rmse), note: `bias ${figure(bias, 3)}` },
      { name: 'R²', unit: '', value: r2 === null ? '–' : figure(r2), note: 'share of variance explained' },
    ];
  };
  const insights = () => regressionInsights(props.evaluation);
  const shownInputs = () => props.evaluation.worst.some((place) => props.evaluation.pairs[place]?.input);
  return (
    <>
      <section class="rs-overview" aria-label="Overview">
        <div class="cards">
          <For each={cards()}>
            {({ name, value, note, unit }) => (
              <div class="card">
                <h2>{name}</h2>
                <b class="num">
                  {value}
                  <Show when={unit}>{(text) => <small class="unit"> {text()}</small>}</Show>
                </b>
                <p class="i3 num">{note}</p>
              </div>
            )}
          </For>
        </div>
        <div class="next">
          <div class="sh">
            <h2>What to look at next</h2>
            <span class="c num">
              {props.evaluation.name}, {count(props.evaluation.count)} examples
            </span>
          </div>
          <Show when={insights().length > 0} fallback={<p class="i3">Nothing stands out.</p>}>
            <ol class="insights">
              <For each={insights()}>{(text) => <li>{text}</li>}</For>
            </ol>
          </Show>
        </div>
      </section>
      <section class="rs-regression" aria-label="Predicted against true">
        <div class="sh">
          <h2>Predicted against true</h2>
          <span class="c num">
            {count(props.evaluation.pairs.length)} of {count(props.evaluation.count)} shown
          </span>
        </div>
        <div class="rs-curves">
          <Scatter evaluation={props.evaluation} />
          <Residuals evaluation={props.evaluation} />
        </div>
      </section>
      <section class="rs-failures" aria-label="Largest errors">
        <div class="sh">
          <h2>Largest errors</h2>
          <span class="c num">{count(props.evaluation.worst.length)}</span>
        </div>
        <div class="scroll">
          <table class="tbl num">
            <thead>
              <tr>
                <th>example</th>
                <th class="n">true</th>
                <th class="n">predicted</th>
                <th class="n">error</th>
                <Show when={shownInputs()}>
                  <th>input</th>
                </Show>
              </tr>
            </thead>
            <tbody>
              <For each={props.evaluation.worst}>
                {(place) => (
                  <Show when={props.evaluation.pairs[place]}>
                    {(pair) => (
                      <tr>
                        <td class="mono">{pair().id}</td>
                        <td class="n">{figure(pair().truth)}</td>
                        <td class="n">{figure(pair().predicted)}</td>
                        <td class="n">{figure(pair().predicted - pair().truth)}</td>
                        <Show when={shownInputs()}>
                          <td>
                            <Show when={pair().input}>
                              {(input) => <Input preview={input()} name={`Example ${pair().id}`} />}
                            </Show>
                          </td>
                        </Show>
                      </tr>
                    )}
                  </Show>
                )}
              </For>
            </tbody>
          </table>
        </div>
      </section>
    </>
  );
}

function Scatter(props: { evaluation: RegressionEvaluation }): JSX.Element {
  const range = createMemo(() => {
    const all = props.evaluation.pairs.flatMap(({ truth, predicted }) => [truth, predicted]);
    const [low, high] = [Math.min(...all), Math.max(...all)];
    return low < high ? { low, high } : { low: low - 1, high: high + 1 };
  });
  const share = (value: number) => (value - range().low) / (range().high - range().low);
  const x = (value: number) => LEFT + share(value) * WIDTH;
  const y = (value: number) => 8 + (1 - share(value)) * HEIGHT;
  return (
    <figure class="square wide">
      <figcaption>
        <span class="fno">Fig. 1</span>
        <h3>{props.evaluation.target || 'Values'}</h3>
        <span class="unit">on the line, the prediction is right</span>
      </figcaption>
      <svg
        viewBox={`0 0 ${LEFT + WIDTH + 10} ${HEIGHT + BOTTOM + 12}`}
        role="img"
        aria-label="Predicted against true values"
      >
        <For each={ticks(range().low, range().high)}>
          {(tick) => (
            <>
              <line class="grid" x1={LEFT} x2={LEFT + WIDTH} y1={y(tick)} y2={y(tick)} />
              <text class="tick" x={LEFT - 6} y={y(tick) + 4} text-anchor="end">
                {short(tick)}
              </text>
              <text class="tick" x={x(tick)} y={HEIGHT + 24} text-anchor="middle">
                {short(tick)}
              </text>
            </>
          )}
        </For>
        <line class="chance" x1={x(range().low)} y1={y(range().low)} x2={x(range().high)} y2={y(range().high)} />
        <For each={props.evaluation.pairs}>
          {({ truth, predicted }) => <circle class="pair" cx={x(truth)} cy={y(predicted)} r="2" />}
        </For>
        <text class="tick" x={LEFT + WIDTH / 2} y={HEIGHT + BOTTOM + 8} text-anchor="middle">
          true
        </text>
      </svg>
    </figure>
  );
}

function Residuals(props: { evaluation: RegressionEvaluation }): JSX.Element {
  const edges = () => props.evaluation.residuals.edges;
  const counts = () => props.evaluation.residuals.counts;
  const most = () => Math.max(1, ...counts());
  const low = () => edges()[0] ?? 0;
  const high = () => edges().at(-1) ?? 1;
  const x = (value: number) => LEFT + ((value - low()) / (high() - low() || 1)) * WIDTH;
  return (
    <figure class="square wide">
      <figcaption>
        <span class="fno">Fig. 2</span>
        <h3>Errors</h3>
        <span class="unit">predicted less true</span>
      </figcaption>
      <svg viewBox={`0 0 ${LEFT + WIDTH + 10} ${HEIGHT + BOTTOM + 12}`} role="img" aria-label="Histogram of errors">
        <For each={counts()}>
          {(value, bin) => {
            const [from, to] = [x(edges()[bin()] ?? 0), x(edges()[bin() + 1] ?? 0)];
            const height = (value / most()) * HEIGHT;
            return (
              <rect class="bin" x={from} y={8 + HEIGHT - height} width={Math.max(0, to - from - 1)} height={height} />
            );
          }}
        </For>
        <Show when={low() < 0 && high() > 0}>
          <line class="chance" x1={x(0)} x2={x(0)} y1={8} y2={8 + HEIGHT} />
        </Show>
        <For each={ticks(low(), high())}>
          {(tick) => (
            <text class="tick" x={x(tick)} y={HEIGHT + 24} text-anchor="middle">
              {short(tick)}
            </text>
          )}
        </For>
      </svg>
    </figure>
  );
}
