/** Trials as files: CSV as RFC 4180 says, with full precision, or JSON with all that is known. */
import type { Column, TableRow } from '@trialroom/shared/api/experiments';
import { lowerIsBetter, valueAt } from '@trialroom/shared/trial/filter/matches';

/**
 * One line a trial under a line of names. Values in objects stand as JSON; what is missing is empty.
 * @param notes what people have noted, by trial: where given, the last column holds it as JSON
 */
export function csvOfTrials(
  rows: readonly TableRow[],
  columns: readonly Column[],
  now: number,
  notes?: ReadonlyMap<string, readonly unknown[]>,
): string {
  const header = ['id', ...columns.map(nameOf), ...(notes ? ['annotations'] : [])];
  const lines = rows.map((row) => [
    row.trial.id,
    ...columns.map((column) => written(cell(row, column, now))),
    ...(notes ? [written(notes.get(row.trial.id))] : []),
  ]);
  return `${[header, ...lines].map((line) => line.map(quoted).join(',')).join('\r\n')}\r\n`;
}

/** All columns that any of the rows has: the trial's own first, then parameters, summary and metrics by name. */
export function columnsIn(rows: readonly TableRow[]): Column[] {
  const keys = (of: (row: TableRow) => object): string[] =>
    [...new Set(rows.flatMap((row) => Object.keys(of(row))))].sort();
  return [
    ...(
      [
        'name',
        'experiment',
        'status',
        'by',
        'created',
        'started',
        'ended',
        'ran',
        'notebook',
        'backend',
        'tags',
        'note',
      ] as const
    ).map((name): Column => ({ of: 'trial', name })),
    ...keys(({ trial }) => trial.params).map((key): Column => ({ of: 'params', key })),
    ...keys(({ trial }) => trial.summary).map((key): Column => ({ of: 'summary', key })),
    ...keys(({ metrics }) => metrics).map((key): Column => ({ of: 'metric', key, reading: 'last' })),
  ];
}

function nameOf(column: Column): string {
  if (column.of === 'trial') return column.name === 'ran' ? 'ran_s' : column.name;
  if (column.of === 'metric') return column.reading === 'last' ? column.key : `${column.reading}(${column.key})`;
  return `${column.of}.${column.key}`;
}

function cell({ trial, metrics }: TableRow, column: Column, now: number): unknown {
  if (column.of === 'metric') {
    const totals = Object.hasOwn(metrics, column.key) ? metrics[column.key] : undefined;
    if (!totals) return null;
    if (column.reading === 'best') return lowerIsBetter(column.key, trial.objective) ? totals.min : totals.max;
    return totals[column.reading];
  }
  if (column.of !== 'trial') return valueAt(trial[column.of], column.key) ?? null;
  switch (column.name) {
    case 'by':
      return trial.by?.name ?? null;
    case 'notebook':
      return trial.notebook?.path ?? null;
    case 'tags':
      return trial.tags.join(' ');
    case 'created':
    case 'started':
    case 'ended': {
      const at = trial[`${column.name}At`];
      return at === null ? null : new Date(at).toISOString();
    }
    case 'ran':
      return trial.startedAt === null ? null : ((trial.endedAt ?? now) - trial.startedAt) / 1000;
    case 'objective':
      return trial.objective ? (metrics[trial.objective.key]?.last ?? null) : null;
    default:
      return trial[column.name];
  }
}

const written = (value: unknown): string =>
  value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);

const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
