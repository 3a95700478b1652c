/**
 * The history of notebooks: keeps versions of every open document, shows them, and brings them back. Versions are never
 * rewritten; bringing one back is an edit of the shared document like any other, and makes another version.
 */
import type { Author } from '@trialroom/shared/annotation/annotation';
import type { LineAuthors, Version, VersionCell } from '@trialroom/shared/history/history';
import { cellsOf, sourceOf } from '@trialroom/shared/notebook/document';
import type { Person } from '@trialroom/shared/policy/policy';
import type { Database } from '../database/database.ts';
import { refuseForeign } from '../documents/changeable.ts';
import type { Documents, OpenDocument } from '../documents/documents.ts';
import { Refusal } from '../http/refusal.ts';
import type { Hub } from '../live/hub.ts';
import type { Holder } from '../notebooks/forgetting.ts';
import { linesOf } from './authors.ts';
import { Chronicle, type Clock } from './chronicle.ts';
import { readSkeleton, readSnapshot } from './contents.ts';
import type { Pace } from './grouping.ts';
import { restoreAll, restoreCell } from './restore.ts';
import { readSources, withOutputs } from './snapshot.ts';
import { createVersionStore, type StoredVersion } from './store.ts';

/** A version is kept when nobody edited for so long; in ms, as everything here. */
const PAUSE = 2 * 60_000;
/** And after so many pauses' lengths of editing without a pause. */
const LONGEST = 8;
/** How often old versions of an open notebook are looked through, in ms. */
const THINNING = 3_600_000;
const LISTED = 50;

/** A version and what it holds; `version` is null for the notebook as it is now. */
export interface VersionContent {
  version: Version | null;
  metadata: Record<string, unknown>;
  cells: VersionCell[];
  /** Where several people changed something: who did so in which cell, as far as it is known. */
  cellAuthors: Record<string, Author[]>;
}

export interface History {
  /** Versions, newest first. */
  list(
    notebook: string,
    query: { before?: string | undefined; limit?: number | undefined },
  ): Promise<{ versions: Version[]; more: boolean }>;
  /**
   * `now` is the notebook as it is.
   * @param besides a version: outputs that it has, too, are left out
   * @throws Refusal (404) when there is no such version
   */
  get(notebook: string, version: string, besides?: string): Promise<VersionContent>;
  /** Keeps the notebook as it is now under a name. */
  name(notebook: string, name: string): Promise<Version>;
  /** @throws Refusal (404) */
  rename(notebook: string, version: string, name: string | null): Promise<Version>;
  /** Brings a version back, or one cell of it. @throws Refusal (404) */
  restore(notebook: string, version: string, person: Person, cell?: string): Promise<Version>;
  /** Who wrote which line of a cell. @throws Refusal (404) */
  authors(notebook: string, cell: string): Promise<LineAuthors>;
  /** All versions go with their notebook; its document is let go of first. */
  readonly holder: Holder;
  /** Keeps what no version holds yet. */
  close(): Promise<void>;
}

