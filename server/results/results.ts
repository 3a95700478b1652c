/**
 * Results of trials: evaluations and artifacts, as kernels send them, kept by content. What is acknowledged is durable; a
 * file appears when its last piece is here, and never half.
 */
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { EvaluationListing } from '@trialroom/shared/api/results';
import type { Artifact } from '@trialroom/shared/trial/artifact';
import type { TrialEnvironment } from '@trialroom/shared/trial/environment';
import { Evaluation, predictionsName } from '@trialroom/shared/trial/evaluation';
import type { Trial } from '@trialroom/shared/trial/trial';
import type { Blobs } from '../blobs/blobs.ts';
import type { Database } from '../database/database.ts';
import { Refusal } from '../http/refusal.ts';
import { ArtifactRow, EvaluationRow } from './entities.ts';
import { generatedOf } from './generated.ts';
import { type Prediction, readPredictions } from './predictions.ts';

/** An artifact whose content can be read, again and again. */
export interface ArtifactContent extends Artifact {
  read(): AsyncIterable<Uint8Array>;
}

export interface Results {
  /** Evaluations of a trial, newest first. */
  evaluations(trial: string): Promise<EvaluationListing[]>;
  /** The newest one when no name is given. @throws Refusal (404) */
  evaluation(trial: string, name?: string): Promise<Evaluation>;
  /** The newest version of each artifact, by name; parameters and environment of the trial among them. */
  artifacts(trial: Trial): Promise<ArtifactContent[]>;
  /** @throws Refusal (404) */
  artifact(trial: Trial, name: string, version?: number): Promise<ArtifactContent>;
  /** Every version of an artifact, newest first; empty when there is none. */
  versions(trial: Trial, name: string): Promise<Artifact[]>;
  /** Predictions of an evaluation, an example each; null when none are kept. */
  predictionsOf(trial: string, evaluation: string): Promise<Prediction[] | null>;
  /** Forgets the results of trials that are gone for good. Their blobs may be shared, and stay. */
  forget(trials: readonly string[]): Promise<void>;
}

export interface ResultsOptions {
  db: Database;
  blobs: Pick<Blobs, 'find'>;
  /** What a trial ran on; null where that is not known. */
  environmentOf: (trial: string) => Promise<TrialEnvironment | null>;
}

export function createResults({ db, blobs, environmentOf }: ResultsOptions): Results {
  const stored = async (where: { trial: string; name?: string; version?: number }): Promise<ArtifactContent[]> => {
    const rows = await db.em().find(ArtifactRow, where, { orderBy: { name: 'asc', version: 'desc' } });
    return rows.map(({ name, kind, version, bytes, sha256, at }) => ({
      ...{ name, kind, version, bytes, sha256, at },
      async *read() {
        const file = await blobs.find(sha256);
        if (!file) throw new Error(`the content of the artifact ${name} (${sha256}) is gone from the data folder`);
        yield* createReadStream(file.path);
      },
    }));
  };
  const made = async (trial: Trial): Promise<ArtifactContent[]> =>
    generatedOf(trial, await environmentOf(trial.id)).map(({ text, ...artifact }) => ({
      ...artifact,
      async *read() {
        yield Buffer.from(text);
      },
    }));
  /** A file that the trial made under that name goes before one that is made from what is known. */
  const all = async (trial: Trial): Promise<ArtifactContent[]> => {
    const own = await stored({ trial: trial.id });
    const names = new Set(own.map(({ name }) => name));
    return [...own, ...(await made(trial)).filter(({ name }) => !names.has(name))].sort(byName);
  };

  return {
    evaluations: async (trial) => {
      const rows = await db.em().find(EvaluationRow, { trial }, { orderBy: { at: 'desc', name: 'asc' } });
      return rows.map(({ name, task, count, at }) => ({ name, task, count, at }));
    },
    evaluation: async (trial, name) => {
      const where = { trial, ...(name === undefined ? {} : { name }) };
      const [row] = await db.em().find(EvaluationRow, where, { orderBy: { at: 'desc', name: 'asc' }, limit: 1 });
      const file = row && (await blobs.find(row.sha256));
      if (!file) throw noEvaluation(name);
      return Evaluation.parse(JSON.parse(await readFile(file.path, 'utf8')));
    },
    artifacts: async (trial) => {
      const newest = new Map<string, ArtifactContent>();
      for (const artifact of await all(trial)) if (!newest.has(artifact.name)) newest.set(artifact.name, artifact);
      return [...newest.values()];
    },
    artifact: async (trial, name, version) => {
      const found = (await all(trial)).find(
        (artifact) => artifact.name === name && (version === undefined || artifact.version === version),
      );
      if (!found) throw noArtifact(name, version);
      return found;
    },
    versions: async (trial, name) =>
      (await all(trial)).filter((artifact) => artifact.name === name).map(({ read: _, ...artifact }) => artifact),
    predictionsOf: async (trial, evaluation) => {
      const [newest] = await stored({ trial, name: predictionsName(evaluation) });
      return newest ? readPredictions(newest.read()) : null;
    },
    forget: async (trials) => {
      await db.em().nativeDelete(EvaluationRow, { trial: { $in: [...trials] } });
      await db.em().nativeDelete(ArtifactRow, { trial: { $in: [...trials] } });
    },
  };
}

const byName = (a: Artifact, b: Artifact): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : b.version - a.version;

const noEvaluation = (name: string | undefined): Refusal =>
  new Refusal(404, {
    error: 'evaluation-unknown',
    message: name === undefined ? 'This trial has not been evaluated.' : `This trial has no evaluation "${name}".`,
    fix: 'Evaluate it in its notebook: await run.evaluate({ truth, probabilities }).',
  });

const noArtifact = (name: string, version: number | undefined): Refusal =>
  new Refusal(404, {
    error: 'artifact-unknown',
    message: `This trial has no artifact "${name}"${version === undefined ? '' : ` of version ${version}`}.`,
    fix: 'Look at the list of its artifacts.',
  });
