/** Figures of predicted numbers against true ones. */
import type { RegressionEvaluation } from '@trialroom/shared/trial/evaluation';
import type { RegressionOptions } from './options.ts';
import { previewsOf } from './previews.ts';
import { mustPair, readIds, readNumbers } from './read.ts';

const MOST_PAIRS = 2000;
const WORST = 24;
const BINS = 40;

export interface Regressed {
  evaluation: RegressionEvaluation;
  ids: string[];
  truth: Float64Array;
  predicted: Float64Array;
}

/** @throws RangeError for data that do not fit together or are not finite */
export async function regress(options: RegressionOptions, at: number): Promise<Regressed> {
  const truth = await finite(options.truth, 'truth');
  const predicted = await finite(options.predictions, 'predictions');
  if (truth.length === 0) throw new RangeError('evaluate: there are no examples: truth is empty');
  mustPair('predictions', predicted.length, truth.length);
  const ids = readIds(options.ids, truth.length);
  const previews = await previewsOf(options.inputs, truth.length);
  const errors = predicted.map((value, row) => value - (truth[row] ?? 0));
  const sizes = errors.map(Math.abs).sort();
  const mean = sum(truth) / truth.length;
  const spread = sum(truth.map((value) => (value - mean) ** 2));
  const squares = sum(errors.map((error) => error * error));
  const worstRows = [...errors.keys()]
    .sort((a, b) => Math.abs(errors[b] ?? 0) - Math.abs(errors[a] ?? 0))
    .slice(0, WORST);
  const stride = Math.max(1, Math.ceil(truth.length / MOST_PAIRS));
  const even = [...truth.keys()].filter((row) => row % stride === 0);
  const rows = [...new Set([...worstRows, ...even])];
  const shown = new Set(worstRows);
  return {
    ids,
    truth,
    predicted,
    evaluation: {
      task: 'regression',
      name: options.name ?? 'test',
      at,
      target: (options.target ?? '').slice(0, 200),
      count: truth.length,
      mae: sum(sizes) / truth.length,
      rmse: Math.sqrt(squares / truth.length),
      r2: spread === 0 ? null : 1 - squares / spread,
      medianError: median(sizes),
      maxError: sizes.at(-1) ?? 0,
      bias: sum(errors) / truth.length,
      residuals: histogram(errors),
      pairs: rows.map((row) => ({
        index: row,
        id: ids[row] ?? String(row),
        truth: truth[row] ?? 0,
        predicted: predicted[row] ?? 0,
        input: shown.has(row) ? previews.of(row) : null,
      })),
      worst: worstRows.map((_, place) => place),
      leftOut: previews.leftOut,
    },
  };
}

async function finite(given: RegressionOptions['truth'], what: string): Promise<Float64Array> {
  const values = await readNumbers(given, what);
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new RangeError(`evaluate: ${what}[${bad}] is ${values[bad]}; every number must be finite`);
  return values;
}

const sum = (values: Float64Array): number => values.reduce((a, b) => a + b, 0);

function median(sorted: Float64Array): number {
  const half = sorted.length / 2;
  const above = sorted[Math.floor(half)] ?? 0;
  return Number.isInteger(half) ? ((sorted[half - 1] ?? 0) + above) / 2 : above;
}

function histogram(values: Float64Array): RegressionEvaluation['residuals'] {
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  const width = (high - low) / BINS;
  if (!(width > 0)) return { edges: [low - 0.5, low + 0.5], counts: [values.length] };
  const counts = new Array<number>(BINS).fill(0);
  for (const value of values) {
    const bin = Math.min(BINS - 1, Math.floor((value - low) / width));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { edges: Array.from({ length: BINS + 1 }, (_, i) => (i === BINS ? high : low + i * width)), counts };
}
