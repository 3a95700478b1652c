/**
 * What people write on trials, one or many: tags, stars, notes, names; and putting trials away, deleting them and bringing
 * them back. Each change leaves a line among the trial's events. What is deleted is kept for a while, seen by nobody, and
 * then purged with all that others hold of it.
 */
import { LockMode, ReferenceKind } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { BulkAction, Labels } from '@trialroom/shared/api/experiments';
import type { Person } from '@trialroom/shared/policy/policy';
import type { TrialEvent } from '@trialroom/shared/trial/event';
import { isOver, type Trial } from '@trialroom/shared/trial/trial';
import type { Database } from '../database/database.ts';
import { ExperimentEntity, TrialEntity, type TrialRow } from './entities.ts';
import { appendEvents } from './events.ts';
import { deletedTrial, POPULATE, toTrial, unknownTrial } from './records.ts';
import { storableText } from './storable.ts';
import type { Telling } from './telling.ts';

/** A capability that keeps something of trials elsewhere than in rows with a column `trial`: it deletes all of it, within this transaction. */
export type TrialHolder = (em: EntityManager, trials: readonly string[]) => Promise<void>;
/** The same of experiments, and a column `experiment`. */
export type ExperimentHolder = (em: EntityManager, experiments: readonly string[]) => Promise<void>;

export interface BulkResult {
  changed: string[];
  /** Those of them that were different before. */
  altered: string[];
  refused: { trial: string; why: string }[];
  undoUntil: number | null;
}

export interface TrialLabels {
  /** Changes what people write on a trial. @throws Refusal (404) */
  label(id: string, labels: Labels, by: Person): Promise<Trial>;
  /** The same for many at once; what cannot be changed is said, and the rest is. */
  labelMany(ids: readonly string[], change: BulkAction, by: Person): Promise<BulkResult>;
  /** `holder` is asked to let go of trials that are purged. */
  onPurge(holder: TrialHolder): void;
  /** `holder` is asked to let go of experiments that are purged with the last of their trials. */
  onExperimentPurge(holder: ExperimentHolder): void;
  /** For how long a deleted trial can be brought back, in ms. */
  readonly keptMs: number;
  /**
   * Purges what was deleted before this time (ms), and returns how many that were. An experiment that has no trial left
   * goes as well, unless somebody has starred it, tagged it or written a note on it.
   */
  purge(before: number): Promise<number>;
}

export function createLabels(db: Database, telling: Telling, keptMs: number): TrialLabels {
  const holders: TrialHolder[] = [];
  const experimentHolders: ExperimentHolder[] = [];

  /** Changes rows under their locks; `change` says what it did, null for nothing. Told once it is durable. */
  const work = async (
    ids: readonly string[],
    by: Person,
    change: (row: TrialRow) => string | null,
  ): Promise<{ trials: Trial[]; missing: string[] }> => {
    const told: { trial: Trial; events: TrialEvent[] }[] = [];
    const trials: Trial[] = [];
    const seen = new Set<string>();
    await db.em().transactional(async (em) => {
      const rows = await em.find(
        TrialEntity,
        { id: { $in: [...ids] } },
        // Always in the same order: two people who change the same trials wait for one another, never both.
        { ...POPULATE, orderBy: { id: 'asc' }, lockMode: LockMode.PESSIMISTIC_WRITE },
      );
      for (const row of rows) {
        seen.add(row.id);
        const text = change(row);
        const events = text === null ? [] : await appendEvents(em, row, [{ kind: 'label', text, by }]);
        const trial = toTrial(row);
        trials.push(trial);
        // A deleted trial is not news but gone; see `labelMany`.
        if (text !== null && !isDeleted(row)) told.push({ trial, events });
      }
    });
    for (const { trial, events } of told) {
      telling.tell(trial);
      telling.happened(trial.id, events);
    }
    return { trials, missing: ids.filter((id) => !seen.has(id)) };
  };

  return {
    label: async (id, labels, by) => {
      const { trials } = await work([id], by, (row) => (isDeleted(row) ? null : applyLabels(row, labels)));
      const [trial] = trials;
      const deleted = await db.em().findOne(TrialEntity, { id, deletedAt: { $ne: null } });
      if (typeof deleted?.deletedAt === 'number') throw deletedTrial(deleted.name, deleted.deletedAt + keptMs);
      if (!trial) throw unknownTrial(id);
      return trial;
    },
    labelMany: async (ids, change, by) => {
      const refused: BulkResult['refused'] = [];
      const now = Date.now();
      const changed: string[] = [];
      const altered: string[] = [];
      const { missing } = await work([...new Set(ids)], by, (row) => {
        const result = applyBulk(row, change, now);
        if ('refused' in result) {
          refused.push({ trial: row.id, why: result.refused });
          return null;
        }
        changed.push(row.id);
        if (result.text !== null) altered.push(row.id);
        return result.text;
      });
      for (const trial of missing) refused.push({ trial, why: 'it does not exist any more' });
      if (change.action === 'delete' || change.action === 'restore') {
        if (changed.length > 0) telling.gone(changed, change.action === 'delete');
      }
      return {
        changed,
        altered,
        refused,
        undoUntil: change.action === 'delete' && changed.length > 0 ? now + keptMs : null,
      };
    },
    keptMs,
    onPurge: (holder) => void holders.push(holder),
    onExperimentPurge: (holder) => void experimentHolders.push(holder),
    purge: async (before) => {
      const em = db.em();
      const gone = await em.find(
        TrialEntity,
        { deletedAt: { $ne: null, $lt: before } },
        { fields: ['id', 'experiment'], limit: 200 },
      );
      const ids = gone.map(({ id }) => id);
      if (ids.length === 0) return 0;
      await em.fork().transactional(async (inner) => {
        for (const holder of holders) await holder(inner, ids);
        await eraseRows(inner, 'trial', ids);
        await inner.nativeDelete(TrialEntity, { id: { $in: ids }, deletedAt: { $ne: null } });
        await inner.nativeUpdate(ExperimentEntity, { baseline: { $in: ids } }, { baseline: null });
        const empty = await emptyOf(inner, [...new Set(gone.map(({ experiment }) => experiment.id))]);
        if (empty.length === 0) return;
        for (const holder of experimentHolders) await holder(inner, empty);
        await eraseRows(inner, 'experiment', empty);
        await inner.nativeDelete(ExperimentEntity, { id: { $in: empty } });
      });
      return ids.length;
    },
  };
}

