/**
 * Trials in the database. A status changes only through {@link applyToTrial}, under a lock on its row, so that a stop, a
 * finish and a sweep that happen at once, in several processes, agree on one end.
 */

import { LockMode } from '@mikro-orm/core';
import type { TrialOpen } from '@trialroom/shared/kernel/protocol';
import type { TrialEvent } from '@trialroom/shared/trial/event';
import { applyToTrial, isOver, type Trial, type TrialOperation, type TrialState } from '@trialroom/shared/trial/trial';
import { ulid } from 'ulid';
import type { Blobs } from '../blobs/blobs.ts';
import type { Database } from '../database/database.ts';
import { Refusal } from '../http/refusal.ts';
import { ExperimentEntity, type ExperimentRow, TrialEntity, type TrialRow } from './entities.ts';
import { appendEvents, isStored, type NewEvent } from './events.ts';
import { happened } from './happened.ts';
import { keepMedia } from './media.ts';
import { storableRecord, storableText } from './storable.ts';

/** What a new trial is made of. */
export interface NewTrial {
  /** Absent: a new one. */
  id?: string;
  open: TrialOpen;
  notebook: { id: string; path: string } | null;
  cell: string | null;
  /** The run of the cell that opened it; absent: none has yet. */
  execution?: string;
  backend: string | null;
  by: Trial['by'];
}

/** Fields that may change with a status or without. */
export type TrialChange = Partial<
  Pick<
    TrialRow,
    | 'progress'
    | 'reason'
    | 'owner'
    | 'summary'
    | 'params'
    | 'objective'
    | 'cell'
    | 'execution'
    | 'backend'
    | 'checkpoint'
    | 'createdAt'
    | 'startedAt'
    | 'endedAt'
  >
>;

/** What goes with an operation on a trial, in the same transaction. */
export interface Along {
  /** Fields that change when the operation does something; called with the trial as it is, under the lock. */
  change?: TrialChange | ((row: TrialRow) => TrialChange);
  /** Kept also when the operation changes nothing. */
  events?: (before: TrialState) => NewEvent[];
  /** Only while this process holds it: a trial that went on elsewhere is none of its business. */
  owner?: string | undefined;
}

export const POPULATE = { populate: ['experiment'], strategy: 'select-in' } as const;

export class TrialRecords {
  readonly #db: Database;
  readonly #happened: (trial: string, events: TrialEvent[]) => void;

  readonly #blobs: Pick<Blobs, 'put'> | undefined;

  /** For how long a deleted trial can be brought back, in ms. */
  readonly keptMs: number;

  /**
   * @param happened told of events when they are durable
   * @param blobs where the bytes of what code logs go; absent: they are not kept
   */
  constructor(
    db: Database,
    happened: (trial: string, events: TrialEvent[]) => void,
    blobs: Pick<Blobs, 'put'> | undefined,
    keptMs: number,
  ) {
    this.keptMs = keptMs;
    this.#db = db;
    this.#happened = happened;
    this.#blobs = blobs;
  }

