/**
 * Pictures, histograms, tables and texts of a trial: as its code says them (bytes in base64, in an event of kind `media`)
 * and as they are kept (what is big lies in a blob).
 */
import { z } from 'zod';
import { TrialEvent } from './event.ts';
import { WireNumber } from './points.ts';

/** Bytes of one picture, table or text at most. */
export const MOST_MEDIA_BYTES = 4 * 1024 * 1024;

/** Width and height of a picture at most, in pixels. */
export const MOST_PIXELS = 4096;

/** Rows and columns of a table at most. */
export const MOST_ROWS = 10_000;
export const MOST_COLUMNS = 100;

/** Bins of a histogram at most. */
export const MOST_BINS = 512;

/** Longest name of what is logged, in characters. */
export const MOST_MEDIA_KEY = 300;

const common = {
  key: z.string().min(1).max(MOST_MEDIA_KEY),
  caption: z.string().max(1000).optional(),
};
const size = z.number().int().positive().max(MOST_PIXELS);
const ImageType = z.enum(['image/png', 'image/jpeg', 'image/webp']);

const Histogram = z.object({
  ...common,
  media: z.literal('histogram'),
  /** One more than there are counts, ascending. */
  edges: z.array(z.number()).max(MOST_BINS + 1),
  counts: z.array(z.number().nonnegative()).max(MOST_BINS),
  /** Values that lie in no bin. */
  nan: z.number().int().nonnegative(),
  infinite: z.number().int().nonnegative(),
});

/** A value in a table's cell. */
export const TableCell = z.union([WireNumber, z.string(), z.boolean(), z.null()]);
export const Table = z.object({
  columns: z.array(z.string()).max(MOST_COLUMNS),
  rows: z.array(z.array(TableCell).max(MOST_COLUMNS)).max(MOST_ROWS),
});
export type Table = z.infer<typeof Table>;

/** Data of an event of kind `media` as a trial's code says it. */
export const SaidMedia = z.discriminatedUnion('media', [
  z.object({
    ...common,
    media: z.literal('image'),
    type: ImageType,
    width: size.optional(),
    height: size.optional(),
    /** The file, in base64. */
    base64: z.base64().max(Math.ceil(MOST_MEDIA_BYTES / 3) * 4),
  }),
  Histogram,
  z.object({ ...common, media: z.literal('table'), table: Table }),
  z.object({ ...common, media: z.literal('text'), text: z.string().max(MOST_MEDIA_BYTES) }),
]);
export type SaidMedia = z.infer<typeof SaidMedia>;

/** Where bytes lie: `/api/blobs/{sha256}?type=…`. */
const blob = { sha256: z.string().regex(/^[0-9a-f]{64}$/), bytes: z.number().int().nonnegative() };

/** Data of an event of kind `media` as it is kept. A table's blob is a {@link Table} in JSON. */
export const Media = z.discriminatedUnion('media', [
  z.object({
    ...common,
    ...blob,
    media: z.literal('image'),
    type: ImageType,
    width: size.optional(),
    height: size.optional(),
  }),
  Histogram,
  z.object({
    ...common,
    ...blob,
    media: z.literal('table'),
    type: z.literal('application/json'),
    columns: z.array(z.string()),
    /** How many there are. */
    rows: z.number().int().nonnegative(),
  }),
  z.object({
    ...common,
    ...blob,
    media: z.literal('text'),
    type: z.literal('text/plain'),
    /** How it begins. */
    head: z.string().max(500),
  }),
]);
export type Media = z.infer<typeof Media>;

/** One picture, histogram, table or text of a trial. */
export const MediaEvent = TrialEvent.pick({ seq: true, at: true, step: true }).extend({ data: Media });
export type MediaEvent = z.infer<typeof MediaEvent>;
