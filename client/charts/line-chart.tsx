import type { ChartData } from '@trialroom/shared/notebook/outputs';
import type { JSX } from 'solid-js';
import { Figure } from './figure.tsx';
import { createZoom } from './figure-tools.tsx';
import { extentY, type PlotModel, plotLine } from './model.ts';

/** A line chart in a cell's output: it grows in place while the cell runs. */
export function LineChart(props: { data: ChartData }): JSX.Element {
  const zoom = createZoom();
  const model = (): PlotModel => {
    const { x, series } = props.data;
    const lines = series.map(({ name, y }, index) =>
      plotLine(
        x,
        y.map((value) => value ?? Number.NaN),
        { name: series.length === 1 ? '' : name, colour: (index % 10) + 1, smoothing: 0, merged: false },
      ),
    );
    const from = Math.min(...x);
    const to = Math.max(...x);
    const finite = Number.isFinite(from) && Number.isFinite(to);
    return {
      lines: sorted(lines),
      x: { kind: 'number', from: finite ? from : 0, to: finite && to > from ? to : (finite ? from : 0) + 1 },
      y: extentY(lines, { log: false, robust: false }),
      // A null is a gap that the cell's author left: it is not marked as if something had gone wrong.
      oddities: [],
    };
  };
  const title = () => props.data.title ?? (props.data.series.length === 1 ? (props.data.series[0]?.name ?? '') : '');
  return (
    <div class="chart-cell">
      <Figure
        title={title()}
        note={props.data.xLabel === undefined ? undefined : `by ${props.data.xLabel}`}
        size="middle"
        changes={() => [props.data.title, props.data.x, props.data.series, props.data.x.length]}
        model={model}
        live={false}
        tools={{ zoom, xName: props.data.xLabel ?? 'x' }}
      />
    </div>
  );
}

/** Lines whose x do not ascend are put in order, point with value. */
function sorted(lines: PlotModel['lines']): PlotModel['lines'] {
  return lines.map((line) => {
    if (line.x.every((x, index) => index === 0 || x >= (line.x[index - 1] ?? x))) return line;
    const order = line.x.map((_, index) => index).sort((a, b) => (line.x[a] ?? 0) - (line.x[b] ?? 0));
    const pick = (from: readonly number[]) => order.map((index) => from[index] ?? Number.NaN);
    return { ...line, x: pick(line.x), raw: pick(line.raw), shown: pick(line.shown) };
  });
}
