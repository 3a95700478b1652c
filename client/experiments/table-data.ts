/**
 * The table's rows: read in windows as they come into sight, and kept true while trials run. What changes in a row is shown
 * at once; what may change the order, or which trials fit, is asked for again soon.
 */

import { experiments as api } from '@trialroom/shared/api/endpoints';
import type { Catalogue, Column, TableGroup, TableRow } from '@trialroom/shared/api/experiments';
import { type FilterContext, type FilterRow, matches } from '@trialroom/shared/trial/filter/matches';
import { parseFilter } from '@trialroom/shared/trial/filter/parse';
import { EVERYTHING, type Filter } from '@trialroom/shared/trial/filter/types';
import { fromWire } from '@trialroom/shared/trial/points';
import { type Accessor, batch, createEffect, createSignal, on, onCleanup } from 'solid-js';
import { call } from '../data/api.ts';
import { connection, listenTo } from '../data/live.ts';
import { me } from '../data/me.ts';
import { newerTrial } from '../data/trial-news.ts';

/** Trials in one window. */
const BLOCK = 100;
/** How long news that may change the order waits for more, in ms. */
const SOON = 1500;

export interface Asked {
  filter: string;
  sort: { column: Column; direction: 'ascending' | 'descending' } | null;
  group: readonly string[];
  /** What rows and groups are to tell of. */
  columns: readonly Column[];
}

export interface TableData {
  /** Changes whenever any row does. */
  version: Accessor<number>;
  /** Null until the first answer. */
  total: Accessor<number | null>;
  all: Accessor<number>;
  groups: Accessor<readonly TableGroup[] | null>;
  catalogue: Accessor<Catalogue | null>;
  /** Why the last question was not answered; what was shown before stays. */
  failed: Accessor<unknown>;
  loading: Accessor<boolean>;
  /** The trial at this place of the answer; undefined while it is on its way. */
  rowAt(at: number): TableRow | undefined;
  /** Every trial that was read. */
  known(): TableRow[];
  /** The place of a trial, where it was read. */
  placeOf(id: string): number | undefined;
  /** Rows from `first` to `last` are in sight. */
  want(first: number, last: number): void;
  /** Asks again, now. */
  refresh(): void;
}

/** As filters see a row; metrics that the table does not show are unknown. */
export const filterRowOf = ({ trial, metrics, baseline }: TableRow): FilterRow => ({
  trial,
  baseline,
  metrics: Object.fromEntries(
    Object.entries(metrics).map(([key, { last, lastStep, min, max, count }]) => [
      key,
      { last: fromWire(last), lastStep: fromWire(lastStep), min, max, count },
    ]),
  ),
});

