/** How columns are called, how wide they are, and which are shown unless someone chose others. Pure. */

import type { Catalogue, Column, TableRow } from '@trialroom/shared/api/experiments';
import { isLossLike, valueAt } from '@trialroom/shared/trial/filter/matches';
import { isSystemMetric } from '@trialroom/shared/trial/metric-names';
import { plainValue } from '../components/plain-value.ts';
import { isValue, type Shown } from './view.ts';

const WORDS: Readonly<Record<string, string>> = { ran: 'ran for' };

/** The words over a column. */
export function titleOf(column: Shown): string {
  switch (column.of) {
    case 'trial':
      return WORDS[column.name] ?? column.name;
    case 'metric':
      return column.reading === 'last' ? column.key : `${column.reading} ${column.key}`;
    case 'spark':
      return `${column.key} by step`;
    case 'dots':
      return `${column.key}, on one axis`;
    default:
      return column.key;
  }
}

/** A parameter by the last part of its name, `lr` of `optim.lr`, where no other column is called so. */
export function shortTitle(column: Shown, among: readonly Shown[]): string {
  const last = (name: string): string => name.split('.').at(-1) ?? name;
  const title = titleOf(column);
  if (column.of !== 'params') return title;
  const own = last(title);
  return among.some((other) => other !== column && last(titleOf(other)) === own) ? title : own;
}

/** In px where the type is 16 px high, unless someone drew it wider. In groups a figure has its spread beside it. */
export function widthOf(column: Shown, grouped = false): number {
  if (column.width) return column.width;
  switch (column.of) {
    case 'spark':
      return 112;
    case 'dots':
      return grouped ? 88 : 120;
    case 'metric':
      return grouped ? 140 : 96;
    case 'trial':
      return column.name === 'note' || column.name === 'notebook'
        ? 200
        : column.name === 'by'
          ? 52
          : column.name === 'ran'
            ? 84
            : 104;
    default:
      return 76;
  }
}

/** Figures stand right, words left. */
export const isFigure = (column: Shown): boolean =>
  column.of === 'metric' ||
  column.of === 'params' ||
  column.of === 'summary' ||
  (column.of === 'trial' && ['ran', 'created', 'started', 'ended', 'objective'].includes(column.name));

/** What the server is asked for a column. */
export function askedOf(column: Shown): Column {
  if (!isValue(column)) return { of: 'metric', key: column.key, reading: 'last' };
  const { width: _, ...asked } = column;
  return asked;
}

/** The metric that a table is about: what most of its trials are judged by, else a validation score. */
export function leadingMetric(rows: readonly TableRow[], catalogue: Catalogue): string | null {
  const votes = new Map<string, number>();
  for (const { trial } of rows) {
    const key = trial.objective?.key;
    if (key !== undefined && catalogue.metrics.some(({ name }) => name === key))
      votes.set(key, (votes.get(key) ?? 0) + 1);
  }
  const [winner] = [...votes].sort((a, b) => b[1] - a[1]);
  if (winner) return winner[0];
  const names = catalogue.metrics.map(({ name }) => name).filter((name) => !isSystemMetric(name));
  const score = (name: string): number => (/^(val|test|eval)/i.test(name) ? 2 : 0) + (isLossLike(name) ? 0 : 1);
  return [...names].sort((a, b) => score(b) - score(a))[0] ?? null;
}

/** What was tried in these trials, the most varied first; what only tells runs or versions apart comes last. */
function tried(rows: readonly TableRow[], params: Catalogue['params']): string[] {
  const rank = (name: string): number => (/(^|[._-])(seed|commit|hash|sha|run|id|version)$/i.test(name) ? 1 : 0);
  // The catalogue is of all trials there are; other experiments try other things.
  const varied = (name: string): number =>
    new Set(rows.map(({ trial }) => plainValue(valueAt(trial.params, name)))).size;
  return params
    .map(({ name, distinct }) => ({ name, distinct: rows.length > 0 ? Math.min(distinct, varied(name)) : distinct }))
    .filter(({ distinct }) => distinct > 1)
    .sort((a, b) => rank(a.name) - rank(b.name) || b.distinct - a.distinct)
    .map(({ name }) => name);
}

/** Columns for who chose none: the leading metric in three ways, another, the parameters that differ, and who and when. */
export function usualColumns(rows: readonly TableRow[], catalogue: Catalogue, group: readonly string[] = []): Shown[] {
  const leading = leadingMetric(rows, catalogue);
  const others = catalogue.metrics.map(({ name }) => name).filter((name) => name !== leading && !isSystemMetric(name));
  const second =
    others.find((name) => /^(val|test|eval)/i.test(name) && isLossLike(name)) ?? others.find(isLossLike) ?? others[0];
  // The name of a group says what it is grouped by.
  const params = tried(rows, catalogue.params)
    .filter((name) => !group.includes(name))
    .slice(0, Math.max(1, 4 - group.length));
  return [
    ...(leading
      ? ([
          { of: 'spark', key: leading },
          { of: 'metric', key: leading, reading: 'last' },
          { of: 'dots', key: leading },
        ] satisfies Shown[])
      : []),
    ...(second ? [{ of: 'metric', key: second, reading: 'last' } as const] : []),
    ...params.map((name): Shown => ({ of: 'params', key: name })),
    { of: 'trial', name: 'ran' },
    { of: 'trial', name: 'by' },
    { of: 'trial', name: 'started' },
  ];
}
