import { createMemo, createSignal, For, type JSX, Show } from 'solid-js';
import { count, figure } from '../components/figures.ts';
import { FigureTools, type Zoom } from './figure-tools.tsx';
import { nearest, type PlotModel } from './model.ts';
import { Plot } from './plot.tsx';
import { at } from './plot-overlay.ts';
import { cutTo, type Stretch } from './zoom.ts';

/** A plot captioned as in a paper: its number, its name, and the reading at the crosshair on the same line. */
export function Figure(props: {
  /** `Fig. 1`; nothing for a figure that stands alone. */
  number?: number | undefined;
  title: string;
  /** What the y axis says, in a few words. */
  note?: string | undefined;
  size: 'tall' | 'middle' | 'short';
  changes: () => unknown;
  model: () => PlotModel;
  live: boolean;
  syncKey?: string | undefined;
  onZoom?: ((from: number, to: number) => void) | undefined;
  onReset?: () => void;
  /** Makes what is seen a matter of the figure itself, and offers to take it along. */
  tools?: { zoom: Zoom; xName: string } | undefined;
}): JSX.Element {
  let root: HTMLElement | undefined;
  const [drawn, setDrawn] = createSignal<PlotModel | null>(null);
  const [pointed, setPointed] = createSignal<number | null>(null);
  const reading = createMemo(() => {
    const model = drawn();
    if (!model) return null;
    const last = Math.max(...model.lines.map((line) => line.x.at(-1) ?? Number.NEGATIVE_INFINITY));
    const x = pointed() ?? last;
    if (!Number.isFinite(x)) return null;
    return {
      x: at(x, model.x.kind),
      lines: model.lines.map((line) => {
        const end = line.shown.length - 1;
        // Steps may have come since, which are not drawn yet.
        const index = pointed() === null ? end : Math.min(nearest(line.x, x), end);
        return { name: line.name, colour: line.colour, value: line.shown[index], raw: line.raw[index] };
      }),
    };
  });
  const oddities = () => drawn()?.oddities.reduce((sum, oddity) => sum + oddity.count, 0) ?? 0;
  const notes = () => {
    const parts = [props.note, drawn()?.y.log ? 'log scale' : undefined].filter(Boolean);
    if (oddities() > 0) parts.push(`${count(oddities())} ${oddities() === 1 ? 'value is' : 'values are'} not finite`);
    return parts.join(', ');
  };
  /** The extent of x before anything was cut. */
  const [full, setFull] = createSignal<Stretch>({ from: 0, to: 1 }, { equals: sameStretch });
  const model = (): PlotModel => {
    const whole = props.model();
    if (!props.tools) return whole;
    setFull({ from: whole.x.from, to: whole.x.to });
    return cutTo(whole, props.tools.zoom.stretch(), false);
  };
  const onDrawn = (model: PlotModel) => {
    setDrawn(model);
    const steps = model.lines.map((line) => line.x.at(-1) ?? 0);
    // Written once it can be seen: what measures the page reads here which step that is.
    root?.setAttribute('data-step', String(Math.max(0, ...steps)));
  };
  return (
    <figure ref={root} class={`fig ${props.size === 'middle' ? '' : props.size}`} data-figure={props.title}>
      <figcaption>
        <Show when={props.number}>{(number) => <span class="fno">Fig. {number()}</span>}</Show>
        <h3>{props.title}</h3>
        <span class="unit" classList={{ odd: oddities() > 0 }}>
          {notes()}
        </span>
        <Show when={props.tools}>
          {(tools) => (
            <FigureTools
              title={props.title}
              xName={tools().xName}
              zoom={tools().zoom}
              model={drawn()}
              full={full()}
              at={pointed()}
              figure={() => root}
            />
          )}
        </Show>
        <Show when={reading()}>
          {(read) => (
            <span class="rd num">
              <span class="i3">at {read().x}</span>
              <For each={read().lines}>
                {(line) => (
                  <span class={`key s${line.colour}`} classList={{ dash: line.colour > 6 }}>
                    {line.name}{' '}
                    <b class="num i1" title={line.raw === undefined ? undefined : `recorded ${figure(line.raw, 6)}`}>
                      {line.value === undefined ? '—' : figure(line.value)}
                    </b>
                  </span>
                )}
              </For>
            </span>
          )}
        </Show>
      </figcaption>
      <Plot
        changes={() => [props.changes(), props.tools?.zoom.stretch()]}
        model={model}
        live={props.live}
        label={`${props.title}: ${read(reading())}`}
        syncKey={props.syncKey}
        onPoint={setPointed}
        onZoom={props.onZoom ?? (props.tools ? (from, to) => props.tools?.zoom.set({ from, to }) : undefined)}
        onReset={() => {
          props.tools?.zoom.set(null);
          props.onReset?.();
        }}
        onDrawn={onDrawn}
      />
    </figure>
  );
}

const sameStretch = (a: Stretch, b: Stretch): boolean => a.from === b.from && a.to === b.to;

function read(reading: { x: string; lines: { name: string; value: number | undefined }[] } | null): string {
  if (!reading) return 'no points yet';
  const values = reading.lines.map(({ name, value }) =>
    `${name} ${value === undefined ? 'none' : figure(value)}`.trim(),
  );
  return `at ${reading.x}, ${values.join(', ')}. Arrow keys read along the curve.`;
}
