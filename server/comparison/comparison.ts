/**
 * Comparison: a few trials side by side. It reads what others keep (trials, series, predictions) and what was captured when
 * the trials were opened, and says what differs and whether that would be surprising by chance. It changes nothing.
 */
import {
  COMPARED,
  type Comparison,
  MOST_METRICS,
  type ReadBy,
  type RegressionReport,
} from '@trialroom/shared/api/comparison';
import { directionOf } from '@trialroom/shared/trial/metric-names';
import type { Trial } from '@trialroom/shared/trial/trial';
import type { Database } from '../database/database.ts';
import { Refusal } from '../http/refusal.ts';
import { trialsOfExperiment } from '../trials/of-experiment.ts';
import type { Trials } from '../trials/trials.ts';
import type { Capture } from './capture.ts';
import { type Predicted, pairedTests } from './paired.ts';
import { judgedBy, type ReadingsByKey, readingsOfMany } from './readings.ts';
import { LOOKED_THROUGH, MOST_RUNS, regressionOf, regressionsOf } from './regressions.ts';
import { distinctNames, groupKey, rowsOf } from './rows.ts';
import { type Runs, seedTests } from './seeds.ts';

/** Where predictions come from. */
export interface Predictions {
  /** Evaluations of a trial, newest first. */
  evaluations(trial: string): Promise<{ name: string; task: string }[]>;
  predictionsOf(trial: string, evaluation: string): Promise<Predicted[] | null>;
}

export interface CompareRequest {
  trials: readonly string[];
  metric?: string | undefined;
  by: ReadBy;
  evaluation?: string | undefined;
}

export interface Comparisons {
  /** @throws Refusal (404 for an unknown trial, 422 for too few or too many) */
  compare(request: CompareRequest): Promise<Comparison>;
  /** A trial against its experiment's baseline; null where there is nothing to say. @throws Refusal (404) */
  regressionOf(trial: string): Promise<RegressionReport | null>;
  /** Those of many trials that are completed, and worse than their experiment's baseline beyond its noise. */
  regressionsOf(trials: readonly string[]): Promise<{ id: string; report: RegressionReport }[]>;
}

export interface ComparisonsOptions {
  db: Database;
  trials: Pick<Trials, 'get' | 'series'>;
  capture: Pick<Capture, 'read'>;
  results: Predictions;
}

