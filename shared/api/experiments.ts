/** HTTP endpoints of experiments and of the table of trials: asking, labelling, putting away, taking along. */
import { z } from 'zod';
import { WireNumber } from '../trial/points.ts';
import { Trial } from '../trial/trial.ts';
import { bulk, Labels } from './bulk.ts';
import { Column, FilterText, Key } from './columns.ts';
import { Bytes, endpoint } from './endpoint.ts';

export { BulkAction, Fitting, Labels, MOST_CHANGED } from './bulk.ts';
export { Column, TRIAL_COLUMNS } from './columns.ts';

/** Most trials in one window of the table, and most curves drawn small in one call. */
export const MOST_ROWS = 200;
export const MOST_SPARKS = 100;

const id = z.object({ id: z.string().min(1).max(200) });
/** A metric of a trial in figures; `min` and `max` are of finite values. */
export const WireTotals = z.object({
  last: WireNumber,
  lastStep: WireNumber,
  min: z.number().nullable(),
  max: z.number().nullable(),
  count: z.number().int(),
});
export type WireTotals = z.infer<typeof WireTotals>;

/** One trial in the table, with the metrics that were asked for. */
export const TableRow = z.object({
  trial: Trial,
  metrics: z.record(z.string(), WireTotals),
  /** It is what its experiment's trials are measured against. */
  baseline: z.boolean(),
});
export type TableRow = z.infer<typeof TableRow>;

/** Mean and spread of a number over a group: `std` is the sample's (n − 1), null below two; values that are not finite are left out and counted in `odd`. */
export const Spread = z.object({
  n: z.number().int(),
  mean: z.number().nullable(),
  std: z.number().nullable(),
  min: z.number().nullable(),
  max: z.number().nullable(),
  odd: z.number().int(),
});
export type Spread = z.infer<typeof Spread>;

/** Trials that have the same values of what is grouped by; a missing value is null, as one that is null. */
export const TableGroup = z.object({
  values: z.array(z.unknown()),
  count: z.number().int(),
  spreads: z.array(Spread.nullable()),
});
export type TableGroup = z.infer<typeof TableGroup>;

export const TableQuery = z.object({
  filter: FilterText,
  sort: z.object({ column: Column, direction: z.enum(['ascending', 'descending']) }).optional(),
  group: z.array(Key).max(8).default([]),
  /** What rows and groups tell of; a group's `spreads` stand in this order, null for what has no numbers. */
  columns: z.array(Column).max(60).default([]),
  offset: z.number().int().min(0).max(10_000_000).default(0),
  limit: z.number().int().min(0).max(MOST_ROWS).default(100),
});

export const TableReply = z.object({
  /** The window, in order; trials of one group stand together. */
  rows: z.array(TableRow),
  /** How many trials fit, and how many there are. */
  total: z.number().int(),
  all: z.number().int(),
  /** In order; null where nothing is grouped. At most 2,000, and `moreGroups` beyond. */
  groups: z.array(TableGroup).nullable(),
  moreGroups: z.number().int(),
});
export type TableReply = z.infer<typeof TableReply>;

const Counted = z.object({ name: z.string(), count: z.number().int() });

/** What trials have that a column, a filter or a group may name, the most frequent first. */
export const Catalogue = z.object({
  metrics: z.array(Counted),
  params: z.array(Counted.extend({ distinct: z.number().int() })),
  summary: z.array(Counted),
  tags: z.array(Counted),
  people: z.array(Counted),
  experiments: z.array(Counted),
  statuses: z.array(Counted),
});
export type Catalogue = z.infer<typeof Catalogue>;

/** A question kept under a name; `view` is what the page's address holds of it. */
export const SavedFilter = z.object({
  id: z.string(),
  name: z.string(),
  view: z.string(),
  shared: z.boolean(),
  by: z.object({ id: z.string(), name: z.string() }),
});
export type SavedFilter = z.infer<typeof SavedFilter>;

const NewFilter = z.object({
  name: z.string().trim().min(1).max(80),
  view: z.string().max(8000),
  shared: z.boolean().default(false),
});

