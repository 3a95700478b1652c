/**
 * Experiments and the table of trials: asking, keeping questions, taking trials along as files; and what is written on
 * experiments. What is written on trials is the business of `trials`.
 */

import { type bulk, type Fitting, MOST_CHANGED } from '@trialroom/shared/api/bulk';
import type { Catalogue, Experiment, TableQuery, TableReply } from '@trialroom/shared/api/experiments';
import type { Person } from '@trialroom/shared/policy/policy';
import type { FilterContext } from '@trialroom/shared/trial/filter/matches';
import { parseFilter } from '@trialroom/shared/trial/filter/parse';
import type { Filter } from '@trialroom/shared/trial/filter/types';
import type { TrialSeries } from '@trialroom/shared/trial/series-bytes';
import type { z } from 'zod';
import type { Database } from '../database/database.ts';
import { Refusal } from '../http/refusal.ts';
import type { Hub } from '../live/hub.ts';
import { TrialEntity } from '../trials/entities.ts';
import type { Trials } from '../trials/trials.ts';
import { catalogueOf } from './catalogue.ts';
import { columnsIn, csvOfTrials } from './export.ts';
import { changeExperiment, type ExperimentChange, listExperiments, unknownExperiment } from './list.ts';
import { queryTrials, windowOf } from './query.ts';
import { reportOf } from './report.ts';
import { baselinesOf, rowsOf } from './rows.ts';
import { createSavedFilters, type SavedFilters } from './saved.ts';

/** How often what was deleted long ago is looked for, in ms. */
const PURGE_EVERY = 3_600_000;

/** How old a catalogue may be, in ms: it counts all trials, and every page asks for it. */
const FRESH = 5000;

type Asker = Pick<Person, 'id'>;

/** What is taken along: trials by their ids, else those that fit the filter but for some. */
export type ExportWish = z.output<(typeof bulk)['export']['body']>;

export interface Experiments {
  readonly saved: SavedFilters;
  list(archived: boolean): Promise<Experiment[]>;
  /** @throws Refusal (404) */
  get(id: string): Promise<Experiment>;
  /** @throws Refusal (404, 409, 422) */
  change(id: string, change: ExperimentChange): Promise<Experiment>;
  /** @throws Refusal (400) that says where the filter cannot be read */
  query(query: z.output<typeof TableQuery>, person: Asker): Promise<TableReply>;
  /** @throws Refusal (400) */
  catalogue(filter: string, person: Asker): Promise<Catalogue>;
  /** The shape of one metric in each of these trials; those without it, or gone, are left out. */
  sparks(trials: readonly string[], key: string, width: number): Promise<TrialSeries[]>;
  /** @throws Refusal (400) */
  export(wish: ExportWish, person: Asker): Promise<{ name: string; type: string; text: string }>;
  /**
   * Ids of all trials that fit a filter, but some.
   * @throws Refusal (400; 409 when they are not as many as the asker was told)
   */
  fitting(fits: Fitting, person: Asker): Promise<string[]>;
  /** Purges what was deleted too long ago to be brought back. */
  purge(): Promise<void>;
  close(): void;
}

export interface ExperimentsOptions {
  db: Database;
  hub: Pick<Hub, 'emit'>;
  trials: Pick<Trials, 'metrics' | 'purge' | 'keptMs'>;
  /** What people have noted on trials, by their ids: goes into exports as JSON. */
  notesOf?: (trials: readonly string[]) => Promise<ReadonlyMap<string, readonly unknown[]>>;
  onError: (error: unknown) => void;
  /** The time, in ms since the epoch. */
  now?: () => number;
}

