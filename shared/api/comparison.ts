/** HTTP endpoints of comparison: a few trials side by side, and all trials of an experiment against each other. */
import { z } from 'zod';
import { TrialCode } from '../trial/code.ts';
import { WireNumber } from '../trial/points.ts';
import { Trial } from '../trial/trial.ts';
import { endpoint } from './endpoint.ts';

/** Fewest and most trials that are compared side by side. */
export const COMPARED = { least: 2, most: 10 } as const;
/** Most metrics of a comparison; the rest are counted. */
export const MOST_METRICS = 200;
/** Most trials whose regressions are asked for at once. */
export const MOST_FLAGGED = 100;
/** Most trials of an analysis, the newest; the rest are counted. */
export const MOST_ANALYSED = 2000;

const Direction = z.enum(['minimise', 'maximise']);
const id = z.object({ id: z.string().min(1).max(200) });

/** A metric of one trial in figures; `best` is null where no direction is known or no value is finite. */
export const Reading = z.object({
  last: WireNumber,
  lastStep: WireNumber,
  best: z.number().nullable(),
  bestStep: WireNumber.nullable(),
  min: z.number().nullable(),
  max: z.number().nullable(),
  count: z.number().int(),
});
export type Reading = z.infer<typeof Reading>;

/** Something that each trial has a value of, as JSON text; null: it has none. In the order of the trials. */
export const Row = z.object({ name: z.string(), values: z.array(z.string().nullable()), differs: z.boolean() });
export type Row = z.infer<typeof Row>;

/** What a test says to a reader; see `shared/statistics/verdict.ts`. */
export const Verdict = z.object({
  headline: z.string(),
  detail: z.string(),
  strength: z.enum(['clear', 'hint', 'none', 'unknown']),
  better: z.string().nullable(),
  assumptions: z.array(z.string()),
  missing: z.array(z.string()),
});

/** Places of two trials, or two groups, that a test is of. */
const pair = { first: z.number().int(), second: z.number().int() };

export const PairedTest = z.object({
  ...pair,
  counts: z.object({
    bothRight: z.number().int(),
    onlyFirst: z.number().int(),
    onlySecond: z.number().int(),
    bothWrong: z.number().int(),
  }),
  chiSquare: z.number(),
  p: z.number(),
  correctedChiSquare: z.number(),
  correctedP: z.number(),
  exactP: z.number(),
  midP: z.number(),
  adjustedP: z.number(),
  verdict: Verdict,
});
export type PairedTest = z.infer<typeof PairedTest>;

/** Classifiers on the same examples. */
export const PredictionTests = z.object({
  /** Name of the evaluation. */
  evaluation: z.string(),
  /** Evaluations that more than one of the trials has. */
  choices: z.array(z.string()),
  /** Places of the trials that are tested; the others have no predictions, or of other examples. */
  tested: z.array(z.number().int()),
  /** Examples that all of the tested have, and how many were left out because not all have them. */
  examples: z.number().int(),
  leftOut: z.number().int(),
  accuracy: z.array(z.number().nullable()),
  /** Of all together, where there are more than two. */
  cochran: z.object({ q: z.number(), df: z.number().int(), p: z.number(), verdict: Verdict }).nullable(),
  pairs: z.array(PairedTest),
  /** Why trials are not tested, a sentence each. */
  missing: z.array(z.string()),
});
export type PredictionTests = z.infer<typeof PredictionTests>;

/** Trials whose parameters are equal but for the seed. */
export const SeedGroup = z.object({
  name: z.string(),
  /** Places of the compared trials that are in it. */
  places: z.array(z.number().int()),
  /** Every trial of the group that has the metric, with its reading. */
  runs: z.array(z.object({ trial: z.string(), name: z.string(), value: z.number() })),
  mean: z.number().nullable(),
  std: z.number().nullable(),
});

export const SeedTests = z.object({
  groups: z.array(SeedGroup),
  pairs: z.array(
    z.object({
      ...pair,
      welch: z
        .object({
          difference: z.number(),
          t: z.number(),
          df: z.number(),
          p: z.number(),
          low: z.number(),
          high: z.number(),
        })
        .nullable(),
      bootstrap: z.object({ low: z.number(), high: z.number(), method: z.enum(['BCa', 'percentile']) }).nullable(),
      effect: z.object({ d: z.number(), g: z.number() }).nullable(),
      adjustedP: z.number().nullable(),
      verdict: Verdict,
    }),
  ),
});
export type SeedTests = z.infer<typeof SeedTests>;

