/**
 * What a test says, in words for someone who has not met it before: which is better and how surprising that would be by
 * chance, what was taken for granted, and what is missing to say more. It never says that two are equal: a test that
 * finds nothing has not shown that there is nothing.
 */
import type { CochranQ } from './cochran.ts';
import type { McNemar, PairedCounts } from './mcnemar.ts';
import type { Direction } from './regression.ts';
import type { EffectSize, Welch } from './welch.ts';

export interface Verdict {
  /** One sentence. */
  headline: string;
  /** The figures behind it, in a sentence or two. */
  detail: string;
  /** `clear`: surprising by chance · `hint`: worth another look · `none`: what chance alone gives · `unknown`: cannot be said. */
  strength: 'clear' | 'hint' | 'none' | 'unknown';
  /** Name of the better one; null when nothing can be said. */
  better: string | null;
  /** What must be true for this to hold, each a sentence. */
  assumptions: string[];
  /** What would let more be said, each a sentence. */
  missing: string[];
}

/** Below this a p-value is called surprising. */
export const SURPRISING = 0.05;
const HINT = 0.1;

/** Groups with fewer readings are told to run more. */
export const ENOUGH_SEEDS = 5;
/** Fewer examples on which two differ say little, whatever p is. */
const ENOUGH_PAIRS = 10;

/** `0.036`, `below 0.001`. */
export const sayP = (p: number): string => (p < 0.001 ? 'below 0.001' : p.toFixed(3));

const strengthOf = (p: number): 'clear' | 'hint' | 'none' => (p < SURPRISING ? 'clear' : p < HINT ? 'hint' : 'none');

const surprise = (p: number): string =>
  p < 0.001
    ? 'this difference would be very surprising by chance'
    : p < SURPRISING
      ? 'this difference would be surprising by chance'
      : 'but chance alone gives a difference like this now and then';

const sign = (value: number): string => `${value < 0 ? '−' : '+'}${figure(Math.abs(value))}`;
const figure = (value: number): string => String(Number(value.toPrecision(4))).replace('-', '−');
const count = (n: number, one: string, many: string): string => `${n.toLocaleString('en')} ${n === 1 ? one : many}`;

/** Two classifiers on the same examples; `p` is the one to go by, adjusted where several pairs were tested. */
export function verdictOfPredictions(
  names: readonly [string, string],
  counts: PairedCounts,
  test: McNemar,
  { p = test.midP, pairs = 1 }: { p?: number; pairs?: number } = {},
): Verdict {
  const { onlyFirst: b, onlySecond: c } = counts;
  const all = counts.bothRight + counts.bothWrong + b + c;
  const base = { assumptions: PREDICTION_ASSUMPTIONS, missing: b + c < ENOUGH_PAIRS ? [FEW_PAIRS(b + c)] : [] };
  if (all === 0) {
    const missing = ['Predictions of the same examples from both: there are none in common.'];
    return { ...base, missing, headline: 'They cannot be compared.', detail: '', strength: 'unknown', better: null };
  }
  const detail =
    `Of ${count(all, 'example', 'examples')}, ${names[0]} alone is right on ${b.toLocaleString('en')} and ${names[1]} alone on ` +
    `${c.toLocaleString('en')}. McNemar's test, mid-p ${sayP(test.midP)}` +
    (pairs > 1 ? `; ${sayP(p)} after Holm's adjustment for ${pairs} pairs.` : '.');
  const strength = strengthOf(p);
  const better = b === c ? null : b > c ? names[0] : names[1];
  if (better === null || strength === 'none') {
    return { ...base, headline: NO_DIFFERENCE, detail, strength: 'none', better: null };
  }
  const is = strength === 'clear' ? 'is better' : 'may be better';
  return { ...base, headline: `${better} ${is}; ${surprise(p)}.`, detail, strength, better };
}

