/** Artifacts that are made when they are asked for, from what the workspace knows of a trial. */
import { createHash } from 'node:crypto';
import type { Artifact } from '@trialroom/shared/trial/artifact';
import type { TrialEnvironment } from '@trialroom/shared/trial/environment';
import type { Trial } from '@trialroom/shared/trial/trial';
import { stringify } from 'yaml';

/** An artifact with its content in memory. */
export interface Generated extends Artifact {
  text: string;
}

/** `parameters.yaml`, and `environment.json` where the environment is known. */
export function generatedOf(trial: Trial, environment: TrialEnvironment | null): Generated[] {
  const made = (name: string, kind: Artifact['kind'], text: string): Generated => ({
    name,
    kind,
    version: 1,
    bytes: Buffer.byteLength(text),
    sha256: createHash('sha256').update(text).digest('hex'),
    at: trial.createdAt,
    text,
  });
  return [
    ...(environment ? [made('environment.json', 'environment', `${JSON.stringify(environment, null, 2)}\n`)] : []),
    made('parameters.yaml', 'parameters', stringify(trial.params)),
  ];
}
