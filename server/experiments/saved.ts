/** Filters kept under a name. Each is somebody's; a shared one may be used by all, and changed by all who may edit. */
import type { SavedFilter } from '@trialroom/shared/api/experiments';
import { may, type Person } from '@trialroom/shared/policy/policy';
import { ulid } from 'ulid';
import type { Database } from '../database/database.ts';
import { Refusal } from '../http/refusal.ts';
import { storableText } from '../trials/storable.ts';
import { SavedFilterEntity } from './entities.ts';

/** Most filters that one person keeps. */
const MOST = 100;

type Words = { name: string; view: string; shared: boolean };

export interface SavedFilters {
  /** Their own and the shared ones, oldest first. */
  list(person: Person): Promise<SavedFilter[]>;
  /** @throws Refusal (403, 409) */
  save(words: Words, person: Person): Promise<SavedFilter>;
  /** @throws Refusal (403, 404) */
  change(id: string, words: { [Key in keyof Words]?: Words[Key] | undefined }, person: Person): Promise<SavedFilter>;
  /** @throws Refusal (403, 404) */
  remove(id: string, person: Person): Promise<void>;
}

export function createSavedFilters(db: Database): SavedFilters {
  return {
    list: async (person) => {
      const rows = await db
        .em()
        .find(
          SavedFilterEntity,
          { $or: [{ owner: person.id }, { shared: true }] },
          { orderBy: { createdAt: 'asc', id: 'asc' } },
        );
      return rows.map(toSaved);
    },
    save: async ({ name, view, shared }, person) => {
      if (shared) mayShare(person);
      const em = db.em();
      if ((await em.count(SavedFilterEntity, { owner: person.id })) >= MOST) {
        throw new Refusal(409, {
          error: 'too-many-filters',
          message: `You keep ${MOST} filters already.`,
          fix: 'Remove one that is not used any more.',
        });
      }
      const row = em.create(SavedFilterEntity, {
        ...{ id: ulid(), name: storableText(name), view: storableText(view), shared },
        ...{ owner: person.id, ownerName: person.name, createdAt: Date.now() },
      });
      await em.flush();
      return toSaved(row);
    },
    change: async (id, { name, view, shared }, person) => {
      const em = db.em();
      const row = await em.findOne(SavedFilterEntity, id);
      if (!row || !(row.owner === person.id || row.shared)) throw unknownFilter(id);
      if (row.shared || shared) mayShare(person);
      if (name !== undefined) row.name = storableText(name);
      if (view !== undefined) row.view = storableText(view);
      if (shared !== undefined) row.shared = shared;
      await em.flush();
      return toSaved(row);
    },
    remove: async (id, person) => {
      const em = db.em();
      const row = await em.findOne(SavedFilterEntity, id);
      if (!row || !(row.owner === person.id || row.shared)) throw unknownFilter(id);
      if (row.owner !== person.id) mayShare(person);
      await em.nativeDelete(SavedFilterEntity, { id });
    },
  };
}

const toSaved = ({
  id,
  name,
  view,
  shared,
  owner,
  ownerName,
}: { id: string; owner: string; ownerName: string } & Words): SavedFilter => ({
  ...{ id, name, view, shared },
  by: { id: owner, name: ownerName },
});

function mayShare(person: Person): void {
  if (may(person.role, 'edit')) return;
  throw new Refusal(403, {
    error: 'not-allowed',
    message: `As ${person.role} you may keep filters of your own, not shared ones.`,
    fix: 'Keep it for yourself, or ask an owner of this workspace for a link with another role.',
  });
}

/** Filters of others are not told from those that do not exist. */
const unknownFilter = (id: string): Refusal =>
  new Refusal(404, {
    error: 'filter-unknown',
    message: `There is no filter "${id}" of yours.`,
    fix: 'Reload the list of filters.',
  });
