/** HTTP endpoints of people and their roles. */
import { z } from 'zod';
import { Person, Role } from '../policy/policy.ts';
import { endpoint } from './endpoint.ts';

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