  /** Makes a trial that is queued; its experiment is made when it is new. */
  async create(trial: NewTrial): Promise<Trial> {
    const name = storableText(trial.open.experiment);
    for (;;) {
      const made = await this.#db.em().transactional(async (em) => {
        await em.upsert(
          ExperimentEntity,
          { id: ulid(), name, createdAt: Date.now() },
          { onConflictFields: ['name'], onConflictAction: 'ignore' },
        );
        // Held, so that it is not purged before it has this trial; it may have been meanwhile, and is made again then.
        const experiment = await em.findOne(ExperimentEntity, { name }, { lockMode: LockMode.PESSIMISTIC_READ });
        return experiment && this.#insert(em, experiment, trial);
      });
      if (made) return made;
    }
  }

  async #insert(em: ReturnType<Database['em']>, experiment: ExperimentRow, trial: NewTrial): Promise<Trial> {
    const row = em.create(TrialEntity, {
      id: trial.id ?? ulid(),
      experiment,
      name: storableText(trial.open.name),
      status: 'queued',
      stopRequested: false,
      pauseRequested: false,
      release: 'none',
      revision: 0,
      params: storableRecord(trial.open.params),
      objective: objectiveOf(trial.open),
      summary: {},
      notebook: trial.notebook?.id ?? null,
      notebookPath: trial.notebook?.path ?? null,
      cell: trial.cell,
      execution: trial.execution ?? null,
      backend: trial.backend,
      tags: (trial.open.tags ?? []).map(storableText),
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
    if (typeof row.deletedAt === 'number') throw deletedTrial(row.name, row.deletedAt + this.keptMs);
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
      .find(
        TrialEntity,
        { deletedAt: null, ...(status ? { status } : {}) },
        { ...POPULATE, orderBy: { createdAt: 'desc', id: 'desc' }, limit },
      );
    return rows.map(toTrial);
  }

  /**
   * Applies an operation (null: none), with what goes along. Returns null when the operation changes nothing: it is late,
   * repeated, or of a process that does not hold the trial any more.
   * @throws Refusal (404)
   */
  apply(id: string, operation: TrialOperation | null, along: Along = {}): Promise<Trial | null> {
    const { change = {}, events, owner } = along;
    return this.#locked(id, async (row, append) => {
      if (owner !== undefined && row.owner !== owner) return null;
      const before = stateOf(row);
      const again = typeof row.startedAt === 'number';
      await append(events?.(before) ?? []);
      if (operation) {
        const next = applyToTrial(before, operation);
        if (next === before) return null;
        if (next.status === 'running' && before.status === 'queued') row.startedAt ??= Date.now();
        if (isOver(next.status) !== isOver(before.status)) row.endedAt = isOver(next.status) ? Date.now() : null;
        Object.assign(row, next);
      }
      Object.assign(row, typeof change === 'function' ? change(row) : change);
      if (operation) await append(happened(before, row, operation, again));
      return toTrial(row);
    });
  }

  /**
   * Keeps what a trial's code said, once for each number. Returns the trial where it changed by that.
   * @throws Refusal (404)
   */
  async say(id: string, batch: number, said: readonly NewEvent[]): Promise<Trial | null> {
    const kept = await Promise.all(
      said.map((event) => (event.kind === 'media' ? keepMedia(this.#blobs, event) : event)),
    );
    return this.#locked(id, async (row, append, em) => {
      if (await isStored(em, id, batch)) return null;
      await append(kept, { batch });
      const saved = said.findLast(({ kind, data }) => kind === 'checkpoint' && typeof data?.path === 'string');
      if (!saved) return null;
      const { step, at = Date.now(), data } = saved;
      row.checkpoint = { path: storableText(String(data?.path)), step: step ?? 0, at };
      return toTrial(row);
    });
  }

  /** Who holds these trials, and whether they are lost. */
  async holders(ids: readonly string[]): Promise<{ id: string; owner: string | null; lost: boolean }[]> {
    const rows = await this.#db
      .em()
      .find(TrialEntity, { id: { $in: [...ids] } }, { fields: ['id', 'owner', 'status'] });
    return rows.map(({ id, owner, status }) => ({ id, owner: owner ?? null, lost: status === 'lost' }));
  }

  /** Keeps events of the server's own. @throws Refusal (404) */
  async note(id: string, events: readonly NewEvent[]): Promise<void> {
    await this.#locked(id, async (_row, append) => void (await append(events)));
  }

  /** Does something with the row of a trial under its lock; what was appended is told when it is durable. */
  async #locked<T>(
    id: string,
    work: (row: TrialRow, append: Append, em: ReturnType<Database['em']>) => Promise<T>,
  ): Promise<T> {
    const appended: TrialEvent[] = [];
    const result = await this.#db.em().transactional(async (em) => {
      const row = await em.findOne(TrialEntity, id, { ...POPULATE, lockMode: LockMode.PESSIMISTIC_WRITE });
      if (!row) throw unknownTrial(id);
      const append: Append = async (events, source) =>
        void appended.push(...(await appendEvents(em, row, events, source)));
      return work(row, append, em);
    });
    if (appended.length > 0) this.#happened(id, appended);
    return result;
  }
}

type Append = (events: readonly NewEvent[], source?: { batch: number }) => Promise<void>;

const stateOf = ({ status, stopRequested, pauseRequested, release }: TrialRow): TrialState => ({
  status,
  stopRequested,
  pauseRequested,
  release,
});

export const objectiveOf = ({ objective }: TrialOpen): Trial['objective'] =>
  objective ? { key: storableText(objective.key), direction: objective.direction } : null;

export const unknownTrial = (id: string): Refusal =>
  new Refusal(404, {
    error: 'trial-unknown',
    message: `There is no trial "${id}".`,
    fix: 'Open it from the list of trials.',
  });

/** The reply to who asks for a trial that was deleted and is still kept. @param until ms since the epoch */
export const deletedTrial = (name: string, until: number): Refusal =>
  new Refusal(404, {
    error: 'trial-deleted',
    message: `The trial "${name}" was deleted. It can be brought back until ${new Date(until).toISOString().slice(0, 10)}.`,
    fix: 'Someone who may edit brings it back from the list of trials.',
  });

export const notPausable = ({ name, status }: Trial): Refusal =>
  new Refusal(409, {
    error: 'trial-not-pausable',
    message: `"${name}" cannot be paused: it ${status === 'queued' ? 'has not begun' : isOver(status) ? 'is over' : 'is being stopped'}.`,
    fix: 'Only a trial that runs can be paused.',
  });

export function toTrial(row: TrialRow): Trial {
  const { id, name, status, stopRequested, pauseRequested, params, summary } = row;
  return {
    id,
    experiment: row.experiment.name,
    experimentId: row.experiment.id,
    name,
    status,
    stopRequested,
    pauseRequested,
    release: row.release,
    checkpoint: row.checkpoint ?? null,
    revision: row.revision,
    params,
    objective: row.objective ?? null,
    progress: row.progress ?? null,
    summary,
    reason: row.reason ?? null,
    notebook: row.notebook ? { id: row.notebook, path: row.notebookPath ?? '' } : null,
    cell: row.cell ?? null,
    backend: row.backend ?? null,
    by: row.by ?? null,
    tags: row.tags,
    starred: row.starred,
    note: row.note,
    createdAt: row.createdAt,
    startedAt: row.startedAt ?? null,
    endedAt: row.endedAt ?? null,
    archivedAt: row.archivedAt ?? null,
  };
}
