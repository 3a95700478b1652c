/** Joins evaluations to a trial: what is computed here is sent whole, with all predictions as a file. */
import { ARTIFACT_PIECE, type ArtifactKind, ArtifactName } from '@trialroom/shared/trial/artifact';
import { type Evaluation, predictionsName } from '@trialroom/shared/trial/evaluation';
import type { Outbox } from '../trial/outbox.ts';
import { classify } from './classification.ts';
import type { EvaluateOptions } from './options.ts';
import { classifiedCsv, regressedCsv } from './predictions.ts';
import { regress } from './regression.ts';

export { ARTIFACT_PIECE } from '@trialroom/shared/trial/artifact';
export { evaluationText } from './text.ts';

/** An evaluation, the CSV of its predictions, and what of it belongs in the trial's summary. */
export interface Evaluated {
  evaluation: Evaluation;
  csv: string;
  summary: Record<string, number>;
}

/** Computes an evaluation. `at` in ms since the epoch. @throws RangeError or TypeError that names what is wrong and where */
export async function evaluate(options: EvaluateOptions, at: number): Promise<Evaluated> {
  if (options.task === 'regression') {
    const regressed = await regress(options, at);
    const { name, mae, rmse, r2 } = regressed.evaluation;
    const summary = { [`${name}/mae`]: mae, [`${name}/rmse`]: rmse, ...(r2 === null ? {} : { [`${name}/r2`]: r2 }) };
    return { evaluation: regressed.evaluation, csv: regressedCsv(regressed), summary };
  }
  const classified = await classify(options, at);
  const { name, accuracy, macro, calibration } = classified.evaluation;
  const summary = {
    [`${name}/accuracy`]: accuracy,
    ...(macro.f1 === null ? {} : { [`${name}/f1`]: macro.f1 }),
    ...(calibration ? { [`${name}/ece`]: calibration.ece } : {}),
  };
  return { evaluation: classified.evaluation, csv: classifiedCsv(classified), summary };
}

const UTF8 = new TextEncoder();

/** Sends an evaluation: the predictions first, so that who sees the evaluation can have them. */
export function sendEvaluation(outbox: Outbox, { evaluation, csv }: Evaluated): void {
  sendArtifact(outbox, predictionsName(evaluation.name), UTF8.encode(csv), 'predictions');
  outbox.say({ type: 'trial.evaluation' }, UTF8.encode(JSON.stringify(evaluation)));
}

/** @throws TypeError for a name that is no relative path */
export function mustBeName(name: string): void {
  const checked = ArtifactName.safeParse(name);
  if (checked.success) return;
  throw new TypeError(`trial.artifact: "${name}" cannot be a name: ${checked.error.issues[0]?.message}`);
}

/** Sends a file in pieces. @throws TypeError for a name that is no relative path */
export function sendArtifact(outbox: Outbox, name: string, bytes: Uint8Array, kind: ArtifactKind): void {
  mustBeName(name);
  for (let piece = 0; ; piece++) {
    const from = piece * ARTIFACT_PIECE;
    const last = from + ARTIFACT_PIECE >= bytes.length;
    outbox.say({ type: 'trial.artifact', name, kind, piece, last }, bytes.subarray(from, from + ARTIFACT_PIECE));
    if (last) return;
  }
}
