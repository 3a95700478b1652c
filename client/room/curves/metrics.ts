/**
 * What the names of metrics say: which belong in one figure, and how they are called.
 * Names are all there is to go by, except for the trial's objective, which is always obeyed.
 */

import { isSystemMetric, type Split, splitOf } from '@trialroom/shared/trial/metric-names';

const NAMES: Readonly<Record<string, string>> = {
  acc: 'Accuracy',
  lr: 'Learning rate',
  learningRate: 'Learning rate',
  mse: 'Mean squared error',
  mae: 'Mean absolute error',
  auc: 'AUC',
  f1: 'F1',
};

/** `grad_norm` → `Grad norm`, `lr` → `Learning rate`. */
export function titleOf(base: string): string {
  const known = Object.hasOwn(NAMES, base) ? NAMES[base] : undefined;
  if (known) return known;
  const words = base
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/[_./-]+/g, ' ')
    .trim()
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Name of one metric on its own: `Validation loss`, `Training loss` where a validation exists, else `Loss`. */
export function nameOf(key: string, all: readonly string[]): string {
  const { split, base } = splitOf(key);
  const title = titleOf(base);
  const lower = /^[A-Z][a-z]/.test(title) ? title.charAt(0).toLowerCase() + title.slice(1) : title;
  if (split === 'val') return `Validation ${lower}`;
  if (split === 'test') return `Test ${lower}`;
  const paired = all.some((other) => other !== key && splitOf(other).base === base);
  return split === 'train' || paired ? `Training ${lower}` : title;
}

/** One figure: metrics that share an axis. */
export interface FigurePlan {
  base: string;
  title: string;
  /** True when the title does not show what the metric is called in code. */
  renamed: boolean;
  lines: { key: string; name: string; colour: number }[];
}

/** The objective's figure first, then losses, accuracies, and the rest by name; none for samples of the machine. */
export function figuresOf(keys: readonly string[], objective: { key: string } | null): FigurePlan[] {
  const groups = new Map<string, { key: string; split: Split }[]>();
  for (const key of keys.filter((one) => !isSystemMetric(one)).sort()) {
    const { split, base } = splitOf(key);
    const group = groups.get(base) ?? [];
    group.push({ key, split });
    groups.set(base, group);
  }
  const goal = objective ? splitOf(objective.key).base : null;
  const place = (base: string): number => {
    if (/^loss$/i.test(base)) return 0;
    if (/^acc(uracy)?$/i.test(base)) return 1;
    if (base === goal) return 2;
    return /loss/i.test(base) ? 3 : /acc/i.test(base) ? 4 : 5;
  };
  const bases = [...groups.keys()].sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
  // Train is the first pen and validation the second, everywhere; figures of one line go on from the third.
  let next = 3;
  return bases.map((base) => {
    const group = groups.get(base) ?? [];
    const paired = group.length > 1 || group[0]?.split === 'val' || place(base) < 5;
    const lines = group.map(({ key, split }) => ({
      key,
      name: group.length === 1 && split === null ? '' : (split ?? 'train'),
      colour: split === 'val' ? 2 : split === 'test' ? 3 : paired ? 1 : next,
    }));
    if (!paired) next = next === 10 ? 3 : next + 1;
    const order = ['train', '', 'val', 'test'];
    const renamed = Object.hasOwn(NAMES, base) && titleOf(base).toLowerCase() !== base.toLowerCase();
    return {
      base,
      title: titleOf(base),
      renamed,
      lines: lines.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name)),
    };
  });
}

/**
 * The metric a row or a card leads with: the objective, else validation before training, loss before others; undefined
 * where the trial measured nothing.
 */
export function leadingKey(keys: readonly string[], objective: { key: string } | null): string | undefined {
  if (objective && keys.includes(objective.key)) return objective.key;
  const weight = (key: string): number => {
    const { split, base } = splitOf(key);
    return (/loss/i.test(base) ? 0 : /acc/i.test(base) ? 1 : 2) * 2 + (split === 'val' ? 0 : 1);
  };
  return keys.filter((key) => !isSystemMetric(key)).sort((a, b) => weight(a) - weight(b) || (a < b ? -1 : 1))[0];
}
