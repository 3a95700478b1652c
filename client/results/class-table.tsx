import type { ClassFigures, ClassificationEvaluation } from '@trialroom/shared/trial/evaluation';
import { createMemo, createSignal, For, type JSX, Show } from 'solid-js';
import { count, figure } from '../components/figures.ts';

type Column = 'name' | 'precision' | 'recall' | 'f1' | 'support' | 'auc' | 'ap';

const COLUMNS: readonly { column: Column; text: string; title: string }[] = [
  { column: 'name', text: 'class', title: 'Name of the class' },
  { column: 'precision', text: 'precision', title: 'Of what was taken for it, the share that is' },
  { column: 'recall', text: 'recall', title: 'Of what is, the share that was taken for it' },
  { column: 'f1', text: 'F1', title: 'Harmonic mean of precision and recall' },
  { column: 'support', text: 'support', title: 'Examples of the class' },
  { column: 'auc', text: 'AUC', title: 'Area under the ROC curve, one against the rest' },
  { column: 'ap', text: 'AP', title: 'Average precision' },
];

/** Figures of each class; a row chooses the class that curves are drawn of. */
export function ClassTable(props: {
  evaluation: ClassificationEvaluation;
  chosen: number;
  onChoose: (number: number) => void;
}): JSX.Element {
  const [sort, setSort] = createSignal<{ column: Column; down: boolean } | null>(null);
  const withSweeps = () => props.evaluation.perClass.some(({ sweep }) => sweep !== null);
  const columns = () => COLUMNS.filter(({ column }) => withSweeps() || (column !== 'auc' && column !== 'ap'));
  const rows = createMemo(() => {
    const all = props.evaluation.perClass.map((figures, number) => ({ number, figures }));
    const by = sort();
    if (!by) return all;
    const { column, down } = by;
    const name = (number: number) => props.evaluation.classes[number] ?? '';
    return all.sort((a, b) => {
      const order =
        column === 'name'
          ? name(a.number).localeCompare(name(b.number), undefined, { numeric: true })
          : (figureOf(a.figures, column) ?? -1) - (figureOf(b.figures, column) ?? -1);
      return down ? -order : order;
    });
  });
  const turn = (column: Column) =>
    setSort((by) => (by?.column !== column ? { column, down: column !== 'name' } : { column, down: !by.down }));
  return (
    <section id="classes" class="rs-classes" aria-label="Classes">
      <div class="sh">
        <h2>Classes</h2>
        <span class="c num">{count(props.evaluation.classes.length)}</span>
      </div>
      <div class="scroll">
        <table class="tbl num">
          <thead>
            <tr>
              <For each={columns()}>
                {({ column, text, title }) => (
                  <th
                    class={column === 'name' ? '' : 'n'}
                    aria-sort={sort()?.column === column ? (sort()?.down ? 'descending' : 'ascending') : undefined}
                  >
                    <button type="button" class="tl" title={title} onClick={() => turn(column)}>
                      {text}
                      {sort()?.column === column ? (sort()?.down ? ' ↓' : ' ↑') : ''}
                    </button>
                  </th>
                )}
              </For>
            </tr>
          </thead>
          <tbody>
            <For each={rows()}>
              {({ number, figures }) => (
                <tr classList={{ on: withSweeps() && props.chosen === number }}>
                  <td>
                    <Show when={withSweeps()} fallback={props.evaluation.classes[number]}>
                      <button
                        type="button"
                        class="tl"
                        aria-pressed={props.chosen === number}
                        onClick={() => props.onChoose(number)}
                      >
                        {props.evaluation.classes[number]}
                      </button>
                    </Show>
                  </td>
                  <Share value={figures.precision} />
                  <Share value={figures.recall} />
                  <Share value={figures.f1} />
                  <td class="n">{count(figures.support)}</td>
                  <Show when={withSweeps()}>
                    <td class="n">{shareText(figures.sweep?.auc ?? null)}</td>
                    <td class="n">{shareText(figures.sweep?.averagePrecision ?? null)}</td>
                  </Show>
                </tr>
              )}
            </For>
          </tbody>
          <tfoot>
            <For each={['macro', 'weighted'] as const}>
              {(kind) => (
                <tr>
                  <td class="i3">{kind === 'macro' ? 'mean' : 'mean by support'}</td>
                  <Share value={props.evaluation[kind].precision} />
                  <Share value={props.evaluation[kind].recall} />
                  <Share value={props.evaluation[kind].f1} />
                  <td class="n">{count(props.evaluation.count)}</td>
                  <Show when={withSweeps()}>
                    <td />
                    <td />
                  </Show>
                </tr>
              )}
            </For>
          </tfoot>
        </table>
      </div>
    </section>
  );
}

function figureOf({ sweep, ...figures }: ClassFigures, column: Exclude<Column, 'name'>): number | null {
  if (column === 'auc') return sweep?.auc ?? null;
  if (column === 'ap') return sweep?.averagePrecision ?? null;
  return figures[column];
}

const shareText = (value: number | null): string => (value === null ? '–' : figure(value));

/** A share with a bar as long as it. */
function Share(props: { value: number | null }): JSX.Element {
  return (
    <td class="n share" title={props.value === null ? 'undefined: there is nothing to divide by' : undefined}>
      <i style={{ width: `${(props.value ?? 0) * 100}%` }} aria-hidden="true" />
      <span>{shareText(props.value)}</span>
    </td>
  );
}