/**
 * In every table a column `trial` holds a trial's id, and a column `experiment` an experiment's, so that what comes to be
 * kept of them later is purged too.
 */
async function eraseRows(em: EntityManager, column: 'trial' | 'experiment', ids: readonly string[]): Promise<void> {
  for (const meta of em.getMetadata().getAll().values()) {
    const property = Object.entries(meta.properties).find(([name]) => name === column)?.[1];
    if (property?.kind !== ReferenceKind.SCALAR) continue;
    await em.nativeDelete(meta.class, { [column]: { $in: [...ids] } } as object);
  }
}

/** Those of these experiments that have no trials, and on which nobody has written. */
async function emptyOf(em: EntityManager, experiments: readonly string[]): Promise<string[]> {
  const rows = await em.find(
    ExperimentEntity,
    { id: { $in: [...experiments] }, starred: false, note: '' },
    // Locked: a trial that is about to be made in one waits.
    { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { id: 'asc' } },
  );
  const empty: string[] = [];
  for (const { id, tags } of rows) {
    if (tags.length === 0 && (await em.count(TrialEntity, { experiment: { id } })) === 0) empty.push(id);
  }
  return empty;
}

const isDeleted = ({ deletedAt }: TrialRow): boolean => typeof deletedAt === 'number';

/** Changes the row and says what was done, in the past tense; null when nothing is different. */
function applyLabels(row: TrialRow, { tags, starred, note, name, archived }: Labels): string | null {
  const said: string[] = [];
  if (tags !== undefined) {
    const wanted = [...new Set(tags.map(storableText))];
    if (JSON.stringify(wanted) !== JSON.stringify(row.tags)) {
      said.push(wanted.length > 0 ? `tagged it ${wanted.join(', ')}` : 'took its tags away');
      row.tags = wanted;
    }
  }
  if (starred !== undefined && starred !== row.starred) {
    row.starred = starred;
    said.push(starred ? 'starred it' : 'took the star away');
  }
  if (note !== undefined && storableText(note) !== row.note) {
    row.note = storableText(note);
    said.push(note === '' ? 'took its note away' : 'wrote its note');
  }
  if (name !== undefined && storableText(name) !== row.name) {
    said.push(`renamed it from "${row.name}"`);
    row.name = storableText(name);
  }
  if (archived !== undefined && archived !== (typeof row.archivedAt === 'number')) {
    row.archivedAt = archived ? Date.now() : null;
    said.push(archived ? 'put it away' : 'took it out again');
  }
  return said.length > 0 ? said.join(', ') : null;
}

function applyBulk(row: TrialRow, change: BulkAction, now: number): { text: string | null } | { refused: string } {
  if (change.action === 'restore') {
    if (!isDeleted(row)) return { text: null };
    row.deletedAt = null;
    return { text: 'brought it back' };
  }
  if (isDeleted(row)) return { refused: 'it was deleted' };
  switch (change.action) {
    case 'tag':
      return { text: applyLabels(row, { tags: [...row.tags, ...change.tags] }) };
    case 'untag':
      return { text: applyLabels(row, { tags: row.tags.filter((tag) => !change.tags.includes(tag)) }) };
    case 'star':
    case 'unstar':
      return { text: applyLabels(row, { starred: change.action === 'star' }) };
    case 'archive':
    case 'unarchive':
      return { text: applyLabels(row, { archived: change.action === 'archive' }) };
    case 'delete':
      if (!isOver(row.status)) return { refused: `it is ${row.status}; stop it first` };
      row.deletedAt = now;
      return { text: 'deleted it' };
  }
}
