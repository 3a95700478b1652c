/** An evaluation in a few lines, for those who read under the cell. */
import type { Evaluation } from '@trialroom/shared/trial/evaluation';

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;
const figure = (value: number): string => value.toPrecision(4);
const MOST_LINES = 20;

export function evaluationText(evaluation: Evaluation): string {
  const of = `${evaluation.name}: ${evaluation.count.toLocaleString('en')} examples`;
  if (evaluation.task === 'regression') {
    const { mae, rmse, r2 } = evaluation;
    return `${of}  MAE ${figure(mae)}  RMSE ${figure(rmse)}${r2 === null ? '' : `  R² ${figure(r2)}`}`;
  }
  const { accuracy, macro, classes, perClass } = evaluation;
  const width = Math.max(...classes.map((name) => name.length), 5);
  const cell = (share: number | null): string => (share === null ? '–' : share.toFixed(4)).padStart(10);
  const rows = perClass
    .slice(0, MOST_LINES)
    .map(
      ({ precision, recall, f1, support }, number) =>
        `${(classes[number] ?? '').padEnd(width)}${cell(precision)}${cell(recall)}${cell(f1)}${String(support).padStart(10)}`,
    );
  const more = classes.length > MOST_LINES ? [`… and ${classes.length - MOST_LINES} more classes`] : [];
  return [
    `${of}  accuracy ${percent(accuracy)}${macro.f1 === null ? '' : `  macro F1 ${macro.f1.toFixed(4)}`}`,
    '',
    `${'class'.padEnd(width)} precision    recall        F1   support`,
    ...rows,
    ...more,
  ].join('\n');
}
