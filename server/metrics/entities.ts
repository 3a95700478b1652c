/**
 * What is stored of metrics, in two shapes. New points are appended as parts: one row for each transaction of a trial,
 * however many metrics are in it. From time to time parts are folded into what is read by metric: chunks with their pyramid
 * for metrics with many points, pieces shared by a shelf of metrics for those with few. Bytes are as in `chunk.ts` and
 * `points.ts`.
 */
import { defineEntity, p } from '@mikro-orm/core';

/** What became durable together, not yet folded. */
export const PointPartEntity = defineEntity({
  name: 'PointPart',
  tableName: 'point_parts',
  properties: {
    trial: p.text().primary(),
    /** Counts the trial's transactions from 1. */
    part: p.integer().primary(),
    count: p.integer(),
    /** JSON text, see `PartHead`. */
    head: p.text(),
    payload: p.blob(),
  },
});

/** How far a trial's points are folded. */
export const MetricHeadEntity = defineEntity({
  name: 'MetricHead',
  tableName: 'metric_heads',
  properties: {
    trial: p.text().primary(),
    /** Parts up to this one are in chunks and pieces, and no longer in parts. */
    folded: p.integer(),
    /** JSON text: which batches are in the folded parts, see `Seqs`. */
    seqs: p.text(),
  },
});

/** The metrics of a trial, {@link SHELF} to a row, in the order they appeared, as of the last fold. */
export const MetricShelfEntity = defineEntity({
  name: 'MetricShelf',
  tableName: 'metric_shelves',
  properties: {
    trial: p.text().primary(),
    shelf: p.integer().primary(),
    /** JSON text of the names: JSON can say what text cannot hold. */
    names: p.text(),
    /** Of each metric four float64: points, chunks, newest value, its step. */
    stats: p.blob(),
  },
});

/** Points of a shelf's metrics that are too few for chunks of their own. */
export const MetricPieceEntity = defineEntity({
  name: 'MetricPiece',
  tableName: 'metric_pieces',
  properties: {
    trial: p.text().primary(),
    shelf: p.integer().primary(),
    /** The last part that is in it. */
    part: p.integer().primary(),
    /** JSON text of `[metric, points][]`. */
    head: p.text(),
    payload: p.blob(),
  },
});

/** A stretch of one metric with its pyramid. */
export const MetricChunkEntity = defineEntity({
  name: 'MetricChunk',
  tableName: 'metric_chunks',
  properties: {
    trial: p.text().primary(),
    /** Place of the metric among the trial's. */
    metric: p.integer().primary(),
    chunk: p.integer().primary(),
    count: p.integer(),
    lowStep: p.double().$type<number>(),
    highStep: p.double().$type<number>(),
    lowWall: p.double().$type<number>(),
    highWall: p.double().$type<number>(),
    top: p.blob(),
    coarse: p.blob(),
    /** Null: of a chunk from before there was this storey. */
    middle: p.blob().nullable(),
    fine: p.blob(),
    points: p.blob(),
  },
});

/** Metrics of a shelf. */
export const SHELF = 64;

export const metricsEntities = [
  PointPartEntity,
  MetricHeadEntity,
  MetricShelfEntity,
  MetricPieceEntity,
  MetricChunkEntity,
];
