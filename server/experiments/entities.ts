/** What is stored of the table of trials: metrics in figures, and questions kept under a name. */
import { defineEntity, p } from '@mikro-orm/core';

/** A metric of a trial in figures, so that ten thousand trials can be filtered and sorted without reading their points. */
export const TrialMetricEntity = defineEntity({
  name: 'TrialMetric',
  tableName: 'trial_metrics',
  indexes: [{ properties: ['key'] }],
  properties: {
    trial: p.text().primary(),
    key: p.text().primary(),
    /** The newest value and its step; NaN and ±Infinity are legal. */
    last: p.double().$type<number>(),
    lastStep: p.double().$type<number>(),
    /** Lowest and highest finite value; null when there is none. */
    low: p.double().$type<number>().nullable(),
    high: p.double().$type<number>().nullable(),
    count: p.integer(),
  },
});

export const SavedFilterEntity = defineEntity({
  name: 'SavedFilter',
  tableName: 'saved_filters',
  indexes: [{ properties: ['owner'] }],
  properties: {
    id: p.text().primary(),
    name: p.text(),
    /** What the page's address holds of it. */
    view: p.text(),
    shared: p.boolean(),
    /** Who made it, and what they were called then. */
    owner: p.text(),
    ownerName: p.text(),
    createdAt: p.double().$type<number>(),
  },
});

export const experimentsEntities = [TrialMetricEntity, SavedFilterEntity];
