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
  /** Places that files are being moved away from. */
  readonly #leaving: string[] = [];
  /** How many moves each notebook is part of now. */
  readonly #moving = new Map<string, number>();
  /** How many moves have ended. */
  #moves = 0;
  /** The number of its last move. */
  readonly #movedAt = new Map<string, number>();

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

  /** Gives each path an id, unless it has one, or is just left by files that move. */
  async identify(paths: readonly string[]): Promise<void> {
    const fresh = paths.filter((path) => !this.#byPath.has(path) && !this.#isLeft(path));
    if (fresh.length === 0) return;
    const since = this.#moves;
    const em = this.#database.em();
    // Another server may give the same path an id at the same time: the first one stays.
    await em.upsertMany(
      NotebookRow,
      fresh.map((path) => ({ id: ulid(), path, createdAt: Date.now() })),
      { onConflictFields: ['path'], onConflictAction: 'ignore' },
    );
    this.#learn(await this.#database.em().find(NotebookRow, { path: { $in: fresh } }), since);
  }

  /** Path of the notebook with this id; null when there is none. */
  async find(id: string): Promise<string | null> {
    const known = this.#byId.get(id);
    if (known !== undefined) return known;
    const since = this.#moves;
    const row = await this.#database.em().findOne(NotebookRow, { id });
    if (row) this.#learn([row], since);
    return row ? (this.#byId.get(id) ?? row.path) : null;
  }

  /** All notebooks at a path or below it. */
  async below(place: string): Promise<{ id: string; path: string }[]> {
    const like = `${place.replaceAll(/[\\%_]/g, '\\$&')}/%`;
    const since = this.#moves;
    const rows = await this.#database.em().find(NotebookRow, { $or: [{ path: place }, { path: { $like: like } }] });
    this.#learn(rows, since);
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
    this.#leaving.push(from);
    for (const { id } of moved) this.#moving.set(id, (this.#moving.get(id) ?? 0) + 1);
    try {
      await this.#carry(moved, carry);
    } finally {
      this.#leaving.splice(this.#leaving.indexOf(from), 1);
      const now = ++this.#moves;
      for (const { id } of moved) {
        const left = (this.#moving.get(id) ?? 1) - 1;
        if (left > 0) this.#moving.set(id, left);
        else this.#moving.delete(id);
        this.#movedAt.set(id, now);
      }
    }
  }

  async #carry(
    moved: readonly { id: string; path: string; next: string }[],
    carry: () => Promise<void>,
  ): Promise<void> {
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

  /**
   * Takes over what was read from the database, but of a notebook that moves, or has moved since the reading began (when
   * {@link #moves} was `since`): there, what is known here is newer.
   */
  #learn(rows: readonly { id: string; path: string }[], since: number): void {
    for (const row of rows) {
      if (!this.#moving.has(row.id) && (this.#movedAt.get(row.id) ?? 0) <= since) this.#know(row);
    }
  }

  #isLeft(path: string): boolean {
    return this.#leaving.some((place) => isAtOrBelow(path, place));
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
