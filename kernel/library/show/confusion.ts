/**
 * Which classes are taken for which: a heat map with a row for each true class and a column for each answer.
 * A cell's colour is its share of the row, so that rare classes are as readable as common ones; errors are measured
 * against the greatest error, or they would all be pale beside the hits. The number is the count.
 */
import type { Tensor } from '@tensorflow/tfjs';
import { currentHost } from '../trial/standalone.ts';
import { escapeXml } from './xml.ts';

/** Class numbers from 0 on: an array, a tensor `[n]`, or scores or one-hot rows `[n, classes]`. */
export type Classes = ArrayLike<number> | Tensor;

const CELL = 40;
const MARGIN = 64;

/**
 * Shows the confusion matrix under the cell.
 * @param names of the classes; their numbers when not given
 * @throws RangeError when the two differ in length or hold no class numbers
 */
export function confusion(labels: Classes, predictions: Classes, names?: readonly string[]): void {
  const matrix = countPairs(labels, predictions);
  const svg = drawMatrix(matrix, names ?? matrix.map((_, index) => String(index)));
  const right = matrix.reduce((sum, row, index) => sum + (row[index] ?? 0), 0);
  const all = matrix.flat().reduce((sum, count) => sum + count, 0);
  currentHost().display({ 'image/svg+xml': svg, 'text/plain': `${right} of ${all} right` });
}

/** `counts[truth][answer]`, square, as large as the greatest class needs. */
export function countPairs(labels: Classes, predictions: Classes): number[][] {
  const [truth, answers] = [toClasses(labels), toClasses(predictions)];
  if (truth.length !== answers.length || truth.length === 0) {
    throw new RangeError(`confusion: ${truth.length} labels and ${answers.length} predictions do not pair`);
  }
  const classes = 1 + Math.max(...new Set([...truth, ...answers]));
  const counts = Array.from({ length: classes }, () => Array<number>(classes).fill(0));
  for (const [index, label] of truth.entries()) {
    const row = counts[label];
    const answer = answers[index] ?? 0;
    if (row) row[answer] = (row[answer] ?? 0) + 1;
  }
  return counts;
}

function toClasses(values: Classes): number[] {
  const classes = 'dataSync' in values ? fromTensor(values) : Array.from(values);
  const wrong = classes.find((value) => !Number.isInteger(value) || value < 0 || value > 999);
  if (wrong !== undefined) throw new RangeError(`confusion: ${wrong} is no class number from 0 to 999`);
  return classes;
}

function fromTensor(tensor: Tensor): number[] {
  const values = Array.from(tensor.dataSync());
  if (tensor.shape.length !== 2) return values;
  const width = tensor.shape[1] ?? 1;
  return Array.from({ length: tensor.shape[0] ?? 0 }, (_, row) => {
    const scores = values.slice(row * width, (row + 1) * width);
    return scores.indexOf(Math.max(...scores));
  });
}

function drawMatrix(matrix: readonly (readonly number[])[], names: readonly string[]): string {
  const side = matrix.length * CELL;
  const name = (index: number): string => escapeXml(names[index] ?? String(index));
  const parts: string[] = [];
  const shares = matrix.map((counts) => {
    const total = counts.reduce((sum, count) => sum + count, 0);
    return counts.map((count) => (total === 0 ? 0 : count / total));
  });
  const greatestError = Math.max(...shares.flatMap((row, index) => row.filter((_, column) => column !== index)), 0);
  for (const [row, counts] of matrix.entries()) {
    const total = counts.reduce((sum, count) => sum + count, 0);
    const y = MARGIN + row * CELL;
    parts.push(`<text x="${MARGIN - 12}" y="${y + CELL / 2 + 4}" fill="#808890">${name(row)}</text>`);
    parts.push(`<text x="${MARGIN + row * CELL + CELL / 2}" y="${MARGIN - 12}" fill="#808890">${name(row)}</text>`);
    for (const [column, count] of counts.entries()) {
      const share = shares[row]?.[column] ?? 0;
      const x = MARGIN + column * CELL;
      const strength = row === column ? share : 0.75 * Math.sqrt(share / (greatestError || 1));
      const colour = row === column ? '#2f7fd0' : '#d0552f';
      const title = `${name(row)} read as ${name(column)}: ${count} of ${total}`;
      parts.push(
        `<rect x="${x}" y="${y}" width="${CELL - 2}" height="${CELL - 2}" rx="3" fill="${colour}" fill-opacity="${strength.toFixed(3)}"><title>${title}</title></rect>`,
      );
      if (count > 0) {
        const ink = strength > 0.5 ? '#ffffff' : '#808890';
        parts.push(`<text x="${x + CELL / 2 - 1}" y="${y + CELL / 2 + 4}" fill="${ink}">${count}</text>`);
      }
    }
  }
  const size = MARGIN + side;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" width="${size}" height="${size}"`,
    ' font-family="ui-monospace, monospace" font-size="12" text-anchor="middle">',
    `<text x="${MARGIN + side / 2}" y="20" fill="#808890">read as</text>`,
    `<text transform="translate(20 ${MARGIN + side / 2}) rotate(-90)" fill="#808890">is really</text>`,
    ...parts,
    '</svg>',
  ].join('');
}
