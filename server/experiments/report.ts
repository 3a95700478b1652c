/**
 * A report of some trials in Markdown: what they share, what each had and reached, how they stand against the baseline, and
 * what people noted, with links to their rooms. For a reader who has no account here.
 */
import type { TableRow } from '@trialroom/shared/api/experiments';
import { lowerIsBetter } from '@trialroom/shared/trial/filter/matches';
import { fromWire } from '@trialroom/shared/trial/points';

export interface ReportOptions {
  /** What trials are measured against, by experiment id. */
  baselines: ReadonlyMap<string, TableRow>;
  /** Metrics in the order in which they are told. */
  metrics: readonly string[];
  /** Where links lead, without a path; '' for links within this server. */
  origin: string;
  /** The filter that was asked, '' for none. */
  filter: string;
  /** ms since the epoch. */
  now: number;
}

/** @param rows in the order in which they are told */
export function reportOf(rows: readonly TableRow[], options: ReportOptions): string {
  if (rows.length === 0) return '# No trials\n';
  const { filter, now } = options;
  const experiments = [...new Set(rows.map(({ trial }) => trial.experiment))];
  const params = [...new Set(rows.flatMap(({ trial }) => Object.keys(trial.params)))].sort();
  const valuesOf = (key: string): string[] => rows.map(({ trial }) => said(trial.params[key]));
  const same = params.filter((key) => new Set(valuesOf(key)).size === 1);
  const different = params.filter((key) => !same.includes(key));
  const sections = [
    `# ${rows.length === 1 ? 'One trial' : `${rows.length} trials`} of ${experiments.map(text).join(', ')}`,
    `${new Date(now).toISOString().slice(0, 16).replace('T', ' ')} UTC${filter === '' ? '' : `, those that fit ${code(filter)}`}`,
    '## Figures',
    figures(rows, different, options),
    ...(same.length > 0
      ? [
          '## What is the same',
          table([['parameter', 'value'], ...same.map((key) => [text(key), code(valuesOf(key)[0] ?? '')])]),
        ]
      : []),
    ...(different.length > 0 && rows.length > 1 ? ['## What differs', differences(rows, different)] : []),
    ...against(rows, options),
    ...notes(rows, options),
  ];
  return `${sections.join('\n\n')}\n`;
}

function figures(rows: readonly TableRow[], params: readonly string[], options: ReportOptions): string {
  const { metrics } = options;
  return table([
    ['trial', 'status', 'ran', ...params.map(text), ...metrics.map(text)],
    ...rows.map((row) => [
      `${linked(row, options)}${row.baseline ? ' (baseline)' : ''}`,
      row.trial.status,
      ran(row, options.now),
      ...params.map((key) => code(said(row.trial.params[key]))),
      ...metrics.map((key) => number(lastOf(row, key))),
    ]),
  ]);
}

/** Each value of a parameter that differs, and which trials have it. */
function differences(rows: readonly TableRow[], params: readonly string[]): string {
  const lines = params.flatMap((key) => {
    const byValue = Map.groupBy(rows, ({ trial }) => said(trial.params[key]));
    return [...byValue].map(([value, having]) => [
      text(key),
      code(value),
      having.map(({ trial }) => text(trial.name)).join(', '),
    ]);
  });
  return table([['parameter', 'value', 'trials'], ...lines]);
}

function against(rows: readonly TableRow[], { baselines, metrics, origin }: ReportOptions): string[] {
  const sections: string[] = [];
  for (const [experiment, own] of Map.groupBy(rows, ({ trial }) => trial.experimentId)) {
    const baseline = baselines.get(experiment);
    const others = own.filter(({ trial }) => trial.id !== baseline?.trial.id);
    const keys = baseline ? metrics.filter((key) => lastOf(baseline, key) !== null) : [];
    if (!baseline || others.length === 0 || keys.length === 0) continue;
    const link = linked(baseline, { origin });
    sections.push(
      '## Against the baseline',
      `${text(baseline.trial.experiment)} is measured against ${link}: ${keys.map((key) => `${text(key)} ${number(lastOf(baseline, key))}`).join(', ')}.`,
      table([
        ['trial', ...keys.map(text)],
        ...others.map((row) => [text(row.trial.name), ...keys.map((key) => difference(row, baseline, key))]),
      ]),
    );
  }
  return sections;
}

/** How much more or less than the baseline, and which of both is better. */
function difference(row: TableRow, baseline: TableRow, key: string): string {
  const [own, other] = [lastOf(row, key), lastOf(baseline, key)];
  const by = own === null || other === null ? Number.NaN : own - other;
  if (!Number.isFinite(by)) return number(own);
  if (by === 0) return 'the same';
  const better = by < 0 === lowerIsBetter(key, row.trial.objective);
  return `${by > 0 ? '+' : '−'}${number(Math.abs(by))}, ${better ? 'better' : 'worse'}`;
}

function notes(rows: readonly TableRow[], options: ReportOptions): string[] {
  const lines = rows
    .filter(({ trial }) => trial.note !== '' || trial.tags.length > 0 || trial.reason !== null)
    .map((row) => {
      const { note, tags, reason } = row.trial;
      const parts = [
        ...(tags.length > 0 ? [`Tags: ${tags.map(text).join(', ')}`] : []),
        ...(reason === null ? [] : [`Why it ended: ${text(reason)}`]),
        // A note is Markdown itself; quoted, its headings stay its own.
        ...(note === ''
          ? []
          : [
              note
                .split(/\r?\n/)
                .map((line) => `> ${line}`.trimEnd())
                .join('\n'),
            ]),
      ];
      return [`### ${linked(row, options)}`, ...parts].join('\n\n');
    });
  return lines.length > 0 ? ['## Notes', ...lines] : [];
}

const linked = ({ trial }: TableRow, { origin }: Pick<ReportOptions, 'origin'>): string =>
  `[${text(trial.name)}](${origin}/trials/${encodeURIComponent(trial.id)})`;

function lastOf({ metrics }: TableRow, key: string): number | null {
  const totals = Object.hasOwn(metrics, key) ? metrics[key] : undefined;
  return totals ? fromWire(totals.last) : null;
}

const number = (value: number | null): string => (value === null ? '–' : String(Number(value.toPrecision(6))));

function ran({ trial: { startedAt, endedAt } }: TableRow, now: number): string {
  if (startedAt === null) return '–';
  const seconds = Math.round(((endedAt ?? now) - startedAt) / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours} h ${minutes} min` : minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}

const said = (value: unknown): string =>
  value === undefined || value === null ? '–' : typeof value === 'object' ? JSON.stringify(value) : String(value);

/** Words that stay words: nothing in them is Markdown, and they stand in one cell of one line. */
const text = (words: string): string => words.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]<>#|~&]/g, '\\$&');

/** As the machine wrote it; what holds a backtick needs a longer fence. */
function code(value: string): string {
  if (value === '–' || value === '') return value;
  const line = value.replace(/\s+/g, ' ').replaceAll('|', '\\|');
  const fence = '`'.repeat(1 + (line.match(/`+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 0));
  return fence.length > 1 ? `${fence} ${line} ${fence}` : `${fence}${line}${fence}`;
}

function table([head = [], ...lines]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...lines.map(line)].join('\n');
}
