/** The axis that all dots of a column share: from the lowest to the highest that is known, with a little room. Pure. */
import type { Column, TableGroup, TableRow } from '@trialroom/shared/api/experiments';
import { type Axis, numberIn } from './cells.tsx';
import { askedOf } from './shown-columns.ts';
import { codeOf, type Shown } from './view.ts';

/** Axes by metric, of the columns that are dots. */
export function axesOf(
  shown: readonly Shown[],
  asked: readonly Column[],
  rows: readonly TableRow[],
  groups: readonly TableGroup[],
): Map<string, Axis> {
  const known = new Map<string, Axis>();
  for (const column of shown) {
    if (column.of !== 'dots') continue;
    const values = rows.map((row) => numberIn(row, column)).filter((value) => value !== null && Number.isFinite(value));
    const place = asked.findIndex((one) => codeOf(one) === codeOf(askedOf(column)));
    const ends = groups.flatMap(({ spreads }) => [spreads[place]?.min ?? null, spreads[place]?.max ?? null]);
    const all = [...values, ...ends].filter((value) => value !== null);
    if (all.length === 0) continue;
    const low = all.reduce((a, b) => Math.min(a, b));
    const high = all.reduce((a, b) => Math.max(a, b));
    const margin = (high - low) * 0.05 || Math.abs(high) * 0.05 || 1;
    known.set(column.key, { low: low - margin, high: high + margin });
  }
  return known;
}
