import { createMemo, createSignal, type JSX, Show } from 'solid-js';
import { onAxis } from '../../charts/axis.ts';
import { placeMarks } from '../../charts/marks.ts';
import { type Look, nearest, type PlotModel, plotModel } from '../../charts/model.ts';
import { Plot } from '../../charts/plot.tsx';
import { at } from '../../charts/plot-overlay.ts';
import { svgOf } from '../../charts/vector.ts';
import { count } from '../../components/figures.ts';
import { now } from '../../components/now.ts';
import { shownOf } from '../../data/curves.ts';
import { calmed, READING_PACE } from '../../data/pace.ts';
import { sameJson } from '../../data/same.ts';
import { useRoom } from '../context.ts';
import { MOST_LINES, matching } from '../curves/glob.ts';
import { figuresOf, titleOf } from '../curves/metrics.ts';
import { plannedSteps } from '../trial/plan.ts';
import { CurveReading } from './curve-caption.tsx';
import { createLines, short } from './curve-lines.ts';
import { spoken, stepsBetween, tableOf } from './curve-reading.ts';
import { vectorLook } from './export.ts';
import { type BodyProps, type PanelKind, textIn, toggled, wordsIn } from './kind.ts';

/** Without what only parts words: `grad_norm` is said once where the title says `Grad norm`. */
const plain = (name: string): string => name.toLowerCase().replaceAll(/[\s_/.-]+/g, ' ');

export const curves: PanelKind = {
  kind: 'curves',
  name: 'Curves',
  says: 'One or many metrics over steps or time, of one trial or many.',
  icon: 'room',
  size: { width: 6, height: 6 },
  fields: [
    { name: 'keys', type: 'keys', label: 'Metrics', help: 'One a line. * stands for any letters; !name takes away.' },
    {
      name: 'scale',
      type: 'choice',
      label: 'Vertical axis',
      options: [
        { value: '', text: 'As the room' },
        { value: 'linear', text: 'Linear' },
        { value: 'log', text: 'Log' },
      ],
    },
    { name: 'smoothing', type: 'number', label: 'Smoothing', help: '0 to 0.99; empty: as the room.' },
    {
      name: 'all',
      type: 'toggle',
      label: 'Every value within the range',
      help: 'Else single far-off values are left out.',
    },
  ],
  title: (settings, room) => {
    const keys = matching(wordsIn(settings, 'keys'), room.keys());
    const plans = figuresOf(keys, null);
    const [plan] = plans;
    return plan && plans.length === 1 ? plan.title : wordsIn(settings, 'keys').map(short).join(', ') || 'Curves';
  },
  Body: CurvesBody,
};

