/** What the table of trials may show, sort by and export: columns, and the filter beside them. */
import { z } from 'zod';

/** A metric, or a parameter with its path. */
export const Key = z.string().min(1).max(10_000);
/** A filter as a person writes it; empty: everything. */
export const FilterText = z.string().max(4000).default('');

/** What a trial has of itself, as columns of the table. */
export const TRIAL_COLUMNS = [
  'name',
  'experiment',
  'status',
  'by',
  'created',
  'started',
  'ended',
  'ran',
  'notebook',
  'backend',
  'note',
  'tags',
  'objective',
] as const;

/** A column of the table: something a trial has, a metric by one of its readings, or a value of parameters or summary. */
export const Column = z.discriminatedUnion('of', [
  z.object({ of: z.literal('metric'), key: Key, reading: z.enum(['last', 'min', 'max', 'best', 'count']) }),
  z.object({ of: z.enum(['params', 'summary']), key: Key }),
  z.object({
    of: z.literal('trial'),
    name: z.enum(TRIAL_COLUMNS),
  }),
]);
export type Column = z.infer<typeof Column>;