/** Several classifiers on the same examples. */
export function verdictOfSeveral(names: readonly string[], { q, df, p }: CochranQ, examples: number): Verdict {
  const detail = `Cochran's Q ${figure(q)} on ${df} degrees of freedom over ${count(examples, 'example', 'examples')}, p ${sayP(p)}.`;
  const strength = strengthOf(p);
  const headline =
    strength === 'none'
      ? `No difference between the ${names.length} shows that chance alone would not give.`
      : `The ${names.length} ${strength === 'clear' ? 'are' : 'may'} not ${strength === 'clear' ? '' : 'be '}equally good; ${surprise(p)}. The pairs below say which differ.`;
  return { headline, detail, strength, better: null, assumptions: PREDICTION_ASSUMPTIONS, missing: [] };
}

/** Two groups of runs that differ in their seed only. */
export function verdictOfSeeds(
  names: readonly [string, string],
  sizes: readonly [number, number],
  direction: Direction | null,
  test: Welch | null,
  { interval, effect, p = test?.p ?? 1, pairs = 1 }: SeedFigures = {},
): Verdict {
  const missing = sizes.flatMap((n, at) =>
    n < ENOUGH_SEEDS
      ? [`More seeds of ${names[at]}: it has ${count(n, 'run', 'runs')}, and ${ENOUGH_SEEDS} say much more.`]
      : [],
  );
  if (direction === null) missing.push('Which way is better: give the experiment an objective.');
  if (!test) {
    const headline = sizes.some((n) => n < 2)
      ? 'One run each says nothing about chance.'
      : 'The runs of each group are equal to the last digit, so there is no noise to measure by.';
    return { headline, detail: '', strength: 'unknown', better: null, assumptions: [], missing };
  }
  const ends = `95 % interval ${sign(test.low)} to ${sign(test.high)}`;
  const drawn = interval ? `, by bootstrap ${sign(interval.low)} to ${sign(interval.high)}` : '';
  const size = effect ? ` The effect is ${effectWord(effect.g)} (Hedges' g ${sign(effect.g)}).` : '';
  const adjusted = pairs > 1 ? `; ${sayP(p)} after Holm's adjustment for ${pairs} pairs` : '';
  const detail =
    `${names[1]} differs from ${names[0]} by ${sign(test.difference)} (${ends}${drawn}). Welch's t ${figure(test.t)} on ` +
    `${test.df.toFixed(1)} degrees of freedom, p ${sayP(test.p)}${adjusted}.${size}`;
  const base = { detail, assumptions: SEED_ASSUMPTIONS, missing };
  const strength = strengthOf(p);
  if (strength === 'none') return { ...base, headline: NO_DIFFERENCE, strength, better: null };
  if (direction === null) {
    return {
      ...base,
      headline: `They differ; ${surprise(p)}. Which way is better is not known.`,
      strength,
      better: null,
    };
  }
  const better = names[test.difference > 0 === (direction === 'maximise') ? 1 : 0];
  const is = strength === 'clear' ? 'is better' : 'may be better';
  return { ...base, headline: `${better} ${is}; ${surprise(p)}.`, strength, better };
}

export interface SeedFigures {
  interval?: { low: number; high: number } | null;
  effect?: EffectSize | null;
  /** The p-value to go by, where several pairs were tested. */
  p?: number;
  pairs?: number;
}

/** Cohen's words for sizes of effects, Statistical Power Analysis (1988), with one more beyond his `large`. */
export function effectWord(g: number): string {
  const size = Math.abs(g);
  return size < 0.2 ? 'negligible' : size < 0.5 ? 'small' : size < 0.8 ? 'medium' : size < 2 ? 'large' : 'very large';
}

const NO_DIFFERENCE = 'No difference shows that chance alone would not give. That does not mean that they are equal.';
const FEW_PAIRS = (n: number): string =>
  `More examples: they differ on ${n}, and fewer than ${ENOUGH_PAIRS} can hardly show anything.`;
const PREDICTION_ASSUMPTIONS = [
  'Both predicted the same examples, and these are a fair sample of what is to come.',
  'The examples are independent of each other: no duplicates, no frames of one film.',
  'The models are taken as they are: another seed of the same code may do better or worse.',
];
const SEED_ASSUMPTIONS = [
  'Runs of a group differ in their seed only, and the seeds were not chosen by their results.',
  'The readings of each group are roughly normal; the two may have different spread.',
];
