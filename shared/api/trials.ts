/** HTTP endpoints of trials: what trains, and what trained. */
import { z } from 'zod';
import { WirePoints } from '../trial/points.ts';
import { Trial } from '../trial/trial.ts';
import { endpoint } from './endpoint.ts';

const id = z.object({ id: z.string().min(1) });

export const trials = {
  list: endpoint({
    method: 'get',
    path: '/api/trials',
    summary: 'Trials, newest first',
    needs: 'read',
    query: z.object({
      status: Trial.shape.status.optional(),
      limit: z.coerce.number().int().min(1).max(1000).optional(),
    }),
    reply: z.object({ trials: z.array(Trial) }),
  }),
  get: endpoint({
    method: 'get',
    path: '/api/trials/{id}',
    summary: 'One trial',
    needs: 'read',
    params: id,
    reply: Trial,
  }),
  series: endpoint({
    method: 'get',
    path: '/api/trials/{id}/series',
    summary: 'Points of a window; more than twice `width` are merged, extremes kept exactly',
    needs: 'read',
    params: id,
    query: z.object({
      keys: z.string().optional(),
      from: z.coerce.number().optional(),
      to: z.coerce.number().optional(),
      width: z.coerce.number().int().min(1).max(10_000).optional(),
    }),
    reply: z.object({ series: z.array(z.object({ points: WirePoints, total: z.number().int() })) }),
  }),
  stop: endpoint({
    method: 'post',
    path: '/api/trials/{id}/stop',
    summary: 'Ask the trial to end after the current step; with `now`, its cell is interrupted instead',
    needs: 'control',
    params: id,
    query: z.object({ now: z.enum(['true', 'false']).optional() }),
    reply: Trial,
  }),
  pause: endpoint({
    method: 'post',
    path: '/api/trials/{id}/pause',
    summary:
      'Ask the trial to wait after the current step, with all that it holds; with `release`, to write a checkpoint and give it back',
    needs: 'control',
    params: id,
    query: z.object({ release: z.enum(['true', 'false']).optional() }),
    reply: Trial,
  }),
  resume: endpoint({
    method: 'post',
    path: '/api/trials/{id}/resume',
    summary: 'Let a paused trial go on; one that failed, was stopped or lost goes on from its checkpoint',
    needs: 'control',
    params: id,
    reply: Trial,
  }),
  executed: endpoint({
    method: 'get',
    path: '/api/trials/{id}/notebook',
    summary: 'The notebook of a launched trial as it ran: injected parameters, outputs',
    needs: 'read',
    params: id,
    reply: z.record(z.string(), z.unknown()),
  }),
  launch: endpoint({
    method: 'post',
    path: '/api/trials',
    summary: 'Run a notebook headless with parameters, as a job',
    needs: 'run',
    body: z.object({
      notebook: z.string().min(1),
      experiment: z.string().min(1).max(200).optional(),
      name: z.string().min(1).max(200).optional(),
      params: z.record(z.string(), z.unknown()).default({}),
    }),
    reply: Trial,
  }),
};
