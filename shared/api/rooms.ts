/** HTTP endpoints of rooms: which trials an experiment's room shows. Its dashboard is a Yjs document beside it. */
import { z } from 'zod';
import { Trial } from '../trial/trial.ts';
import { endpoint } from './endpoint.ts';

/** Most trials of one room; the newest count. */
export const MOST_TRIALS = 1000;

export const rooms = {
  open: endpoint({
    method: 'get',
    path: '/api/rooms/{id}',
    summary: 'The room of an experiment: its trials, oldest first, and the address of its dashboard',
    needs: 'read',
    params: z.object({ id: z.string().min(1) }),
    reply: z.object({
      experiment: z.object({ id: z.string(), name: z.string() }),
      /** `number` counts the trials of the experiment from 1, as they were made; it never changes, nor does a colour made of it. */
      trials: z.array(z.object({ number: z.number().int(), trial: Trial })),
      /** Trials that exist; more than are given when there are very many. */
      total: z.number().int(),
      /** Where the dashboard's Yjs document is, e.g. `/yjs/room/01J…`. */
      dashboard: z.string(),
    }),
  }),
};
