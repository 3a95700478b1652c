/** Every HTTP endpoint of the server, by capability. */
import { z } from 'zod';
import { Variable } from '../kernel/protocol.ts';
import { LanguageAnswer, LanguageQuery } from '../language/language.ts';
import { Person, Role } from '../policy/policy.ts';
import { WirePoints } from '../trial/points.ts';
import { Trial } from '../trial/trial.ts';
import { endpoint } from './endpoint.ts';

const id = z.object({ id: z.string().min(1) });

/** Who someone is, as Jupyter's clients read it. */
const JupyterIdentity = z.object({
  username: z.string(),
  name: z.string(),
  display_name: z.string(),
  initials: z.string().nullable(),
  avatar_url: z.string().nullable(),
  color: z.string().nullable(),
});
/** Actions by resource, of those that were asked about. */
const JupyterPermissions = z.record(z.string(), z.array(z.string()));

export const accounts = {
  me: endpoint({
    method: 'get',
    path: '/api/me',
    summary: 'Who you are here, in our words and in those of Jupyter, whose `permissions` ask what you may do',
    needs: 'read',
    query: z.object({ permissions: z.string().max(10_000).optional() }),
    reply: Person.extend({ identity: JupyterIdentity, permissions: JupyterPermissions }),
  }),
  rename: endpoint({
    method: 'patch',
    path: '/api/me',
    summary: 'Change your name or pen colour',
    needs: 'read',
    body: z.object({ name: z.string().trim().min(1).max(60).optional(), colour: Person.shape.colour.optional() }),
    reply: Person,
  }),
  invite: endpoint({
    method: 'post',
    path: '/api/invites',
    summary: 'Make a sign-in link for a role',
    needs: 'invite',
    body: z.object({ role: Role }),
    reply: z.object({ url: z.string(), role: Role }),
  }),
};

export const Listing = z.object({
  id: z.string(),
  path: z.string(),
  title: z.string(),
  changedAt: z.number(),
  kernel: z.enum(['none', 'starting', 'idle', 'busy', 'dead']),
  problem: z.string().nullable(),
});

export const notebooks = {
  list: endpoint({
    method: 'get',
    path: '/api/notebooks',
    summary: 'All notebooks of the workspace',
    needs: 'read',
    reply: z.object({ notebooks: z.array(Listing) }),
  }),
  create: endpoint({
    method: 'post',
    path: '/api/notebooks',
    summary: 'Make a new notebook file',
    needs: 'edit',
    body: z.object({ path: z.string().min(1).max(400) }),
    reply: Listing,
  }),
  open: endpoint({
    method: 'post',
    path: '/api/notebooks/{id}/open',
    summary: 'Make sure the shared document exists, reading the file if it is the first time',
    needs: 'read',
    params: id,
    reply: Listing.extend({ document: z.string() }),
  }),
  download: endpoint({
    method: 'get',
    path: '/api/notebooks/{id}/ipynb',
    summary: 'The notebook as nbformat 4.5, outputs included',
    needs: 'read',
    params: id,
    reply: z.record(z.string(), z.unknown()),
  }),
  restoreFile: endpoint({
    method: 'post',
    path: '/api/notebooks/{id}/file',
    summary: 'Write the document to its file again after the file was deleted or broken by another program',
    needs: 'edit',
    params: id,
  }),
};

export const sessions = {
  run: endpoint({
    method: 'post',
    path: '/api/notebooks/{id}/run',
    summary: 'Queue cells, in the given order; the server runs the source it holds',
    needs: 'run',
    params: id,
    body: z.object({ cells: z.array(z.string()).min(1).max(5000) }),
    reply: z.object({ executions: z.array(z.string()) }),
  }),
  interrupt: endpoint({
    method: 'post',
    path: '/api/notebooks/{id}/interrupt',
    summary: 'Stop what runs and drop what waits; state is kept',
    needs: 'run',
    params: id,
  }),
  withdraw: endpoint({
    method: 'post',
    path: '/api/notebooks/{id}/queue/withdraw',
    summary: 'Take runs that wait out of the queue; what runs goes on',
    needs: 'run',
    params: id,
    body: z.object({ executions: z.array(z.string()).min(1).max(5000) }),
  }),
  reorder: endpoint({
    method: 'post',
    path: '/api/notebooks/{id}/queue/order',
    summary: 'Let a run wait just before another, or behind all; too late for one of them changes nothing',
    needs: 'run',
    params: id,
    body: z.object({ execution: z.string(), before: z.string().nullable() }),
  }),
  restart: endpoint({
    method: 'post',
    path: '/api/notebooks/{id}/restart',
    summary: 'Replace the kernel process; the document is untouched',
    needs: 'run',
    params: id,
  }),
  variables: endpoint({
    method: 'get',
    path: '/api/notebooks/{id}/variables',
    summary: 'Top-level variables of the running kernel, also while a cell runs; empty without a kernel',
    needs: 'read',
    params: id,
    reply: z.object({ variables: z.array(Variable) }),
  }),
  widget: endpoint({
    method: 'put',
    path: '/api/notebooks/{id}/widgets/{widget}',
    summary: 'Set the value of a widget for everyone; `content` (base64) is the file, for file widgets',
    needs: 'run',
    params: id.extend({ widget: z.string().min(1) }),
    body: z.object({ value: z.unknown(), content: z.string().optional() }),
  }),
  input: endpoint({
    method: 'post',
    path: '/api/notebooks/{id}/inputs/{request}',
    summary: 'Answer what a cell asks for',
    needs: 'run',
    params: id.extend({ request: z.coerce.number().int() }),
    body: z.object({ value: z.string().max(1_000_000) }),
  }),
};

export const language = {
  ask: endpoint({
    method: 'post',
    path: '/api/notebooks/{id}/language',
    summary: 'Completions, hover, signature, definition or rename at a place in a cell',
    needs: 'read',
    params: id,
    body: LanguageQuery,
    reply: LanguageAnswer,
  }),
};

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
    summary: 'Ask the trial to wait after the current step, with all that it holds',
    needs: 'control',
    params: id,
    reply: Trial,
  }),
  resume: endpoint({
    method: 'post',
    path: '/api/trials/{id}/resume',
    summary: 'Let a paused trial go on',
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
