/**
 * Which notebook has which id: in SQL, and here for as long as the server runs. A notebook keeps its id when its file
 * gets another path, and in the trash; two never share one.
 */
import type { EntityManager } from '@mikro-orm/postgresql';
import { ulid } from 'ulid';
import type { Database } from '../database/database.ts';
import { NotebookRow } from './entities.ts';
import { isAtOrBelow } from './paths.ts';

export class Ids {
  readonly #database: Database;
  readonly #byPath = new Map<string, string>();
  readonly #byId = new Map<string, string>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Of what was identified or found before; undefined otherwise. */
  of(path: string): string | undefined {
    return this.#byPath.get(path);
  }

  /** Path of a notebook that was identified or found before; null otherwise. */
  pathOf(id: string): string | null {
    return this.#byId.get(id) ?? null;
  }

  /** Gives each path an id, unless it has one. */
  async identify(paths: readonly string[]): Promise<void> {
    const fresh = paths.filter((path) => !this.#byPath.has(path));
    if (fresh.length === 0) return;
    const em = this.#database.em();
    // Another server may give the same path an id at the same time: the first one stays.
    await em.upsertMany(
      NotebookRow,
      fresh.map((path) => ({ id: ulid(), path, createdAt: Date.now() })),
      { onConflictFields: ['path'], onConflictAction: 'ignore' },
    );
    for (const row of await this.#database.em().find(NotebookRow, { path: { $in: fresh } })) this.#know(row);
  }

  /** Path of the notebook with this id; null when there is none. */
  async find(id: string): Promise<string | null> {
    const known = this.#byId.get(id);
    if (known !== undefined) return known;
    const row = await this.#database.em().findOne(NotebookRow, { id });
    if (row) this.#know(row);
    return row?.path ?? null;
  }

  /** All notebooks at a path or below it. */
  async below(place: string): Promise<{ id: string; path: string }[]> {
    const like = `${place.replaceAll(/[\\%_]/g, '\\$&')}/%`;
    const rows = await this.#database.em().find(NotebookRow, { $or: [{ path: place }, { path: { $like: like } }] });
    for (const row of rows) this.#know(row);
    return [...this.#byPath].flatMap(([path, id]) => (isAtOrBelow(path, place) ? [{ id, path }] : []));
  }

  /**
   * All at or below `from` are now at or below `to`, once `carry` has moved their files; as before when it throws. What
   * had an id at the new place, for a file that is long gone, gives way.
   */
  async move(from: string, to: string, carry: () => Promise<void>): Promise<void> {
    const moved = (await this.below(from)).map(({ id, path }) => ({
      id,
      path,
      next: `${to}${path.slice(from.length)}`,
    }));
    const displaced = moved.map(({ next }) => [next, this.#byPath.get(next)] as const);
    // First, so that whoever looks while the files move does not take them for new ones.
    for (const { path } of moved) this.#byPath.delete(path);
    for (const { id, next } of moved) this.#know({ id, path: next });
    try {
      await carry();
    } catch (error) {
      for (const { next } of moved) this.#byPath.delete(next);
      for (const [path, id] of displaced) if (id !== undefined) this.#know({ id, path });
      for (const { id, path } of moved) this.#know({ id, path });
      throw error;
    }
    await this.#database.em().transactional(async (em) => {
      for (const { id, next } of moved) {
        await em.nativeDelete(NotebookRow, { path: next, id: { $ne: id } });
        await em.nativeUpdate(NotebookRow, { id }, { path: next });
      }
    });
  }

  /** Deletes what is stored of it, within this transaction. */
  async erase(em: EntityManager, id: string): Promise<void> {
    await em.nativeDelete(NotebookRow, { id });
  }

  /** The id is nobody's any more. */
  drop(id: string): void {
    const path = this.#byId.get(id);
    this.#byId.delete(id);
    if (path !== undefined && this.#byPath.get(path) === id) this.#byPath.delete(path);
  }

  #know({ id, path }: { id: string; path: string }): void {
    const gone = this.#byPath.get(path);
    if (gone !== undefined && gone !== id) this.#byId.delete(gone);
    const before = this.#byId.get(id);
    if (before !== undefined && before !== path && this.#byPath.get(before) === id) this.#byPath.delete(before);
    this.#byPath.set(path, id);
    this.#byId.set(id, path);
  }
}
