/** Tests across seeds: the compared trials, each with those that differ from it in nothing but the seed. */
import type { SeedTests } from '@trialroom/shared/api/comparison';
import { bootstrapDifference } from '@trialroom/shared/statistics/bootstrap';
import { holm } from '@trialroom/shared/statistics/holm';
import type { Direction } from '@trialroom/shared/statistics/regression';
import { deviationOf, meanOf } from '@trialroom/shared/statistics/sample';
import { verdictOfSeeds } from '@trialroom/shared/statistics/verdict';
import { effectSize, welch } from '@trialroom/shared/statistics/welch';

/** Runs that differ in their seed only. */
export interface Runs {
  name: string;
  /** Places of the compared trials among them. */
  places: number[];
  runs: { trial: string; name: string; value: number }[];
}

/** Samples drawn for an interval: the seeds are few, so that this is quick. */
const DRAWS = 4000;

/** Tests each two groups; null when there is one group only. */
export function seedTests(groups: readonly Runs[], direction: Direction | null): SeedTests | null {
  if (groups.length < 2) return null;
  const values = groups.map(({ runs }) => runs.map(({ value }) => value));
  const pairs = groups.flatMap((_, first) =>
    groups.slice(first + 1).map((__, offset) => {
      const second = first + 1 + offset;
      const [a, b] = [values[first] ?? [], values[second] ?? []];
      return { first, second, a, b, test: welch(a, b) };
    }),
  );
  const tested = pairs.filter(({ test }) => test !== null);
  const adjusted = holm(tested.map(({ test }) => test?.p ?? 1));
  return {
    groups: groups.map((group, at) => {
      const own = values[at] ?? [];
      return { ...group, mean: own.length > 0 ? meanOf(own) : null, std: own.length > 1 ? deviationOf(own) : null };
    }),
    pairs: pairs.map(({ first, second, a, b, test }) => {
      const adjustedP = test ? (adjusted[tested.findIndex((one) => one.test === test)] ?? null) : null;
      const interval = a.length > 1 && b.length > 1 ? bootstrapDifference(a, b, { draws: DRAWS }) : null;
      const effect = effectSize(a, b);
      const verdict = verdictOfSeeds(
        [groups[first]?.name ?? '', groups[second]?.name ?? ''],
        [a.length, b.length],
        direction,
        test,
        { interval, effect, pairs: tested.length, ...(adjustedP === null ? {} : { p: adjustedP }) },
      );
      const bootstrap = interval && { low: interval.low, high: interval.high, method: interval.method };
      return { first, second, welch: test, bootstrap, effect, adjustedP, verdict };
    }),
  };
}
