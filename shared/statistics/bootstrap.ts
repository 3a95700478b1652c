/**
 * The bootstrap: how far a figure could have come out otherwise, told by drawing from what was seen, again and again.
 * Chance comes from a seed, so that the same readings give the same interval on every machine.
 */
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { normalBelow, normalQuantile } from './distributions.ts';
import { meanOf, quantileOf } from './sample.ts';

export interface BootstrapOptions {
  /** e.g. 0.95 */
  confidence?: number;
  /** How many samples are drawn. */
  draws?: number;
  seed?: number;
}

export interface Interval {
  /** The figure of what was seen. */
  estimate: number;
  low: number;
  high: number;
  /** How the ends were found: bias-corrected and accelerated, or plain percentiles where that has no meaning. */
  method: 'BCa' | 'percentile';
}

export const DRAWS = 10_000;

/**
 * The BCa interval of `statistic` over one or several groups, each drawn from within itself: Efron, JASA 82 (1987);
 * the acceleration by the jackknife over all groups, DiCiccio & Efron, Statistical Science 11 (1996).
 * @throws RangeError when a group is empty
 */
export function bootstrap(
  groups: readonly (readonly number[])[],
  statistic: (groups: readonly (readonly number[])[]) => number,
  { confidence = 0.95, draws = DRAWS, seed = 1 }: BootstrapOptions = {},
): Interval {
  if (groups.some(({ length }) => length === 0)) throw new RangeError('a bootstrap needs at least one reading a group');
  const chance = xoroshiro128plus(seed);
  const estimate = statistic(groups);
  const drawn = new Float64Array(draws);
  for (let draw = 0; draw < draws; draw++) {
    drawn[draw] = statistic(
      groups.map((group) => group.map(() => group[uniformInt(chance, 0, group.length - 1)] ?? 0)),
    );
  }
  drawn.sort();
  const tail = (1 - confidence) / 2;
  const plain = { estimate, low: quantileOf(drawn, tail), high: quantileOf(drawn, 1 - tail) };
  // Half of those equal count as below, as for any distribution with steps.
  const below = drawn.reduce((sum, value) => sum + (value < estimate ? 1 : value === estimate ? 0.5 : 0), 0) / draws;
  const acceleration = accelerationOf(groups, statistic);
  if (!(below > 0 && below < 1) || acceleration === null) return { ...plain, method: 'percentile' };
  const bias = normalQuantile(below);
  const share = (p: number): number => {
    const z = bias + normalQuantile(p);
    return normalBelow(bias + z / (1 - acceleration * z));
  };
  return {
    ...{ estimate, low: quantileOf(drawn, share(tail)), high: quantileOf(drawn, share(1 - tail)) },
    method: 'BCa',
  };
}

/** The interval of the difference of two means: second less first. */
export const bootstrapDifference = (
  first: readonly number[],
  second: readonly number[],
  options?: BootstrapOptions,
): Interval => bootstrap([first, second], ([a = [], b = []]) => meanOf(b) - meanOf(a), options);

/** Null where leaving readings out changes nothing, so that there is no skew to speak of, or leaves nothing. */
function accelerationOf(
  groups: readonly (readonly number[])[],
  statistic: (groups: readonly (readonly number[])[]) => number,
): number | null {
  let cubes = 0;
  let squares = 0;
  for (const [at, group] of groups.entries()) {
    if (group.length < 2) return null;
    const left = group.map((_, out) => {
      const rest = group.filter((__, index) => index !== out);
      return statistic(groups.map((other, index) => (index === at ? rest : other)));
    });
    const mean = meanOf(left);
    const n = group.length;
    for (const value of left) {
      const influence = ((n - 1) * (mean - value)) / n;
      cubes += influence ** 3;
      squares += influence ** 2;
    }
  }
  const acceleration = cubes / (6 * squares ** 1.5);
  return Number.isFinite(acceleration) ? acceleration : null;
}
