import { isSystemMetric } from '@trialroom/shared/trial/metric-names';
import { createMemo, Index, type JSX, Show } from 'solid-js';
import { Sparkline } from '../../charts/sparkline.tsx';
import { useRoom } from '../context.ts';
import type { BodyProps, PanelKind } from './kind.ts';
import { bySubject, resourceName, written } from './resource-figures.ts';
import './findings.css';

export const resources: PanelKind = {
  kind: 'resources',
  name: 'Resources',
  says: 'What the machine does meanwhile: processor, memory, accelerator, disk, network.',
  icon: 'chip',
  size: { width: 6, height: 9 },
  fields: [],
  unnumbered: true,
  only: 'trial',
  title: () => 'Resources',
  Body: ResourcesBody,
};

interface Row {
  key: string;
  name: string;
  walls: number[];
  values: number[];
  last: number;
  text: { value: string; unit: string };
}

/** Samples come every few seconds, figures of the trial itself many times a second. */
const sameSamples = (a: readonly Row[], b: readonly Row[]): boolean =>
  a.length === b.length && a.every((row, at) => row.key === b[at]?.key && row.walls.at(-1) === b[at]?.walls.at(-1));

function ResourcesBody(props: BodyProps): JSX.Element {
  const room = useRoom();
  const read = (): Row[] => {
    room.calm();
    const keys = room.keys().filter(isSystemMetric).sort(bySubject);
    room.need(keys);
    const [trial] = room.trials();
    return keys.flatMap((key) => {
      const curve = trial?.curves.byKey.get(key);
      const last = curve?.values.at(-1);
      if (!curve || last === undefined) return [];
      // The last five minutes or so: what is long gone says nothing of the machine now.
      const [walls, values] = [curve.walls.slice(-300), curve.values.slice(-300)];
      return [{ key, name: resourceName(key), walls, values, last, text: written(key, last) }];
    });
  };
  const rows = createMemo(read, [], { equals: sameSamples });
  const live = (): boolean => room.trials().some(({ trial }) => trial.status === 'running');
  props.offer({
    note: () => (live() ? 'live' : ''),
    table: () => ({ columns: ['resource', 'last'], rows: rows().map(({ key, last }) => [key, last]) }),
  });
  return (
    <Show
      when={rows().length > 0}
      fallback={<p class="empty">No samples of the machine yet. They come every few seconds while a trial runs.</p>}
    >
      <Index each={rows()}>
        {(row) => (
          <div class="res">
            <span title={row().key}>{row().name}</span>
            <Sparkline
              steps={row().walls.map((wall) => wall - (row().walls[0] ?? 0))}
              values={row().values}
              colour="quiet"
              alive={false}
              width={160}
              height={22}
              label={`${row().name} over the last minutes`}
            />
            <b class="num">
              {row().text.value} <small>{row().text.unit}</small>
            </b>
          </div>
        )}
      </Index>
    </Show>
  );
}
