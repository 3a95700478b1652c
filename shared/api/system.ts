/** The HTTP endpoint that tells what a server runs on. */
import { z } from 'zod';
import { endpoint } from './endpoint.ts';

export const system = {
  status: endpoint({
    method: 'get',
    path: '/api/status',
    summary: 'Health and what this server runs on',
    needs: 'read',
    reply: z.object({
      version: z.string(),
      node: z.string(),
      database: z.string(),
      jobs: z.string(),
      uptime: z.number(),
      sessions: z.number().int(),
      trials: z.number().int(),
      /** What Jupyter's clients look for; times in ISO 8601. */
      started: z.string(),
      last_activity: z.string(),
      connections: z.number().int(),
      kernels: z.number().int(),
    }),
  }),
};
