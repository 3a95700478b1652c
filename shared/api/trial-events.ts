/** HTTP endpoints of what happened to a trial: events, pictures and tables, the log. */
import { z } from 'zod';
import { TrialEvent, TrialEventKind } from '../trial/event.ts';
import { LogSearch } from '../trial/log.ts';
import { MediaEvent } from '../trial/media.ts';
import { endpoint } from './endpoint.ts';

const id = z.object({ id: z.string().min(1) });
const seq = z.coerce.number().int().nonnegative();

export const trialEvents = {
  list: endpoint({
    method: 'get',
    path: '/api/trials/{id}/events',
    summary: 'What happened to the trial, oldest first: the newest, or those after a number',
    needs: 'read',
    params: id,
    query: z.object({
      after: seq.optional(),
      /** Kinds with commas between them. */
      kind: z
        .string()
        .transform((text) => text.split(','))
        .pipe(z.array(TrialEventKind))
        .optional(),
      limit: z.coerce.number().int().min(1).max(1000).optional(),
    }),
    reply: z.object({ events: z.array(TrialEvent) }),
  }),
  media: endpoint({
    method: 'get',
    path: '/api/trials/{id}/media',
    summary: 'Pictures, histograms, tables and texts of the trial by step: of a key, of a range of steps',
    needs: 'read',
    params: id,
    query: z.object({
      key: z.string().optional(),
      media: z.enum(['image', 'histogram', 'table', 'text']).optional(),
      from: z.coerce.number().optional(),
      to: z.coerce.number().optional(),
      /** The newest of them, when there are more. */
      limit: z.coerce.number().int().min(1).max(1000).optional(),
      /** Instead of the newest: spread evenly over the steps of each key, its first and last among them. */
      spread: z.enum(['true', 'false']).optional(),
    }),
    reply: z.object({
      media: z.array(MediaEvent),
      /** How many there are in the range, of which `media` may be some. */
      total: z.number().int(),
      /** How many of each key there are, in whatever range. */
      keys: z.array(z.object({ key: z.string(), media: z.string(), count: z.number().int() })),
    }),
  }),
  log: endpoint({
    method: 'get',
    path: '/api/trials/{id}/log',
    summary: 'Lines of the log, searched: by text or a regular expression, from a line on, of a stream or a level',
    needs: 'read',
    params: id,
    query: z.object({
      q: z.string().max(1000).optional(),
      regex: z.enum(['true', 'false']).optional(),
      /** Whether upper and lower case are different. */
      case: z.enum(['true', 'false']).optional(),
      from: seq.optional(),
      limit: z.coerce.number().int().min(1).max(5000).optional(),
      stream: z.enum(['stdout', 'stderr']).optional(),
      level: z.enum(['debug', 'info', 'warning', 'error']).optional(),
    }),
    reply: LogSearch,
  }),
};
