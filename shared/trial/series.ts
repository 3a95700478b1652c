/** Series of points as they are read for drawing, and what is told of every metric of a trial. */
import { z } from 'zod';
import { WireNumber, WirePoints } from './points.ts';

/** Most metrics of a trial that its topic carries point by point: the objective, then those that appeared first. */
export const LIVE_KEYS = 64;

/** Most metrics that one trial may have. Points of further ones are left out, and its log says so. */
export const MOST_KEYS = 20_000;

/** What is known of one metric of a trial without reading its points. */
export const MetricKey = z.object({
  key: z.string(),
  /** Points logged. */
  count: z.number().int(),
  /** The newest value and its step. */
  last: WireNumber,
  lastStep: WireNumber,
});
export type MetricKey = z.infer<typeof MetricKey>;

/** Points of one key as read for drawing. When merged, each bin gives its lowest and highest point, exactly. */
export const Series = z.object({
  points: WirePoints,
  /** Points that exist in the window; equal to the points given unless merged. */
  total: z.number().int(),
  /** Place of each point on the horizontal axis, where that is neither its step nor its wall time. */
  xs: z.array(WireNumber).optional(),
});
export type Series = z.infer<typeof Series>;

/** Points of one key that just became durable. `total` says how many there were, where not all are given. */
export type LivePoints = WirePoints & { total?: number };
