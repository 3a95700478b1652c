/** What is done with many trials at once: with those that are named, or with all that fit a filter. */
import { z } from 'zod';
import { Column, FilterText } from './columns.ts';
import { endpoint } from './endpoint.ts';

/** Most trials that one call changes, exports or counts by their ids. */
export const MOST_CHANGED = 10_000;
const Tag = z.string().trim().min(1).max(100);
const Tags = z.array(Tag).max(50);
const Ids = z.array(z.string().min(1).max(200)).min(1).max(MOST_CHANGED);

/** What people write on a trial or an experiment. */
export const Labels = z.object({
  tags: Tags.optional(),
  starred: z.boolean().optional(),
  note: z.string().max(100_000).optional(),
  name: z.string().trim().min(1).max(200).optional(),
  archived: z.boolean().optional(),
});
export type Labels = z.infer<typeof Labels>;

export const BulkAction = z.discriminatedUnion('action', [
  z.object({ action: z.enum(['tag', 'untag']), tags: Tags.min(1) }),
  z.object({ action: z.enum(['star', 'unstar', 'archive', 'unarchive', 'delete', 'restore']) }),
]);
export type BulkAction = z.infer<typeof BulkAction>;

/**
 * All trials that fit a filter, but some. `count` is how many the person was told of: where others fit by now, nothing is
 * done, and they are asked again.
 */
export const Fitting = z.object({
  filter: FilterText,
  except: z.array(z.string().min(1).max(200)).max(MOST_CHANGED).default([]),
  count: z.number().int().min(1).max(MOST_CHANGED),
});
export type Fitting = z.infer<typeof Fitting>;

export const bulk = {
  changeMany: endpoint({
    method: 'post',
    path: '/api/trials/bulk',
    summary:
      'Tag, untag, star, unstar, archive, unarchive, delete or restore trials: those named, or all that fit a filter',
    needs: 'edit',
    body: z
      .object({ trials: Ids.optional(), fits: Fitting.optional(), change: BulkAction })
      .refine(({ trials, fits }) => (trials === undefined) !== (fits === undefined), {
        message: 'names trials, or a filter that they fit, and not both',
        path: ['trials'],
      }),
    reply: z.object({
      changed: z.array(z.string()),
      /** Those of them that were different before: what undoing concerns. */
      altered: z.array(z.string()),
      refused: z.array(z.object({ trial: z.string(), why: z.string() })),
      /** Of a deletion: until when it can be undone, in ms. */
      undoUntil: z.number().nullable(),
    }),
  }),
  export: endpoint({
    method: 'post',
    path: '/api/trials/export',
    summary: 'Trials as CSV, as JSON, or as a report in Markdown: those named, or those that fit a filter',
    needs: 'read',
    body: z.object({
      filter: FilterText,
      trials: Ids.optional(),
      /** Of those that fit, the ones to leave out. */
      except: Ids.optional(),
      columns: z.array(Column).max(200).optional(),
      format: z.enum(['csv', 'json', 'report']),
      /** Where this server is reached, such as `https://example.org`: a report's links lead there. */
      origin: z
        .url({ protocol: /^https?$/ })
        .max(500)
        .optional(),
    }),
    reply: z.object({ name: z.string(), type: z.string(), text: z.string() }),
  }),
};
