/** Divides examples that are only ever seen one after the other. */
import type { SplitNumbersOptions } from '../../dataset/split.ts';
import { DataError } from '../../error.ts';
import { type CsvStreamPlan, takesPart } from './plan.ts';

/** Parts of a stream: each row is drawn for one of them, so that their sizes come near the shares asked for. */
export function splitStream(
  plan: CsvStreamPlan,
  parts: Readonly<Record<string, number>>,
  { seed = 0, ...others }: Omit<SplitNumbersOptions, 'stratify'> & { stratify?: unknown },
): CsvStreamPlan[] {
  const asked = Object.entries(others).filter(([, values]) => values !== undefined);
  if (asked.length > 0) {
    throw new DataError(
      `split({ ${asked.map(([name]) => name).join(', ')} }) needs all examples at hand; this is a stream`,
      {
        advice: 'Divide it by chance, or read the file into memory with data.csv',
      },
    );
  }
  if (plan.part) throw new RangeError('split(): this stream is a part already; divide the whole once, into all parts');
  const shares = Object.values(parts);
  const sum = shares.reduce((total, share) => total + share, 0);
  if (shares.some((share) => !(share > 0 && share <= 1)) || sum > 1 + 1e-9) {
    throw new RangeError(`split(${JSON.stringify(parts)}): of a stream, give shares from 0 to 1, together at most 1`);
  }
  let from = 0;
  return shares.map((share) => {
    const part = { seed, from, to: Math.min(1, from + share + 1e-12) };
    from = part.to;
    const { count, ...rest } = plan;
    if (count === undefined) return { ...rest, part };
    let taking = 0;
    for (let row = 0; row < count; row++) if (takesPart(part, row)) taking++;
    return { ...rest, part, count: taking };
  });
}
