/**
 * Versions in SQL. A version and all it needs are stored in one transaction; writers of one notebook take turns, so that
 * two servers never keep the same thing twice. What no version needs any more is removed together with the version.
 */
import { LockMode } from '@mikro-orm/postgresql';
import { countChanges } from '@trialroom/shared/history/compare';
import { VersionChanges, VersionKind } from '@trialroom/shared/history/history';
import { monotonicFactory } from 'ulid';
import { z } from 'zod';
import type { Database } from '../database/database.ts';
import { DocumentRow } from '../documents/entities.ts';
import { pack, type ReadPieces, readSkeleton, type Skeleton, type Split } from './contents.ts';
import { VersionContentRow, VersionRow } from './entities.ts';
import { tooMany } from './thinning.ts';

type Manager = ReturnType<Database['em']>;

/** A version as stored; `authors` are ids of people. */
export interface StoredVersion {
  id: string;
  at: number;
  kind: VersionKind;
  name: string | null;
  authors: string[];
  from: string | null;
  cells: number;
  changes: VersionChanges;
  /** Hash of its contents. */
  content: string;
  vector: Uint8Array | null;
  /** Which of several authors changed which cell, as far as it is known; null: not known. */
  cellAuthors: Record<string, string[]> | null;
}

/** A version to be kept. */
export interface Keeping {
  kind: VersionKind;
  /** When it came about, in ms since the epoch; moved on when a version of that time is there already. */
  at: number;
  name: string | null;
  authors: readonly string[];
  cellAuthors: Record<string, string[]> | null;
  from: string | null;
  content: Split;
  vector: Uint8Array;
  /** `always`; or only `changed` against the newest version in what people wrote; or as the very `first`. */
  when: 'always' | 'changed' | 'first';
}

export interface VersionStore {
  /** The version, or the newest when that holds all of it and only lacked the name; when nothing had to be kept, the newest there is, with these authors added, and `made` is false. */
  keep(notebook: string, keeping: Keeping): Promise<{ version: StoredVersion; made: boolean }>;
  /** Newest first, behind `before`. */
  list(notebook: string, limit: number, before?: string): Promise<StoredVersion[]>;
  get(notebook: string, id: string): Promise<StoredVersion | null>;
  newest(notebook: string): Promise<StoredVersion | null>;
  /** Null when there is no such version. */
  rename(notebook: string, id: string, name: string | null): Promise<StoredVersion | null>;
  read(notebook: string): ReadPieces;
  /** Drops old versions and what only they held; returns their ids. */
  thin(notebook: string, now: number): Promise<string[]>;
  /** The notebook is gone for good. */
  erase(em: Manager, notebook: string): Promise<void>;
}

const Ids = z.array(z.string());
const ByCell = z.record(z.string(), Ids);
/** Parameters of one statement at most. */
const BATCH = 1_000;

