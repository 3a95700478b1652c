/** All predictions of an evaluation as CSV (RFC 4180), a line for each example. */
import type { Classified } from './classification.ts';
import type { Regressed } from './regression.ts';

/** Most columns of probabilities; beyond them only the predicted class's is kept. */
const MOST_COLUMNS = 50;

/** `id,truth,predicted,confidence` and, for at most 50 classes, a column `p(class)` each. Classes are given by name. */
export function classifiedCsv({ evaluation, ids, truth, predicted, probabilities }: Classified): string {
  const { classes } = evaluation;
  const wide = probabilities !== null && classes.length <= MOST_COLUMNS;
  const header = ['id', 'truth', 'predicted', 'confidence', ...(wide ? classes.map((name) => `p(${name})`) : [])];
  const names = classes.map(field);
  const lines = [header.map(field).join(',')];
  for (const [row, id] of ids.entries()) {
    const answer = predicted[row] ?? 0;
    const cells = probabilities?.values.subarray(row * classes.length, (row + 1) * classes.length);
    const confidence = cells ? short(cells[answer] ?? 0) : '';
    const rest = wide && cells ? `,${Array.from(cells, short).join(',')}` : '';
    lines.push(`${field(id)},${names[truth[row] ?? 0]},${names[answer]},${confidence}${rest}`);
  }
  return `${lines.join('\r\n')}\r\n`;
}

/** `id,truth,predicted`. */
export function regressedCsv({ ids, truth, predicted }: Regressed): string {
  const lines = ids.map((id, row) => `${field(id)},${truth[row]},${predicted[row]}`);
  return `${['id,truth,predicted', ...lines].join('\r\n')}\r\n`;
}

/** Seven digits: what a float32 holds. */
const short = (value: number): string => String(Number(value.toPrecision(7)));

const field = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
