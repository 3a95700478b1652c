/**
 * What is stored of trials. Metric points are one row for each (trial, batch, key), written once and never changed:
 * the primary key is what makes a repeated batch harmless. Log lines are stored in chunks, as they were printed.
 * Times are ms since the epoch.
 */

import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import type { Progress } from '@trialroom/shared/kernel/protocol';
import type { Trial, TrialStatus } from '@trialroom/shared/trial/trial';

export const ExperimentEntity = defineEntity({
  name: 'Experiment',
  tableName: 'experiments',
  properties: {
    id: p.text().primary(),
    name: p.text().unique(),
    createdAt: p.double().$type<number>(),
  },
});
export type ExperimentRow = InferEntity<typeof ExperimentEntity>;

export const TrialEntity = defineEntity({
  name: 'Trial',
  tableName: 'trials',
  indexes: [{ properties: ['createdAt'] }, { properties: ['status'] }],
  properties: {
    id: p.text().primary(),
    experiment: () => p.manyToOne(ExperimentEntity),
    name: p.text(),
    status: p.text().$type<TrialStatus>(),
    stopRequested: p.boolean(),
    pauseRequested: p.boolean().default(false),
    params: p.json<Record<string, unknown>>(),
    objective: p.json<NonNullable<Trial['objective']>>().nullable(),
    progress: p.json<Progress>().nullable(),
    summary: p.json<Record<string, unknown>>(),
    reason: p.text().nullable(),
    /** Identity of the notebook, and where it was when the trial was made. */
    notebook: p.text().nullable(),
    notebookPath: p.text().nullable(),
    cell: p.text().nullable(),
    backend: p.text().nullable(),
    by: p.json<NonNullable<Trial['by']>>().nullable(),
    /** The process that holds its lease; see {@link TrialOwnerEntity}. Null until it starts. */
    owner: p.text().nullable(),
    createdAt: p.double().$type<number>(),
    startedAt: p.double().$type<number>().nullable(),
    endedAt: p.double().$type<number>().nullable(),
  },
});
export type TrialRow = InferEntity<typeof TrialEntity>;

export const PointBatchEntity = defineEntity({
  name: 'PointBatch',
  tableName: 'point_batches',
  properties: {
    trial: p.text().primary(),
    /** The kernel's number of the batch. */
    seq: p.integer().primary(),
    key: p.text().primary(),
    /** Counts the trial's transactions from 1: what was stored, and announced, together. */
    part: p.integer(),
    count: p.integer(),
    /** Each column: `count` little-endian float64. */
    steps: p.blob(),
    walls: p.blob(),
    readings: p.blob(),
  },
});

export const LogChunkEntity = defineEntity({
  name: 'LogChunk',
  tableName: 'log_chunks',
  properties: {
    trial: p.text().primary(),
    firstSeq: p.integer(),
    lastSeq: p.integer().primary(),
    /** JSON text of `LogLine[]`; not jsonb, which refuses some of what programs print. */
    lines: p.text(),
  },
});

/** A process that hosts trials. Its lease is the lease of all of them. */
export const TrialOwnerEntity = defineEntity({
  name: 'TrialOwner',
  tableName: 'trial_owners',
  properties: {
    id: p.text().primary(),
    /** Names the machine and process namespace in which `pid` means something. */
    place: p.text(),
    pid: p.integer(),
    leaseUntil: p.double().$type<number>(),
  },
});

export const trialEntities = [ExperimentEntity, TrialEntity, PointBatchEntity, LogChunkEntity, TrialOwnerEntity];
