/** Beside a figure's name: nearer, further, all of it, and taking it along as an image or a table. */
import { createSignal, type JSX, Show } from 'solid-js';
import { Button } from '../components/button.tsx';
import { csvOf } from './csv.ts';
import type { PlotModel } from './model.ts';
import { fileName, pngOf, save } from './picture.ts';
import { type Stretch, scaled } from './zoom.ts';

/** One press makes the stretch so many times as long. */
const STEP = 0.5;

/** What part of x is shown; null: all. Kept by whoever makes the figure's model. */
export interface Zoom {
  stretch(): Stretch | null;
  set(stretch: Stretch | null): void;
}

/** The part of x that a figure shows, to begin with all. */
export function createZoom(): Zoom {
  const [stretch, set] = createSignal<Stretch | null>(null, {
    equals: (a, b) => a?.from === b?.from && a?.to === b?.to,
  });
  return { stretch, set: (next) => void set(next) };
}

export function FigureTools(props: {
  title: string;
  /** What the first column of the table is called. */
  xName: string;
  zoom: Zoom;
  /** What is drawn now; null: nothing yet. */
  model: PlotModel | null;
  /** What all of x is. */
  full: Stretch;
  /** The x that is pointed at. */
  at: number | null;
  figure: () => HTMLElement | undefined;
}): JSX.Element {
  const [problem, setProblem] = createSignal<string | null>(null);
  const named = (what: string): string => (props.title === '' ? what : `${what}: ${props.title}`);
  const by = (factor: number): void => {
    const shown = props.zoom.stretch() ?? props.full;
    props.zoom.set(scaled(shown, props.full, factor, props.at ?? (shown.from + shown.to) / 2));
  };
  const savePng = async (): Promise<void> => {
    const figure = props.figure();
    if (!figure || !props.model) return;
    try {
      save(await pngOf(figure, props.title, props.model), fileName(props.title, 'png'));
      setProblem(null);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  const saveCsv = (): void => {
    if (!props.model) return;
    save(new Blob([csvOf(props.model.lines, props.xName)], { type: 'text/csv' }), fileName(props.title, 'csv'));
  };
  return (
    <span class="fig-tools" role="toolbar" aria-label={named('Chart')}>
      <Show when={props.zoom.stretch()}>
        <Button kind="quiet" aria-label={named('Zoom out')} title="Zoom out" onClick={() => by(1 / STEP)}>
          −
        </Button>
        <Button
          kind="quiet"
          icon="expand"
          aria-label={named('Show all')}
          title="Show all (Escape, or a double click)"
          onClick={() => props.zoom.set(null)}
        />
      </Show>
      <Button
        kind="quiet"
        icon="plus"
        aria-label={named('Zoom in')}
        title="Zoom in (or drag over a range)"
        onClick={() => by(STEP)}
      />
      <Button
        kind="quiet"
        aria-label={named('Save as PNG')}
        title="Save the image as it is"
        onClick={() => void savePng()}
      >
        PNG
      </Button>
      <Button kind="quiet" aria-label={named('Save as CSV')} title="Save all its points as a table" onClick={saveCsv}>
        CSV
      </Button>
      <Show when={problem()}>
        <span role="alert" class="bad sm">
          {problem()}
        </span>
      </Show>
    </span>
  );
}
