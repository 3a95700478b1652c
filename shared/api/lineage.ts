/** HTTP endpoint of where a trial came from and what it led to. */
import { z } from 'zod';
import { Lineage } from '../room/lineage.ts';
import { endpoint } from './endpoint.ts';

export const lineage = {
  get: endpoint({
    method: 'get',
    path: '/api/trials/{id}/lineage',
    summary: 'What the trial came from and led to: notebook, code, parameters, data, runs, checkpoints, results',
    needs: 'read',
    params: z.object({ id: z.string().min(1) }),
    reply: Lineage,
  }),
};
