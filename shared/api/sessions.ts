/** HTTP endpoints of sessions: what runs in a notebook. */
import { z } from 'zod';
import { Variable } from '../kernel/protocol.ts';
import { endpoint } from './endpoint.ts';
import { NotebookId } from './notebooks.ts';

export const sessions = {
  run: endpoint({
    method: 'post',
    path: '/api/notebooks/{id}/run',
    summary: 'Queue cells, in the given order; the server runs the source it holds',
    needs: 'run',
    params: NotebookId,
    body: z.object({ cells: z.array(z.string()).min(1).max(5000) }),
    reply: z.object({ executions: z.array(z.string()) }),
  }),
  interrupt: endpoint({
    method: 'post',
    path: '/api/notebooks/{id}/interrupt',
    summary: 'Stop what runs and drop what waits; state is kept',
    needs: 'run',
    params: NotebookId,
  }),
  withdraw: endpoint({
    method: 'post',
    path: '/api/notebooks/{id}/queue/withdraw',
    summary: 'Take runs that wait out of the queue; what runs goes on',
    needs: 'run',
    params: NotebookId,
    body: z.object({ executions: z.array(z.string()).min(1).max(5000) }),
  }),
  reorder: endpoint({
    method: 'post',
    path: '/api/notebooks/{id}/queue/order',
    summary: 'Let a run wait just before another, or behind all; too late for one of them changes nothing',
    needs: 'run',
    params: NotebookId,
    body: z.object({ execution: z.string(), before: z.string().nullable() }),
  }),
  restart: endpoint({
    method: 'post',
    path: '/api/notebooks/{id}/restart',
    summary: 'Replace the kernel process; the document is untouched',
    needs: 'run',
    params: NotebookId,
  }),
  variables: endpoint({
    method: 'get',
    path: '/api/notebooks/{id}/variables',
    summary: 'Top-level variables of the running kernel, also while a cell runs; empty without a kernel',
    needs: 'read',
    params: NotebookId,
    reply: z.object({ variables: z.array(Variable) }),
  }),
  widget: endpoint({
    method: 'put',
    path: '/api/notebooks/{id}/widgets/{widget}',
    summary: 'Set the value of a widget for everyone; `content` (base64) is the file, for file widgets',
    needs: 'run',
    params: NotebookId.extend({ widget: z.string().min(1) }),
    body: z.object({ value: z.unknown(), content: z.string().optional() }),
  }),
  input: endpoint({
    method: 'post',
    path: '/api/notebooks/{id}/inputs/{request}',
    summary: 'Answer what a cell asks for',
    needs: 'run',
    params: NotebookId.extend({ request: z.coerce.number().int() }),
    body: z.object({ value: z.string().max(1_000_000) }),
  }),
};
