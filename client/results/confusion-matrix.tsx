/** Which classes are taken for which; a cell opens its examples. Arrow keys walk from cell to cell. */
import { A, useParams, useSearchParams } from '@solidjs/router';
import type { ClassificationEvaluation } from '@trialroom/shared/trial/evaluation';
import { createMemo, createSignal, For, type JSX, Show } from 'solid-js';
import { noteAddress } from '../annotations/note-link.ts';
import { Button, Choice } from '../components/button.tsx';
import { count, percent } from '../components/figures.ts';
import { Icon } from '../components/icon.tsx';
import { MOST_SHOWN, type Normalised, shownClasses, tintsOf, valuesOf } from './matrix.ts';
import { SampleCard } from './sample.tsx';
import './matrix.css';

type Cell = [truth: number, predicted: number];

export function ConfusionMatrix(props: {
  evaluation: ClassificationEvaluation;
  cell: Cell | null;
  onCell: (cell: Cell | null) => void;
}): JSX.Element {
  const [search, setSearch] = useSearchParams<{ by?: string }>();
  const normalised = (): Normalised => (search.by === 'rows' || search.by === 'columns' ? search.by : 'counts');
  const size = () => props.evaluation.classes.length;
  const shown = createMemo(() => shownClasses(props.evaluation.confusion, size()));
  const values = createMemo(() => valuesOf(props.evaluation.confusion, size(), normalised()));
  const tints = createMemo(() => tintsOf(values(), size()));
  const [at, setAt] = createSignal<Cell | null>(null);
  let grid: HTMLTableElement | undefined;
  const stop = (): Cell => at() ?? props.cell ?? [shown()[0] ?? 0, shown()[0] ?? 0];
  const walk = (event: KeyboardEvent) => {
    const moves: Record<string, Cell> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    const places = shown();
    const next = (from: number, by: number) =>
      places[Math.min(places.length - 1, Math.max(0, places.indexOf(from) + by))] ?? from;
    const to: Cell = [next(stop()[0], move[0]), next(stop()[1], move[1])];
    setAt(to);
    grid?.querySelector<HTMLElement>(`[data-at="${to.join(',')}"]`)?.focus();
  };
  const name = (number: number) => props.evaluation.classes[number] ?? String(number);
  const text = (cell: number) => {
    const value = values()[cell];
    if (value === null || value === undefined) return '–';
    if (normalised() === 'counts') return value === 0 ? '' : count(value);
    return value === 0 ? '' : String(Math.round(value * 100));
  };
  return (
    <section id="confusion" class="rs-confusion" aria-label="Confusion matrix">
      <div class="sh">
        <h2>Confusion</h2>
        <span class="c">
          {shown().length < size()
            ? `${shown().length} of ${count(size())} classes: those with the most errors`
            : 'rows: truth, columns: answer'}
        </span>
        <span class="r">
          <Choice
            label="What a cell says"
            value={normalised()}
            options={[
              { value: 'counts', text: 'Counts' },
              { value: 'rows', text: 'Rows %', title: 'Share of the true class' },
              { value: 'columns', text: 'Columns %', title: 'Share of the answer' },
            ]}
            onChange={(by) => setSearch({ by: by === 'counts' ? null : by }, { scroll: false })}
          />
        </span>
      </div>
      <div class="scroll">
        <table
          ref={grid}
          class="cm num"
          classList={{
            brief: shown().every((number) => name(number).length < 3),
            dense: shown().length > 14,
            tight: shown().length > 5,
          }}
          style={{ '--classes': shown().length }}
          onKeyDown={walk}
        >
          <caption class="vh">Truth by row, answer by column. Arrow keys move, Enter opens a cell.</caption>
          <thead>
            <tr>
              <td />
              <For each={shown()}>
                {(number) => (
                  <th scope="col" title={name(number)}>
                    <span>{name(number)}</span>
                  </th>
                )}
              </For>
            </tr>
          </thead>
          <tbody>
            <For each={shown()}>
              {(truth) => (
                <tr>
                  <th scope="row" title={name(truth)}>
                    <span>{name(truth)}</span>
                  </th>
                  <For each={shown()}>
                    {(predicted) => {
                      const cell = truth * size() + predicted;
                      const here = () => props.cell?.[0] === truth && props.cell[1] === predicted;
                      const counted = () => props.evaluation.confusion[cell] ?? 0;
                      return (
                        <td>
                          <button
                            type="button"
                            data-at={`${truth},${predicted}`}
                            class={truth === predicted ? 'hit' : 'miss'}
                            style={{ '--tint': tints()[cell] ?? 0 }}
                            tabindex={stop()[0] === truth && stop()[1] === predicted ? 0 : -1}
                            aria-pressed={here()}
                            aria-label={`${name(truth)} taken for ${name(predicted)}: ${counted()}${
                              normalised() === 'counts' ? '' : `, ${percent(values()[cell] ?? 0)}`
                            }`}
                            onFocus={() => setAt([truth, predicted])}
                            onClick={() => props.onCell(here() ? null : [truth, predicted])}
                          >
                            {text(cell)}
                          </button>
                        </td>
                      );
                    }}
                  </For>
                </tr>
              )}
            </For>
          </tbody>
        </table>
      </div>
      <Show when={size() > MOST_SHOWN}>
        <p class="i3">All counts are in the downloaded evaluation.</p>
      </Show>
    </section>
  );
}

/** Examples of one cell. */
export function CellSamples(props: {
  evaluation: ClassificationEvaluation;
  cell: Cell;
  onClose: () => void;
}): JSX.Element {
  const [truth, predicted] = props.cell;
  const params = useParams<{ id: string }>();
  const note = () =>
    noteAddress(
      { kind: 'trial', id: params.id },
      {
        ...{ kind: 'confusion', evaluation: props.evaluation.name, row: truth, column: predicted },
        ...{ labels: [name(truth), name(predicted)], count: counted() },
      },
    );
  const name = (number: number) => props.evaluation.classes[number] ?? String(number);
  const counted = () => props.evaluation.confusion[truth * props.evaluation.classes.length + predicted] ?? 0;
  const samples = () =>
    (
      props.evaluation.cells.find((cell) => cell.truth === truth && cell.predicted === predicted)?.samples ?? []
    ).flatMap((place) => props.evaluation.samples[place] ?? []);
  return (
    <section class="rs-cell" aria-label="Examples of the cell">
      <div class="sh">
        <h2>{truth === predicted ? `“${name(truth)}”, rightly` : `“${name(truth)}” taken for “${name(predicted)}”`}</h2>
        <span class="c num">
          {samples().length < counted() ? `${count(samples().length)} of ${count(counted())}` : count(counted())}
          {samples().length < 2 ? '' : truth === predicted ? ', the least sure first' : ', the surest first'}
        </span>
        <span class="r">
          <A class="btn q" href={note()} title="Note this cell in the trial's room">
            <Icon name="comment" /> Note
          </A>
          <Button kind="quiet" icon="x" aria-label="Close the examples" onClick={() => props.onClose()} />
        </span>
      </div>
      <Show
        when={samples().length > 0}
        fallback={
          <p class="empty">{counted() === 0 ? 'No example is in this cell.' : 'None of its examples was kept.'}</p>
        }
      >
        <ul class="samples">
          <For each={samples()}>{(sample) => <SampleCard sample={sample} classes={props.evaluation.classes} />}</For>
        </ul>
      </Show>
    </section>
  );
}
