/** Places in trials and experiments in words, as the margin, the home page and exports say them. */
import { fromWire } from '../trial/points.ts';
import type { AnnotationTarget } from './target.ts';

/** Characters of a name that fit in a line. */
const MOST = 60;

/** A step as it is read: `44,200`, `−3`, `0.25`, `1e21`. */
export const stepWords = (step: number): string =>
  (Math.abs(step) >= 1e15
    ? step.toExponential().replace('e+', 'e')
    : step.toLocaleString('en-US', { maximumFractionDigits: 6 })
  ).replace('-', '\u2212');

/** A name on one line, cut where it is too long; never through a character. */
export function nameWords(name: string): string {
  const line = name.replace(/\s+/g, ' ');
  const shown = [...line.slice(0, 2 * MOST)];
  return shown.length <= MOST && line.length <= 2 * MOST ? line : `${shown.slice(0, MOST - 1).join('')}…`;
}

/**
 * Where a thread on a trial or an experiment stands; empty for the whole of it.
 * @example placeWords({ kind: 'point', key: 'val_loss', step: 44200, value: 1.39 }) // 'val_loss at 44,200'
 */
export function placeWords(target: AnnotationTarget): string {
  switch (target.kind) {
    case 'point':
      return `${target.key === null ? '' : `${nameWords(target.key)} `}at ${stepWords(target.step)}`;
    case 'range':
      return `${target.keys.length === 0 ? '' : `${target.keys.slice(0, 3).map(nameWords).join(', ')} `}${stepWords(target.from)} to ${stepWords(target.to)}`;
    case 'image':
      return `${nameWords(target.key)}${target.step === null ? '' : ` at ${stepWords(target.step)}`}`;
    case 'log':
      return `log line ${stepWords(target.seq)}`;
    case 'confusion':
      return `${nameWords(target.labels[0])} taken for ${nameWords(target.labels[1])}, ${nameWords(target.evaluation)}`;
    case 'panel':
      return target.quote === '' ? 'a panel' : `panel ${nameWords(target.quote)}`;
    case 'output':
      return 'an output';
    case 'cell':
      return 'a cell';
    case 'text':
      return 'some text';
    case 'trial':
    case 'experiment':
      return '';
  }
}

/** What the place showed when the thread was begun; null: nothing was kept. */
export function seenWords(target: AnnotationTarget): string | null {
  switch (target.kind) {
    case 'point':
      return target.value === null ? null : valueWords(fromWire(target.value));
    case 'confusion':
      return target.count === null ? null : `${stepWords(target.count)}`;
    case 'log':
    case 'image':
    case 'text':
    case 'output':
      return target.quote === '' ? null : target.quote;
    default:
      return null;
  }
}

const valueWords = (value: number): string => {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '\u2212∞';
  const size = Math.abs(value);
  const shown =
    size !== 0 && (size < 1e-4 || size >= 1e9)
      ? value.toExponential(3).replace('e+', 'e')
      : value.toLocaleString('en-US', { maximumSignificantDigits: 5 });
  return shown.replaceAll('-', '\u2212');
};