/** A trial against its experiment's baseline; `status` as in `shared/statistics/regression.ts`. */
export const RegressionReport = z.object({
  status: z.enum(['worse', 'within', 'better', 'unknown']),
  /** The baseline trial, and its name. */
  trial: z.string(),
  name: z.string(),
  metric: z.string(),
  reading: WireNumber,
  baseline: z.number(),
  n: z.number().int(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  /** One sentence. */
  text: z.string(),
});
export type RegressionReport = z.infer<typeof RegressionReport>;

/** How a metric's reading of a trial is taken for tests: its newest value, or its best. */
export const ReadBy = z.enum(['last', 'best']);
export type ReadBy = z.infer<typeof ReadBy>;

export const Comparison = z.object({
  trials: z.array(Trial),
  /** Names of the trials, told apart where two are equal. */
  names: z.array(z.string()),
  /** The metric that tests go by; null: the trials have none in common. */
  metric: z.string().nullable(),
  direction: Direction.nullable(),
  by: ReadBy,
  /** The metric of the tests first, then the most shared. */
  metrics: z.array(
    z.object({ key: z.string(), direction: Direction.nullable(), readings: z.array(Reading.nullable()) }),
  ),
  metricsLeftOut: z.number().int(),
  params: z.array(Row),
  summary: z.array(Row),
  environment: z.array(Row),
  /** By hash, each once. */
  code: z.record(z.string(), TrialCode),
  /** Of each trial: hash of its code and the cell that opened it; null: not known. */
  ran: z.array(z.object({ code: z.string(), cell: z.string().nullable() }).nullable()),
  predictions: PredictionTests.nullable(),
  seeds: SeedTests.nullable(),
  regressions: z.array(RegressionReport.nullable()),
});
export type Comparison = z.infer<typeof Comparison>;

/** A trial in an analysis. Params are flat: nested values have names joined by dots. */
export const AnalysedTrial = z.object({
  id: z.string(),
  name: z.string(),
  status: Trial.shape.status,
  createdAt: z.number(),
  startedAt: z.number().nullable(),
  endedAt: z.number().nullable(),
  params: z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()])),
  metrics: z.record(z.string(), z.object({ last: WireNumber, best: z.number().nullable() })),
});
export type AnalysedTrial = z.infer<typeof AnalysedTrial>;

export const Analysis = z.object({
  experiment: z.object({ id: z.string(), name: z.string() }),
  objective: z.object({ key: z.string(), direction: Direction }).nullable(),
  /** Which way is better, of each metric that is known of; null: nobody knows. */
  directions: z.record(z.string(), Direction.nullable()),
  trials: z.array(AnalysedTrial),
  leftOut: z.number().int(),
});
export type Analysis = z.infer<typeof Analysis>;

/** How much of a metric's variance each parameter, and each two together, account for; see `kernel/library/analysis`. */
export const Importance = z.object({
  metric: z.string(),
  /** Trials that it was computed from. */
  n: z.number().int(),
  /** Shares of the forest's variance, each with its spread over the trees. */
  single: z.array(z.object({ name: z.string(), share: z.number(), std: z.number() })),
  pairs: z.array(z.object({ first: z.string(), second: z.string(), share: z.number(), std: z.number() })),
  /** How well the forest says what it has not seen: R² out of bag. Below about 0.3 the shares mean little. */
  fit: z.number().nullable(),
});
export type Importance = z.infer<typeof Importance>;

/** A computation that runs, has ended, or has failed. */
export const ImportanceState = z.discriminatedUnion('state', [
  z.object({ state: z.literal('running'), id: z.string(), done: z.number(), total: z.number(), startedAt: z.number() }),
  z.object({ state: z.literal('done'), id: z.string(), importance: Importance }),
  z.object({ state: z.literal('failed'), id: z.string(), reason: z.string() }),
  z.object({ state: z.literal('cancelled'), id: z.string() }),
]);
export type ImportanceState = z.infer<typeof ImportanceState>;

export const comparison = {
  compare: endpoint({
    method: 'get',
    path: '/api/comparison',
    summary: 'Two to ten trials side by side: metrics, parameters, environment, code, paired tests, tests across seeds',
    needs: 'read',
    query: z.object({
      /** Ids with commas between them. */
      trials: z.string().min(1).max(2200),
      /** Absent: the objective that they share, or the metric that most of them have. */
      metric: z.string().min(1).max(10_000).optional(),
      by: ReadBy.default('last'),
      /** Absent: the first that most of them have. */
      evaluation: z.string().min(1).max(200).optional(),
    }),
    reply: Comparison,
  }),
  regression: endpoint({
    method: 'get',
    path: '/api/trials/{id}/regression',
    summary: "A trial against its experiment's baseline: worse, within noise, better, or not known",
    needs: 'read',
    params: id,
    reply: z.object({ regression: RegressionReport.nullable() }),
  }),
  regressions: endpoint({
    method: 'post',
    path: '/api/trials/regressions',
    summary: "Which of many completed trials are worse than their experiment's baseline beyond its noise",
    needs: 'read',
    body: z.object({ trials: z.array(z.string().min(1).max(200)).min(1).max(MOST_FLAGGED) }),
    reply: z.object({ worse: z.array(z.object({ id: z.string(), report: RegressionReport })) }),
  }),
  analysis: endpoint({
    method: 'get',
    path: '/api/experiments/{id}/analysis',
    summary: 'Parameters and metrics of the trials of an experiment, the newest first',
    needs: 'read',
    params: id,
    reply: Analysis,
  }),
  startImportance: endpoint({
    method: 'post',
    path: '/api/experiments/{id}/importance',
    summary: 'Begin to compute how much each parameter matters, in a kernel',
    needs: 'run',
    params: id,
    body: z.object({ metric: z.string().min(1).max(10_000), by: ReadBy.default('last') }),
    reply: ImportanceState,
  }),
  importance: endpoint({
    method: 'get',
    path: '/api/importance/{id}',
    summary: 'How far a computation is, or what came of it',
    needs: 'read',
    params: id,
    reply: ImportanceState,
  }),
  cancelImportance: endpoint({
    method: 'delete',
    path: '/api/importance/{id}',
    summary: 'End a computation',
    needs: 'run',
    params: id,
    reply: ImportanceState,
  }),
};
