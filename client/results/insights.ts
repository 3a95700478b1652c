/** What to look at next: the few things in an evaluation that stand out, in words, the gravest first. */
import type { ClassificationEvaluation, RegressionEvaluation } from '@trialroom/shared/trial/evaluation';
import { count, figure, percent } from '../components/figures.ts';

export interface Insight {
  text: string;
  /** Where on the page it can be seen: a cell of the confusion matrix, a class, a part. */
  at: { cell: [truth: number, predicted: number] } | { class: number } | { part: 'calibration' | 'failures' } | null;
  /** How grave: 0 and up; only for the order. */
  weight: number;
}

/** Fewest examples that a statement about a share rests on. */
const FEWEST = 10;
const MOST = 5;

export function insightsOf(evaluation: ClassificationEvaluation): Insight[] {
  return [
    ...confused(evaluation),
    ...weakRecall(evaluation),
    ...neverPredicted(evaluation),
    ...confidence(evaluation),
    ...imbalance(evaluation),
    ...surelyWrong(evaluation),
  ]
    .sort((a, b) => b.weight - a.weight)
    .slice(0, MOST);
}

function confused({ classes, confusion, count: examples }: ClassificationEvaluation): Insight[] {
  const n = classes.length;
  let worst = { a: 0, b: 0, errors: 0 };
  for (let a = 0; a < n; a++) {
    for (let b = a + 1; b < n; b++) {
      const errors = (confusion[a * n + b] ?? 0) + (confusion[b * n + a] ?? 0);
      if (errors > worst.errors) worst = { a, b, errors };
    }
  }
  const all = errorsOf(confusion, n);
  if (n < 3 || worst.errors < 2 || all === 0) return [];
  const { a, b, errors } = worst;
  const [there, back] = [confusion[a * n + b] ?? 0, confusion[b * n + a] ?? 0];
  return [
    {
      text: `“${classes[a]}” and “${classes[b]}” are confused most: ${count(errors)} of ${count(all)} errors, ${count(there)} and ${count(back)} in each direction.`,
      at: { cell: there >= back ? [a, b] : [b, a] },
      weight: 1 + errors / Math.max(1, examples) + errors / all,
    },
  ];
}

function weakRecall({ classes, perClass, macro }: ClassificationEvaluation): Insight[] {
  const mean = macro.recall ?? 0;
  let weakest: { number: number; recall: number } | null = null;
  for (const [number, { recall, support, predicted }] of perClass.entries()) {
    // A class that is never predicted is spoken of below.
    if (recall === null || support < FEWEST || predicted === 0) continue;
    if (weakest === null || recall < weakest.recall) weakest = { number, recall };
  }
  if (!weakest || mean - weakest.recall < 0.03) return [];
  return [
    {
      text: `Recall of “${classes[weakest.number]}” is ${percent(weakest.recall)}, ${figure((mean - weakest.recall) * 100, 2)} points below the mean: most of what is missed is there.`,
      at: { class: weakest.number },
      weight: 1 + (mean - weakest.recall) * 4,
    },
  ];
}

function neverPredicted({ classes, perClass }: ClassificationEvaluation): Insight[] {
  const silent = perClass.flatMap(({ support, predicted }, number) => (support > 0 && predicted === 0 ? [number] : []));
  const [first] = silent;
  if (first === undefined) return [];
  const rest =
    silent.length > 1 ? ` and ${count(silent.length - 1)} other ${silent.length === 2 ? 'class' : 'classes'}` : '';
  return [
    {
      text: `“${classes[first]}”${rest} ${rest === '' ? 'is' : 'are'} never predicted.`,
      at: { class: first },
      weight: 3,
    },
  ];
}

function confidence({ calibration, accuracy, count: examples }: ClassificationEvaluation): Insight[] {
  if (!calibration || examples < 100 || calibration.ece < 0.03) return [];
  const mean = calibration.bins.reduce((sum, bin) => sum + bin.confidence * bin.count, 0) / examples;
  const over = mean > accuracy;
  return [
    {
      text: `It is ${over ? 'surer than it is right' : 'right more often than it says'}: mean confidence ${percent(mean)}, accuracy ${percent(accuracy)} (ECE ${figure(calibration.ece, 2)}).`,
      at: { part: 'calibration' },
      weight: 0.8 + calibration.ece * 8,
    },
  ];
}

function imbalance({ classes, perClass, accuracy, count: examples }: ClassificationEvaluation): Insight[] {
  const supports = perClass.map(({ support }) => support);
  const most = Math.max(...supports);
  const share = most / examples;
  if (share < 0.75 || accuracy - share > 0.05) return [];
  const name = classes[supports.indexOf(most)];
  return [
    {
      text: `Always answering “${name}” would be right ${percent(share)} of the time; ${percent(accuracy)} is little beyond it.`,
      at: null,
      weight: 2.5,
    },
  ];
}

function surelyWrong({ samples, worst }: ClassificationEvaluation): Insight[] {
  const sure = worst.filter(({ sample }) => (samples[sample]?.confidence ?? 0) >= 0.95);
  if (sure.length < 3) return [];
  return [
    {
      text: `${count(sure.length)} of the worst ${count(worst.length)} errors were made with a confidence of 95 % or more: their labels are worth a check.`,
      at: { part: 'failures' },
      weight: 0.7 + sure.length / worst.length,
    },
  ];
}

const errorsOf = (confusion: readonly number[], n: number): number =>
  confusion.reduce((sum, value, cell) => sum + (Math.floor(cell / n) === cell % n ? 0 : value), 0);

/** The same for predicted numbers. */
export function regressionInsights({ bias, rmse, mae, r2, maxError }: RegressionEvaluation): string[] {
  const said: string[] = [];
  if (r2 !== null && r2 < 0) said.push('Answering the mean every time would do better: R² is below 0.');
  if (rmse > 0 && Math.abs(bias) > rmse / 4) {
    said.push(`It answers ${bias > 0 ? 'too high' : 'too low'} by ${figure(Math.abs(bias))} on average.`);
  }
  if (mae > 0 && maxError > 8 * mae) {
    said.push(`A few errors dominate: the largest is ${figure(maxError / mae, 2)} times the mean.`);
  }
  return said;
}
