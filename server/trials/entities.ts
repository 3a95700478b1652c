/** What is stored of trials. Log lines are stored in chunks, as they were printed. Times are ms since the epoch. */

import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import type { Progress } from '@trialroom/shared/kernel/protocol';
import type { AlertLevel } from '@trialroom/shared/trial/alert';
import type { TrialEventKind } from '@trialroom/shared/trial/event';
import type { Trial, TrialCheckpoint, TrialRelease, TrialStatus } from '@trialroom/shared/trial/trial';

export const ExperimentEntity = defineEntity({
  name: 'Experiment',
  tableName: 'experiments',
  properties: {
    id: p.text().primary(),
    name: p.text().unique(),
    tags: p
      .json<string[]>()
      .defaultRaw(`'[]'`)
      .onCreate(() => []),
    starred: p.boolean().default(false),
    /** Markdown. */
    note: p.text().default(''),
    /** The trial that others of the experiment are measured against. */
    baseline: p.text().nullable(),
    createdAt: p.double().$type<number>(),
    archivedAt: p.double().$type<number>().nullable(),
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
    release: p.text().$type<TrialRelease>().default('none'),
    checkpoint: p.json<TrialCheckpoint>().nullable(),
    /** The number of its newest event. */
    revision: p.integer().default(0),
    params: p.json<Record<string, unknown>>(),
    objective: p.json<NonNullable<Trial['objective']>>().nullable(),
    progress: p.json<Progress>().nullable(),
    summary: p.json<Record<string, unknown>>(),
    reason: p.text().nullable(),
    /** Identity of the notebook, and where it was when the trial was made. */
    notebook: p.text().nullable(),
    notebookPath: p.text().nullable(),
    cell: p.text().nullable(),
    /** The run of the cell that opened it, or took it up last. */
    execution: p.text().nullable(),
    backend: p.text().nullable(),
    by: p.json<NonNullable<Trial['by']>>().nullable(),
    /** The process that holds its lease; see {@link TrialOwnerEntity}. Null until it starts. */
    owner: p.text().nullable(),
    tags: p
      .json<string[]>()
      .defaultRaw(`'[]'`)
      .onCreate(() => []),
    starred: p.boolean().default(false),
    /** Markdown. */
    note: p.text().default(''),
    createdAt: p.double().$type<number>(),
    startedAt: p.double().$type<number>().nullable(),
    endedAt: p.double().$type<number>().nullable(),
    archivedAt: p.double().$type<number>().nullable(),
    /** Deleted, and kept for a while so that it can be brought back: no list shows it. */
    deletedAt: p.double().$type<number>().nullable(),
  },
});
export type TrialRow = InferEntity<typeof TrialEntity>;

/** What happened to a trial. Written once and never changed. */
export const TrialEventEntity = defineEntity({
  name: 'TrialEvent',
  tableName: 'trial_events',
  indexes: [{ properties: ['trial', 'kind', 'seq'] }],
  uniques: [{ properties: ['trial', 'batch', 'place'] }],
  properties: {
    trial: p.text().primary(),
    seq: p.integer().primary(),
    at: p.double().$type<number>(),
    kind: p.text().$type<TrialEventKind>(),
    step: p.double().$type<number>().nullable(),
    text: p.text(),
    data: p.json<Record<string, unknown>>(),
    by: p.json<NonNullable<Trial['by']>>().nullable(),
    /** What its code said: the kernel's number of the message, and the place in it. A repeated one is known by them. */
    batch: p.integer().nullable(),
    place: p.integer().nullable(),
  },
});

/** When people want to be told of the trials of an experiment; see `shared/trial/alert.ts`. */
export const AlertRuleEntity = defineEntity({
  name: 'AlertRule',
  tableName: 'alert_rules',
  properties: {
    id: p.text().primary(),
    experiment: p.text().index(),
    /** As it was written. */
    when: p.text(),
    level: p.text().$type<AlertLevel>(),
    by: p.json<NonNullable<Trial['by']>>(),
    createdAt: p.double().$type<number>(),
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

export const trialEntities = [
  ExperimentEntity,
  TrialEntity,
  TrialEventEntity,
  AlertRuleEntity,
  LogChunkEntity,
  TrialOwnerEntity,
];