export function createVersionStore(database: Database): VersionStore {
  const ulid = monotonicFactory();

  async function newestIn(em: Manager, notebook: string): Promise<StoredVersion | null> {
    const [row] = await em.find(VersionRow, { notebook }, { orderBy: { id: 'desc' }, limit: 1 });
    return row ? versionOf(row) : null;
  }

  /** Writers of one notebook one after another, on whatever server they are. */
  const inTurn = <Result>(notebook: string, work: (em: Manager) => Promise<Result>): Promise<Result> =>
    database.em().transactional(async (em) => {
      await em.findOne(DocumentRow, { notebook }, { lockMode: LockMode.PESSIMISTIC_WRITE, fields: ['notebook'] });
      return work(em);
    });

  const reader =
    (em: Manager, notebook: string): ReadPieces =>
    async (hashes) => {
      const found = new Map<string, Uint8Array>();
      for (const some of batches([...new Set(hashes)])) {
        const rows = await em.find(VersionContentRow, { notebook, hash: { $in: some } }, { disableIdentityMap: true });
        for (const { hash, data } of rows) found.set(hash, data);
      }
      return found;
    };

  return {
    keep: (notebook, keeping) =>
      inTurn(notebook, async (em) => {
        const newest = await newestIn(em, notebook);
        const before = newest && (await readSkeleton(newest.content, reader(em, notebook)));
        const changes = countChanges(before?.marks ?? [], keeping.content.marks);
        if (newest && before && keeping.when !== 'always') {
          const same = keeping.when === 'first' || (!hasChanges(changes) && sameTop(before, keeping.content));
          if (same) return { version: await addAuthors(em, newest, keeping), made: false };
        }
        if (newest && keeping.name !== null && newest.name === null && newest.content === keeping.content.root) {
          const kind = newest.kind === 'auto' ? 'named' : newest.kind;
          const version = { ...newest, kind, name: keeping.name };
          await em.nativeUpdate(VersionRow, { id: version.id }, { kind, name: version.name });
          return { version, made: true };
        }
        const known = await em.execute<{ hash: string }[]>('select hash from version_contents where notebook = ?', [
          notebook,
        ]);
        const there = new Set(known.map(({ hash }) => hash));
        const missing = [...keeping.content.pieces.keys()].filter((hash) => !there.has(hash));
        for (const some of batches(pack(keeping.content, missing), 200)) {
          await em.insertMany(
            VersionContentRow,
            some.map((piece) => ({ notebook, ...piece })),
          );
        }
        const at = Math.max(keeping.at, newest ? newest.at + 1 : 0);
        const version: StoredVersion = {
          id: ulid(at),
          at,
          kind: keeping.kind,
          name: keeping.name,
          authors: [...keeping.authors],
          from: keeping.from,
          cells: keeping.content.marks.length,
          changes: newest ? changes : { added: 0, removed: 0, changed: 0, moved: 0 },
          content: keeping.content.root,
          vector: keeping.vector,
          cellAuthors: keeping.cellAuthors,
        };
        await em.insert(VersionRow, rowOf(notebook, version));
        return { version, made: true };
      }),
    async list(notebook, limit, before) {
      const rows = await database
        .em()
        .find(
          VersionRow,
          { notebook, ...(before === undefined ? {} : { id: { $lt: before } }) },
          { orderBy: { id: 'desc' }, limit, exclude: ['vector', 'cellAuthors'] },
        );
      return rows.map(versionOf);
    },
    async get(notebook, id) {
      const row = await database.em().findOne(VersionRow, { notebook, id });
      return row && versionOf(row);
    },
    newest: (notebook) => newestIn(database.em(), notebook),
    async rename(notebook, id, name) {
      const em = database.em();
      await em.nativeUpdate(VersionRow, { notebook, id }, { name });
      const row = await em.findOne(VersionRow, { notebook, id });
      return row && versionOf(row);
    },
    read: (notebook) => reader(database.em(), notebook),
    async erase(em, notebook) {
      await em.nativeDelete(VersionRow, { notebook });
      await em.nativeDelete(VersionContentRow, { notebook });
    },
    thin: (notebook, now) =>
      inTurn(notebook, async (em) => {
        const rows = await em.find(
          VersionRow,
          { notebook },
          { orderBy: { id: 'asc' }, exclude: ['vector', 'cellAuthors'] },
        );
        const versions = rows.map(versionOf);
        const dropped = new Set(tooMany(versions, now));
        if (dropped.size === 0) return [];
        const read = reader(em, notebook);
        const needed = new Set<string>();
        let previous: Skeleton | null = null;
        let authors: string[] = [];
        let bridged = false;
        for (const version of versions) {
          if (dropped.has(version.id)) {
            authors = [...authors, ...version.authors];
            bridged = true;
            continue;
          }
          const skeleton: Skeleton = await readSkeleton(version.content, read);
          for (const hash of skeleton.hashes) needed.add(hash);
          // What the dropped ones were for is now part of the step to this one.
          if (bridged) {
            const changes = countChanges(previous?.marks ?? [], skeleton.marks);
            const all = JSON.stringify([...new Set([...authors, ...version.authors])]);
            await em.nativeUpdate(
              VersionRow,
              { id: version.id },
              { authors: all, cellAuthors: null, changes: JSON.stringify(previous ? changes : version.changes) },
            );
          }
          [previous, authors, bridged] = [skeleton, [], false];
        }
        await em.nativeDelete(VersionRow, { notebook, id: { $in: [...dropped] } });
        const all = await em.execute<{ hash: string }[]>('select hash from version_contents where notebook = ?', [
          notebook,
        ]);
        const useless = all.map(({ hash }) => hash).filter((hash) => !needed.has(hash));
        for (const some of batches(useless))
          await em.nativeDelete(VersionContentRow, { notebook, hash: { $in: some } });
        return [...dropped];
      }),
  };
}

const hasChanges = (changes: VersionChanges): boolean => Object.values(changes).some((count) => count > 0);

/** Metadata and unknown keys are in the root, beside the lists, which hold outputs too. */
function sameTop(before: Skeleton, content: Split): boolean {
  const root = content.pieces.get(content.root);
  if (root === undefined) return false;
  const { metadata, extra } = z.object({ metadata: z.unknown(), extra: z.unknown() }).parse(JSON.parse(root));
  return JSON.stringify([metadata, extra]) === JSON.stringify([before.root.metadata, before.root.extra]);
}

/** Another server kept the same thing already, and did not know of everyone who had edited. */
async function addAuthors(em: Manager, newest: StoredVersion, keeping: Keeping): Promise<StoredVersion> {
  const authors = [...new Set([...newest.authors, ...keeping.authors])];
  if (authors.length === newest.authors.length || newest.kind !== 'auto') return newest;
  await em.nativeUpdate(VersionRow, { id: newest.id }, { authors: JSON.stringify(authors), cellAuthors: null });
  return { ...newest, authors, cellAuthors: null };
}

interface Row {
  id: string;
  at: number | string;
  kind: string;
  name?: string | null | undefined;
  authors: string;
  source?: string | null | undefined;
  cells: number;
  changes: string;
  content: string;
  vector?: Uint8Array | null | undefined;
  cellAuthors?: string | null | undefined;
}

const versionOf = (row: Row): StoredVersion => ({
  id: row.id,
  at: Number(row.at),
  kind: VersionKind.parse(row.kind),
  name: row.name ?? null,
  authors: Ids.parse(JSON.parse(row.authors)),
  from: row.source ?? null,
  cells: row.cells,
  changes: VersionChanges.parse(JSON.parse(row.changes)),
  content: row.content,
  vector: row.vector ?? null,
  cellAuthors: row.cellAuthors ? ByCell.parse(JSON.parse(row.cellAuthors)) : null,
});

const rowOf = (notebook: string, version: StoredVersion) => ({
  ...{ id: version.id, notebook, at: version.at, kind: version.kind, name: version.name },
  authors: JSON.stringify(version.authors),
  source: version.from,
  ...{ cells: version.cells, changes: JSON.stringify(version.changes) },
  ...{ content: version.content, vector: version.vector },
  cellAuthors: version.cellAuthors && JSON.stringify(version.cellAuthors),
});

function* batches<T>(all: readonly T[], size = BATCH): Generator<T[]> {
  for (let at = 0; at < all.length; at += size) yield all.slice(at, at + size);
}
