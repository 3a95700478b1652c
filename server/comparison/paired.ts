/** Tests of classifiers on the examples that all of them predicted. */
import type { PredictionTests } from '@trialroom/shared/api/comparison';
import { cochranQ, pairwise } from '@trialroom/shared/statistics/cochran';
import { verdictOfPredictions, verdictOfSeveral } from '@trialroom/shared/statistics/verdict';

/** What was said of one example. */
export interface Predicted {
  id: string;
  truth: string;
  predicted: string;
}

/**
 * Tests those that have predictions, on the examples that all of them have with the same truth. `predictions` in the order
 * of `names`; null: none are kept. Null when fewer than two have any.
 */
export function pairedTests(
  evaluation: string,
  choices: readonly string[],
  names: readonly string[],
  predictions: readonly (readonly Predicted[] | null)[],
): PredictionTests | null {
  const tested = predictions.flatMap((own, at) => (own && own.length > 0 ? [at] : []));
  if (tested.length < 2) return null;
  const missing = names.flatMap((name, at) =>
    tested.includes(at) ? [] : [`${name} has no predictions of “${evaluation}”, so it is not tested.`],
  );
  const byId = tested.map((at) => new Map((predictions[at] ?? []).map((one) => [one.id, one])));
  const all = new Set(byId.flatMap((own) => [...own.keys()]));
  const common = [...all].filter((id) => {
    const truth = byId[0]?.get(id)?.truth;
    return byId.every((own) => own.get(id) !== undefined && own.get(id)?.truth === truth);
  });
  if (common.length < all.size) {
    missing.push(
      `${(all.size - common.length).toLocaleString('en')} of ${all.size.toLocaleString('en')} examples are left out: not all ` +
        'predicted them, or not with the same truth.',
    );
  }
  const right = byId.map((own) => common.map((id) => own.get(id)?.predicted === own.get(id)?.truth));
  const own = tested.map((at) => names[at] ?? '');
  const several = tested.length > 2 && common.length > 0 ? cochranQ(right) : null;
  const pairs = pairwise(right).map((pair) => ({
    ...pair,
    first: tested[pair.first] ?? 0,
    second: tested[pair.second] ?? 0,
    verdict: verdictOfPredictions([own[pair.first] ?? '', own[pair.second] ?? ''], pair.counts, pair, {
      p: pair.adjustedP,
      pairs: (tested.length * (tested.length - 1)) / 2,
    }),
  }));
  return {
    ...{ evaluation, choices: [...choices], tested, missing, pairs },
    ...{ examples: common.length, leftOut: all.size - common.length },
    accuracy: right.map((answers) => (answers.length === 0 ? null : answers.filter(Boolean).length / answers.length)),
    cochran: several && { ...several, verdict: verdictOfSeveral(own, several, common.length) },
  };
}
