/**
 * Tables of sessions: what ran, and what it said. JSON is kept as text, not jsonb: programs print NUL characters and
 * halves of surrogate pairs, which PostgreSQL's jsonb refuses and text holds in escaped form.
 */
import { defineEntity, p } from '@mikro-orm/core';

/** One run of one cell, from when it began. Runs that only waited are not here: nothing of them lasts. */
export const ExecutionRow = defineEntity({
  name: 'Execution',
  tableName: 'executions',
  properties: {
    /** ULID of this workspace's clock, so that the order of ids is the order of asking. */
    id: p.string().length(40).primary(),
    notebook: p.string().length(40),
    cell: p.string().length(100),
    /** Counts begun executions of the notebook: the highest of a cell is the one whose outputs are shown. */
    ordinal: p.integer(),
    request: p.string().length(40),
    /** SHA-256 of the source, in hex. */
    hash: p.string().length(64),
    source: p.text(),
    count: p.integer(),
    /** JSON of `{ id, name, colour }`. */
    asker: p.text(),
    /** Times are ms since the epoch. */
    queuedAt: p.double(),
    startedAt: p.double().nullable(),
    endedAt: p.double().nullable(),
    /** `ok`, `error`, `aborted`; null while it runs. */
    ending: p.string().length(16).nullable(),
    ms: p.double().nullable(),
    /** JSON of the outputs folded so far, up to and including event `folded`. */
    outputs: p.text().nullable(),
    folded: p.integer().default(0),
  },
  indexes: [{ properties: ['notebook', 'cell', 'ordinal'] }, { properties: ['ending'] }],
});

/** What an execution said after its last fold: batches of output events, in order. */
export const OutputEventsRow = defineEntity({
  name: 'OutputEvents',
  tableName: 'output_events',
  properties: {
    execution: p.string().length(40).primary(),
    /** Counts from 1 within the execution. */
    seq: p.integer().primary(),
    /** JSON list of output events. */
    events: p.text(),
  },
});

/** All tables of this capability, for the database. */
export const sessionsEntities = [ExecutionRow, OutputEventsRow];
