/**
 * Trials in the database. A status changes only through {@link applyToTrial}, under a lock on its row, so that a stop, a
 * finish and a sweep that happen at once, in several processes, agree on one end.
 */

import { LockMode } from '@mikro-orm/core';
import type { TrialOpen } from '@trialroom/shared/kernel/protocol';
import { applyToTrial, isOver, type Trial, type TrialOperation } from '@trialroom/shared/trial/trial';
import { ulid } from 'ulid';
import type { Database } from '../database/database.ts';
import { Refusal } from '../http/refusal.ts';
import { ExperimentEntity, TrialEntity, type TrialRow } from './entities.ts';
import { storableRecord, storableText } from './storable.ts';

/** What a new trial is made of. */
export interface NewTrial {
  /** Absent: a new one. */
  id?: string;
  open: TrialOpen;
  notebook: { id: string; path: string } | null;
  cell: string | null;
  backend: string | null;
  by: Trial['by'];
}

/** Fields that may change with a status or without. */
export type TrialChange = Partial<
  Pick<TrialRow, 'progress' | 'reason' | 'owner' | 'summary' | 'params' | 'objective' | 'cell' | 'backend'>
>;

const POPULATE = { populate: ['experiment'], strategy: 'select-in' } as const;

export class TrialRecords {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Makes a trial that is queued; its experiment is made when it is new. */
  async create(trial: NewTrial): Promise<Trial> {
    const em = this.#db.em();
    const name = storableText(trial.open.experiment);
    await em.upsert(
      ExperimentEntity,
      { id: ulid(), name, createdAt: Date.now() },
      { onConflictFields: ['name'], onConflictAction: 'ignore' },
    );
    const experiment = await em.findOneOrFail(ExperimentEntity, { name });
    const row = em.create(TrialEntity, {
      id: trial.id ?? ulid(),
      experiment,
      name: storableText(trial.open.name),
      status: 'queued',
      stopRequested: false,
      pauseRequested: false,
      params: storableRecord(trial.open.params),
      objective: objectiveOf(trial.open),
      summary: {},
      notebook: trial.notebook?.id ?? null,
      notebookPath: trial.notebook?.path ?? null,
      cell: trial.cell,
      backend: trial.backend,
      by: trial.by && { id: trial.by.id, name: storableText(trial.by.name), colour: trial.by.colour },
      createdAt: Date.now(),
    });
    await em.persist(row).flush();
    return toTrial(row);
  }

  /** @throws Refusal (404) */
  async get(id: string): Promise<Trial> {
    const row = await this.#db.em().findOne(TrialEntity, id, POPULATE);
    if (!row) throw unknownTrial(id);
    return toTrial(row);
  }

  /** Newest first. */
  async list({
    status,
    limit = 100,
  }: {
    status?: Trial['status'] | undefined;
    limit?: number | undefined;
  }): Promise<Trial[]> {
    const rows = await this.#db
      .em()
      .find(TrialEntity, status ? { status } : {}, { ...POPULATE, orderBy: { createdAt: 'desc', id: 'desc' }, limit });
    return rows.map(toTrial);
  }

  /**
   * Applies an operation (null: none) and a change of fields. `change` is called with the trial as it is, under the lock.
   * Returns null when the operation changes nothing: it is late, or repeated.
   * @throws Refusal (404)
   */
  async apply(
    id: string,
    operation: TrialOperation | null,
    change: TrialChange | ((row: TrialRow) => TrialChange) = {},
  ): Promise<Trial | null> {
    return this.#db.em().transactional(async (em) => {
      const row = await em.findOne(TrialEntity, id, { ...POPULATE, lockMode: LockMode.PESSIMISTIC_WRITE });
      if (!row) throw unknownTrial(id);
      if (operation) {
        const { status, stopRequested, pauseRequested } = row;
        const state = { status, stopRequested, pauseRequested };
        const next = applyToTrial(state, operation);
        if (next === state) return null;
        if (next.status === 'running' && state.status === 'queued') row.startedAt = Date.now();
        if (isOver(next.status)) row.endedAt = Date.now();
        Object.assign(row, next);
      }
      Object.assign(row, typeof change === 'function' ? change(row) : change);
      return toTrial(row);
    });
  }
}

export const objectiveOf = ({ objective }: TrialOpen): Trial['objective'] =>
  objective ? { key: storableText(objective.key), direction: objective.direction } : null;

export const unknownTrial = (id: string): Refusal =>
  new Refusal(404, {
    error: 'trial-unknown',
    message: `There is no trial "${id}".`,
    fix: 'Open it from the list of trials.',
  });

export const notPausable = ({ name, status }: Trial): Refusal =>
  new Refusal(409, {
    error: 'trial-not-pausable',
    message: `"${name}" cannot be paused: it ${status === 'queued' ? 'has not begun' : isOver(status) ? 'is over' : 'is being stopped'}.`,
    fix: 'Only a trial that runs can be paused.',
  });

function toTrial(row: TrialRow): Trial {
  const { id, name, status, stopRequested, pauseRequested, params, summary } = row;
  return {
    id,
    experiment: row.experiment.name,
    name,
    status,
    stopRequested,
    pauseRequested,
    params,
    objective: row.objective ?? null,
    progress: row.progress ?? null,
    summary,
    reason: row.reason ?? null,
    notebook: row.notebook ? { id: row.notebook, path: row.notebookPath ?? '' } : null,
    cell: row.cell ?? null,
    backend: row.backend ?? null,
    by: row.by ?? null,
    createdAt: row.createdAt,
    startedAt: row.startedAt ?? null,
    endedAt: row.endedAt ?? null,
  };
}
