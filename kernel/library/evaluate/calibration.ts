/** Whether a model is as often right as it says. */
import type { Calibration } from '@trialroom/shared/trial/evaluation';

export const BINS = 15;

/** What is taken for a probability of 0 in a logarithm. */
export const LEAST = 1e-15;

/**
 * Reliability in {@link BINS} bins of equal width over the confidence of the predicted class, with the expected and the
 * greatest calibration error (Guo et al. 2017, "On Calibration of Modern Neural Networks"), the Brier score summed over
 * classes (Brier 1950) and the log loss.
 * @param probabilities `[n × classes]`, row by row
 * @param truth and `predicted`: class numbers, `n` of each
 */
export function calibrationOf(
  probabilities: Float64Array,
  classes: number,
  truth: Int32Array,
  predicted: Int32Array,
): Calibration {
  const bins = Array.from({ length: BINS }, (_, bin) => ({
    from: bin / BINS,
    to: (bin + 1) / BINS,
    count: 0,
    confidence: 0,
    accuracy: 0,
  }));
  let brier = 0;
  let logLoss = 0;
  for (const [row, label] of truth.entries()) {
    const answer = predicted[row] ?? 0;
    const confidence = probabilities[row * classes + answer] ?? 0;
    // A bin holds its upper edge, so that a confidence of 1 has one.
    const bin = bins[Math.min(BINS - 1, Math.max(0, Math.ceil(confidence * BINS) - 1))];
    if (bin) {
      bin.count++;
      bin.confidence += confidence;
      bin.accuracy += answer === label ? 1 : 0;
    }
    for (let column = 0; column < classes; column++) {
      const error = (probabilities[row * classes + column] ?? 0) - (column === label ? 1 : 0);
      brier += error * error;
    }
    logLoss -= Math.log(Math.max(LEAST, probabilities[row * classes + label] ?? 0));
  }
  const filled = bins
    .filter(({ count }) => count > 0)
    .map((bin) => ({ ...bin, confidence: bin.confidence / bin.count, accuracy: bin.accuracy / bin.count }));
  const gaps = filled.map(({ confidence, accuracy, count }) => ({ gap: Math.abs(confidence - accuracy), count }));
  return {
    bins: filled,
    ece: gaps.reduce((sum, { gap, count }) => sum + gap * count, 0) / truth.length,
    mce: Math.max(0, ...gaps.map(({ gap }) => gap)),
    brier: brier / truth.length,
    logLoss: logLoss / truth.length,
  };
}
