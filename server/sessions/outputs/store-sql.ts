/**
 * A batch of the execution log as few SQL statements: most cells begin, speak and end within one batch, and are one
 * statement then, which is one round trip instead of nine on the way from a key press to its output. Every statement can
 * be done twice: a write whose answer was lost is tried again.
 */
import type { Batch, Beginning, Ending, Folding } from './batch.ts';

/** Statement with `?` for each value. */
export interface Statement {
  sql: string;
  values: unknown[];
}

const COLUMNS = [
  ...['id', 'notebook', 'cell', 'ordinal', 'request', 'hash', 'source', 'count', 'asker'],
  ...['queued_at', 'started_at', 'outputs', 'folded', 'ending', 'ms', 'ended_at'],
];

/** The statements that write the batch, in order. */
export function toSql({ beginnings, sayings, foldings, endings }: Batch): Statement[] {
  const foldOf = new Map(foldings.map((folding) => [folding.execution, folding]));
  const endOf = new Map(endings.map((ending) => [ending.execution, ending]));
  const begun = new Set(beginnings.map(({ execution }) => execution.id));
  const statements = beginnings.map((beginning) =>
    insertion(beginning, foldOf.get(beginning.execution.id), endOf.get(beginning.execution.id)),
  );
  // What is folded in the same batch need not be written word by word first.
  const words = sayings.filter(({ execution, seq }) => seq > (foldOf.get(execution)?.seq ?? 0));
  if (words.length > 0) {
    statements.push({
      sql: `insert into output_events (execution, seq, events)
        values ${words.map(() => '(?, ?, ?)').join(', ')} on conflict do nothing`,
      values: words.flatMap(({ execution, seq, events }) => [execution, seq, JSON.stringify(events)]),
    });
  }
  for (const { execution, seq, outputs } of foldings) {
    if (begun.has(execution)) continue;
    statements.push({
      sql: `with words as (delete from output_events where execution = ? and seq <= ?)
        update executions set outputs = ?, folded = ? where id = ?`,
      values: [execution, seq, JSON.stringify(outputs), seq, execution],
    });
  }
  for (const { execution, end, ms, at } of endings) {
    if (begun.has(execution)) continue;
    statements.push({
      sql: 'update executions set ending = ?, ms = ?, ended_at = ? where id = ?',
      values: [end, ms, at, execution],
    });
  }
  return statements;
}

function insertion(
  { execution, at, notebook, ordinal, supersedes }: Beginning,
  folding: Folding | undefined,
  ending: Ending | undefined,
): Statement {
  const { id, cell, request, hash, count, queuedAt, by } = execution;
  const source = execution.source.toWellFormed().replaceAll('\u0000', '\ufffd');
  const outputs = folding ? JSON.stringify(folding.outputs) : null;
  const values = [
    ...[id, notebook, cell, ordinal, request, hash, source, count, JSON.stringify(by)],
    ...[queuedAt, at, outputs, folding?.seq ?? 0, ending?.end ?? null, ending?.ms ?? null, ending?.at ?? null],
  ];
  const replaced =
    supersedes === null
      ? ''
      : `with words as (delete from output_events where execution = ?),
          replaced as (update executions set outputs = null where id = ?)`;
  return {
    sql: `${replaced} insert into executions (${COLUMNS.join(', ')})
      values (${COLUMNS.map(() => '?').join(', ')}) on conflict do nothing`,
    values: supersedes === null ? values : [supersedes, supersedes, ...values],
  };
}