export function createHistory(options: {
  database: Database;
  documents: Documents;
  hub: Pick<Hub, 'emit'>;
  /** People by their ids; those who are unknown are left out. */
  people(ids: readonly string[]): Promise<Person[]>;
  onError(error: unknown): void;
  /** Absent: two minutes. */
  pauseMs?: number;
  clock?: Clock;
}): History {
  const { documents, hub, onError, pauseMs = PAUSE, clock = wallClock } = options;
  const pace: Pace = { pause: pauseMs, longest: LONGEST * pauseMs };
  const store = createVersionStore(options.database);
  const chronicles = new Map<string, Chronicle>();
  const thinned = new Map<string, number>();
  /** Versions of documents that are closed and that are still being stored. */
  const ending = new Map<string, Promise<void>>();

  documents.follow((notebook, doc) => {
    const chronicle = new Chronicle({
      ...{ notebook, doc, store, pace, clock, onError },
      outputs: () => documents.outputsOf(notebook),
      writers: () => documents.writers(notebook),
      onKept: (version) => {
        tell(notebook, version).catch(onError);
        thin(notebook).catch(onError);
      },
    });
    chronicles.set(notebook, chronicle);
    doc.on('destroy', () => {
      if (chronicles.get(notebook) === chronicle) chronicles.delete(notebook);
      const idle = chronicle.idle().finally(() => {
        if (ending.get(notebook) === idle) ending.delete(notebook);
      });
      ending.set(notebook, idle);
    });
    return { left: () => chronicle.settle() };
  });

  async function using<Result>(
    notebook: string,
    work: (opened: OpenDocument, chronicle: Chronicle) => Promise<Result>,
  ): Promise<Result> {
    const opened = await documents.open(notebook);
    try {
      const chronicle = chronicles.get(notebook);
      if (!chronicle) throw new Error(`no history is kept of ${notebook}`);
      return await work(opened, chronicle);
    } finally {
      opened.release();
    }
  }

  async function thin(notebook: string): Promise<void> {
    const now = clock.now();
    if (now - (thinned.get(notebook) ?? 0) < THINNING) return;
    thinned.set(notebook, now);
    await store.thin(notebook, now);
  }

  async function told(versions: readonly StoredVersion[]): Promise<Version[]> {
    const people = await options.people([...new Set(versions.flatMap(({ authors }) => authors))]);
    const byId = new Map(people.map(({ id, name, colour }) => [id, { id, name, colour }]));
    return versions.map(({ content: _, vector: __, cellAuthors: ___, authors, ...version }) => ({
      ...version,
      authors: authors.flatMap((id) => byId.get(id) ?? []),
    }));
  }

  const toldOne = async (version: StoredVersion): Promise<Version> => {
    const [one] = await told([version]);
    if (!one) throw new Error('a version got lost');
    return one;
  };

  async function tell(notebook: string, stored: StoredVersion): Promise<void> {
    hub.emit(`notebook:${notebook}`, 'version', { notebook, version: await toldOne(stored) });
  }

  async function found(notebook: string, id: string): Promise<StoredVersion> {
    const version = await store.get(notebook, id);
    if (version) return version;
    throw new Refusal(404, {
      error: 'no-such-version',
      message: 'There is no such version of this notebook.',
      where: id,
      fix: 'Of old versions that nobody named only some are kept: choose one beside it in the history.',
    });
  }

  const noSuchCell = (cell: string, where: string): Refusal =>
    new Refusal(404, {
      error: 'no-such-cell',
      message: `There is no cell ${cell} in ${where}.`,
      where: cell,
      fix: 'Look at the notebook again; the cell may have been deleted.',
    });

  return {
    list: (notebook, { before, limit = LISTED }) =>
      using(notebook, async (_, chronicle) => {
        await chronicle.idle();
        const versions = await store.list(notebook, limit + 1, before);
        return { versions: await told(versions.slice(0, limit)), more: versions.length > limit };
      }),
    get: (notebook, id, besides) =>
      using(notebook, async ({ doc }) => {
        if (id === 'now') {
          const outputs = await documents.outputsOf(notebook);
          const { metadata, cells } = withOutputs(readSources(doc), outputs);
          return { version: null, metadata, cells, cellAuthors: {} };
        }
        const stored = await found(notebook, id);
        const read = store.read(notebook);
        const other = besides === undefined ? null : await found(notebook, besides);
        const beside = other && (await readSkeleton(other.content, read));
        const { metadata, cells } = await readSnapshot(stored.content, read, beside);
        const version = await toldOne(stored);
        const byId = new Map(version.authors.map((author) => [author.id, author]));
        const cellAuthors = Object.fromEntries(
          Object.entries(stored.cellAuthors ?? {}).map(([cell, ids]) => [
            cell,
            ids.flatMap((one) => byId.get(one) ?? []),
          ]),
        );
        return { version, metadata, cells, cellAuthors };
      }),
    name: (notebook, name) =>
      using(notebook, async (opened, chronicle) => {
        await opened.stored();
        return toldOne(await chronicle.name(name));
      }),
    async rename(notebook, id, name) {
      await found(notebook, id);
      const renamed = await store.rename(notebook, id, name);
      const version = await toldOne(renamed ?? (await found(notebook, id)));
      hub.emit(`notebook:${notebook}`, 'version', { notebook, version });
      return version;
    },
    restore: (notebook, id, person, cell) =>
      using(notebook, async (opened, chronicle) => {
        refuseForeign(opened.doc);
        const stored = await found(notebook, id);
        const snapshot = await readSnapshot(stored.content, store.read(notebook));
        if (cell !== undefined && !snapshot.cells.some((one) => one.id === cell))
          throw noSuchCell(cell, 'this version');
        const make = (): Promise<void> => {
          opened.edit(person, (doc) => {
            if (cell === undefined) restoreAll(doc, snapshot);
            else restoreCell(doc, snapshot, cell);
          });
          return opened.stored();
        };
        return toldOne(await chronicle.change(make, { kind: 'restored', authors: [person.id], from: id }));
      }),
    authors: (notebook, id) =>
      using(notebook, async (opened) => {
        // Who wrote is stored with the text.
        await opened.stored();
        const { people, returned } = await documents.writers(notebook);
        const cell = cellsOf(opened.doc).get(id);
        if (!cell) throw noSuchCell(id, 'this notebook');
        const lines = linesOf(sourceOf(cell), people, returned);
        const known = await options.people([...new Set(lines.flatMap(({ person }) => person ?? []))]);
        const byId = new Map(known.map(({ id: who, name, colour }) => [who, { id: who, name, colour }]));
        return lines.map(({ from, to, person }) => ({ from, to, author: byId.get(person ?? '') ?? null }));
      }),
    holder: {
      async letGo(notebook) {
        await ending.get(notebook);
        thinned.delete(notebook);
      },
      erase: store.erase,
    },
    async close() {
      for (const chronicle of chronicles.values()) await chronicle.settle().catch(onError);
    },
  };
}

const wallClock: Clock = {
  now: () => Date.now(),
  at(time, call) {
    const timer = setTimeout(call, Math.max(0, time - Date.now()));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