export function createExperiments({
  db,
  hub,
  trials,
  notesOf,
  onError,
  now = Date.now,
}: ExperimentsOptions): Experiments {
  const catalogues = new Map<string, { at: number; catalogue: Promise<Catalogue> }>();
  const contextOf = (person: Asker): FilterContext => ({ now: now(), me: person.id });

  const fittingIds = async (filter: string, except: readonly string[], context: FilterContext): Promise<string[]> => {
    // One more than may be: more than that are too many, however many.
    const limit = MOST_CHANGED + 1 + except.length;
    const all = { filter: readFilter(filter), sort: undefined, group: [], offset: 0, limit };
    const left = new Set(except);
    return (await windowOf(db, all, context)).filter((id) => !left.has(id));
  };

  const purge = async (): Promise<void> => {
    while ((await trials.purge(now() - trials.keptMs)) > 0);
  };
  const purging = setInterval(() => void purge().catch(onError), PURGE_EVERY);
  purging.unref();

  const get = async (id: string): Promise<Experiment> => {
    const [experiment] = await listExperiments(db, { id });
    if (!experiment) throw unknownExperiment(id);
    return experiment;
  };

  return {
    saved: createSavedFilters(db),
    list: (archived) => listExperiments(db, { archived }),
    get,
    change: async (id, change) => {
      await changeExperiment(db, id, change);
      hub.emit('home', 'experiment', { experiment: id });
      return get(id);
    },
    query: (query, person) => queryTrials(db, { ...query, filter: readFilter(query.filter) }, contextOf(person)),
    catalogue: async (filter, person) => {
      const key = `${person.id} ${filter}`;
      const held = catalogues.get(key);
      if (held && now() - held.at < FRESH) return held.catalogue;
      const catalogue = catalogueOf(db, readFilter(filter), contextOf(person));
      catalogues.clear();
      catalogues.set(key, { at: now(), catalogue });
      catalogue.catch(() => catalogues.delete(key));
      return catalogue;
    },
    sparks: async (ids, key, width) => {
      const present = await db.em().find(TrialEntity, { id: { $in: [...ids] }, deletedAt: null }, { fields: ['id'] });
      return trials.metrics.columns(
        present.map(({ id }) => ({ trial: id, keys: [key] })),
        { width },
      );
    },
    fitting: async ({ filter, except, count }, person) => {
      const ids = await fittingIds(filter, except, contextOf(person));
      if (ids.length === count) return ids;
      throw new Refusal(409, {
        error: 'others-fit',
        message: `${ids.length > MOST_CHANGED ? `More than ${MOST_CHANGED}` : ids.length} trials fit by now, not ${count}; nothing was changed.`,
        fix: 'Look at the table again, and choose anew.',
      });
    },
    export: async ({ filter, trials: named, except = [], columns, format, origin }, person) => {
      const context = contextOf(person);
      const ids = named ?? (await fittingIds(filter, except, context)).slice(0, MOST_CHANGED);
      const keys = columns?.flatMap((column) => (column.of === 'metric' ? [column.key] : [])) ?? null;
      const rows = await rowsOf(db, ids, keys);
      const day = new Date(context.now).toISOString().slice(0, 10);
      if (format === 'report') {
        const metrics = keys ?? [...new Set(rows.flatMap((row) => Object.keys(row.metrics)))].sort();
        const baselines = await baselinesOf(db, rows, keys);
        const asked = named ? '' : filter;
        const at = origin === undefined ? '' : new URL(origin).origin;
        const report = { baselines, metrics: [...new Set(metrics)], origin: at, filter: asked, now: context.now };
        return { name: `report-${day}.md`, type: 'text/markdown', text: reportOf(rows, report) };
      }
      if (format === 'json') {
        const notes = await notesOf?.(rows.map(({ trial }) => trial.id));
        const whole = notes ? rows.map((row) => ({ ...row, annotations: notes.get(row.trial.id) ?? [] })) : rows;
        return { name: `trials-${day}.json`, type: 'application/json', text: `${JSON.stringify(whole, null, 2)}\n` };
      }
      return {
        name: `trials-${day}.csv`,
        type: 'text/csv',
        text: csvOfTrials(rows, columns ?? columnsIn(rows), context.now),
      };
    },
    purge,
    close: () => clearInterval(purging),
  };
}

function readFilter(text: string): Filter {
  const parsed = parseFilter(text);
  if (parsed.ok) return parsed.filter;
  const { from, message, expected, fix } = parsed.problem;
  throw new Refusal(400, {
    error: 'filter-unreadable',
    message: `The filter cannot be read: ${message}, where ${expected} is expected.`,
    where: `filter, character ${from + 1}`,
    fix,
  });
}