export function createTableData(asked: Accessor<Asked>): TableData {
  const [version, setVersion] = createSignal(0);
  const [total, setTotal] = createSignal<number | null>(null);
  const [all, setAll] = createSignal(0);
  const [groups, setGroups] = createSignal<readonly TableGroup[] | null>(null);
  const [catalogue, setCatalogue] = createSignal<Catalogue | null>(null);
  const [failed, setFailed] = createSignal<unknown>(null);
  const [loading, setLoading] = createSignal(true);
  let rows = new Map<number, TableRow>();
  let places = new Map<string, number>();
  const blocks = new Map<number, AbortController>();
  let sight = { first: 0, last: BLOCK - 1 };
  let round = 0;
  let soon: ReturnType<typeof setTimeout> | undefined;
  let filter: Filter = EVERYTHING;

  const bump = () => setVersion((count) => count + 1);
  const context = (): FilterContext => ({ now: Date.now(), me: me()?.id ?? null });

  const read = async (block: number, fresh: boolean): Promise<void> => {
    if (blocks.has(block)) return;
    const controller = new AbortController();
    blocks.set(block, controller);
    const mine = round;
    const { sort, ...rest } = asked();
    try {
      const reply = await call(api.query, {
        body: {
          ...rest,
          ...(sort ? { sort } : {}),
          group: [...rest.group],
          columns: [...rest.columns],
          offset: block * BLOCK,
          limit: BLOCK,
        },
        signal: controller.signal,
      });
      if (mine !== round) return;
      batch(() => {
        if (fresh) {
          rows = new Map();
          places = new Map();
        }
        reply.rows.forEach((row, index) => {
          rows.set(block * BLOCK + index, row);
          places.set(row.trial.id, block * BLOCK + index);
        });
        setTotal(reply.total);
        setAll(reply.all);
        setGroups(reply.groups);
        setFailed(null);
        setLoading(false);
        bump();
      });
      if (fresh) want(sight.first, sight.last);
      readCatalogue();
    } catch (error) {
      if (mine !== round || controller.signal.aborted) return;
      blocks.delete(block);
      batch(() => {
        setFailed(error);
        setLoading(false);
      });
    }
  };

  /** Asks anew from the block in sight; rows stay until the answer has come. */
  const refresh = (): void => {
    clearTimeout(soon);
    soon = undefined;
    round++;
    for (const controller of blocks.values()) controller.abort();
    blocks.clear();
    const parsed = parseFilter(asked().filter);
    if (!parsed.ok) {
      // The line says what is wrong; what was shown before stays.
      setLoading(false);
      return;
    }
    filter = parsed.filter;
    setLoading(true);
    void read(Math.floor(sight.first / BLOCK), true);
  };

  const later = (): void => {
    soon ??= setTimeout(refresh, SOON);
  };

  const want = (first: number, last: number): void => {
    sight = { first, last };
    if (total() === null) return;
    for (let block = Math.floor(first / BLOCK); block <= Math.floor(Math.max(first, last) / BLOCK); block++) {
      if (block * BLOCK < (total() ?? 0)) void read(block, false);
    }
  };

  let catalogued = false;
  /** After the first rows: what counts all trials must not stand in their way. */
  const readCatalogue = (): void => {
    if (catalogued) return;
    catalogued = true;
    call(api.columns, { body: {} }).then(setCatalogue, () => {
      // Completion and the choice of columns are poorer without it; the table is not.
    });
  };

  const key = () => JSON.stringify(asked());
  createEffect(on(key, refresh));
  createEffect(
    on(
      () => connection() === 'online',
      (online) => {
        if (online) later();
      },
      { defer: true },
    ),
  );

  listenTo('trial', ({ trial }) => {
    const at = places.get(trial.id);
    const row = at === undefined ? undefined : rows.get(at);
    if (at === undefined || !row) {
      const news: FilterRow = { trial, metrics: {}, baseline: false };
      if (trial.archivedAt === null && matches(filter, news, context())) later();
      return;
    }
    const next = { ...row, trial: newerTrial(row.trial, trial) };
    rows.set(at, next);
    bump();
    const fits = next.trial.archivedAt === row.trial.archivedAt && matches(filter, filterRowOf(next), context());
    if (!fits || next.trial.status !== row.trial.status) later();
  });
  listenTo('glance', ({ trial, glance }) => {
    const at = places.get(trial);
    const row = at === undefined ? undefined : rows.get(at);
    if (at === undefined || !row) return;
    const metrics = { ...row.metrics };
    for (const { key, last, lastStep, count } of glance) {
      const known = metrics[key];
      const value = fromWire(last);
      const finite = Number.isFinite(value);
      metrics[key] = {
        ...{ last, lastStep, count },
        min: finite ? Math.min(known?.min ?? value, value) : (known?.min ?? null),
        max: finite ? Math.max(known?.max ?? value, value) : (known?.max ?? null),
      };
    }
    rows.set(at, { ...row, metrics });
    bump();
  });
  listenTo('trialsGone', refresh);
  listenTo('experiment', later);
  onCleanup(() => {
    clearTimeout(soon);
    round++;
    for (const controller of blocks.values()) controller.abort();
  });

  return {
    ...{ version, total, all, groups, catalogue, failed, loading, want, refresh },
    rowAt: (at) => rows.get(at),
    known: () => [...rows.values()],
    placeOf: (id) => places.get(id),
  };
}
