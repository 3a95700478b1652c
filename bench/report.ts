/** Figures as people and programs read them: a table, then one line of JSON. */

/** One figure. `ours` in `unit`; `goal` is the most (or, with `higher`, the least) it should be. */
export interface Row {
  name: string;
  unit: string;
  ours: number;
  /** The same figure of another product, measured in the same run. */
  peer?: number;
  goal: number;
  /** More is better. */
  higher?: boolean;
}

/** Value at the quantile `q` (0..1) by linear interpolation between order statistics. */
export function quantile(values: readonly number[], q: number): number {
  if (values.length === 0) throw new RangeError('no values to take a quantile of');
  const sorted = [...values].sort((a, b) => a - b);
  const at = q * (sorted.length - 1);
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}

/** Prints the table and, as the last line, `{"bench":…,"rows":[…]}`. Returns whether every goal was met. */
export function report(bench: string, rows: readonly Row[]): boolean {
  const judged = rows.map(({ higher, ...row }) => ({
    name: row.name,
    unit: row.unit,
    ours: round(row.ours),
    ...(row.peer === undefined ? {} : { peer: round(row.peer), ratio: round(row.ours / row.peer) }),
    goal: row.goal,
    ok: higher ? row.ours >= row.goal : row.ours <= row.goal,
  }));
  console.log(`\n${bench}`);
  for (const row of judged) {
    const peer = 'peer' in row ? `  peer ${row.peer} (×${row.ratio})` : '';
    console.log(
      `  ${row.ok ? '✓' : '✗'} ${row.name.padEnd(14)} ${String(row.ours).padStart(10)} ${row.unit}${peer}  goal ${row.goal}`,
    );
  }
  console.log();
  console.log(JSON.stringify({ bench, rows: judged }));
  return judged.every(({ ok }) => ok);
}

const round = (value: number): number => Number(value.toPrecision(4));
