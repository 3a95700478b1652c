/** A comparison to take along: CSV for a spreadsheet, JSON for a program, Markdown for a report. Pure. */
import type { Comparison } from '@trialroom/shared/api/comparison';
import { fromWire } from '@trialroom/shared/trial/points';

const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
const line = (fields: readonly string[]): string => fields.map(quoted).join(',');

/** One row for each figure, parameter and fact, one column for each trial (RFC 4180). */
export function csvOf({ names, metrics, params, summary, environment }: Comparison): string {
  const rows = [
    ['kind', 'name', ...names],
    ...metrics.flatMap(({ key, readings }) => [
      ['metric, last', key, ...readings.map((one) => (one ? String(fromWire(one.last)) : ''))],
      ['metric, best', key, ...readings.map((one) => (one?.best == null ? '' : String(one.best)))],
    ]),
    ...[['parameter', params] as const, ['summary', summary] as const, ['environment', environment] as const].flatMap(
      ([kind, list]) => list.map(({ name, values }) => [kind, name, ...values.map((value) => value ?? '')]),
    ),
  ];
  return `${rows.map(line).join('\r\n')}\r\n`;
}

/** All of it, as the server gave it. */
export const jsonOf = (comparison: Comparison): string => `${JSON.stringify(comparison, null, 2)}\n`;

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');

/** What a reader wants first: verdicts, figures, and what differs. */
export function markdownOf(comparison: Comparison, figure: (value: number) => string): string {
  const { names, metrics, params, environment, predictions, seeds, regressions } = comparison;
  const parts = [`# ${names.join(' · ')}`];
  const verdicts = [
    ...(predictions?.cochran ? [predictions.cochran.verdict] : []),
    ...(predictions?.pairs ?? []).map(({ verdict }) => verdict),
    ...(seeds?.pairs ?? []).map(({ verdict }) => verdict),
  ];
  for (const { headline, detail, assumptions, missing } of verdicts) {
    const said = [`**${headline}** ${detail}`.trim()];
    if (assumptions.length > 0) said.push(`Assumed: ${assumptions.join(' ')}`);
    if (missing.length > 0) said.push(`Missing: ${missing.join(' ')}`);
    parts.push(said.join('\n\n'));
  }
  for (const report of regressions) if (report && report.status !== 'unknown') parts.push(report.text);
  const rows = metrics.map(({ key, readings }) => [
    key,
    ...readings.map((one) =>
      one ? `${figure(fromWire(one.last))}${one.best === null ? '' : ` (best ${figure(one.best)})`}` : '—',
    ),
  ]);
  parts.push(`## Metrics\n\n${table(['metric', ...names], rows)}`);
  for (const [title, list] of [['Parameters', params] as const, ['Environment', environment] as const]) {
    const differing = list.filter(({ differs }) => differs);
    const body =
      differing.length === 0
        ? 'Nothing differs.'
        : table(
            ['', ...names],
            differing.map(({ name, values }) => [name, ...values.map((value) => value ?? '—')]),
          );
    parts.push(`## ${title}\n\n${body}`);
  }
  return `${parts.join('\n\n')}\n`;
}