export function createComparisons({ db, trials, capture, results }: ComparisonsOptions): Comparisons {
  /** Each trial with its runs under other seeds, equal groups once. */
  const groupsOf = async (
    compared: readonly Trial[],
    names: readonly string[],
    metric: string,
    by: ReadBy,
  ): Promise<Runs[]> => {
    interface Group {
      places: number[];
      members: Map<string, Trial>;
    }
    const groups = new Map<string, Group>();
    compared.forEach((trial, place) => {
      const key = `${trial.experimentId} ${groupKey(trial.params)}`;
      const group: Group = groups.get(key) ?? { places: [], members: new Map() };
      group.places.push(place);
      group.members.set(trial.id, trial);
      groups.set(key, group);
    });
    for (const experiment of new Set(compared.map(({ experimentId }) => experimentId))) {
      for (const other of (await trialsOfExperiment(db, experiment, LOOKED_THROUGH)).trials.map(({ trial }) => trial)) {
        // What has not come to its end was measured at another point than the rest.
        if (other.status !== 'completed') continue;
        const group = groups.get(`${experiment} ${groupKey(other.params)}`);
        if (group && group.members.size < MOST_RUNS) group.members.set(other.id, other);
      }
    }
    const all: Runs[] = [];
    for (const { places, members } of groups.values()) {
      const own = [...members.values()];
      const readings = await readingsOfMany(trials, own, [metric]);
      const runs = own.flatMap(({ id, name }, at) => {
        const value = judgedBy(readings[at]?.get(metric), by);
        return value === null ? [] : [{ trial: id, name, value }];
      });
      all.push({ name: names[places[0] ?? 0] ?? '', places, runs });
    }
    return all;
  };

  const predictionTests = async (
    compared: readonly Trial[],
    names: readonly string[],
    wanted: string | undefined,
  ): Promise<Comparison['predictions']> => {
    const lists = await Promise.all(compared.map(({ id }) => results.evaluations(id)));
    const counts = new Map<string, number>();
    for (const { name, task } of lists.flat())
      if (task === 'classification') counts.set(name, (counts.get(name) ?? 0) + 1);
    const choices = [...counts].filter(([, count]) => count > 1).sort((a, b) => b[1] - a[1]);
    const evaluation = wanted ?? choices[0]?.[0];
    if (evaluation === undefined) return null;
    const predictions = await Promise.all(compared.map(({ id }) => results.predictionsOf(id, evaluation)));
    return pairedTests(
      evaluation,
      choices.map(([name]) => name),
      names,
      predictions,
    );
  };

  return {
    compare: async ({ trials: wanted, metric: asked, by, evaluation }) => {
      const ids = [...new Set(wanted)];
      if (ids.length < COMPARED.least || ids.length > COMPARED.most) throw wrongCount(ids.length);
      const compared = await Promise.all(ids.map((id) => trials.get(id)));
      const names = distinctNames(compared.map(({ name }) => name));
      const [readings, captured] = await Promise.all([readingsOfMany(trials, compared, null), capture.read(ids)]);
      const keys = keysOf(readings);
      const metric = asked ?? leadingOf(compared, keys);
      const objective = compared.find(({ objective: own }) => own && own.key === metric)?.objective ?? null;
      const shown = keys.slice(0, MOST_METRICS);
      if (metric !== null && keys.includes(metric)) {
        shown.splice(0, shown.length, ...new Set([metric, ...shown]));
      }
      const direction = metric === null ? null : directionOf(metric, objective ?? compared[0]?.objective ?? null);
      const [groups, predictions, regressions] = await Promise.all([
        metric === null ? [] : groupsOf(compared, names, metric, by),
        predictionTests(compared, names, evaluation),
        Promise.all(compared.map((trial) => regressionOf(db, trials, trial))),
      ]);
      const code = ids.map((id) => captured.get(id));
      return {
        ...{ trials: compared, names, metric, direction, by },
        metrics: shown.map((key) => ({
          key,
          direction: directionOf(key, objective ?? compared[0]?.objective ?? null),
          readings: readings.map((own) => own.get(key) ?? null),
        })),
        metricsLeftOut: Math.max(0, keys.length - shown.length),
        params: rowsOf(compared.map(({ params }) => params)),
        summary: rowsOf(compared.map(({ summary }) => summary)),
        environment: rowsOf(ids.map((id) => captured.get(id)?.environment ?? null)),
        code: Object.fromEntries(code.flatMap((own) => (own?.code && own.codeHash ? [[own.codeHash, own.code]] : []))),
        ran: code.map((own) => (own?.codeHash ? { code: own.codeHash, cell: own.cell } : null)),
        predictions,
        seeds: seedTests(groups, direction),
        regressions,
      };
    },
    regressionsOf: (ids) => regressionsOf(db, trials, ids),
    regressionOf: async (id) => regressionOf(db, trials, await trials.get(id)),
  };
}

/** Every metric, those that most trials have first, then by name. */
function keysOf(readings: readonly ReadingsByKey[]): string[] {
  const counts = new Map<string, number>();
  for (const own of readings) for (const key of own.keys()) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([key]) => key);
}

/** The objective that most of them name, if it was logged; else the first metric whose direction is known. */
function leadingOf(compared: readonly Trial[], keys: readonly string[]): string | null {
  const objectives = compared.flatMap(({ objective }) => (objective ? [objective.key] : []));
  const named = [...new Set(objectives)].sort(
    (a, b) => objectives.filter((key) => key === b).length - objectives.filter((key) => key === a).length,
  );
  return (
    named.find((key) => keys.includes(key)) ?? keys.find((key) => directionOf(key, null) !== null) ?? keys[0] ?? null
  );
}

const wrongCount = (count: number): Refusal =>
  new Refusal(422, {
    error: 'compare-count',
    message: `${count} ${count === 1 ? 'trial was' : 'trials were'} given; a comparison takes ${COMPARED.least} to ${COMPARED.most}.`,
    where: 'trials',
    fix: 'Choose some in the table of trials.',
  });