function CurvesBody(props: BodyProps): JSX.Element {
  const room = useRoom();
  const [drawn, setDrawn] = createSignal<PlotModel | null>(null);
  let newest: PlotModel | null = null;
  const say = calmed(() => setDrawn(newest), READING_PACE);
  const [pointed, setPointed] = createSignal<number | null>(null);
  let root: HTMLDivElement | undefined;
  const keys = createMemo(() => matching(wordsIn(props.settings, 'keys'), room.keys()), [], { equals: sameJson });
  const look = (): Look => {
    const own = Number(props.settings.smoothing ?? Number.NaN);
    const scale = textIn(props.settings, 'scale');
    const shared = room.view.look();
    return {
      ...shared,
      ...(own >= 0 && own <= 0.99 && props.settings.smoothing !== '' ? { smoothing: own } : {}),
      ...(scale === '' ? {} : { log: scale === 'log' }),
      ...(toggled(props.settings, 'all') ? { robust: false } : {}),
    };
  };
  const lines = createLines(keys, look);
  const window = room.view.window;
  const model = (): PlotModel => {
    const curves = lines();
    const [first] = room.trials();
    const last = Math.max(...curves.map(({ curve }) => curve.steps.at(-1) ?? Number.NEGATIVE_INFINITY));
    const open = room.single && first && first.trial.endedAt === null;
    const made = plotModel(curves, look(), {
      startedAt: first?.trial.startedAt ?? first?.trial.createdAt ?? 0,
      plannedTo: open ? plannedSteps(first.trial, last) : undefined,
      window: window(),
      growing: room.trials().some(({ trial }) => trial.endedAt === null),
    });
    const marks = room.marks();
    if (marks.length === 0) return made;
    if (look().x === 'step') return { ...made, marks: placeMarks(marks, null, null) };
    const [one] = curves;
    const xs = one
      ? onAxis(one.curve, look().x, { startedAt: one.startedAt ?? 0, pauses: one.pauses, axis: one.axis }).x
      : null;
    return { ...made, marks: placeMarks(marks, one?.curve.steps ?? null, xs) };
  };
  const reading = createMemo(() => {
    const shown = drawn();
    if (!shown) return null;
    const last = Math.max(...shown.lines.map((line) => line.x.at(-1) ?? Number.NEGATIVE_INFINITY));
    const x = pointed() ?? last;
    if (!Number.isFinite(x)) return null;
    return {
      x: at(x, shown.x.kind),
      lines: shown.lines.map((line) => {
        const end = line.shown.length - 1;
        // Steps may have come since, which are not drawn yet.
        const index = pointed() === null ? end : Math.min(nearest(line.x, x), end);
        return { name: line.name, colour: line.colour, value: line.shown[index], raw: line.raw[index] };
      }),
    };
  });
  /** Readings that fit the caption: names of trials are long. */
  const mostRead = (): number => (room.single ? 6 : props.panel.width > 6 ? 3 : 1);
  const oddities = createMemo(() => drawn()?.oddities.reduce((sum, oddity) => sum + oddity.count, 0) ?? 0);
  const log = createMemo(() => drawn()?.y.log ?? false);
  /** How much of what there is is drawn: once a second is often enough. */
  const share = createMemo(() => {
    now();
    return shownOf(lines().map(({ curve }) => curve));
  });
  const note = (): string => {
    const shown = share();
    const only = room.single && keys().length === 1 ? (keys()[0] ?? '') : '';
    const parts = [
      only !== '' && plain(titleOf(only)) !== plain(only) && props.panel.title === '' ? short(only) : '',
      log() ? 'log scale' : '',
      oddities() > 0 ? `${count(oddities())} ${oddities() === 1 ? 'value is' : 'values are'} not finite` : '',
      shown.shown < shown.total ? `${count(shown.shown)} of ${count(shown.total)} shown` : '',
      lines().length === MOST_LINES ? `the first ${MOST_LINES} lines` : '',
    ];
    return parts.filter((part) => part !== '').join(', ');
  };
  props.offer({
    note,
    odd: () => oddities() > 0,
    reading: () => <CurveReading of={reading()} most={mostRead()} />,
    table: () => tableOf(room, keys()),
    svg: () => svgOf(props.panel.title || curves.title(props.settings, room), drawn() ?? model(), vectorLook(root)),
  });
  const onZoom = (from: number, to: number): void => {
    const steps = look().x === 'step' ? { from, to } : stepsBetween(lines(), look(), from, to);
    if (steps) room.view.zoom(steps);
  };
  const onPin = room.onPin;
  return (
    <div
      ref={root}
      class="plot-body"
      data-figure={props.panel.id}
      // Written once it can be seen: what measures the page reads here which step that is.
      data-step={0}
    >
      <Show
        when={keys().length > 0}
        fallback={
          <p class="empty">
            <b>No points yet.</b>{' '}
            {wordsIn(props.settings, 'keys').length === 0
              ? 'Choose metrics in the settings of this panel.'
              : `Nothing called ${wordsIn(props.settings, 'keys').map(short).join(', ')} was logged.`}
          </p>
        }
      >
        <Plot
          changes={() => [room.version(), look(), window(), keys(), room.marks(), room.trials()]}
          model={model}
          live={room.trials().some(({ trial }) => trial.status === 'running')}
          label={`${props.panel.title || curves.title(props.settings, room)}: ${spoken(reading())}`}
          syncKey={room.syncKey}
          onPoint={(x) => {
            // What is pointed at is read from what is drawn now.
            if (newest !== drawn()) setDrawn(newest);
            setPointed(x);
            room.pointed(x === null ? null : props.panel.id, x === null ? null : at(x, drawn()?.x.kind ?? 'step'));
          }}
          onZoom={onZoom}
          onReset={() => room.view.zoom(null)}
          onMark={(id) => room.onMark(id)}
          onPin={
            onPin
              ? (from, to) => {
                  const steps = look().x === 'step' ? { from, to } : stepsBetween(lines(), look(), from, to);
                  const [key] = keys();
                  if (steps && key !== undefined) onPin(steps.from, steps.to, key);
                }
              : undefined
          }
          onDrawn={(model) => {
            newest = model;
            say();
            const steps = model.lines.map((line) => line.x.at(-1) ?? 0);
            root?.setAttribute('data-step', String(Math.max(0, ...steps)));
          }}
        />
      </Show>
    </div>
  );
}
