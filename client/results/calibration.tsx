import type { Calibration } from '@trialroom/shared/trial/evaluation';
import { For, type JSX } from 'solid-js';
import { count, figure, percent } from '../components/figures.ts';
import { place, SquarePlot } from './square-plot.tsx';
import type { Point } from './threshold.ts';

/** How often a model is right when it says how sure it is. */
export function CalibrationSection(props: { calibration: Calibration }): JSX.Element {
  const most = () => Math.max(...props.calibration.bins.map((bin) => bin.count));
  const points = () => props.calibration.bins.map(({ confidence, accuracy }): Point => [confidence, accuracy]);
  return (
    <section id="calibration" class="rs-calibration" aria-label="Calibration">
      <div class="sh">
        <h2>Calibration</h2>
        <span class="c num">
          expected error {figure(props.calibration.ece, 3)}, greatest {figure(props.calibration.mce, 3)}, Brier{' '}
          {figure(props.calibration.brier, 3)}
        </span>
      </div>
      <div class="rs-curves">
        <SquarePlot
          number={3}
          title="Reliability"
          note="on the line, it is right as often as it says"
          xName="confidence"
          yName="accuracy"
          points={points()}
          chance={[
            [0, 0],
            [1, 1],
          ]}
        >
          <For each={props.calibration.bins}>
            {({ confidence, accuracy, count: examples }) => (
              <circle
                class="dot"
                cx={place.x(confidence)}
                cy={place.y(accuracy)}
                r={3 + 5 * Math.sqrt(examples / most())}
              >
                <title>
                  {count(examples)} examples: {percent(confidence)} sure, {percent(accuracy)} right
                </title>
              </circle>
            )}
          </For>
        </SquarePlot>
        <table class="tbl num">
          <thead>
            <tr>
              <th>confidence</th>
              <th class="n">examples</th>
              <th class="n">sure</th>
              <th class="n">right</th>
              <th class="n">gap</th>
            </tr>
          </thead>
          <tbody>
            <For each={props.calibration.bins}>
              {(bin) => (
                <tr>
                  <td>
                    {bin.from.toFixed(2)} to {bin.to.toFixed(2)}
                  </td>
                  <td class="n">{count(bin.count)}</td>
                  <td class="n">{percent(bin.confidence)}</td>
                  <td class="n">{percent(bin.accuracy)}</td>
                  <td class="n">{figure((bin.confidence - bin.accuracy) * 100, 2)}</td>
                </tr>
              )}
            </For>
          </tbody>
        </table>
      </div>
    </section>
  );
}