/** An experiment in the list. */
export const Experiment = z.object({
  id: z.string(),
  name: z.string(),
  tags: z.array(z.string()),
  starred: z.boolean(),
  /** Markdown: the question that it asks. */
  note: z.string(),
  /** The trial that others are measured against. */
  baseline: z.string().nullable(),
  createdAt: z.number(),
  archivedAt: z.number().nullable(),
  /** Trials by status; those that are deleted or archived are left out. */
  counts: z.partialRecord(Trial.shape.status, z.number().int()),
  best: z
    .object({
      trial: z.string(),
      name: z.string(),
      key: z.string(),
      value: z.number(),
      direction: z.enum(['minimise', 'maximise']),
    })
    .nullable(),
  /** When something of it was last begun or ended, in ms. */
  activeAt: z.number(),
  people: z.array(z.object({ id: z.string(), name: z.string(), colour: z.string() })),
});
export type Experiment = z.infer<typeof Experiment>;

export const experiments = {
  list: endpoint({
    method: 'get',
    path: '/api/experiments',
    summary: 'Experiments, the last active first, with their trials by status and the best of them',
    needs: 'read',
    query: z.object({ archived: z.enum(['true', 'false']).optional() }),
    reply: z.object({ experiments: z.array(Experiment) }),
  }),
  get: endpoint({
    method: 'get',
    path: '/api/experiments/{id}',
    summary: 'One experiment',
    needs: 'read',
    params: id,
    reply: Experiment,
  }),
  change: endpoint({
    method: 'patch',
    path: '/api/experiments/{id}',
    summary: 'Change tags, star, note, name, baseline, or put it away',
    needs: 'edit',
    params: id,
    body: Labels.extend({ baseline: z.string().min(1).nullable().optional() }),
    reply: Experiment,
  }),
  changeTrial: endpoint({
    method: 'patch',
    path: '/api/trials/{id}',
    summary: 'Change tags, star, note or name of a trial, or put it away',
    needs: 'edit',
    params: id,
    body: Labels,
    reply: Trial,
  }),
  query: endpoint({
    method: 'post',
    path: '/api/trials/query',
    summary: 'A window of the trials that fit a filter, sorted, with groups over parameters',
    needs: 'read',
    body: TableQuery,
    reply: TableReply,
  }),
  columns: endpoint({
    method: 'post',
    path: '/api/trials/columns',
    summary: 'What trials have: metrics, parameters, tags, people, with how many of each',
    needs: 'read',
    body: z.object({ filter: FilterText }),
    reply: Catalogue,
  }),
  sparks: endpoint({
    method: 'post',
    path: '/api/trials/sparks',
    summary: 'The shape of one metric in each of many trials; trials without it are left out',
    needs: 'read',
    body: z.object({
      trials: z.array(z.string().min(1)).max(MOST_SPARKS),
      key: Key,
      width: z.number().int().min(8).max(400).default(60),
    }),
    /** As `trial/series-bytes.ts` reads them. */
    reply: Bytes,
  }),
  ...bulk,
  filters: endpoint({
    method: 'get',
    path: '/api/filters',
    summary: 'Saved filters: your own and those that are shared',
    needs: 'read',
    reply: z.object({ filters: z.array(SavedFilter) }),
  }),
  saveFilter: endpoint({
    method: 'post',
    path: '/api/filters',
    summary: 'Keep a filter under a name; one that is shared needs the right to edit',
    needs: 'read',
    body: NewFilter,
    reply: SavedFilter,
  }),
  changeFilter: endpoint({
    method: 'patch',
    path: '/api/filters/{id}',
    summary: 'Change a filter of yours, or a shared one with the right to edit',
    needs: 'read',
    params: id,
    body: NewFilter.partial(),
    reply: SavedFilter,
  }),
  removeFilter: endpoint({
    method: 'delete',
    path: '/api/filters/{id}',
    summary: 'Remove a filter of yours, or a shared one with the right to edit',
    needs: 'read',
    params: id,
    reply: z.object({}),
  }),
};
