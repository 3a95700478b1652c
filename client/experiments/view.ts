/** What of the table the address holds: filter, sort, groups, columns with their widths. Reading and writing, without a browser. */
import { type Column, TRIAL_COLUMNS } from '@trialroom/shared/api/experiments';
import { READINGS } from '@trialroom/shared/trial/filter/types';

/** A column as it is shown: a value, the shape of a metric over its run, or its values as dots on one axis. */
export type Shown = (Column | { of: 'spark' | 'dots'; key: string }) & { width?: number | undefined };

export interface View {
  filter: string;
  sort: { column: Column; direction: 'ascending' | 'descending' } | null;
  group: string[];
  /** Null: those that suit the trials. */
  columns: Shown[] | null;
}

/** A column that the server knows: one that holds values. */
export const isValue = (column: Shown): column is Column & { width?: number | undefined } =>
  column.of !== 'spark' && column.of !== 'dots';

/** A short name for a column, unique, without commas. */
export function codeOf(column: Shown): string {
  switch (column.of) {
    case 'trial':
      return column.name;
    case 'metric':
      return `${column.reading === 'last' ? 'm' : column.reading}:${encodeURIComponent(column.key)}`;
    case 'params':
    case 'summary':
    case 'spark':
    case 'dots':
      return `${column.of}:${encodeURIComponent(column.key)}`;
  }
}

/** The column that a code names; null for none. */
export function columnOf(code: string): Shown | null {
  const trial = TRIAL_COLUMNS.find((name) => name === code);
  if (trial) return { of: 'trial', name: trial };
  const at = code.indexOf(':');
  const [kind, key] = [code.slice(0, at), decoded(code.slice(at + 1))];
  if (at < 1 || !key) return null;
  if (kind === 'params' || kind === 'summary' || kind === 'spark' || kind === 'dots') return { of: kind, key };
  const reading = kind === 'm' ? 'last' : READINGS.find((one) => one === kind);
  return reading ? { of: 'metric', key, reading } : null;
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** Reads the query part of an address; what cannot be read is left out. */
export function readView(search: string): View {
  const params = new URLSearchParams(search);
  const said = params.get('sort') ?? '';
  const column = columnOf(said.replace(/^-/, ''));
  const sortable = column && isValue(column) ? column : null;
  const columns = params.get('columns');
  return {
    filter: params.get('q') ?? '',
    sort: sortable ? { column: sortable, direction: said.startsWith('-') ? 'descending' : 'ascending' } : null,
    group: (params.get('group') ?? '').split(',').flatMap((code) => (code === '' ? [] : (decoded(code) ?? []))),
    columns: columns === null ? null : columns.split(',').flatMap(readShown),
  };
}

function readShown(text: string): Shown[] {
  const [code = '', width] = text.split(';');
  const column = columnOf(code);
  if (!column) return [];
  const px = Number(width);
  return [px >= 32 && px <= 1000 ? { ...column, width: px } : column];
}

/** Writes the query part of an address, without the question mark; what is as usual is left out. */
export function writeView({ filter, sort, group, columns }: View): string {
  const params = new URLSearchParams();
  if (filter !== '') params.set('q', filter);
  if (sort) params.set('sort', `${sort.direction === 'descending' ? '-' : ''}${codeOf(sort.column)}`);
  if (group.length > 0) params.set('group', group.map(encodeURIComponent).join(','));
  if (columns)
    params.set(
      'columns',
      columns.map((one) => `${codeOf(one)}${one.width ? `;${Math.round(one.width)}` : ''}`).join(','),
    );
  return params.toString();
}
