/** Tables of results: evaluations and artifacts of trials. Their content is in blobs; here is what they are called. */
import { defineEntity, p } from '@mikro-orm/core';
import type { ArtifactKind } from '@trialroom/shared/trial/artifact';
import type { Evaluation } from '@trialroom/shared/trial/evaluation';

export const EvaluationRow = defineEntity({
  name: 'Evaluation',
  tableName: 'evaluations',
  properties: {
    trial: p.text().primary(),
    name: p.text().primary(),
    task: p.text().$type<Evaluation['task']>(),
    /** Number of examples. */
    count: p.integer(),
    /** SHA-256 of the blob that holds the `Evaluation` as JSON. */
    sha256: p.string().length(64),
    /** ms since the epoch. */
    at: p.double().$type<number>(),
    /** The message that brought it, as `execution:seq`; a later one replaces it, the same one changes nothing. */
    origin: p.text(),
  },
});

export const ArtifactRow = defineEntity({
  name: 'Artifact',
  tableName: 'artifacts',
  properties: {
    trial: p.text().primary(),
    name: p.text().primary(),
    version: p.integer().primary(),
    kind: p.text().$type<ArtifactKind>(),
    bytes: p.double().$type<number>(),
    sha256: p.string().length(64),
    at: p.double().$type<number>(),
    /** The message that ended it, as `execution:seq`: taking it again makes no second version. */
    origin: p.text(),
  },
  uniques: [{ properties: ['trial', 'origin'] }],
});

export const resultsEntities = [EvaluationRow, ArtifactRow];
