/** What the name of a metric says: on which data it was measured, and which way is better. The objective is always obeyed. */

export type Direction = 'minimise' | 'maximise';

/** Which data a metric was measured on. */
export type Split = 'train' | 'val' | 'test' | null;

const SPLITS: readonly [RegExp, Exclude<Split, null>][] = [
  [/^(?:val|valid|validation|eval)(?:[_./\- ]+|(?=[A-Z]))/, 'val'],
  [/^(?:train|training)(?:[_./\- ]+|(?=[A-Z]))/, 'train'],
  [/^test(?:[_./\- ]+|(?=[A-Z]))/, 'test'],
];
const LOWER = /loss|error|\berr\b|perplexity|\bmse\b|\bmae\b|rmse|\bwer\b|\bcer\b|\bfid\b|dist/i;
const HIGHER =
  /acc|precision|recall|\bf1\b|auc|\bmap\b|ndcg|dice|iou|bleu|rouge|reward|score|throughput|per ?sec|\/s\b|r2/i;

/** Whether a metric is a sample of the machine (`system/cpu`), not something that the trial measured. */
export const isSystemMetric = (key: string): boolean => key.startsWith('system/');

/** `val_loss` → val of loss; `valAccuracy` → val of accuracy; `loss` → loss of no named split. */
export function splitOf(key: string): { split: Split; base: string } {
  for (const [pattern, split] of SPLITS) {
    const match = pattern.exec(key);
    const rest = match ? key.slice(match[0].length) : '';
    if (rest !== '') return { split, base: rest.charAt(0).toLowerCase() + rest.slice(1) };
  }
  return { split: null, base: key };
}

/** Which way is better; null when neither the objective nor the name says. */
export function directionOf(key: string, objective: { key: string; direction: Direction } | null): Direction | null {
  const { base } = splitOf(key);
  if (objective && (objective.key === key || splitOf(objective.key).base === base)) return objective.direction;
  const name = base.replace(/([a-z\d])([A-Z])/g, '$1 $2').replaceAll('_', ' ');
  if (LOWER.test(name)) return 'minimise';
  return HIGHER.test(name) ? 'maximise' : null;
}
