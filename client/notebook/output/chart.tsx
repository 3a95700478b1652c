/** Curves in a cell's output: a chart the cell draws itself, or the live chart of the trial it started. */
import { ChartData } from '@trialroom/shared/notebook/outputs';
import { createMemo, type JSX, Show } from 'solid-js';
import { unwrap } from 'solid-js/store';
import { z } from 'zod';
import { LineChart } from '../../charts/line-chart.tsx';
import { TrialChart } from '../../charts/trial-chart.tsx';
import { TextOutput } from './text.tsx';

const TrialData = z.object({ trial: z.string().min(1) });

/** A chart that a cell drew. */
export function ChartOutput(props: { data: unknown; plain: unknown }): JSX.Element {
  const chart = createMemo(() => {
    // Read past the store: a chart may hold many thousand numbers, and it comes whole with every update.
    const parsed = ChartData.safeParse(unwrap(props.data));
    return parsed.success ? parsed.data : null;
  });
  return (
    <Show when={chart()} fallback={<TextOutput text={props.plain} />}>
      {(data) => <LineChart data={data()} />}
    </Show>
  );
}

/** The trial that a cell opened, and the way to its room. */
export function TrialOutput(props: { data: unknown; plain: unknown }): JSX.Element {
  const trial = createMemo(() => {
    const parsed = TrialData.safeParse(props.data);
    return parsed.success ? parsed.data.trial : null;
  });
  return (
    <Show keyed when={trial()} fallback={<TextOutput text={props.plain} />}>
      {(id) => <TrialChart trial={id} />}
    </Show>
  );
}
